/* Views of the same memory: reshape, transpose, slice, broadcast_to; and what goes the other way
 * than slice: unslice, its adjoint, and slice_update. */
#include "../core/error.h"
#include "../core/memory.h"
#include "../kernels/move.h"
#include "../kernels/pad.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* Makes y a view of x[0] with that shape; the caller sets its strides. */
static lego_array *lay_view(const lego_call *call, int rank, const int64_t *shape) {
    array_set(&call->y[0], call->x[0]->dtype, rank, shape);
    call->views[0].is_view = true;
    return &call->y[0];
}

/* ---- reshape: the same elements in the same order ------------------------------------------- */

typedef struct reshape_attributes {
    lego_ints shape;
} reshape_attributes;

/* Replaces the first -1 by 1 and returns its axis; -1 if there is none. */
static int take_unknown(lego_ints *shape) {
    for (int axis = 0; axis < shape->count; axis++) {
        if (shape->values[axis] == -1) {
            shape->values[axis] = 1;
            return axis;
        }
    }
    return -1;
}

static int64_t size_of(const lego_ints *shape) {
    int64_t size = 1;
    for (int axis = 0; axis < shape->count; axis++) {
        size *= shape->values[axis];
    }
    return size;
}

/* Sets *shape to the requested shape, where -1 is replaced by the length that makes it hold x's
 * elements. */
static lego_status complete_shape(const lego_array *x, const lego_ints *requested,
                                  lego_ints *shape) {
    *shape = *requested;
    int rank = (int)requested->count;
    int unknown = take_unknown(shape);
    lego_status status = array_check("reshape", x->dtype, rank, shape->values);
    if (status) {
        return status;
    }
    int64_t have = array_size(x);
    int64_t known = size_of(shape);
    bool is_open = unknown >= 0 && known == 0; /* any length would do */
    if (unknown >= 0 && known > 0) {
        shape->values[unknown] = have / known;
    }
    if (is_open || size_of(shape) != have) {
        return fail(LEGO_BAD_SHAPE,
                    "reshape: the %lld elements of shape %s do not fill shape %s, which needs "
                    "%s%lld",
                    (long long)have, array_text(x), shape_text(rank, requested->values),
                    unknown < 0 ? "" : "a multiple of ", (long long)known);
    }
    return LEGO_OK;
}

/* Sets y's strides over x's memory. Returns false if no strides fit: then the elements have to be
 * copied. x's axes are merged first. Then, from the last axis on, each merged axis must be the
 * product of some adjacent axes of y. */
static bool set_strides_over(const lego_array *x, lego_array *y) {
    if (array_size(x) == 0) {
        return true;
    }
    walk_axes a = axes_broadcast(x, &x, 1);
    int64_t left = 1; /* what is left of the current axis of x */
    int64_t stride = 1;
    for (int axis = y->rank - 1; axis >= 0; axis--) {
        int64_t length = y->shape[axis];
        if (left == 1 && length > 1) {
            a.rank--;
            left = a.shape[a.rank];
            stride = a.strides[a.rank][0];
        }
        if (left % length != 0) {
            return false;
        }
        y->strides[axis] = stride;
        left /= length;
        stride *= length;
    }
    return true;
}

static lego_status reshape_shape(const lego_call *call) {
    const reshape_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    lego_array *y = &call->y[0];
    lego_ints shape;
    lego_status status = complete_shape(x, &a->shape, &shape);
    if (status) {
        return status;
    }
    array_set(y, x->dtype, (int)shape.count, shape.values);
    call->views[0].is_view = set_strides_over(x, y);
    if (!call->views[0].is_view) {
        array_set(y, x->dtype, (int)shape.count, shape.values);
    }
    return LEGO_OK;
}

/* Copies x to y's memory, in row-major order of x. */
static lego_status reshape_kernel(const lego_call *call) {
    const lego_array *x = call->x[0];
    lego_array y;
    array_set(&y, x->dtype, x->rank, x->shape);
    y.data = call->y[0].data;
    move_elements(x, &y);
    return LEGO_OK;
}

static void reshape_gradient(gradient_context *g) {
    g->dx[0] = reshape_like(g, g->dy[0], g->x[0]);
}

/* ---- transpose: y's axis i is x's axis axes[i] ---------------------------------------------- */

typedef struct transpose_attributes {
    lego_ints axes;
} transpose_attributes;

static lego_status refuse_axes(const lego_array *x, const lego_ints *axes) {
    return fail(LEGO_BAD_SHAPE,
                "transpose: axes %s must name each axis of the tensor of shape %s once",
                shape_text((int)axes->count, axes->values), array_text(x));
}

static lego_status transpose_shape(const lego_call *call) {
    const transpose_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    lego_array *y = lay_view(call, x->rank, x->shape);
    bool taken[LEGO_MAX_RANK] = {false};
    if (a->axes.count != x->rank) {
        return refuse_axes(x, &a->axes);
    }
    for (int i = 0; i < x->rank; i++) {
        int64_t axis = a->axes.values[i];
        lego_status status = axis_normalize("transpose", x->rank, &axis);
        if (status) {
            return status;
        }
        if (taken[axis]) {
            return refuse_axes(x, &a->axes);
        }
        taken[axis] = true;
        y->shape[i] = x->shape[axis];
        y->strides[i] = x->strides[axis];
    }
    return LEGO_OK;
}

/* dx = dy transposed by the inverse permutation. */
static void transpose_gradient(gradient_context *g) {
    const transpose_attributes *a = g->attributes;
    int rank = (int)a->axes.count;
    transpose_attributes inverse = {.axes.count = rank};
    for (int i = 0; i < rank; i++) {
        inverse.axes.values[axis_from_first(a->axes.values[i], rank)] = i;
    }
    g->dx[0] = context_apply(g, "transpose", g->dy, 1, &inverse);
}

/* ---- slice: y[i] = x[begin + i step] -------------------------------------------------------- */

/* A window has a begin, a length and a step per axis, and must lie inside of the shape `whole`. */
static lego_status check_axis(const char *who, const int64_t *whole, const slice_window *w,
                              int axis) {
    int64_t begin = w->begin.values[axis];
    int64_t length = w->shape.values[axis];
    int64_t step = w->step.values[axis];
    int64_t last;
    if (length < 0 || step == 0) {
        return fail(LEGO_BAD_VALUE, "%s: axis %d has the length %lld and the step %lld", who, axis,
                    (long long)length, (long long)step);
    }
    if (length == 0) {
        return LEGO_OK;
    }
    bool fits = size_multiply(length - 1, step, &last) &&
                !__builtin_add_overflow(begin, last, &last) && begin >= 0 && begin < whole[axis] &&
                last >= 0 && last < whole[axis];
    if (!fits) {
        return fail(LEGO_BAD_VALUE,
                    "%s: %lld elements from %lld in steps of %lld leave axis %d, whose length is "
                    "%lld",
                    who, (long long)length, (long long)begin, (long long)step, axis,
                    (long long)whole[axis]);
    }
    return LEGO_OK;
}

static lego_status check_window(const char *who, int rank, const int64_t *whole,
                                const slice_window *w) {
    if (w->begin.count != rank || w->shape.count != rank || w->step.count != rank) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: a tensor of %d axes needs as many begins, lengths and steps, got %lld, "
                    "%lld and %lld",
                    who, rank, (long long)w->begin.count, (long long)w->shape.count,
                    (long long)w->step.count);
    }
    lego_status status = LEGO_OK;
    for (int axis = 0; axis < rank && !status; axis++) {
        status = check_axis(who, whole, w, axis);
    }
    return status;
}

static lego_status slice_shape(const lego_call *call) {
    const slice_window *w = call->attributes;
    const lego_array *x = call->x[0];
    lego_status status = check_window("slice", x->rank, x->shape, w);
    if (status) {
        return status;
    }
    lego_array *y = lay_view(call, x->rank, w->shape.values);
    bool is_empty = array_size(y) == 0;
    for (int axis = 0; axis < x->rank && !is_empty; axis++) {
        y->strides[axis] = x->strides[axis] * w->step.values[axis];
        call->views[0].offset += x->strides[axis] * w->begin.values[axis];
    }
    return LEGO_OK;
}

typedef struct unslice_attributes {
    lego_ints shape;
    lego_ints begin;
    lego_ints step;
} unslice_attributes;

/* Elements outside of the window do not influence y: their gradient is 0. */
static void slice_gradient(gradient_context *g) {
    const slice_window *w = g->attributes;
    unslice_attributes back = {window_of(&g->x[0]->array).shape, w->begin, w->step};
    g->dx[0] = context_apply(g, "unslice", g->dy, 1, &back);
}

/* ---- unslice: y[begin + i step] = x[i], zeros elsewhere ------------------------------------- */

static lego_status unslice_shape(const lego_call *call) {
    const unslice_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int rank = (int)a->shape.count;
    slice_window w = {a->begin, window_of(x).shape, a->step};
    lego_status status = array_check("unslice", x->dtype, rank, a->shape.values);
    if (status == LEGO_OK) {
        status = check_window("unslice", rank, a->shape.values, &w);
    }
    if (status == LEGO_OK) {
        array_set(&call->y[0], x->dtype, rank, a->shape.values);
    }
    return status;
}

/* Whether a window of x's shape has no gaps. */
static bool has_unit_steps(const lego_array *x, const lego_ints *step) {
    bool is_unit = true;
    for (int axis = 0; axis < x->rank && is_unit; axis++) {
        is_unit = x->shape[axis] <= 1 || step->values[axis] == 1;
    }
    return is_unit;
}

static lego_status unslice_kernel(const lego_call *call) {
    const unslice_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    if (has_unit_steps(x, &a->step)) {
        pad_elements(x, &call->y[0], a->begin.values, 0);
    } else {
        fill_elements(&call->y[0], 0);
        move_into(x, &call->y[0], a->begin.values, a->step.values);
    }
    return LEGO_OK;
}

static void unslice_gradient(gradient_context *g) {
    const unslice_attributes *a = g->attributes;
    slice_window w = {a->begin, window_of(&g->x[0]->array).shape, a->step};
    g->dx[0] = slice(g, g->dy[0], &w);
}

/* ---- slice_update: y = x, but y[begin + i] = updates[i] -------------------------------------- */

typedef struct slice_update_attributes {
    lego_ints begin;
} slice_update_attributes;

static const int64_t unit_steps[LEGO_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1};

/* The window of the updates. */
static slice_window window_at(const lego_ints *begin, const lego_array *updates) {
    slice_window w = window_of(updates);
    w.begin = *begin;
    return w;
}

static lego_status slice_update_shape(const lego_call *call) {
    const slice_update_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    const lego_array *updates = call->x[1];
    slice_window w = window_at(&a->begin, updates);
    lego_status status = check_window("slice_update", x->rank, x->shape, &w);
    if (status) {
        return status;
    }
    if (x->dtype != updates->dtype) {
        return fail(LEGO_BAD_DTYPE, "slice_update: x is %s, the updates are %s: cast them first",
                    lego_dtype_name(x->dtype), lego_dtype_name(updates->dtype));
    }
    array_set(&call->y[0], x->dtype, x->rank, x->shape);
    return LEGO_OK;
}

static lego_status slice_update_kernel(const lego_call *call) {
    const slice_update_attributes *a = call->attributes;
    move_elements(call->x[0], &call->y[0]);
    move_into(call->x[1], &call->y[0], a->begin.values, unit_steps);
    return LEGO_OK;
}

/* Elements of x that were replaced do not influence y: their gradient is 0. */
static void slice_update_gradient(gradient_context *g) {
    const slice_update_attributes *a = g->attributes;
    if (g->wanted[0]) {
        lego_tensor *both[] = {g->dy[0], zeros_like(g, g->x[1])};
        g->dx[0] = context_apply(g, "slice_update", both, 2, a);
    }
    if (g->wanted[1]) {
        slice_window w = window_at(&a->begin, &g->x[1]->array);
        g->dx[1] = slice(g, g->dy[0], &w);
    }
}

/* ---- broadcast_to: x repeated along axes with stride 0 -------------------------------------- */

typedef struct broadcast_attributes {
    lego_ints shape;
} broadcast_attributes;

static lego_status broadcast_to_shape(const lego_call *call) {
    const broadcast_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int rank = (int)a->shape.count;
    int new_axes = rank - x->rank;
    lego_status status = array_check("broadcast_to", x->dtype, rank, a->shape.values);
    if (status) {
        return status;
    }
    bool fits = new_axes >= 0;
    lego_array *y = lay_view(call, rank, a->shape.values);
    for (int axis = 0; axis < rank && fits; axis++) {
        int own = axis - new_axes;
        bool repeats = own < 0 || x->shape[own] == 1;
        fits = repeats || x->shape[own] == y->shape[axis];
        y->strides[axis] = repeats ? 0 : x->strides[own];
    }
    if (!fits) {
        return fail(LEGO_BAD_SHAPE,
                    "broadcast_to: shape %s does not fit into %s: counted from the last axis, its "
                    "lengths must be the same or 1",
                    array_text(x), shape_text(rank, a->shape.values));
    }
    return LEGO_OK;
}

/* Each element of x is repeated in y, so dx is the sum of dy over its copies. */
static void broadcast_to_gradient(gradient_context *g) {
    lego_ints shape = window_of(&g->x[0]->array).shape;
    g->dx[0] = context_apply(g, "sum_to", g->dy, 1, &shape);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick shapes_views_bricks[] = {
    {
        .name = "reshape",
        .formula = "y = x, in row-major order",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_VIEWS | LEGO_ANY_DTYPE,
        .shape = reshape_shape,
        .kernel = reshape_kernel,
        .gradient = reshape_gradient,
        .attributes = {{"shape", LEGO_INTS}},
    },
    {
        .name = "transpose",
        .formula = "y[i[axes[0]], i[axes[1]], ...] = x[i[0], i[1], ...]",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_VIEWS | LEGO_ANY_DTYPE,
        .shape = transpose_shape,
        .kernel = view_kernel,
        .gradient = transpose_gradient,
        .attributes = {{"axes", LEGO_INTS}},
    },
    {
        .name = "slice",
        .formula = "y[i] = x[begin + i step]",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_VIEWS | LEGO_ANY_DTYPE,
        .shape = slice_shape,
        .kernel = view_kernel,
        .gradient = slice_gradient,
        .attributes = {{"begin", LEGO_INTS}, {"shape", LEGO_INTS}, {"step", LEGO_INTS}},
    },
    {
        .name = "unslice",
        .formula = "y[begin + i step] = x[i], 0 elsewhere",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = unslice_shape,
        .kernel = unslice_kernel,
        .gradient = unslice_gradient,
        .attributes = {{"shape", LEGO_INTS}, {"begin", LEGO_INTS}, {"step", LEGO_INTS}},
    },
    {
        .name = "slice_update",
        .formula = "y = x, but y[begin + i] = updates[i]",
        .inputs = 2,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = slice_update_shape,
        .kernel = slice_update_kernel,
        .gradient = slice_update_gradient,
        .attributes = {{"begin", LEGO_INTS}},
    },
    {
        .name = "broadcast_to",
        .formula = "y = x for each index of the new axes",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_VIEWS | LEGO_ANY_DTYPE,
        .shape = broadcast_to_shape,
        .kernel = view_kernel,
        .gradient = broadcast_to_gradient,
        .attributes = {{"shape", LEGO_INTS}},
    },
    {.name = NULL},
};
