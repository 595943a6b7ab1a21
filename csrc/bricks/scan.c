/* Running results along an axis: cumsum. */
#include "../kernels/scan.h"

#include "families.h"
#include "shapes.h"

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
    lines l = lines_along(x, a->axis < 0 ? a->axis + x->rank : a->axis);
    cumsum_lines(x->dtype, x->data, l, a->reverse, call->y[0].data);
    return LEGO_OK;
}

/* dx_i = sum of dy_j over j >= i: the same in the other direction */
static void cumsum_gradient(gradient_context *g) {
    const cumsum_attributes *a = g->attributes;
    cumsum_attributes back = {.axis = a->axis, .reverse = !a->reverse};
    g->dx[0] = context_apply(g, "cumsum", &g->dy[0], 1, &back);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick scan_bricks[] = {
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
