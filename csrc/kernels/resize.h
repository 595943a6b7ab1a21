/* Resizing: an axis gets another length, with numbers in between where it grows. */
#ifndef LEGO_KERNELS_RESIZE_H
#define LEGO_KERNELS_RESIZE_H

#include <stdbool.h>

#include "../core/array.h"
#include "../core/isa.h"

#define resize_run          FOR_ISA(resize_run)
#define resize_gradient_run FOR_ISA(resize_gradient_run)

typedef enum resize_method {
    RESIZE_NEAREST = 0,
    RESIZE_LINEAR = 1,
    RESIZE_CUBIC = 2,
    RESIZE_LANCZOS3 = 3,
    RESIZE_LANCZOS5 = 4,
    RESIZE_METHODS
} resize_method;

/* x has the shape (outer, in, inner), y the shape (outer, out, inner); both lie in row-major order,
 * and 4 in out fits into 64 bits. The axis is a ruler on which element i of y has its center at
 *
 *     s = (i + 1/2) in / out - 1/2
 *
 * of x. Nearest takes the element whose cell s lies in. The others take a mean of the elements
 * around s, each weighed by a curve of its distance |s - j|: resize_weights.c has them. `antialias`
 * widens the curve by in / out where x is longer than y, so that no element of x is passed over. */
typedef struct resize {
    lego_dtype dtype; /* a float, but for nearest */
    resize_method method;
    bool antialias;
    int64_t outer;
    int64_t in;
    int64_t out;
    int64_t inner;
} resize;

/* No memory is the only failure. */
lego_status resize_run(const resize *r, const void *x, void *y);

/* dx = what y took of x, times dy, summed; floats only. */
lego_status resize_gradient_run(const resize *r, const void *dy, void *dx);

#endif
