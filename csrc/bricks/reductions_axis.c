/* Reductions and running sums along one axis: argmax, argmin, logsumexp, cumsum. */
#include <float.h>
#include <string.h>

#include "../core/error.h"
#include "../kernels/lines.h"
#include "../kernels/scan.h"
#include "../kernels/softmax.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* ---- argmax, argmin: the index of the first extreme ----------------------------------------- */

typedef struct line_attributes {
    int64_t axis;
    int64_t keepdims;
} line_attributes;

/* One number of that dtype is left of each line, which must hold 1 to INT32_MAX numbers. */
static lego_status line_shape(const lego_call *call, lego_dtype dtype) {
    const line_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    const char *name = call->brick->name;
    int64_t along = a->axis;
    lego_status status = axis_normalize(name, x->rank, &along);
    if (status) {
        return status;
    }
    if (x->shape[along] == 0 || x->shape[along] > INT32_MAX) {
        return fail(LEGO_BAD_SHAPE, "%s: axis %lld of shape %s must hold 1 to %d numbers", name,
                    (long long)along, array_text(x), INT32_MAX);
    }
    int64_t shape[LEGO_MAX_RANK];
    int rank = 0;
    for (int axis = 0; axis < x->rank; axis++) {
        if (axis != along || a->keepdims) {
            shape[rank++] = axis == along ? 1 : x->shape[axis];
        }
    }
    array_set(&call->y[0], dtype, rank, shape);
    return LEGO_OK;
}

static lego_status argmax_shape(const lego_call *call) {
    return line_shape(call, LEGO_INT32);
}

typedef void lines_kernel(lego_dtype dtype, lines l, const void *x, void *y);

/* y = one number of each line of x, which is read where it lies, or else copied. */
static lego_status reduce_each_line(const lego_call *call, lines_kernel *kernel) {
    const line_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    lines l;
    if (lines_in_memory(x, a->axis, &l)) {
        kernel(x->dtype, l, x->data, call->y[0].data);
        return LEGO_OK;
    }
    dense_lines copy;
    lego_status status = dense_lines_open(&copy, x, a->axis);
    if (status == LEGO_OK) {
        dense_lines_load(&copy);
        kernel(x->dtype, (lines){copy.count, copy.n, 1}, copy.dense.data, call->y[0].data);
    }
    dense_lines_close(&copy);
    return status;
}

static lego_status argmax_kernel(const lego_call *call) {
    return reduce_each_line(call, argmax_lines);
}

static lego_status argmin_kernel(const lego_call *call) {
    return reduce_each_line(call, argmin_lines);
}

/* ---- logsumexp: y = log of sum of exp(x_i) --------------------------------------------------- */

static lego_status logsumexp_shape(const lego_call *call) {
    return line_shape(call, call->x[0]->dtype);
}

static lego_status logsumexp_kernel(const lego_call *call) {
    return reduce_each_line(call, logsumexp_lines);
}

static void logsumexp_of_lines(lego_dtype dtype, const void *x, int64_t count, int64_t n,
                               lego_dtype y_dtype, void *y) {
    (void)y_dtype;
    logsumexp_rows(dtype, x, count, n, y);
}

static const total_faces logsumexp_total = {.is_along_axis = true, .lines = logsumexp_of_lines};

/* dx_i = dy e_i / sum of e_j with e_i = exp(x_i - y): the sum is 1 but for the rounding of y, which
 * is large where y is. Where all x_i are -infinity, so is y, and dx is 0: the least number takes
 * the place of y, so that all e_i are 0, and the sum is held above 0. */
static void logsumexp_gradient(gradient_context *g) {
    const line_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    shape[axis_from_first(a->axis, x->rank)] = 1;
    double least = x->dtype == LEGO_FLOAT32 ? -FLT_MAX : -DBL_MAX;
    lego_tensor *finite = apply2(g, "maximum", g->y[0], number(g, least, g->y[0]));
    lego_tensor *away = minus(g, g->x[0], reshape(g, finite, x->rank, shape));
    lego_tensor *e = apply1(g, "exp", away);
    lego_tensor *sum = sum_over(g, e, &(lego_ints){.count = 1, .values = {a->axis}});
    lego_tensor *above_0 = apply2(g, "maximum", sum, number(g, 1e-30, sum));
    lego_tensor *share = over(g, reshape(g, g->dy[0], x->rank, shape), above_0);
    g->dx[0] = times(g, e, share);
}

/* ---- cumsum: y_i = x_0 + ... + x_i ---------------------------------------------------------- */

typedef struct cumsum_attributes {
    int64_t axis;
    int64_t reverse;
} cumsum_attributes;

static lego_status cumsum_shape(const lego_call *call) {
    const cumsum_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int64_t axis = a->axis;
    lego_status status = axis_normalize("cumsum", x->rank, &axis);
    if (status == LEGO_OK) {
        lego_dtype dtype = x->dtype == LEGO_BOOL ? LEGO_INT32 : x->dtype;
        array_set(&call->y[0], dtype, x->rank, x->shape);
    }
    return status;
}

static lego_status cumsum_kernel(const lego_call *call) {
    const cumsum_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    lines l = lines_along(x, a->axis);
    cumsum_lines(x->dtype, l, x->data, a->reverse, call->y[0].data);
    return LEGO_OK;
}

/* dx_i = sum of dy_j over j >= i: cumsum in the other direction */
static void cumsum_gradient(gradient_context *g) {
    const cumsum_attributes *a = g->attributes;
    cumsum_attributes back = {.axis = a->axis, .reverse = !a->reverse};
    g->dx[0] = context_apply(g, "cumsum", &g->dy[0], 1, &back);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick reductions_axis_bricks[] = {
    {
        .name = "argmax",
        .formula = "y = the first i with the largest x_i",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = argmax_shape,
        .kernel = argmax_kernel,
        .gradient = no_gradient,
        .attributes = {{"axis", LEGO_INT}, {"keepdims", LEGO_INT}},
    },
    {
        .name = "argmin",
        .formula = "y = the first i with the smallest x_i",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = argmax_shape,
        .kernel = argmin_kernel,
        .gradient = no_gradient,
        .attributes = {{"axis", LEGO_INT}, {"keepdims", LEGO_INT}},
    },
    {
        .name = "logsumexp",
        .formula = "y = log of sum of exp(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = logsumexp_shape,
        .kernel = logsumexp_kernel,
        .gradient = logsumexp_gradient,
        .total = &logsumexp_total,
        .attributes = {{"axis", LEGO_INT}, {"keepdims", LEGO_INT}},
    },
    {
        .name = "cumsum",
        .formula = "y_i = x_0 + ... + x_i",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_DENSE,
        .shape = cumsum_shape,
        .kernel = cumsum_kernel,
        .gradient = cumsum_gradient,
        .attributes = {{"axis", LEGO_INT}, {"reverse", LEGO_INT}},
    },
    {.name = NULL},
};
