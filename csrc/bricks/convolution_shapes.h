/* The shapes of convolutions: their attributes, which shapes fit, and what comes out. */
#ifndef LEGO_BRICKS_CONVOLUTION_SHAPES_H
#define LEGO_BRICKS_CONVOLUTION_SHAPES_H

#include "../kernels/conv.h"
#include "../tensor/brick.h"

#define conv_shape                 FOR_ISA(conv_shape)
#define conv_input_gradient_shape  FOR_ISA(conv_input_gradient_shape)
#define conv_kernel_gradient_shape FOR_ISA(conv_kernel_gradient_shape)
#define conv_of                    FOR_ISA(conv_of)

/* How the kernel moves over the input: a number for each spatial axis. Padding before and after an
 * axis counts zeros; a negative number leaves out elements. */
typedef struct conv_attributes {
    lego_ints strides;
    lego_ints dilation;
    lego_ints before;
    lego_ints after;
    int64_t groups;
} conv_attributes;

/* A gradient needs the spatial lengths of its result: several lengths give the same outputs. */
typedef struct conv_gradient_attributes {
    conv_attributes window;
    lego_ints lengths;
} conv_gradient_attributes;

/* x (N, lengths..., C), kernel (lengths..., C / groups, F): y (N, lengths..., F) */
lego_status conv_shape(const lego_call *call);

/* y, kernel: x */
lego_status conv_input_gradient_shape(const lego_call *call);

/* x, y: kernel */
lego_status conv_kernel_gradient_shape(const lego_call *call);

/* The convolution for the kernels, once all shapes are known to fit. */
conv conv_of(const lego_call *call, const lego_array *x, const lego_array *kernel,
             const lego_array *y);

#endif
