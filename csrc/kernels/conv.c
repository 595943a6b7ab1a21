/* Convolutions and their gradients: which algorithm computes them.
 *
 * The choice depends on the shape of one image, the kernel and the setting of Winograd's algorithm.
 * It does not depend on the batch: the numbers of an image are the same however many others there
 * are. benchmarks/conv_algorithms.py measures whether the faster one is chosen. */
#include "conv.h"

#include "conv_algorithms.h"

typedef struct conv_algorithm {
    const char *name;
    conv_accepts_function *accepts;
    conv_forward_function *forward;
    conv_gradient_function *input_gradient;
    conv_gradient_function *kernel_gradient;
} conv_algorithm;

/* The first that accepts is taken; the last accepts everything. */
static const conv_algorithm algorithms[] = {
    {"narrow", narrow_accepts, NULL, NULL, narrow_kernel_gradient},
    {"pointwise", pointwise_accepts, pointwise_forward, pointwise_input_gradient,
     pointwise_kernel_gradient},
    {"depthwise", depthwise_accepts, depthwise_forward, depthwise_input_gradient,
     depthwise_kernel_gradient},
    {"grouped", grouped_accepts, grouped_forward, grouped_input_gradient, grouped_kernel_gradient},
    {"winograd", winograd_accepts, winograd_forward, winograd_input_gradient,
     winograd_kernel_gradient},
    {"direct", direct_accepts, direct_forward, direct_input_gradient, direct_kernel_gradient},
};

static const conv_algorithm *choose(const conv *c, conv_action action) {
    const conv_algorithm *algorithm = algorithms;
    while (!algorithm->accepts(c, action)) {
        algorithm++;
    }
    return algorithm;
}

lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y,
                     const epilogue *epilogue) {
    return choose(c, CONV_FORWARD)->forward(c, x, kernel, y, epilogue);
}

lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx) {
    return choose(c, CONV_INPUT_GRADIENT)->input_gradient(c, dy, kernel, dx);
}

lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel) {
    return choose(c, CONV_KERNEL_GRADIENT)->kernel_gradient(c, x, dy, dkernel);
}

const char *conv_algorithm_name(const conv *c, conv_action action) {
    return choose(c, action)->name;
}
