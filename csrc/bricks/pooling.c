/* Pooling over one to three axes: (images, lengths..., channels). */
#include "../kernels/pool.h"

#include <stdint.h>
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "families.h"
#include "words.h"

/* One number for each axis that windows move along: see kernels/pool.h. */
typedef struct pool_attributes {
    lego_ints size;
    lego_ints strides;
    lego_ints before;
    lego_ints after;
} pool_attributes;

typedef struct back_attributes {
    lego_ints shape; /* of x */
    pool_attributes pool;
} back_attributes;

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

/* How many windows fit along an axis: each has a place inside of x, as padding is narrower. */
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

/* Windows are so small that 31 bits count their places. */
static lego_status check_places(const char *who, const pool *p) {
    int64_t places = p->size[0] * p->size[1]; /* 31 bits each */
    if (size_multiply(places, p->size[2], &places) && places <= INT32_MAX) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_VALUE, "%s: a window of shape %s has 2^31 places or more", who,
                shape_text(POOL_AXES, p->size));
}

/* Reads what pooling of x is, and refuses what does not fit. */
static lego_status read_pool(const char *who, const pool_attributes *a, const lego_array *x,
                             pool *p) {
    lego_status status = check_rank(who, a, x);
    if (status) {
        return status;
    }
    *p = (pool){.dtype = x->dtype, .images = x->shape[0], .channels = x->shape[x->rank - 1]};
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
    return status ? status : check_places(who, p);
}

/* y looks like x, with a length for each row of windows. */
static void set_pooled(const pool *p, const lego_array *x, lego_array *y) {
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    memcpy(shape + 1, p->out, sizeof(int64_t) * (size_t)(x->rank - 2));
    array_set(y, x->dtype, x->rank, shape);
}

static lego_status refuse(const lego_call *call, const lego_array *x, const lego_array *other,
                          const lego_array *wanted) {
    return fail(LEGO_BAD_SHAPE, "%s: for x of shape %s the other must have shape %s, it has %s",
                call->brick->name, array_text(x), array_text(wanted), array_text(other));
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

/* ---- max_pool and average_pool: x to y ------------------------------------------------------- */

static lego_status pool_shape(const lego_call *call) {
    pool p;
    lego_status status = read_pool(call->brick->name, call->attributes, call->x[0], &p);
    if (status == LEGO_OK) {
        set_pooled(&p, call->x[0], &call->y[0]);
    }
    return status;
}

static int64_t pool_operations(const lego_call *call) {
    return window_operations(&call->y[0], call->attributes);
}

static lego_status max_pool_kernel(const lego_call *call) {
    pool p;
    lego_status status = read_pool("max_pool", call->attributes, call->x[0], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        max_pool_run(&p, call->x[0]->data, call->y[0].data);
    }
    return status;
}

static lego_status average_pool_kernel(const lego_call *call) {
    pool p;
    lego_status status = read_pool("average_pool", call->attributes, call->x[0], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        average_pool_run(&p, call->x[0]->data, call->y[0].data);
    }
    return status;
}

static void max_pool_pass_back(lego_step *s) {
    lego_tensor *both[] = {s->x[0], s->dy[0]};
    s->dx[0] = step_apply(s, "max_pool_gradient", both, 2, s->attributes);
}

static void average_pool_pass_back(lego_step *s) {
    const lego_array *x = &s->x[0]->array;
    const pool_attributes *a = s->attributes;
    back_attributes back = {.shape.count = x->rank, .pool = *a};
    memcpy(back.shape.values, x->shape, sizeof back.shape.values);
    s->dx[0] = step_apply(s, "average_pool_gradient", &s->dy[0], 1, &back);
}

/* ---- max_pool_gradient: dy to where the largest numbers lie ---------------------------------- */

static lego_status max_pool_gradient_shape(const lego_call *call) {
    const lego_array *x = call->x[0];
    pool p;
    lego_status status = read_pool(call->brick->name, call->attributes, x, &p);
    if (status) {
        return status;
    }
    lego_array y;
    set_pooled(&p, x, &y);
    if (!array_same_shape(&y, call->x[1])) {
        return refuse(call, x, call->x[1], &y);
    }
    array_set(&call->y[0], x->dtype, x->rank, x->shape);
    return LEGO_OK;
}

static lego_status max_pool_gradient_kernel(const lego_call *call) {
    pool p;
    lego_status status = read_pool("max_pool_gradient", call->attributes, call->x[0], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        max_pool_gradient_run(&p, call->x[0]->data, call->x[1]->data, call->y[0].data);
    }
    return status;
}

static int64_t max_pool_gradient_operations(const lego_call *call) {
    return 2 * window_operations(call->x[1], call->attributes);
}

/* Each dy went to one place, from where its gradient comes. Where the places lie has no slope. */
static void max_pool_gradient_pass_back(lego_step *s) {
    lego_tensor *both[] = {s->x[0], s->dy[0]};
    s->dx[1] = step_apply(s, "max_pool_gather", both, 2, s->attributes);
}

/* ---- max_pool_gather: z where the largest numbers of x lie ----------------------------------- */

static lego_status max_pool_gather_shape(const lego_call *call) {
    if (!array_same_shape(call->x[0], call->x[1])) {
        return refuse(call, call->x[0], call->x[1], call->x[0]);
    }
    return pool_shape(call);
}

static lego_status max_pool_gather_kernel(const lego_call *call) {
    pool p;
    lego_status status = read_pool("max_pool_gather", call->attributes, call->x[0], &p);
    if (status == LEGO_OK && array_size(&call->y[0]) > 0) {
        max_pool_gather_run(&p, call->x[0]->data, call->x[1]->data, call->y[0].data);
    }
    return status;
}

static int64_t max_pool_gather_operations(const lego_call *call) {
    return 2 * pool_operations(call);
}

static void max_pool_gather_pass_back(lego_step *s) {
    lego_tensor *both[] = {s->x[0], s->dy[0]};
    s->dx[1] = step_apply(s, "max_pool_gradient", both, 2, s->attributes);
}

/* ---- average_pool_gradient: dy to all places of its window, in equal shares -------------------
 */

static lego_status read_back(const lego_call *call, lego_array *x, pool *p) {
    const back_attributes *a = call->attributes;
    const char *who = call->brick->name;
    lego_dtype dtype = call->x[0]->dtype;
    lego_status status = array_check(who, dtype, (int)a->shape.count, a->shape.values);
    if (status == LEGO_OK) {
        array_set(x, dtype, (int)a->shape.count, a->shape.values);
        status = read_pool(who, &a->pool, x, p);
    }
    return status;
}

static lego_status average_pool_gradient_shape(const lego_call *call) {
    lego_array x;
    lego_array y;
    pool p;
    lego_status status = read_back(call, &x, &p);
    if (status) {
        return status;
    }
    set_pooled(&p, &x, &y);
    if (!array_same_shape(&y, call->x[0])) {
        return refuse(call, &x, call->x[0], &y);
    }
    call->y[0] = x;
    return LEGO_OK;
}

static lego_status average_pool_gradient_kernel(const lego_call *call) {
    lego_array x;
    pool p;
    lego_status status = read_back(call, &x, &p);
    if (status == LEGO_OK && array_size(&x) > 0) {
        average_pool_gradient_run(&p, call->x[0]->data, call->y[0].data);
    }
    return status;
}

static int64_t average_pool_gradient_operations(const lego_call *call) {
    const back_attributes *a = call->attributes;
    return window_operations(call->x[0], &a->pool);
}

static void average_pool_gradient_pass_back(lego_step *s) {
    const back_attributes *a = s->attributes;
    s->dx[0] = step_apply(s, "average_pool", &s->dy[0], 1, &a->pool);
}

/* ---- the family ------------------------------------------------------------------------------ */

#define POOL_ATTRIBUTES                                                                            \
    {"size", LEGO_INTS}, {"strides", LEGO_INTS}, {"before", LEGO_INTS}, {                          \
        "after", LEGO_INTS                                                                         \
    }

const lego_brick pooling_bricks[] = {
    {
        .name = "max_pool",
        .formula = "y = max of x in each window",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .facts = LEGO_DENSE | LEGO_USES_X0,
        .shape = pool_shape,
        .kernel = max_pool_kernel,
        .gradient = max_pool_pass_back,
        .operations = pool_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "max_pool_gradient",
        .formula = "dx = sum of dy of the windows whose first max of x is here",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .facts = LEGO_DENSE | LEGO_USES_X0,
        .shape = max_pool_gradient_shape,
        .kernel = max_pool_gradient_kernel,
        .gradient = max_pool_gradient_pass_back,
        .operations = max_pool_gradient_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "max_pool_gather",
        .formula = "y = z where the first max of x lies in each window",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .facts = LEGO_DENSE | LEGO_USES_X0,
        .shape = max_pool_gather_shape,
        .kernel = max_pool_gather_kernel,
        .gradient = max_pool_gather_pass_back,
        .operations = max_pool_gather_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "average_pool",
        .formula = "y = mean of x in each window",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .facts = LEGO_DENSE,
        .shape = pool_shape,
        .kernel = average_pool_kernel,
        .gradient = average_pool_pass_back,
        .operations = pool_operations,
        .attributes = {POOL_ATTRIBUTES},
    },
    {
        .name = "average_pool_gradient",
        .formula = "dx = sum of dy / n of the windows of n places around here",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .facts = LEGO_DENSE,
        .shape = average_pool_gradient_shape,
        .kernel = average_pool_gradient_kernel,
        .gradient = average_pool_gradient_pass_back,
        .operations = average_pool_gradient_operations,
        .attributes = {{"shape", LEGO_INTS}, POOL_ATTRIBUTES},
    },
    {.name = NULL},
};
