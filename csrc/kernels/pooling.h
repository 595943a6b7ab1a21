/* Pooling: each window of a grid gives one number per channel, the largest or the mean of its
 * places. */
#ifndef LEGO_KERNELS_POOLING_H
#define LEGO_KERNELS_POOLING_H

#include <stdint.h>

#include "../core/array.h"
#include "../core/isa.h"

#define max_pool_run              FOR_ISA(max_pool_run)
#define max_pool_gradient_run     FOR_ISA(max_pool_gradient_run)
#define max_pool_gather_run       FOR_ISA(max_pool_gather_run)
#define average_pool_run          FOR_ISA(average_pool_run)
#define average_pool_gradient_run FOR_ISA(average_pool_gradient_run)

enum { POOL_AXES = 3 };

/* x has the shape (images, in[0], in[1], in[2], channels), y the same with out[]; both are in
 * row-major order. Along an axis, window o has the places
 *
 *     o * strides - before <= i < o * strides - before + size
 *
 * of which only those inside of x count: at least one, and less than 2^31 in all. Pooling over
 * fewer than three axes has a length of 1 along the last ones, because work is cut along the
 * first. */
typedef struct pooling {
    lego_dtype dtype;
    int64_t images;
    int64_t channels;
    int64_t in[POOL_AXES];
    int64_t out[POOL_AXES];
    int64_t size[POOL_AXES];
    int64_t strides[POOL_AXES];
    int64_t before[POOL_AXES];
} pooling;

/* A place of a window is stored as its row-major index among the places inside of x: as uint8 if
 * the window is small enough, as nearly all are. */
static inline lego_dtype pooling_place_dtype(const pooling *p) {
    return p->size[0] * p->size[1] * p->size[2] <= UINT8_MAX + 1 ? LEGO_UINT8 : LEGO_INT32;
}

/* y = the largest number of each window, or NaN if there is one; places = where the first of them
 * lies. */
void max_pool_run(const pooling *p, const void *x, void *y, void *places);

/* dx = the sum of dy over all windows whose place this is. */
void max_pool_gradient_run(const pooling *p, const void *places, const void *dy, void *dx);

/* y = the number of z at the place in each window; 0 if the window has no such place. */
void max_pool_gather_run(const pooling *p, const void *places, const void *z, void *y);

/* y = the mean of each window; large windows are summed in double. */
void average_pool_run(const pooling *p, const void *x, void *y);

/* dx = the sum of dy / n over all windows that contain the element, where n is the number of places
 * of the window inside of x. */
void average_pool_gradient_run(const pooling *p, const void *dy, void *dx);

#endif
