/* Activations: softmax and log_softmax along one axis, and the bricks of which gated activations y
 * = x g(x) are made, such as gelu. The gate g(x) increases from 0 to 1: the normal distribution
 * function, or a sigmoid.
 *
 * For infinite x, x g(x) or its derivative's term x g'(x) is infinity times 0, which is NaN. So x
 * is clipped to -1000 <= x <= 1000 in these products. Beyond these limits g(x) is 0 or 1 and g'(x)
 * is 0, to the last bit of a double. */
#include <math.h>

#include "../kernels/elements.h"
#include "../kernels/lines.h"
#include "../kernels/normal.h"
#include "../kernels/rows.h"
#include "families.h"
#include "grad_ops.h"
#include "shape_rules.h"

#define UNARY(name, type, expression)  UNARY_LOOP(name, type, type, expression)
#define BINARY(name, type, expression) BINARY_LOOP(name, type, type, expression)

/* x clipped to -1000 <= x <= 1000. */
static lego_tensor *clipped_to_1000(gradient_context *g, lego_tensor *x) {
    lego_tensor *all[] = {x, number(g, -1000, x), number(g, 1000, x)};
    return context_apply(g, "clip", all, 3, NULL);
}

/* ---- gated: y = x g, where the gate g(x) is 0 below -1000 ------------------------------------ */

FLOAT_LOOPS(BINARY, gated, (a < -1000 ? -1000 : a) * b, (a < -1000 ? -1000 : a) * b)

/* dx = dy g, dg = dy x. dg is multiplied by g'(x), which is 0 for large x, so x must be finite
 * there. */
static void gated_gradient(gradient_context *g) {
    if (g->wanted[0]) {
        g->dx[0] = times(g, g->dy[0], g->x[1]);
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, g->dy[0], clipped_to_1000(g, g->x[0]));
    }
}

/* ---- normal_cdf: y = P(X <= x) for normal X, accurate for small y too ----------------------- */

FLOAT_LOOPS(UNARY, normal_cdf, fast_normal_cdff(x), fast_normal_cdf(x))

/* dx = dy 1 / sqrt(2 pi) e^(-x^2 / 2) */
static void normal_cdf_gradient(gradient_context *g) {
    const double one_over_sqrt_two_pi = 0.3989422804014327;
    lego_tensor *square = apply1(g, "square", clipped_to_1000(g, g->x[0]));
    lego_tensor *gaussian = apply1(g, "exp", scaled(g, square, -0.5));
    g->dx[0] = times(g, g->dy[0], scaled(g, gaussian, one_over_sqrt_two_pi));
}

/* ---- tanh_normal_cdf: y = (1 + tanh(u / 2)) / 2 = 1 / (1 + e^-u) ----------------------------- */

/* It approximates normal_cdf, with u = sqrt(8 / pi) (x + 0.044715 x^3). */

FLOAT_LOOPS(UNARY, tanh_normal_cdf, fast_tanh_normal_cdff(x), fast_tanh_normal_cdf(x))

/* dx = dy y (1 - y) u', u' = sqrt(8 / pi) (1 + 3 0.044715 x^2) */
static void tanh_normal_cdf_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    lego_tensor *square = apply1(g, "square", clipped_to_1000(g, g->x[0]));
    lego_tensor *square_term = scaled(g, square, 3 * NORMAL_LOGIT * NORMAL_LOGIT_BEND);
    lego_tensor *slope = plus(g, number(g, NORMAL_LOGIT, y), square_term);
    g->dx[0] = times(g, times(g, g->dy[0], slope), times(g, y, one_minus(g, y)));
}

typedef struct softmax_attributes {
    int64_t axis;
} softmax_attributes;

static lego_status softmax_shape(const lego_call *call) {
    const softmax_attributes *a = call->attributes;
    int64_t axis = a->axis;
    lego_status status = axis_normalize(call->brick->name, call->x[0]->rank, &axis);
    return status ? status : same_shape(call);
}

static lego_tensor *sum_along_axis(gradient_context *g, lego_tensor *x) {
    const softmax_attributes *a = g->attributes;
    return sum_over(g, x, &(lego_ints){.count = 1, .values = {a->axis}});
}

/* ---- softmax: y_i = exp(x_i) / sum of exp(x_j) ---------------------------------------------- */

static lego_status softmax_kernel(const lego_call *call) {
    const softmax_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    softmax_lines(x->dtype, lines_along(x, a->axis), x->data, call->y[0].data);
    return LEGO_OK;
}

/* dy_i/dx_j = y_i ([i = j] - y_j), so dx = y (dy - sum of dy y) */
static void softmax_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    lego_tensor *mean = sum_along_axis(g, times(g, g->dy[0], y));
    g->dx[0] = times(g, y, minus(g, g->dy[0], mean));
}

/* ---- log_softmax: y_i = x_i - log of sum of exp(x_j) ---------------------------------------- */

static lego_status log_softmax_kernel(const lego_call *call) {
    const softmax_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    log_softmax_lines(x->dtype, lines_along(x, a->axis), x->data, call->y[0].data);
    return LEGO_OK;
}

/* dy_i/dx_j = [i = j] - exp(y_j), so dx = dy - exp(y) sum of dy */
static void log_softmax_gradient(gradient_context *g) {
    lego_tensor *share = times(g, apply1(g, "exp", g->y[0]), sum_along_axis(g, g->dy[0]));
    g->dx[0] = minus(g, g->dy[0], share);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick activations_bricks[] = {
    {
        .name = "gated",
        .formula = "y = max(a, -1000) b",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = gated_gradient,
        .loops = gated_loops,
    },
    {
        .name = "normal_cdf",
        .formula = "y = P(X <= x) for normal X",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = normal_cdf_gradient,
        .loops = normal_cdf_loops,
    },
    {
        .name = "tanh_normal_cdf",
        .formula = "y = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = tanh_normal_cdf_gradient,
        .loops = tanh_normal_cdf_loops,
    },
    {
        .name = "softmax",
        .formula = "y = exp(x) / sum of exp(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        .shape = softmax_shape,
        .kernel = softmax_kernel,
        .gradient = softmax_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {
        .name = "log_softmax",
        .formula = "y = x - log(sum of exp(x))",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        .shape = softmax_shape,
        .kernel = log_softmax_kernel,
        .gradient = log_softmax_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {.name = NULL},
};
