/* The algorithms of convolutions: the functions in the table of conv.c. */
#ifndef LEGO_KERNELS_CONV_ALGORITHMS_H
#define LEGO_KERNELS_CONV_ALGORITHMS_H

#include "../core/epilogue.h"
#include "conv_geometry.h"

typedef bool conv_accepts_function(const conv *c, conv_action action);
typedef lego_status conv_forward_function(const conv *c, const void *x, const void *kernel, void *y,
                                          const epilogue *epilogue);

/* dx from dy and the kernel, or dkernel from x and dy. */
typedef lego_status conv_gradient_function(const conv *c, const void *a, const void *b,
                                           void *result);

/* Few filters and many channels: the gradient by the kernel alone (conv_narrow_kernel.c). */
#define narrow_accepts         FOR_ISA(narrow_accepts)
#define narrow_kernel_gradient FOR_ISA(narrow_kernel_gradient)
conv_accepts_function narrow_accepts;
conv_gradient_function narrow_kernel_gradient;

/* 1x1 taps: products of matrices (conv_pointwise.c). */
#define pointwise_accepts         FOR_ISA(pointwise_accepts)
#define pointwise_forward         FOR_ISA(pointwise_forward)
#define pointwise_input_gradient  FOR_ISA(pointwise_input_gradient)
#define pointwise_kernel_gradient FOR_ISA(pointwise_kernel_gradient)
conv_accepts_function pointwise_accepts;
conv_forward_function pointwise_forward;
conv_gradient_function pointwise_input_gradient;
conv_gradient_function pointwise_kernel_gradient;

/* Each channel has filters of its own: vectors run over the channels (conv_depthwise.c). */
#define depthwise_accepts         FOR_ISA(depthwise_accepts)
#define depthwise_forward         FOR_ISA(depthwise_forward)
#define depthwise_input_gradient  FOR_ISA(depthwise_input_gradient)
#define depthwise_kernel_gradient FOR_ISA(depthwise_kernel_gradient)
conv_accepts_function depthwise_accepts;
conv_forward_function depthwise_forward;
conv_gradient_function depthwise_input_gradient;
conv_gradient_function depthwise_kernel_gradient;

/* Several narrow groups: vectors run over the columns of a group (conv_grouped.c). */
#define grouped_accepts         FOR_ISA(grouped_accepts)
#define grouped_forward         FOR_ISA(grouped_forward)
#define grouped_input_gradient  FOR_ISA(grouped_input_gradient)
#define grouped_kernel_gradient FOR_ISA(grouped_kernel_gradient)
conv_accepts_function grouped_accepts;
conv_forward_function grouped_forward;
conv_gradient_function grouped_input_gradient;
conv_gradient_function grouped_kernel_gradient;

/* 3x3 taps and many channels: fewer multiplications (conv_winograd.c). */
#define winograd_accepts         FOR_ISA(winograd_accepts)
#define winograd_forward         FOR_ISA(winograd_forward)
#define winograd_input_gradient  FOR_ISA(winograd_input_gradient)
#define winograd_kernel_gradient FOR_ISA(winograd_kernel_gradient)
conv_accepts_function winograd_accepts;
conv_forward_function winograd_forward;
conv_gradient_function winograd_input_gradient;
conv_gradient_function winograd_kernel_gradient;

/* All convolutions: a product with the im2col matrix (conv_direct.c, conv_direct_kernel.c). */
#define direct_accepts         FOR_ISA(direct_accepts)
#define direct_forward         FOR_ISA(direct_forward)
#define direct_input_gradient  FOR_ISA(direct_input_gradient)
#define direct_kernel_gradient FOR_ISA(direct_kernel_gradient)
conv_accepts_function direct_accepts;
conv_forward_function direct_forward;
conv_gradient_function direct_input_gradient;
conv_gradient_function direct_kernel_gradient;

#endif
