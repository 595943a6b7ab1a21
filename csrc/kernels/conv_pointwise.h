/* Convolutions that see one pixel at a time: products of matrices. */
#ifndef LEGO_KERNELS_CONV_POINTWISE_H
#define LEGO_KERNELS_CONV_POINTWISE_H

#include "conv_shape.h"

#define conv_is_pointwise             FOR_ISA(conv_is_pointwise)
#define pointwise_run                 FOR_ISA(pointwise_run)
#define pointwise_input_gradient_run  FOR_ISA(pointwise_input_gradient_run)
#define pointwise_kernel_gradient_run FOR_ISA(pointwise_kernel_gradient_run)

/* Whether each output sees the input at its own place, and nothing else. */
bool conv_is_pointwise(const conv *c);

/* The same as the functions of conv.h, for what conv_is_pointwise() accepts. */
lego_status pointwise_run(const conv *c, const void *x, const void *kernel, void *y,
                          const epilogue *end);
lego_status pointwise_input_gradient_run(const conv *c, const void *dy, const void *kernel,
                                         void *dx);
lego_status pointwise_kernel_gradient_run(const conv *c, const void *x, const void *dy,
                                          void *dkernel);

#endif
