/* Tensors joined and split: concatenate, stack, split, pad. */
#include "../core/error.h"
#include "../core/memory.h"
#include "../kernels/join.h"
#include "../kernels/pad.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

typedef struct axis_attributes {
    int64_t axis;
} axis_attributes;

/* ---- concatenate: inputs one after another along an axis ----------------------------------- */

static bool fits_along(const lego_array *a, const lego_array *b, int64_t axis) {
    bool fits = a->rank == b->rank;
    for (int i = 0; i < a->rank && fits; i++) {
        fits = i == axis || a->shape[i] == b->shape[i];
    }
    return fits;
}

static lego_status concatenate_shape(const lego_call *call) {
    const axis_attributes *a = call->attributes;
    const lego_array *first = call->x[0];
    lego_array *y = &call->y[0];
    int64_t axis = a->axis;
    lego_status status = axis_normalize("concatenate", first->rank, &axis);
    if (status) {
        return status;
    }
    array_set(y, first->dtype, first->rank, first->shape);
    for (int i = 1; i < call->input_count; i++) {
        const lego_array *x = call->x[i];
        if (!fits_along(first, x, axis)) {
            return fail(LEGO_BAD_SHAPE,
                        "concatenate: input %d has shape %s, input 0 has shape %s: they may differ "
                        "along axis %lld only",
                        i, array_text(x), array_text(first), (long long)axis);
        }
        if (__builtin_add_overflow(y->shape[axis], x->shape[axis], &y->shape[axis])) {
            return fail(LEGO_NO_MEMORY, "concatenate: the sum of lengths overflows 64 bits");
        }
    }
    lego_array whole = *y;
    array_set(y, whole.dtype, whole.rank, whole.shape);
    return LEGO_OK;
}

static lego_status concatenate_kernel(const lego_call *call) {
    const axis_attributes *a = call->attributes;
    join_elements(call->x, call->input_count, axis_from_first(a->axis, call->y[0].rank),
                  &call->y[0]);
    return LEGO_OK;
}

/* The gradient of each input is its slice of dy. */
static void concatenate_gradient(gradient_context *g) {
    const axis_attributes *a = g->attributes;
    int axis = axis_from_first(a->axis, g->x[0]->array.rank);
    int64_t begin = 0;
    for (int i = 0; i < g->input_count; i++) {
        slice_window part = window_of(&g->x[i]->array);
        part.begin.values[axis] = begin;
        if (g->wanted[i]) {
            g->dx[i] = slice(g, g->dy[0], &part);
        }
        begin += part.shape.values[axis];
    }
}

/* ---- stack: inputs one after another along a new axis --------------------------------------- */

static lego_status stack_shape(const lego_call *call) {
    const axis_attributes *a = call->attributes;
    const lego_array *first = call->x[0];
    int64_t axis = a->axis;
    if (first->rank == LEGO_MAX_RANK) {
        return fail(LEGO_BAD_SHAPE, "stack: shape %s has no room for one more axis: %d is the most",
                    array_text(first), LEGO_MAX_RANK);
    }
    lego_status status = axis_normalize("stack", first->rank + 1, &axis);
    if (status) {
        return status;
    }
    for (int i = 1; i < call->input_count; i++) {
        if (!array_same_shape(first, call->x[i])) {
            return fail(LEGO_BAD_SHAPE,
                        "stack: input %d has shape %s, input 0 has shape %s: they must be the same",
                        i, array_text(call->x[i]), array_text(first));
        }
    }
    lego_array y = with_axis(first, (int)axis, call->input_count);
    array_set(&call->y[0], y.dtype, y.rank, y.shape);
    return LEGO_OK;
}

static lego_status stack_kernel(const lego_call *call) {
    const axis_attributes *a = call->attributes;
    stack_elements(call->x, call->input_count, axis_from_first(a->axis, call->y[0].rank),
                   &call->y[0]);
    return LEGO_OK;
}

static void stack_gradient(gradient_context *g) {
    const axis_attributes *a = g->attributes;
    int axis = axis_from_first(a->axis, g->x[0]->array.rank + 1);
    for (int i = 0; i < g->input_count; i++) {
        if (g->wanted[i]) {
            lego_array layer = with_axis(&g->x[i]->array, axis, 1);
            slice_window part = window_of(&layer);
            part.begin.values[axis] = i;
            g->dx[i] = reshape_like(g, slice(g, g->dy[0], &part), g->x[i]);
        }
    }
}

/* ---- split: equal parts along an axis ------------------------------------------------------- */

typedef struct split_attributes {
    int64_t sections;
    int64_t axis;
} split_attributes;

static lego_status split_shape(const lego_call *call) {
    const split_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int64_t axis = a->axis;
    lego_status status = axis_normalize("split", x->rank, &axis);
    if (status) {
        return status;
    }
    if (x->shape[axis] % a->sections != 0) {
        return fail(LEGO_BAD_SHAPE,
                    "split: axis %lld of shape %s does not divide into %lld equal parts",
                    (long long)axis, array_text(x), (long long)a->sections);
    }
    lego_array part = *x;
    part.shape[axis] = x->shape[axis] / a->sections;
    for (int i = 0; i < call->output_count; i++) {
        call->y[i] = part;
        call->views[i].is_view = true;
        call->views[i].offset = i * part.shape[axis] * x->strides[axis];
    }
    return LEGO_OK;
}

/* dx = the gradients of the parts concatenated, with zeros for parts without a gradient. */
static void split_gradient(gradient_context *g) {
    const split_attributes *a = g->attributes;
    size_t bytes = sizeof(lego_tensor *) * (size_t)g->output_count;
    lego_tensor **parts = memory_take(bytes);
    lego_tensor *zeros = NULL;
    if (!parts) {
        g->status = LEGO_NO_MEMORY;
        return;
    }
    for (int i = 0; i < g->output_count; i++) {
        if (!g->dy[i] && !zeros) {
            zeros = zeros_like(g, g->y[i]);
        }
        parts[i] = g->dy[i] ? g->dy[i] : zeros;
    }
    g->dx[0] = context_apply(g, "concatenate", parts, g->output_count, &a->axis);
    memory_give(parts, bytes);
}

/* ---- pad: a value before and after each axis ------------------------------------------------ */

typedef struct pad_attributes {
    lego_ints before;
    lego_ints after;
    double value;
} pad_attributes;

static lego_status pad_axis(const pad_attributes *a, int axis, int64_t *length) {
    int64_t before = a->before.values[axis];
    int64_t after = a->after.values[axis];
    if (before < 0 || after < 0) {
        return fail(LEGO_BAD_VALUE, "pad: axis %d cannot grow by %lld before and %lld after it",
                    axis, (long long)before, (long long)after);
    }
    if (__builtin_add_overflow(*length, before, length) ||
        __builtin_add_overflow(*length, after, length)) {
        return fail(LEGO_NO_MEMORY, "pad: the length of axis %d overflows 64 bits", axis);
    }
    return LEGO_OK;
}

static lego_status pad_shape(const lego_call *call) {
    const pad_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    if (a->before.count != x->rank || a->after.count != x->rank) {
        return fail(LEGO_BAD_SHAPE,
                    "pad: a tensor of %d axes needs as many lengths before and after, got %lld and "
                    "%lld",
                    x->rank, (long long)a->before.count, (long long)a->after.count);
    }
    lego_array y = *x;
    lego_status status = LEGO_OK;
    for (int axis = 0; axis < x->rank && !status; axis++) {
        status = pad_axis(a, axis, &y.shape[axis]);
    }
    array_set(&call->y[0], y.dtype, y.rank, y.shape);
    return status;
}

static lego_status pad_kernel(const lego_call *call) {
    const pad_attributes *a = call->attributes;
    pad_elements(call->x[0], &call->y[0], a->before.values, a->value);
    return LEGO_OK;
}

static void pad_gradient(gradient_context *g) {
    const pad_attributes *a = g->attributes;
    slice_window inside = window_of(&g->x[0]->array);
    inside.begin = a->before;
    g->dx[0] = slice(g, g->dy[0], &inside);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick shapes_joins_bricks[] = {
    {
        .name = "concatenate",
        .formula = "y = [x[0], x[1], ...] along axis",
        .inputs = -1,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_ANY_DTYPE,
        .shape = concatenate_shape,
        .kernel = concatenate_kernel,
        .gradient = concatenate_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {
        .name = "stack",
        .formula = "y[..., i, ...] = x[i], with i along the new axis",
        .inputs = -1,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_ANY_DTYPE,
        .shape = stack_shape,
        .kernel = stack_kernel,
        .gradient = stack_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {
        .name = "split",
        .formula = "[y[0], y[1], ...] = x along axis",
        .inputs = 1,
        .outputs = -1,
        .types = ".",
        .flags = LEGO_VIEWS | LEGO_ANY_DTYPE,
        .shape = split_shape,
        .kernel = view_kernel,
        .gradient = split_gradient,
        .attributes = {{"sections", LEGO_INT}, {"axis", LEGO_INT}},
    },
    {
        .name = "pad",
        .formula = "y[before + i] = x[i], value elsewhere",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = pad_shape,
        .kernel = pad_kernel,
        .gradient = pad_gradient,
        .attributes = {{"before", LEGO_INTS}, {"after", LEGO_INTS}, {"value", LEGO_FLOAT}},
    },
    {.name = NULL},
};
