/* Resizing: an axis gets another length, with numbers in between where it grows. */
#ifndef LEGO_KERNELS_RESIZE_H
#define LEGO_KERNELS_RESIZE_H

#include "resize_weights.h"

#define resize_run          FOR_ISA(resize_run)
#define resize_gradient_run FOR_ISA(resize_gradient_run)

/* No memory is the only failure. */
lego_status resize_run(const resize *r, const void *x, void *y);

/* dx = what y took of x, times dy, summed; floats only. */
lego_status resize_gradient_run(const resize *r, const void *dy, void *dx);

#endif
