/* Resizing: the elements of x that each element of y is computed from, and their weights. */
#ifndef LEGO_KERNELS_RESIZE_WEIGHTS_H
#define LEGO_KERNELS_RESIZE_WEIGHTS_H

#include <stdbool.h>

#include "../core/array.h"
#include "../core/isa.h"

#define resize_table_make FOR_ISA(resize_table_make)
#define resize_table_free FOR_ISA(resize_table_free)

typedef enum resize_method {
    RESIZE_NEAREST = 0,
    RESIZE_LINEAR = 1,
    RESIZE_CUBIC = 2,
    RESIZE_LANCZOS3 = 3,
    RESIZE_LANCZOS5 = 4,
    RESIZE_METHODS
} resize_method;

/* x has the shape (outer, in, inner), y the shape (outer, out, inner); both are in row-major order,
 * and 4 in out fits into 64 bits. Element i of y has its center at the coordinate
 *
 *     s = (i + 1/2) in / out - 1/2
 *
 * of x. The nearest method takes the element j with |s - j| <= 1/2. The others take a weighted mean
 * of the elements around s: the weight is a function of the distance |s - j| (resize_weights.c).
 * `antialias` stretches this function by in / out if x is longer than y, so that every element of x
 * counts. */
typedef struct resize {
    lego_dtype dtype; /* float32 or float64; any dtype for nearest */
    resize_method method;
    bool antialias;
    int64_t outer;
    int64_t in;
    int64_t out;
    int64_t inner;
} resize;

/* y = weights[0] x[from] + ... + weights[count - 1] x[from + count - 1]. */
typedef struct resize_source {
    int64_t from;
    int64_t count;
    const double *weights;
} resize_source;

/* Neither `from` nor `from + count` decreases from element to element. */
typedef struct resize_table {
    resize_source *sources; /* [out] */
    double *weights;        /* [out][most] */
    int64_t out;
    int64_t most; /* the largest count, at most `in` */
} resize_table;

lego_status resize_table_make(const resize *r, resize_table *table);
void resize_table_free(resize_table *table);

#endif
