/* Images under affine maps (affine, and its gradient affine_adjoint), and resizing along one axis:
 * images are resized along one axis after another. */
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../kernels/affine.h"
#include "../kernels/resize.h"
#include "../tensor/grad_ops.h"
#include "families.h"

/* `size` is (height, width) of y. */
typedef struct affine_attributes {
    lego_ints size;
    int64_t is_bilinear;
    int64_t fill_mode;
    double fill_value; /* only affine has it */
} affine_attributes;

/* y has the images and channels of x, and the size given by the attributes. */
static lego_status affine_shape(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    const char *name = call->brick->name;
    const lego_array *x = call->x[0];
    const lego_array *matrices = call->x[1];
    if (x->rank != 4) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: x must be images, (images, height, width, channels), got "
                    "shape %s",
                    name, array_text(x));
    }
    const int64_t wanted[] = {x->shape[0], 2, 3};
    if (matrices->rank != 3 || memcmp(matrices->shape, wanted, sizeof wanted) != 0) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: the matrices of images of shape %s must have shape %s, got "
                    "shape %s",
                    name, array_text(x), shape_text(3, wanted), array_text(matrices));
    }
    if (a->size.count != 2 || a->fill_mode < 0 || a->fill_mode >= FILL_MODES) {
        return fail(LEGO_BAD_VALUE,
                    "%s: size is (height, width) and fill_mode below %d, got size "
                    "%s, fill_mode %lld",
                    name, FILL_MODES, shape_text((int)a->size.count, a->size.values),
                    (long long)a->fill_mode);
    }
    const int64_t shape[] = {x->shape[0], a->size.values[0], a->size.values[1], x->shape[3]};
    lego_status status = array_check(name, x->dtype, 4, shape);
    if (status == LEGO_OK) {
        array_set(&call->y[0], x->dtype, 4, shape);
    }
    return status;
}

/* The map by which `to` is sampled from the images `from`. */
static affine affine_between(const lego_call *call, const lego_array *from, const lego_array *to) {
    const affine_attributes *a = call->attributes;
    return (affine){
        .dtype = from->dtype,
        .matrices = call->x[1]->data,
        .images = from->shape[0],
        .channels = from->shape[3],
        .height = from->shape[1],
        .width = from->shape[2],
        .rows = to->shape[1],
        .columns = to->shape[2],
        .is_bilinear = a->is_bilinear != 0,
        .mode = (fill_mode)a->fill_mode,
    };
}

/* ---- affine: y[i, r, c] = x[i] at the point matrices[i] (r, c, 1) ---------------------------- */

static lego_status affine_kernel(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    affine map = affine_between(call, call->x[0], &call->y[0]);
    map.fill = a->fill_value;
    affine_sample(&map, call->x[0]->data, call->y[0].data);
    return LEGO_OK;
}

/* Applies the adjoint brick to dy, with the size of x. The fill value does not depend on x, so it
 * is 0. */
static void apply_adjoint(gradient_context *g, const char *name) {
    affine_attributes back = {.size.count = 2};
    memcpy(&back, g->attributes, sizeof(int64_t) * (size_t)brick_attribute_slots(g->brick));
    memcpy(back.size.values, g->x[0]->array.shape + 1, 2 * sizeof(int64_t));
    back.fill_value = 0;
    lego_tensor *both[] = {g->dy[0], g->x[1]};
    g->dx[0] = context_apply(g, name, both, 2, &back);
}

static void affine_gradient(gradient_context *g) {
    apply_adjoint(g, "affine_adjoint");
}

static int64_t affine_operations(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    int64_t size = array_size(&call->y[0]);
    return a->is_bilinear ? 7 * size : size;
}

/* ---- affine_adjoint: y[i, point] = the sum of x over the outputs that sample the point ------- */

static lego_status affine_adjoint_kernel(const lego_call *call) {
    affine map = affine_between(call, &call->y[0], call->x[0]);
    affine_spread(&map, call->x[0]->data, call->y[0].data);
    return LEGO_OK;
}

static void affine_adjoint_gradient(gradient_context *g) {
    apply_adjoint(g, "affine");
}

static int64_t affine_adjoint_operations(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    int64_t size = array_size(call->x[0]);
    return a->is_bilinear ? 8 * size : size;
}

/* ---- resize: one axis of y has another length ----------------------------------------------- */

typedef struct resize_attributes {
    int64_t axis;
    int64_t size; /* length of the axis in y */
    int64_t method;
    int64_t antialias; /* whether inputs are averaged if y is smaller */
} resize_attributes;

/* y has the shape of the input, except for the length of that axis. */
static lego_status resized_shape(const lego_call *call) {
    const resize_attributes *a = call->attributes;
    const lego_array *input = call->x[0];
    const char *who = call->brick->name;
    int64_t axis = a->axis;
    lego_status status = axis_normalize(who, input->rank, &axis);
    if (status) {
        return status;
    }
    if (a->method < 0 || a->method >= RESIZE_METHODS) {
        return fail(LEGO_BAD_VALUE,
                    "%s: method is 0 (nearest), 1 (linear), 2 (cubic), 3 (lanczos3) or 4 "
                    "(lanczos5), not %lld",
                    who, (long long)a->method);
    }
    const int64_t length = input->shape[axis];
    int64_t product;
    if (a->size < 1 || length < 1 || !size_multiply(length, a->size, &product) ||
        product > INT64_MAX / 8) {
        return fail(LEGO_BAD_SHAPE, "%s: axis %lld of shape %s cannot get the length %lld", who,
                    (long long)axis, array_text(input), (long long)a->size);
    }
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, input->shape, sizeof shape);
    shape[axis] = a->size;
    array_set(&call->y[0], input->dtype, input->rank, shape);
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

/* x and y are the input and output of `resize`; its gradient reads dy of y's shape and writes dx of
 * x's shape. */
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

/* Resizing is linear: each of the two bricks is the gradient of the other. */
static void apply_other_brick(gradient_context *g, const char *name) {
    resize_attributes back = *(const resize_attributes *)g->attributes;
    const lego_array *x = &g->x[0]->array;
    back.size = x->shape[axis_from_first(back.axis, x->rank)];
    g->dx[0] = context_apply(g, name, &g->dy[0], 1, &back);
}

static void resize_gradient(gradient_context *g) {
    apply_other_brick(g, "resize_gradient");
}

static void resize_gradient_gradient(gradient_context *g) {
    apply_other_brick(g, "resize");
}

#define RESIZE_ATTRIBUTES                                                                          \
    {                                                                                              \
        {"axis", LEGO_INT}, {"size", LEGO_INT}, {"method", LEGO_INT}, {                            \
            "antialias", LEGO_INT                                                                  \
        }                                                                                          \
    }

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick image_bricks[] = {
    {
        .name = "affine",
        .formula = "y[i, r, c] = x[i] at the place matrices[i] (r, c, 1) / 2^32",
        .inputs = 2,
        .outputs = 1,
        .types = "fi",
        .uses = ".n.",
        .flags = LEGO_DENSE,
        .shape = affine_shape,
        .kernel = affine_kernel,
        .gradient = affine_gradient,
        .operations = affine_operations,
        .attributes = {{"size", LEGO_INTS},
                       {"is_bilinear", LEGO_INT},
                       {"fill_mode", LEGO_INT},
                       {"fill_value", LEGO_FLOAT}},
    },
    {
        .name = "affine_adjoint",
        .formula = "y[i] = sum(x[i, r, c] at the place matrices[i] (r, c, 1) / 2^32)",
        .inputs = 2,
        .outputs = 1,
        .types = "fi",
        .uses = ".n.",
        .flags = LEGO_DENSE,
        .shape = affine_shape,
        .kernel = affine_adjoint_kernel,
        .gradient = affine_adjoint_gradient,
        .operations = affine_adjoint_operations,
        .attributes = {{"size", LEGO_INTS}, {"is_bilinear", LEGO_INT}, {"fill_mode", LEGO_INT}},
    },
    {
        .name = "resize",
        .formula = "y[a, i, b] = sum over j of w(j - s) x[a, j, b], s = (i + 1/2) / scale - 1/2",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_DENSE,
        .shape = resize_shape,
        .kernel = resize_kernel,
        .gradient = resize_gradient,
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
        .gradient = resize_gradient_gradient,
        .attributes = RESIZE_ATTRIBUTES,
    },
    {.name = NULL},
};
