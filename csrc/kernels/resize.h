/* Resizing: an axis gets another length by interpolation. */
#ifndef LEGO_KERNELS_RESIZE_H
#define LEGO_KERNELS_RESIZE_H

#include "resize_weights.h"

#define resize_run          FOR_ISA(resize_run)
#define resize_gradient_run FOR_ISA(resize_gradient_run)

/* Fails only without memory. */
lego_status resize_run(const resize *r, const void *x, void *y);

/* dx[j] = sum over i of (weight of x[j] in y[i]) dy[i]; floats only. */
lego_status resize_gradient_run(const resize *r, const void *dy, void *dx);

#endif
