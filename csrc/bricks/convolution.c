/* Convolutions: conv, and the two bricks that are its gradients.
 *
 * y is linear in x and in the kernel, and so are the gradients: the three are one trilinear sum,
 *
 *     S = sum over n, o, t, c, f of x[n, i, c] k[t, c, f] y[n, o, f]
 *
 * with i = o * stride + t * dilation - before, of which conv is dS/dy, conv_input_gradient dS/dx
 * and conv_kernel_gradient dS/dk. Each one's gradients are therefore the other two. */
#include "../tensor/grad_ops.h"
#include "convolution_shapes.h"
#include "families.h"

/* ---- the kernels ----------------------------------------------------------------------------- */

static conv conv_in(const lego_call *call) {
    return conv_of(call, call->x[0], call->x[1], &call->y[0]);
}

static conv input_gradient_in(const lego_call *call) {
    return conv_of(call, &call->y[0], call->x[1], call->x[0]);
}

static conv kernel_gradient_in(const lego_call *call) {
    return conv_of(call, call->x[0], &call->y[0], call->x[1]);
}

static lego_status conv_epilogue_kernel(const lego_call *call, const epilogue *epilogue) {
    conv c = conv_in(call);
    return conv_run(&c, call->x[0]->data, call->x[1]->data, call->y[0].data, epilogue);
}

static lego_status conv_kernel(const lego_call *call) {
    return conv_epilogue_kernel(call, NULL);
}

static lego_status conv_input_gradient_kernel(const lego_call *call) {
    conv c = input_gradient_in(call);
    return conv_input_gradient_run(&c, call->x[0]->data, call->x[1]->data, call->y[0].data);
}

static lego_status conv_kernel_gradient_kernel(const lego_call *call) {
    conv c = kernel_gradient_in(call);
    return conv_kernel_gradient_run(&c, call->x[0]->data, call->x[1]->data, call->y[0].data);
}

static const char *conv_algorithm(const lego_call *call) {
    conv c = conv_in(call);
    return conv_algorithm_name(&c, CONV_FORWARD);
}

static const char *conv_input_gradient_algorithm(const lego_call *call) {
    conv c = input_gradient_in(call);
    return conv_algorithm_name(&c, CONV_INPUT_GRADIENT);
}

static const char *conv_kernel_gradient_algorithm(const lego_call *call) {
    conv c = kernel_gradient_in(call);
    return conv_algorithm_name(&c, CONV_KERNEL_GRADIENT);
}

/* A multiplication and an addition for each output, filter, tap and channel of its group. */
static int64_t operations(const lego_array *kernel, const lego_array *y) {
    int64_t filters = y->shape[y->rank - 1];
    return filters == 0 ? 0 : 2 * array_size(y) * (array_size(kernel) / filters);
}

static int64_t conv_operations(const lego_call *call) {
    return operations(call->x[1], &call->y[0]);
}

static int64_t conv_input_gradient_operations(const lego_call *call) {
    return operations(call->x[1], call->x[0]);
}

static int64_t conv_kernel_gradient_operations(const lego_call *call) {
    return operations(&call->y[0], call->x[1]);
}

/* ---- the gradients --------------------------------------------------------------------------- */

static lego_tensor *convolve(gradient_context *g, lego_tensor *x, lego_tensor *kernel) {
    return context_apply(g, "conv", (lego_tensor *[]){x, kernel}, 2, g->attributes);
}

/* The result has the spatial lengths of `like`, which begin at its axis `first`. */
static lego_tensor *gradient_of(gradient_context *g, const char *name, lego_tensor *a,
                                lego_tensor *b, const lego_tensor *like, int first) {
    conv_gradient_attributes attributes = {.window = *(const conv_attributes *)g->attributes};
    attributes.lengths.count = attributes.window.strides.count;
    for (int i = 0; i < attributes.lengths.count; i++) {
        attributes.lengths.values[i] = like->array.shape[first + i];
    }
    return context_apply(g, name, (lego_tensor *[]){a, b}, 2, &attributes);
}

static lego_tensor *to_input(gradient_context *g, lego_tensor *dy, lego_tensor *kernel,
                             const lego_tensor *x) {
    return gradient_of(g, "conv_input_gradient", dy, kernel, x, 1);
}

static lego_tensor *to_kernel(gradient_context *g, lego_tensor *x, lego_tensor *dy,
                              const lego_tensor *kernel) {
    return gradient_of(g, "conv_kernel_gradient", x, dy, kernel, 0);
}

/* y = conv(x, k) */
static void conv_gradient(gradient_context *g) {
    if (g->wanted[0]) {
        g->dx[0] = to_input(g, g->dy[0], g->x[1], g->x[0]);
    }
    if (g->wanted[1]) {
        g->dx[1] = to_kernel(g, g->x[0], g->dy[0], g->x[1]);
    }
}

/* x = conv_input_gradient(y, k) */
static void conv_input_gradient_gradient(gradient_context *g) {
    if (g->wanted[0]) {
        g->dx[0] = convolve(g, g->dy[0], g->x[1]);
    }
    if (g->wanted[1]) {
        g->dx[1] = to_kernel(g, g->dy[0], g->x[0], g->x[1]);
    }
}

/* k = conv_kernel_gradient(x, y) */
static void conv_kernel_gradient_gradient(gradient_context *g) {
    if (g->wanted[0]) {
        g->dx[0] = to_input(g, g->x[1], g->dy[0], g->x[0]);
    }
    if (g->wanted[1]) {
        g->dx[1] = convolve(g, g->x[0], g->dy[0]);
    }
}

/* ---- the family ------------------------------------------------------------------------------ */

#define WINDOW                                                                                     \
    {"strides", LEGO_INTS}, {"dilation", LEGO_INTS}, {"before", LEGO_INTS}, {"after", LEGO_INTS},  \
    {                                                                                              \
        "groups", LEGO_INT                                                                         \
    }

const lego_brick convolution_bricks[] = {
    {
        .name = "conv",
        .formula = "y_o = sum over t of x_(o strides + t dilation - before) k_t",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_DENSE | LEGO_EPILOGUE_ANY_RANK | LEGO_KEEPS,
        .shape = conv_shape,
        .kernel = conv_kernel,
        .epilogue_kernel = conv_epilogue_kernel,
        .gradient = conv_gradient,
        .operations = conv_operations,
        .algorithm = conv_algorithm,
        .attributes = {WINDOW},
    },
    {
        .name = "conv_input_gradient",
        .formula = "dx_(o strides + t dilation - before) = sum of dy_o k_t",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_DENSE,
        .shape = conv_input_gradient_shape,
        .kernel = conv_input_gradient_kernel,
        .gradient = conv_input_gradient_gradient,
        .operations = conv_input_gradient_operations,
        .algorithm = conv_input_gradient_algorithm,
        .attributes = {WINDOW, {"lengths", LEGO_INTS}},
    },
    {
        .name = "conv_kernel_gradient",
        .formula = "dk_t = sum over o of x_(o strides + t dilation - before) dy_o",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_DENSE,
        .shape = conv_kernel_gradient_shape,
        .kernel = conv_kernel_gradient_kernel,
        .gradient = conv_kernel_gradient_gradient,
        .operations = conv_kernel_gradient_operations,
        .algorithm = conv_kernel_gradient_algorithm,
        .attributes = {WINDOW, {"lengths", LEGO_INTS}},
    },
    {.name = NULL},
};
