/* Elements more than once, or in places further on: repeat, tile, roll. */
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../kernels/repeats.h"
#include "../tensor/grad_ops.h"
#include "families.h"

/* Multiplies the length of an axis of y. */
static lego_status lengthen(const char *who, lego_array *y, int axis, int64_t count) {
    if (count < 0) {
        return fail(LEGO_BAD_VALUE, "%s: axis %d cannot be repeated %lld times", who, axis,
                    (long long)count);
    }
    if (!size_multiply(y->shape[axis], count, &y->shape[axis])) {
        return fail(LEGO_NO_MEMORY, "%s: the length of axis %d overflows 64 bits", who, axis);
    }
    return LEGO_OK;
}

/* The checked shape of x with other lengths. */
static lego_status set_shape(const lego_call *call, const lego_array *lengths) {
    const lego_array *x = call->x[0];
    lego_status status = array_check(call->brick->name, x->dtype, x->rank, lengths->shape);
    if (status == LEGO_OK) {
        array_set(&call->y[0], x->dtype, x->rank, lengths->shape);
    }
    return status;
}

/* dy as a tensor of shape (a, b, c, d), where b or c counts copies: their sum, of shape (a, d). */
static lego_tensor *sum_copies(gradient_context *g, lego_tensor *dy, const int64_t *shape,
                               int64_t counting) {
    const lego_ints axes = {.count = 1, .values = {counting}};
    return sum_over(g, reshape(g, dy, 4, shape), &axes);
}

static int64_t size_between(const lego_array *x, int begin, int end) {
    int64_t size = 1;
    for (int axis = begin; axis < end; axis++) {
        size *= x->shape[axis];
    }
    return size;
}

/* ---- repeat: y[a, i, b] = x[a, i / repeats, b] ---------------------------------------------- */

typedef struct repeat_attributes {
    int64_t repeats;
    int64_t axis;
} repeat_attributes;

static lego_status repeat_shape(const lego_call *call) {
    const repeat_attributes *a = call->attributes;
    int64_t axis = a->axis;
    lego_array y = *call->x[0];
    lego_status status = axis_normalize("repeat", y.rank, &axis);
    if (status == LEGO_OK) {
        status = lengthen("repeat", &y, (int)axis, a->repeats);
    }
    return status ? status : set_shape(call, &y);
}

static lego_status repeat_kernel(const lego_call *call) {
    const repeat_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int64_t counts[LEGO_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1};
    counts[axis_from_first(a->axis, x->rank)] = a->repeats;
    repeat_elements(x, counts, &call->y[0]);
    return LEGO_OK;
}

/* dx is the sum of dy over the copies of each element. */
static void repeat_gradient(gradient_context *g) {
    const repeat_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    int axis = axis_from_first(a->axis, x->rank);
    const int64_t shape[] = {size_between(x, 0, axis), x->shape[axis], a->repeats,
                             size_between(x, axis + 1, x->rank)};
    g->dx[0] = reshape_like(g, sum_copies(g, g->dy[0], shape, 2), g->x[0]);
}

/* ---- tile: y[i, j, ...] = x[i % n, j % m, ...] for x of shape (n, m, ...) -------------------- */

typedef struct tile_attributes {
    lego_ints repeats;
} tile_attributes;

static lego_status tile_shape(const lego_call *call) {
    const tile_attributes *a = call->attributes;
    lego_array y = *call->x[0];
    if (a->repeats.count != y.rank) {
        return fail(LEGO_BAD_SHAPE, "tile: a tensor of %d axes needs as many repeats, got %lld",
                    y.rank, (long long)a->repeats.count);
    }
    lego_status status = LEGO_OK;
    for (int axis = 0; axis < y.rank && !status; axis++) {
        status = lengthen("tile", &y, axis, a->repeats.values[axis]);
    }
    return status ? status : set_shape(call, &y);
}

static lego_status tile_kernel(const lego_call *call) {
    const tile_attributes *a = call->attributes;
    tile_elements(call->x[0], a->repeats.values, &call->y[0]);
    return LEGO_OK;
}

/* dx is the sum of dy over all copies: axis after axis, those before being summed already. */
static void tile_gradient(gradient_context *g) {
    const tile_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    const lego_array *y = &g->y[0]->array;
    lego_tensor *dx = g->dy[0];
    for (int axis = 0; axis < x->rank; axis++) {
        const int64_t shape[] = {size_between(x, 0, axis), a->repeats.values[axis], x->shape[axis],
                                 size_between(y, axis + 1, y->rank)};
        if (shape[1] != 1) {
            dx = sum_copies(g, dx, shape, 1);
        }
    }
    g->dx[0] = reshape_like(g, dx, g->x[0]);
}

/* ---- roll: y[(i + shift) % n, ...] = x[i, ...] for x of shape (n, ...) ----------------------- */

typedef struct roll_attributes {
    lego_ints shifts;
} roll_attributes;

static lego_status roll_shape(const lego_call *call) {
    const roll_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    if (a->shifts.count != x->rank) {
        return fail(LEGO_BAD_SHAPE, "roll: a tensor of %d axes needs as many shifts, got %lld",
                    x->rank, (long long)a->shifts.count);
    }
    return set_shape(call, x);
}

/* The shifts from 0 to n - 1 that have the same result. */
static roll_attributes short_shifts(const roll_attributes *a, const lego_array *x) {
    roll_attributes found = *a;
    for (int axis = 0; axis < x->rank; axis++) {
        int64_t n = larger(1, x->shape[axis]);
        int64_t shift = a->shifts.values[axis] % n;
        found.shifts.values[axis] = shift < 0 ? shift + n : shift;
    }
    return found;
}

static lego_status roll_kernel(const lego_call *call) {
    const roll_attributes a = short_shifts(call->attributes, call->x[0]);
    roll_elements(call->x[0], a.shifts.values, &call->y[0]);
    return LEGO_OK;
}

/* dx = dy shifted back */
static void roll_gradient(gradient_context *g) {
    roll_attributes back = short_shifts(g->attributes, &g->x[0]->array);
    for (int axis = 0; axis < LEGO_MAX_RANK; axis++) {
        back.shifts.values[axis] = -back.shifts.values[axis];
    }
    g->dx[0] = context_apply(g, "roll", g->dy, 1, &back);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick shapes_repeats_bricks[] = {
    {
        .name = "repeat",
        .formula = "y[a, i, b] = x[a, i / repeats, b]",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = repeat_shape,
        .kernel = repeat_kernel,
        .gradient = repeat_gradient,
        .attributes = {{"repeats", LEGO_INT}, {"axis", LEGO_INT}},
    },
    {
        .name = "tile",
        .formula = "y[i, j, ...] = x[i % n, j % m, ...]",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = tile_shape,
        .kernel = tile_kernel,
        .gradient = tile_gradient,
        .attributes = {{"repeats", LEGO_INTS}},
    },
    {
        .name = "roll",
        .formula = "y[(i + shift) % n, ...] = x[i, ...]",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = roll_shape,
        .kernel = roll_kernel,
        .gradient = roll_gradient,
        .attributes = {{"shifts", LEGO_INTS}},
    },
    {.name = NULL},
};
