/* Convolutions over up to three spatial axes, and their two gradients.
 *
 *     y[o, f] = sum over taps t, channels c of x[o * stride + t * dilation - before, c] k[t, c, f]
 *
 * conv_geometry.h has the details; conv.c chooses the algorithm. */
#ifndef LEGO_KERNELS_CONV_H
#define LEGO_KERNELS_CONV_H

#include "../core/epilogue.h"
#include "conv_geometry.h"

#define conv_run                 FOR_ISA(conv_run)
#define conv_input_gradient_run  FOR_ISA(conv_input_gradient_run)
#define conv_kernel_gradient_run FOR_ISA(conv_kernel_gradient_run)
#define conv_algorithm_name      FOR_ISA(conv_algorithm_name)

/* Fills y, and calls the epilogue, if there is one, with its blocks: a row for each output. y may
 * be NULL when the epilogue does not store it. */
lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y,
                     const epilogue *epilogue);

/* dx = the sum over all outputs that see it of dy kernel. */
lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx);

/* dkernel = the sum over the batch and all outputs of x dy. */
lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel);

/* Which algorithm each takes: narrow, pointwise, depthwise, grouped, winograd or
 * direct. */
const char *conv_algorithm_name(const conv *c, conv_action action);

#endif
