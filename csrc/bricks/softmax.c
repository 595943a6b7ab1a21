/* Softmax and its logarithm, along one axis. */
#include "../kernels/softmax.h"

#include "../kernels/last_axis.h"
#include "families.h"
#include "grad_ops.h"
#include "shapes.h"

typedef struct softmax_attributes {
    int64_t axis;
} softmax_attributes;

typedef void softmax_loop(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y);

static lego_status softmax_shape(const lego_call *call) {
    const softmax_attributes *a = call->attributes;
    int64_t axis = a->axis;
    lego_status status = axis_normalize(call->brick->name, call->x[0]->rank, &axis);
    return status ? status : same_shape(call);
}

static lego_status run_along(const lego_call *call, softmax_loop *loop) {
    const softmax_attributes *a = call->attributes;
    last_axis x;
    last_axis y;
    lego_status status = last_axis_open(&x, call->x[0], a->axis);
    if (status) {
        return status;
    }
    status = last_axis_open(&y, &call->y[0], a->axis);
    if (status == LEGO_OK) {
        last_axis_load(&x);
        loop(y.lines.dtype, y.count, y.n, x.lines.data, y.lines.data);
        last_axis_store(&y);
        last_axis_close(&y);
    }
    last_axis_close(&x);
    return status;
}

static lego_tensor *sum_along_axis(gradient_context *g, lego_tensor *x) {
    const softmax_attributes *a = g->attributes;
    return sum_over(g, x, &(lego_ints){.count = 1, .values = {a->axis}});
}

/* ---- softmax: y_i = exp(x_i) / sum of exp(x_j) ---------------------------------------------- */

static lego_status softmax_kernel(const lego_call *call) {
    return run_along(call, softmax_lines);
}

/* dy_i/dx_j = y_i ([i = j] - y_j), so dx = y (dy - sum of dy y) */
static void softmax_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    lego_tensor *mean = sum_along_axis(g, times(g, g->dy[0], y));
    g->dx[0] = times(g, y, minus(g, g->dy[0], mean));
}

/* ---- log_softmax: y_i = x_i - log of sum of exp(x_j) ---------------------------------------- */

static lego_status log_softmax_kernel(const lego_call *call) {
    return run_along(call, log_softmax_lines);
}

/* dy_i/dx_j = [i = j] - exp(y_j), so dx = dy - exp(y) sum of dy */
static void log_softmax_gradient(gradient_context *g) {
    lego_tensor *share = times(g, apply1(g, "exp", g->y[0]), sum_along_axis(g, g->dy[0]));
    g->dx[0] = minus(g, g->dy[0], share);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick softmax_bricks[] = {
    {
        .name = "softmax",
        .formula = "y = exp(x) / sum of exp(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
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
        .flags = LEGO_USES_Y,
        .shape = softmax_shape,
        .kernel = log_softmax_kernel,
        .gradient = log_softmax_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {.name = NULL},
};
