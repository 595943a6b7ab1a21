/* Images under affine maps: affine, and affine_adjoint, which its gradient is made of. */
#include "../kernels/affine.h"

#include "../core/error.h"
#include "families.h"
#include "grad_ops.h"

/* `size` is that of what comes out: (height, width). */
typedef struct affine_attributes {
    lego_ints size;
    int64_t is_bilinear;
    int64_t fill_mode;
    double fill_value; /* of affine alone */
} affine_attributes;

/* y has x's images and channels, and the size of the attributes. */
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

/* The images that are sampled, and what is sampled of them. */
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

/* ---- affine: y[i, r, c] = x[i] at the place matrices[i] (r, c, 1) ---------------------------- */

static lego_status affine_kernel(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    affine map = affine_between(call, call->x[0], &call->y[0]);
    map.fill = a->fill_value;
    affine_sample(&map, call->x[0]->data, call->y[0].data);
    return LEGO_OK;
}

/* The adjoint, or its adjoint again: with the size of x, and nothing where nothing is. */
static void apply_back(gradient_context *g, const char *name) {
    affine_attributes back = {.size.count = 2};
    memcpy(&back, g->attributes, sizeof(int64_t) * (size_t)brick_attribute_slots(g->brick));
    memcpy(back.size.values, g->x[0]->array.shape + 1, 2 * sizeof(int64_t));
    back.fill_value = 0;
    lego_tensor *both[] = {g->dy[0], g->x[1]};
    g->dx[0] = context_apply(g, name, both, 2, &back);
}

static void affine_gradient(gradient_context *g) {
    apply_back(g, "affine_adjoint");
}

static int64_t affine_operations(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    int64_t size = array_size(&call->y[0]);
    return a->is_bilinear ? 7 * size : size;
}

/* ---- affine_adjoint: y[i, place] = the sum of what was sampled there ------------------------- */

static lego_status affine_adjoint_kernel(const lego_call *call) {
    affine map = affine_between(call, &call->y[0], call->x[0]);
    affine_spread(&map, call->x[0]->data, call->y[0].data);
    return LEGO_OK;
}

static void affine_adjoint_gradient(gradient_context *g) {
    apply_back(g, "affine");
}

static int64_t affine_adjoint_operations(const lego_call *call) {
    const affine_attributes *a = call->attributes;
    int64_t size = array_size(call->x[0]);
    return a->is_bilinear ? 8 * size : size;
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick affine_bricks[] = {
    {
        .name = "affine",
        .formula = "y[i, r, c] = x[i] at the place matrices[i] (r, c, 1) / 2^32",
        .inputs = 2,
        .outputs = 1,
        .types = "fi",
        .flags = LEGO_DENSE | LEGO_USES_X1,
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
        .flags = LEGO_DENSE | LEGO_USES_X1,
        .shape = affine_shape,
        .kernel = affine_adjoint_kernel,
        .gradient = affine_adjoint_gradient,
        .operations = affine_adjoint_operations,
        .attributes = {{"size", LEGO_INTS}, {"is_bilinear", LEGO_INT}, {"fill_mode", LEGO_INT}},
    },
    {.name = NULL},
};
