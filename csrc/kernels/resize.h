/* Resizing: an axis gets another length, with numbers in between where it grows. */
#ifndef LEGO_KERNELS_RESIZE_H
#define LEGO_KERNELS_RESIZE_H

#include "../core/array.h"
#include "../core/isa.h"

#define resize_run          FOR_ISA(resize_run)
#define resize_gradient_run FOR_ISA(resize_gradient_run)

typedef enum resize_method { RESIZE_NEAREST = 0, RESIZE_LINEAR = 1 } resize_method;

/* x has the shape (outer, in, inner), y the shape (outer, out, inner); both lie in row-major order,
 * and 2 in out fits into 64 bits. The axis is a ruler on which element i of y has its center at
 *
 *     s = (i + 1/2) in / out - 1/2
 *
 * of x. Nearest takes the element whose cell s lies in; linear takes the two around s, each by how
 * near it is, and at the ends the first and the last. */
typedef struct resize {
    lego_dtype dtype; /* linear: a float */
    resize_method method;
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
