/* Convolutions over up to three spatial axes, and their two gradients. */
#ifndef LEGO_KERNELS_CONV_H
#define LEGO_KERNELS_CONV_H

#include "conv_shape.h"

#define conv_run                 FOR_ISA(conv_run)
#define conv_input_gradient_run  FOR_ISA(conv_input_gradient_run)
#define conv_kernel_gradient_run FOR_ISA(conv_kernel_gradient_run)

/* y = the sum over taps and channels of x kernel. Its blocks are handed to the end, if there is
 * one: a row for each pixel; y may be NULL when that does without. */
lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y,
                     const epilogue *end);

/* dx = the sum over all outputs that see it of dy kernel. */
lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx);

/* dkernel = the sum over the batch and all outputs of x dy. */
lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel);

#endif
