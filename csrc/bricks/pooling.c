/* Pooling over one to three axes: (images, lengths..., channels). */
#include "../kernels/pooling.h"

#include <stdint.h>
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../tensor/grad_ops.h"
#include "families.h"

/* One number for each axis along which windows move: see kernels/pooling.h. */
typedef struct pool_attributes {
    lego_ints size;
    lego_ints strides;
    lego_ints before;
    lego_ints after;
} pool_attributes;

typedef struct pool_gradient_attributes {
    lego_ints shape; /* of x */
    pool_attributes pooling;
} pool_gradient_attributes;

/* ---- windows that fit ------------------------------------------------------------------------ */

static lego_status check_rank(const char *who, const pool_attributes *a, const lego_array *x) {
    const int64_t axes = a->size.count;
    if (axes < 1 || axes > POOL_AXES || a->strides.count != axes || a->before.count != axes ||
        a->after.count != axes) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: windows have 1 to %d axes, with a stride and lengths of padding for each",
                    who, POOL_AXES);
    }
    if (x->rank != axes + 2) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: windows of %lld axes need a tensor of %lld axes, images first and "
                    "channels last; got shape %s",
                    who, (long long)axes, (long long)axes + 2, array_text(x));
    }
    return LEGO_OK;
}

/* Counts the windows along an axis. Padding is shorter than a window, so each window has a place
 * inside of x. */
static lego_status count_windows(const char *who, const pool_attributes *a, const lego_array *x,
                                 int axis, int64_t *windows) {
    const int64_t size = a->size.values[axis];
    const int64_t stride = a->strides.values[axis];
    const int64_t before = a->before.values[axis];
    const int64_t after = a->after.values[axis];
    const int64_t length = x->shape[axis + 1];
    if (size < 1 || size > INT32_MAX || stride < 1 || before < 0 || before >= size || after < 0 ||
        after >= size) {
        return fail(LEGO_BAD_VALUE,
                    "%s: along axis %d a window of %lld, a stride of %lld and a padding of %lld "
                    "and %lld do not go together: padding is narrower than a window",
                    who, axis + 1, (long long)size, (long long)stride, (long long)before,
                    (long long)after);
    }
    const int64_t room = before + after - size; /* cannot overflow: sizes have 31 bits */
    if (length < 1 || length + room < 0 || length > INT64_MAX / 2) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: a window of %lld does not fit into axis %d of shape %s, with a padding of "
                    "%lld and %lld",
                    who, (long long)size, axis + 1, array_text(x), (long long)before,
                    (long long)after);
    }
    *windows = (length + room) / stride + 1;
    return LEGO_OK;
}

/* A window must have less than 2^31 places, so that int32 holds their numbers. */
static lego_status check_window_size(const char *who, const pooling *p) {
    int64_t places = p->size[0] * p->size[1]; /* 31 bits each */
    if (size_multiply(places, p->size[2], &places) && places <= INT32_MAX) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_VALUE, "%s: a window of shape %s has 2^31 places or more", who,
                shape_text(POOL_AXES, p->size));
}

/* Computes the geometry of pooling x from the attributes; fails if they do not fit. */
static lego_status read_pool(const char *who, const pool_attributes *a, const lego_array *x,
                             pooling *p) {
    lego_status status = check_rank(who, a, x);
    if (status) {
        return status;
    }
    *p = (pooling){.dtype = x->dtype, .images = x->shape[0], .channels = x->shape[x->rank - 1]};
    for (int axis = 0; axis < POOL_AXES && !status; axis++) {
        p->in[axis] = p->out[axis] = p->size[axis] = p->strides[axis] = 1;
        if (axis < a->size.count) {
            p->in[axis] = x->shape[axis + 1];
            p->size[axis] = a->size.values[axis];
            p->strides[axis] = a->strides.values[axis];
            p->before[axis] = a->before.values[axis];
            status = count_windows(who, a, x, axis, &p->out[axis]);
        }
    }
    return status ? status : check_window_size(who, p);
}

/* y has the shape of x, but one element per window along each axis. */
static void set_pooled(const pooling *p, const lego_array *x, lego_array *y) {
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    memcpy(shape + 1, p->out, sizeof(int64_t) * (size_t)(x->rank - 2));
    array_set(y, x->dtype, x->rank, shape);
}

/* Checks that an input of a gradient has one number per window of x. */
static lego_status check_pooled(const lego_call *call, const pooling *p, const lego_array *x,
                                const lego_array *input) {
    lego_array y;
    set_pooled(p, x, &y);
    if (array_same_shape(&y, input)) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_SHAPE, "%s: for x of shape %s the other must have shape %s, it has %s",
                call->brick->name, array_text(x), array_text(&y), array_text(input));
}

/* Checks the places that max_pool computed. */
static lego_status check_places_input(const lego_call *call, const pooling *p,
                                      const lego_array *x) {
    const lego_array *places = call->x[0];
    if (places->dtype != pooling_place_dtype(p)) {
        return fail(LEGO_BAD_DTYPE, "%s: the places of such windows are %s, not %s",
                    call->brick->name, lego_dtype_name(pooling_place_dtype(p)),
                    lego_dtype_name(places->dtype));
    }
    return check_pooled(call, p, x, places);
}

/* A comparison or an addition for each place of each window. */
static int64_t window_operations(const lego_array *pooled, const pool_attributes *a) {
    int64_t operations = array_size(pooled);
    for (int axis = 0; axis < a->size.count; axis++) {
        if (!size_multiply(operations, a->size.values[axis], &operations)) {
            return INT64_MAX;
        }
    }
    return operations;
}

/* ---- gradients: from y to x ------------------------------------------------------------------ */

/* Computes the shape of x and the geometry, from the attributes of a gradient and its input of y's
 * shape. */
static lego_status read_gradient(const lego_call *call, const lego_array *y, lego_array *x,
                                 pooling *p) {
    const pool_gradient_attributes *a = call->attributes;
    const char *who = call->brick->name;
    lego_status status = array_check(who, y->dtype, (int)a->shape.count, a->shape.values);
    if (status == LEGO_OK) {
        array_set(x, y->dtype, (int)a->shape.count, a->shape.values);
        status = read_pool(who, &a->pooling, x, p);
    }
    return status;
}

static pool_gradient_attributes gradient_attributes(const lego_array *x, const pool_attributes *a) {
    pool_gradient_attributes back = {.shape.count = x->rank, .pooling = *a};
    memcpy(back.shape.values, x->shape, sizeof back.shape.values);
    return back;
}

/* ---- max_pool: y = max of each window, places = where the first maximum lies ----------------- */

static lego_status max_pool_shape(const lego_call *call) {
    pooling p;
    lego_status status = read_pool("max_pool", call->attributes, call->x[0], &p);
    if (status == LEGO_OK) {
        set_pooled(&p, call->x[0], &call->y[0]);
        array_set(&call->y[1], pooling_place_dtype(&p), call->y[0].rank, call->y[0].shape);
    }
    return status;
}

static int64_t pool_operations(const lego_call *call) {
    return window_operations(&call->y[0], call->attributes);
}

static lego_status max_pool_kernel(const lego_call *call) {
    pooling p;
    lego_status status = read_pool("max_pool", call->attributes, call->x[0], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        max_pool_run(&p, call->x[0]->data, call->y[0].data, call->y[1].data);
    }
    return status;
}

static void max_pool_gradient(gradient_context *g) {
    pool_gradient_attributes back = gradient_attributes(&g->x[0]->array, g->attributes);
    lego_tensor *both[] = {g->y[1], g->dy[0]};
    g->dx[0] = context_apply(g, "max_pool_gradient", both, 2, &back);
}

/* ---- max_pool_gradient: dx = sum of dy at the places ----------------------------------------- */

static lego_status max_pool_gradient_shape(const lego_call *call) {
    lego_array x;
    pooling p;
    lego_status status = read_gradient(call, call->x[1], &x, &p);
    status = status ? status : check_places_input(call, &p, &x);
    status = status ? status : check_pooled(call, &p, &x, call->x[1]);
    if (status == LEGO_OK) {
        call->y[0] = x;
    }
    return status;
}

static lego_status max_pool_gradient_kernel(const lego_call *call) {
    lego_array x;
    pooling p;
    lego_status status = read_gradient(call, call->x[1], &x, &p);
    if (status == LEGO_OK && array_size(&x) > 0) {
        max_pool_gradient_run(&p, call->x[0]->data, call->x[1]->data, call->y[0].data);
    }
    return status;
}

static int64_t gradient_operations(const lego_call *call) {
    const pool_gradient_attributes *a = call->attributes;
    return window_operations(call->x[0], &a->pooling);
}

/* Each dy was added at one place, so its gradient is read there. */
static void max_pool_gradient_gradient(gradient_context *g) {
    const pool_gradient_attributes *a = g->attributes;
    lego_tensor *both[] = {g->x[0], g->dy[0]};
    g->dx[1] = context_apply(g, "max_pool_gather", both, 2, &a->pooling);
}

/* ---- max_pool_gather: y = z at the places ---------------------------------------------------- */

static lego_status max_pool_gather_shape(const lego_call *call) {
    const lego_array *z = call->x[1];
    pooling p;
    lego_status status = read_pool("max_pool_gather", call->attributes, z, &p);
    status = status ? status : check_places_input(call, &p, z);
    if (status == LEGO_OK) {
        set_pooled(&p, z, &call->y[0]);
    }
    return status;
}

static lego_status max_pool_gather_kernel(const lego_call *call) {
    pooling p;
    lego_status status = read_pool("max_pool_gather", call->attributes, call->x[1], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        max_pool_gather_run(&p, call->x[0]->data, call->x[1]->data, call->y[0].data);
    }
    return status;
}

static void max_pool_gather_gradient(gradient_context *g) {
    pool_gradient_attributes back = gradient_attributes(&g->x[1]->array, g->attributes);
    lego_tensor *both[] = {g->x[0], g->dy[0]};
    g->dx[1] = context_apply(g, "max_pool_gradient", both, 2, &back);
}

/* ---- average_pool: y = mean of each window --------------------------------------------------- */

static lego_status average_pool_shape(const lego_call *call) {
    pooling p;
    lego_status status = read_pool("average_pool", call->attributes, call->x[0], &p);
    if (status == LEGO_OK) {
        set_pooled(&p, call->x[0], &call->y[0]);
    }
    return status;
}

static lego_status average_pool_kernel(const lego_call *call) {
    pooling p;
    lego_status status = read_pool("average_pool", call->attributes, call->x[0], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        average_pool_run(&p, call->x[0]->data, call->y[0].data);
    }
    return status;
}

static void average_pool_gradient(gradient_context *g) {
    pool_gradient_attributes back = gradient_attributes(&g->x[0]->array, g->attributes);
    g->dx[0] = context_apply(g, "average_pool_gradient", &g->dy[0], 1, &back);
}

/* ---- average_pool_gradient: dx = sum of dy / n over windows of n places ---------------------- */

static lego_status average_pool_gradient_shape(const lego_call *call) {
    lego_array x;
    pooling p;
    lego_status status = read_gradient(call, call->x[0], &x, &p);
    status = status ? status : check_pooled(call, &p, &x, call->x[0]);
    if (status == LEGO_OK) {
        call->y[0] = x;
    }
    return status;
}

static lego_status average_pool_gradient_kernel(const lego_call *call) {
    lego_array x;
    pooling p;
    lego_status status = read_gradient(call, call->x[0], &x, &p);
    if (status == LEGO_OK && array_size(&x) > 0) {
        average_pool_gradient_run(&p, call->x[0]->data, call->y[0].data);
    }
    return status;
}

static void average_pool_gradient_gradient(gradient_context *g) {
    const pool_gradient_attributes *a = g->attributes;
    g->dx[0] = context_apply(g, "average_pool", &g->dy[0], 1, &a->pooling);
}

/* ---- the family ------------------------------------------------------------------------------ */

#define POOL_ATTRIBUTES                                                                            \
    {"size", LEGO_INTS}, {"strides", LEGO_INTS}, {"before", LEGO_INTS}, {                          \
        "after", LEGO_INTS                                                                         \
    }

const lego_brick pooling_bricks[] = {
    {
        .name = "max_pool",
        .formula = "y = max of x in each window, places = where the first of these lies",
        .inputs = 1,
        .outputs = 2,
        .types = ".",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        .shape = max_pool_shape,
        .kernel = max_pool_kernel,
        .gradient = max_pool_gradient,
        .operations = pool_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "max_pool_gradient",
        .formula = "dx = sum of dy of the windows whose place is here",
        .inputs = 2,
        .outputs = 1,
        .types = ".f",
        .uses = "n.",
        .flags = LEGO_DENSE,
        .shape = max_pool_gradient_shape,
        .kernel = max_pool_gradient_kernel,
        .gradient = max_pool_gradient_gradient,
        .operations = gradient_operations,
        .attributes = {{"shape", LEGO_INTS}, POOL_ATTRIBUTES},
    },
    {
        .name = "max_pool_gather",
        .formula = "y = z at the place in each window",
        .inputs = 2,
        .outputs = 1,
        .types = ".f",
        .uses = "n.",
        .flags = LEGO_DENSE,
        .shape = max_pool_gather_shape,
        .kernel = max_pool_gather_kernel,
        .gradient = max_pool_gather_gradient,
        .operations = pool_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "average_pool",
        .formula = "y = mean of x in each window",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_DENSE,
        .shape = average_pool_shape,
        .kernel = average_pool_kernel,
        .gradient = average_pool_gradient,
        .operations = pool_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "average_pool_gradient",
        .formula = "dx = sum of dy / n of the windows of n places around here",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_DENSE,
        .shape = average_pool_gradient_shape,
        .kernel = average_pool_gradient_kernel,
        .gradient = average_pool_gradient_gradient,
        .operations = gradient_operations,
        .attributes = {{"shape", LEGO_INTS}, POOL_ATTRIBUTES},
    },
    {.name = NULL},
};
