/* Convolutions in which each channel meets filters of its own. */
#ifndef LEGO_KERNELS_CONV_DEPTHWISE_H
#define LEGO_KERNELS_CONV_DEPTHWISE_H

#include "conv_shape.h"

#define depthwise_run                 FOR_ISA(depthwise_run)
#define depthwise_input_gradient_run  FOR_ISA(depthwise_input_gradient_run)
#define depthwise_kernel_gradient_run FOR_ISA(depthwise_kernel_gradient_run)

static inline bool conv_is_depthwise(const conv *c) {
    return c->channels == 1 && (c->filters == 1 || (c->filters > 1 && c->groups > 1));
}

/* The same as the functions of conv.h, for what conv_is_depthwise() accepts. */
lego_status depthwise_run(const conv *c, const void *x, const void *kernel, void *y,
                          const epilogue *end);
lego_status depthwise_input_gradient_run(const conv *c, const void *dy, const void *kernel,
                                         void *dx);
lego_status depthwise_kernel_gradient_run(const conv *c, const void *x, const void *dy,
                                          void *dkernel);

#endif
