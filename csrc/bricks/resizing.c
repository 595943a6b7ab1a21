/* Resizing along one axis; pictures are resized along one after the other. */
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../kernels/resize.h"
#include "families.h"
#include "grad_ops.h"

typedef struct resize_attributes {
    int64_t axis;
    int64_t size; /* of the axis in what comes out */
    int64_t method;
    int64_t antialias; /* whether what shrinks is averaged */
} resize_attributes;

/* `result` looks like `given` with another length of that axis. */
static lego_status resized_shape(const lego_call *call) {
    const resize_attributes *a = call->attributes;
    const lego_array *given = call->x[0];
    const char *who = call->brick->name;
    int64_t axis = a->axis;
    lego_status status = axis_normalize(who, given->rank, &axis);
    if (status) {
        return status;
    }
    if (a->method < 0 || a->method >= RESIZE_METHODS) {
        return fail(LEGO_BAD_VALUE,
                    "%s: method is 0 (nearest), 1 (linear), 2 (cubic), 3 (lanczos3) or 4 "
                    "(lanczos5), not %lld",
                    who, (long long)a->method);
    }
    const int64_t length = given->shape[axis];
    int64_t product;
    if (a->size < 1 || length < 1 || !size_multiply(length, a->size, &product) ||
        product > INT64_MAX / 8) {
        return fail(LEGO_BAD_SHAPE, "%s: axis %lld of shape %s cannot get the length %lld", who,
                    (long long)axis, array_text(given), (long long)a->size);
    }
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, given->shape, sizeof shape);
    shape[axis] = a->size;
    array_set(&call->y[0], given->dtype, given->rank, shape);
    return LEGO_OK;
}

static lego_status resize_shape(const lego_call *call) {
    const resize_attributes *a = call->attributes;
    lego_dtype dtype = call->x[0]->dtype;
    if (a->method != RESIZE_NEAREST && !dtype_is_float(dtype)) {
        return fail(LEGO_BAD_DTYPE,
                    "resize: there are no %s in between: cast to a float first, or take the "
                    "nearest ones",
                    lego_dtype_name(dtype));
    }
    return resized_shape(call);
}

/* x and y are what resize takes and makes: its gradient has them the other way round. */
static resize read_resize(const lego_call *call, const lego_array *x, const lego_array *y) {
    const resize_attributes *a = call->attributes;
    const int axis = axis_from_first(a->axis, x->rank);
    resize r = {
        .dtype = x->dtype,
        .method = (resize_method)a->method,
        .antialias = a->antialias != 0,
        .outer = 1,
        .inner = 1,
    };
    for (int i = 0; i < x->rank; i++) {
        int64_t *size = i < axis ? &r.outer : &r.inner;
        *size *= i == axis ? 1 : x->shape[i];
    }
    r.in = x->shape[axis];
    r.out = y->shape[axis];
    return r;
}

static lego_status resize_kernel(const lego_call *call) {
    if (array_size(&call->y[0]) == 0) {
        return LEGO_OK;
    }
    resize r = read_resize(call, call->x[0], &call->y[0]);
    return resize_run(&r, call->x[0]->data, call->y[0].data);
}

static lego_status resize_gradient_kernel(const lego_call *call) {
    if (array_size(&call->y[0]) == 0) {
        return LEGO_OK;
    }
    resize r = read_resize(call, &call->y[0], call->x[0]);
    return resize_gradient_run(&r, call->x[0]->data, call->y[0].data);
}

/* Resizing is linear: either brick is the gradient of the other. */
static void pass_back(gradient_context *g, const char *name) {
    resize_attributes back = *(const resize_attributes *)g->attributes;
    const lego_array *x = &g->x[0]->array;
    back.size = x->shape[axis_from_first(back.axis, x->rank)];
    g->dx[0] = context_apply(g, name, &g->dy[0], 1, &back);
}

static void resize_pass_back(gradient_context *g) {
    pass_back(g, "resize_gradient");
}

static void resize_gradient_pass_back(gradient_context *g) {
    pass_back(g, "resize");
}

#define RESIZE_ATTRIBUTES                                                                          \
    {                                                                                              \
        {"axis", LEGO_INT}, {"size", LEGO_INT}, {"method", LEGO_INT}, {                            \
            "antialias", LEGO_INT                                                                  \
        }                                                                                          \
    }

const lego_brick resizing_bricks[] = {
    {
        .name = "resize",
        .formula = "y[a, i, b] = sum over j of w(j - s) x[a, j, b], s = (i + 1/2) / scale - 1/2",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_DENSE,
        .shape = resize_shape,
        .kernel = resize_kernel,
        .gradient = resize_pass_back,
        .attributes = RESIZE_ATTRIBUTES,
    },
    {
        .name = "resize_gradient",
        .formula = "dx = sum of dy times its share of x",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_DENSE,
        .shape = resized_shape,
        .kernel = resize_gradient_kernel,
        .gradient = resize_gradient_pass_back,
        .attributes = RESIZE_ATTRIBUTES,
    },
    {.name = NULL},
};
