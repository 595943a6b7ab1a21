/* Activations along one axis: softmax and log_softmax. Those of single numbers are in
 * activations_gated.c and activations_units.c. */
#include "../kernels/lines.h"
#include "../kernels/softmax.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

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

static void softmax_of_lines(lego_dtype dtype, const void *x, int64_t count, int64_t n,
                             lego_dtype y_dtype, void *y) {
    (void)y_dtype;
    softmax_rows(dtype, x, count, n, y);
}

/* In a fused loop a softmax takes the rows that the loop has just computed. */
static const total_faces softmax_total = {.is_along_axis = true, .lines = softmax_of_lines};

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

static void log_softmax_of_lines(lego_dtype dtype, const void *x, int64_t count, int64_t n,
                                 lego_dtype y_dtype, void *y) {
    (void)y_dtype;
    log_softmax_rows(dtype, x, count, n, y);
}

static const total_faces log_softmax_total = {.is_along_axis = true, .lines = log_softmax_of_lines};

/* dy_i/dx_j = [i = j] - exp(y_j), so dx = dy - exp(y) sum of dy */
static void log_softmax_gradient(gradient_context *g) {
    lego_tensor *share = times(g, apply1(g, "exp", g->y[0]), sum_along_axis(g, g->dy[0]));
    g->dx[0] = minus(g, g->dy[0], share);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick activations_bricks[] = {
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
        .total = &softmax_total,
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
        .total = &log_softmax_total,
        .attributes = {{"axis", LEGO_INT}},
    },
    {.name = NULL},
};
