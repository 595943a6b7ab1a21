/* Reductions and running sums along one axis: argmax, argmin, cumsum. */
#include "../core/error.h"
#include "../kernels/scan.h"
#include "families.h"
#include "shape_rules.h"

/* ---- argmax, argmin: the index of the first extreme ----------------------------------------- */

typedef struct argmax_attributes {
    int64_t axis;
    int64_t keepdims;
} argmax_attributes;

static lego_status argmax_shape(const lego_call *call) {
    const argmax_attributes *a = call->attributes;
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
    array_set(&call->y[0], LEGO_INT32, rank, shape);
    return LEGO_OK;
}

static lines lines_of(const lego_call *call) {
    const argmax_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    return lines_along(x, a->axis);
}

static lego_status argmax_kernel(const lego_call *call) {
    const lego_array *x = call->x[0];
    argmax_lines(x->dtype, x->data, lines_of(call), call->y[0].data);
    return LEGO_OK;
}

static lego_status argmin_kernel(const lego_call *call) {
    const lego_array *x = call->x[0];
    argmin_lines(x->dtype, x->data, lines_of(call), call->y[0].data);
    return LEGO_OK;
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
    cumsum_lines(x->dtype, x->data, l, a->reverse, call->y[0].data);
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
        .flags = LEGO_DENSE,
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
        .flags = LEGO_DENSE,
        .shape = argmax_shape,
        .kernel = argmin_kernel,
        .gradient = no_gradient,
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
