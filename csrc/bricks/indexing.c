/* Elements by index: take, scatter_add, subtract_rows, take_along_axis, add_along_axis, one_hot. */
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "../kernels/convert.h"
#include "../kernels/gather.h"
#include "../kernels/move.h"
#include "../kernels/row_updates.h"
#include "../kernels/scatter.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* ---- indices -------------------------------------------------------------------------------- */

/* Says which index is the first that does not fit an axis of that length. */
static lego_status refuse_index(const lego_call *call, const lego_array *x, int axis,
                                int64_t length) {
    const int64_t *indices = x->data;
    for (int64_t i = 0; i < array_size(x); i++) {
        if (indices[i] < -length || indices[i] >= length) {
            return fail(LEGO_BAD_INDEX,
                        "%s: index %lld at position %s is outside of axis %d, whose length is %lld",
                        call->brick->name, (long long)indices[i], index_text(x, i), axis,
                        (long long)length);
        }
    }
    return fail(LEGO_BAD_INDEX, "%s: the indices changed while they were read", call->brick->name);
}

/* Makes *dense a row-major copy of the indices, unless they are so already; close_indices() frees
 * it. */
static lego_status open_indices(const lego_array *x, lego_array *dense) {
    *dense = *x;
    if (array_is_contiguous(x)) {
        return LEGO_OK;
    }
    array_set(dense, LEGO_INT64, x->rank, x->shape);
    dense->data = memory_take(sizeof(int64_t) * (size_t)array_size(x));
    if (!dense->data) {
        return LEGO_NO_MEMORY;
    }
    move_elements(x, dense);
    return LEGO_OK;
}

static void close_indices(const lego_array *x, const lego_array *dense) {
    if (dense->data != x->data) {
        memory_give(dense->data, sizeof(int64_t) * (size_t)array_size(x));
    }
}

/* y has the shape of x with the axes begin <= axis < end replaced by new ones; fails if there are
 * too many axes. */
static lego_status replace_axes(const lego_call *call, const lego_array *x, int begin, int end,
                                int new_rank, const int64_t *new_shape) {
    int64_t shape[2 * LEGO_MAX_RANK];
    int rank = x->rank - (end - begin) + new_rank;
    memcpy(shape, x->shape, sizeof(int64_t) * (size_t)begin);
    memcpy(shape + begin, new_shape, sizeof(int64_t) * (size_t)new_rank);
    memcpy(shape + begin + new_rank, x->shape + end, sizeof(int64_t) * (size_t)(x->rank - end));
    lego_status status = array_check(call->brick->name, x->dtype, rank, shape);
    if (status == LEGO_OK) {
        array_set(&call->y[0], x->dtype, rank, shape);
    }
    return status;
}

/* ---- take: y[a, i, b] = x[a, indices[i], b] ------------------------------------------------- */

typedef struct take_attributes {
    int64_t axis;
} take_attributes;

static lego_status take_shape(const lego_call *call) {
    const take_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    const lego_array *indices = call->x[1];
    int64_t axis = a->axis;
    lego_status status = axis_normalize("take", x->rank, &axis);
    if (status) {
        return status;
    }
    return replace_axes(call, x, (int)axis, (int)axis + 1, indices->rank, indices->shape);
}

static lego_status take_kernel(const lego_call *call) {
    const take_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int axis = axis_from_first(a->axis, x->rank);
    lego_array indices;
    bool fits;
    lego_status status = open_indices(call->x[1], &indices);
    if (status == LEGO_OK) {
        status = gather_rows(x, &indices, axis, &call->y[0], &fits);
        if (status == LEGO_OK && !fits) {
            status = refuse_index(call, &indices, axis, x->shape[axis]);
        }
        close_indices(call->x[1], &indices);
    }
    return status;
}

typedef struct scatter_add_attributes {
    int64_t axis;
    int64_t size;
} scatter_add_attributes;

/* dx at an index is the sum of dy over all elements that were taken from there. */
static void take_gradient(gradient_context *g) {
    const take_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    int axis = axis_from_first(a->axis, x->rank);
    scatter_add_attributes back = {.axis = axis, .size = x->shape[axis]};
    lego_tensor *both[] = {g->x[1], g->dy[0]};
    g->dx[0] = context_apply(g, "scatter_add", both, 2, &back);
}

/* ---- scatter_add: y[a, d, b] = sum of updates[a, i, b] where indices[i] = d ------------------ */

/* Whether the axes of updates from `axis` on are those of the indices. */
static bool fits_indices(const lego_array *updates, const lego_array *indices, int64_t axis) {
    size_t bytes = sizeof(int64_t) * (size_t)indices->rank;
    return memcmp(updates->shape + axis, indices->shape, bytes) == 0;
}

static lego_status scatter_add_shape(const lego_call *call) {
    const scatter_add_attributes *a = call->attributes;
    const lego_array *indices = call->x[0];
    const lego_array *updates = call->x[1];
    int rank = updates->rank - indices->rank + 1;
    int64_t axis = a->axis;
    if (updates->dtype == LEGO_BOOL) {
        return fail(LEGO_BAD_DTYPE,
                    "scatter_add does not work on bool: cast to a number type first");
    }
    if (rank < 1 || axis < -rank || axis >= rank ||
        !fits_indices(updates, indices, axis_from_first(axis, rank))) {
        return fail(LEGO_BAD_SHAPE,
                    "scatter_add: updates of shape %s do not have the indices' shape %s at axis "
                    "%lld of the result",
                    array_text(updates), array_text(indices), (long long)axis);
    }
    int begin = axis_from_first(axis, rank);
    return replace_axes(call, updates, begin, begin + indices->rank, 1, &a->size);
}

static lego_status scatter_add_kernel(const lego_call *call) {
    const scatter_add_attributes *a = call->attributes;
    int axis = axis_from_first(a->axis, call->y[0].rank);
    bool fits;
    lego_status status = scatter_rows(call->x[1], call->x[0], axis, &call->y[0], &fits);
    return status || fits ? status : refuse_index(call, call->x[0], axis, a->size);
}

/* Each update was added to one element of y: its gradient is dy there. */
static void scatter_add_gradient(gradient_context *g) {
    const scatter_add_attributes *a = g->attributes;
    take_attributes back = {.axis = axis_from_first(a->axis, g->y[0]->array.rank)};
    lego_tensor *both[] = {g->dy[0], g->x[0]};
    g->dx[1] = context_apply(g, "take", both, 2, &back);
}

/* ---- subtract_rows: variable := x - rate scatter_add(indices, updates) ----------------------- */

/* Programs put it in the place of these three bricks (passes/update_rows.c), where x is the
 * variable itself. Then rows without an index are not touched. */
static lego_status subtract_rows_shape(const lego_call *call) {
    const lego_array *variable = call->x[0];
    const lego_array *updates = call->x[4];
    const lego_array *indices = call->x[3];
    bool fits = array_same_shape(variable, call->x[1]) && array_size(call->x[2]) == 1 &&
                variable->rank > 0 && updates->rank == indices->rank + variable->rank - 1 &&
                fits_indices(updates, indices, 0) &&
                memcmp(updates->shape + indices->rank, variable->shape + 1,
                       sizeof(int64_t) * (size_t)(variable->rank - 1)) == 0;
    if (!fits) {
        return fail(LEGO_BAD_SHAPE,
                    "subtract_rows: updates of shape %s at indices of shape %s do not fit the rows "
                    "of %s",
                    array_text(updates), array_text(indices), array_text(variable));
    }
    for (int i = 1; i < call->input_count; i++) {
        bool is_known = dtype_is_float(variable->dtype) && !dtype_is_narrow(variable->dtype);
        if (!is_known || (i != 3 && call->x[i]->dtype != variable->dtype)) {
            return fail(LEGO_BAD_DTYPE,
                        "subtract_rows works on float32 or float64, one of the two");
        }
    }
    call->y[0] = *variable;
    call->views[0].is_view = true;
    return LEGO_OK;
}

static lego_status subtract_rows_kernel(const lego_call *call) {
    const lego_array *const *x = call->x;
    bool fits;
    lego_status status = subtract_from_rows(x[1], x[2], x[3], x[4], &call->y[0], &fits);
    return status || fits ? status : refuse_index(call, x[3], 0, call->y[0].shape[0]);
}

/* ---- take_along_axis: y[a, i, b] = x[a, indices[a, i, b], b] --------------------------------- */

static lego_status take_along_axis_shape(const lego_call *call) {
    const take_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    const lego_array *indices = call->x[1];
    int64_t axis = a->axis;
    lego_status status = axis_normalize("take_along_axis", x->rank, &axis);
    if (status) {
        return status;
    }
    bool fits = x->rank == indices->rank;
    for (int i = 0; i < x->rank && fits; i++) {
        fits = i == axis || x->shape[i] == indices->shape[i];
    }
    if (!fits) {
        return fail(LEGO_BAD_SHAPE,
                    "take_along_axis: x of shape %s and indices of shape %s may differ along axis "
                    "%lld only",
                    array_text(x), array_text(indices), (long long)axis);
    }
    array_set(&call->y[0], x->dtype, indices->rank, indices->shape);
    return LEGO_OK;
}

static lego_status take_along_axis_kernel(const lego_call *call) {
    const take_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int axis = axis_from_first(a->axis, x->rank);
    if (gather_along(x, call->x[1], axis, &call->y[0])) {
        return LEGO_OK;
    }
    lego_array indices; /* in the order in which they are looked through */
    lego_status status = open_indices(call->x[1], &indices);
    if (status == LEGO_OK) {
        status = refuse_index(call, &indices, axis, x->shape[axis]);
        close_indices(call->x[1], &indices);
    }
    return status;
}

/* dx at an index is the sum of dy over all elements that were taken from there. */
static void take_along_axis_gradient(gradient_context *g) {
    const take_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    int axis = axis_from_first(a->axis, x->rank);
    scatter_add_attributes back = {.axis = axis, .size = x->shape[axis]};
    lego_tensor *both[] = {g->x[1], g->dy[0]};
    g->dx[0] = context_apply(g, "add_along_axis", both, 2, &back);
}

/* ---- add_along_axis: y[a, d, b] = sum of updates[a, i, b] where indices[a, i, b] = d --------- */

static lego_status add_along_axis_shape(const lego_call *call) {
    const scatter_add_attributes *a = call->attributes;
    const lego_array *indices = call->x[0];
    const lego_array *updates = call->x[1];
    int64_t axis = a->axis;
    if (updates->dtype == LEGO_BOOL) {
        return fail(LEGO_BAD_DTYPE,
                    "add_along_axis does not work on bool: cast to a number type first");
    }
    lego_status status = axis_normalize("add_along_axis", updates->rank, &axis);
    if (status) {
        return status;
    }
    if (!array_same_shape(indices, updates)) {
        return fail(LEGO_BAD_SHAPE,
                    "add_along_axis: updates of shape %s do not have the indices' shape %s",
                    array_text(updates), array_text(indices));
    }
    return replace_axes(call, updates, (int)axis, (int)axis + 1, 1, &a->size);
}

static lego_status add_along_axis_kernel(const lego_call *call) {
    const scatter_add_attributes *a = call->attributes;
    int axis = axis_from_first(a->axis, call->y[0].rank);
    bool fits;
    lego_status status = scatter_along(call->x[1], call->x[0], axis, &call->y[0], &fits);
    return status || fits ? status : refuse_index(call, call->x[0], axis, a->size);
}

/* Each update was added to one element of y: its gradient is dy there. */
static void add_along_axis_gradient(gradient_context *g) {
    const scatter_add_attributes *a = g->attributes;
    take_attributes back = {.axis = a->axis};
    lego_tensor *both[] = {g->dy[0], g->x[0]};
    g->dx[1] = context_apply(g, "take_along_axis", both, 2, &back);
}

/* ---- one_hot: y[..., j] = 1 where the label is j, else 0 ------------------------------------- */

typedef struct one_hot_attributes {
    int64_t classes;
    int64_t dtype;
} one_hot_attributes;

static lego_status one_hot_shape(const lego_call *call) {
    const one_hot_attributes *a = call->attributes;
    lego_array labels = *call->x[0];
    if (!dtype_is_valid(a->dtype)) {
        return fail(LEGO_BAD_DTYPE, "one_hot: %lld is not a dtype", (long long)a->dtype);
    }
    labels.dtype = (lego_dtype)a->dtype;
    return replace_axes(call, &labels, labels.rank, labels.rank, 1, &a->classes);
}

typedef struct one_hot_work {
    const int64_t *labels;
    int64_t classes;
    size_t bytes;
    char one[sizeof(int64_t)];
    char *y;
} one_hot_work;

static void one_hot_range(void *context, int64_t begin, int64_t end) {
    const one_hot_work *work = context;
    size_t row_bytes = (size_t)work->classes * work->bytes;
    memset(work->y + (size_t)begin * row_bytes, 0, (size_t)(end - begin) * row_bytes);
    for (int64_t i = begin; i < end; i++) {
        int64_t label = work->labels[i];
        if (label >= 0 && label < work->classes) {
            memcpy(work->y + (size_t)i * row_bytes + (size_t)label * work->bytes, work->one,
                   work->bytes);
        }
    }
}

static lego_status one_hot_kernel(const lego_call *call) {
    const one_hot_attributes *a = call->attributes;
    const lego_array *y = &call->y[0];
    one_hot_work work = {
        .labels = call->x[0]->data,
        .classes = a->classes,
        .bytes = lego_dtype_size(y->dtype),
        .y = y->data,
    };
    const double one = 1;
    const void *inputs[] = {&one};
    const int64_t steps[] = {1};
    convert_loop(LEGO_FLOAT64, y->dtype)(1, inputs, steps, work.one);
    int64_t labels = a->classes ? array_size(call->x[0]) : 0;
    threads_run(labels, threads_grain(a->classes), one_hot_range, &work);
    return LEGO_OK;
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick indexing_bricks[] = {
    {
        .name = "take",
        .formula = "y[a, i, b] = x[a, indices[i], b]",
        .inputs = 2,
        .outputs = 1,
        .types = ".i",
        .uses = ".n.",
        .flags = LEGO_ANY_DTYPE,
        .shape = take_shape,
        .kernel = take_kernel,
        .gradient = take_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {
        .name = "scatter_add",
        .formula = "y[a, d, b] = sum(updates[a, i, b] where indices[i] = d)",
        .inputs = 2,
        .outputs = 1,
        .types = "i.",
        .uses = "n.",
        .flags = LEGO_DENSE,
        .shape = scatter_add_shape,
        .kernel = scatter_add_kernel,
        .gradient = scatter_add_gradient,
        .attributes = {{"axis", LEGO_INT}, {"size", LEGO_INT}},
    },
    {
        .name = "subtract_rows",
        .formula = "variable[d, b] := x[d, b] - rate sum(updates[i, b] where indices[i] = d)",
        .inputs = 5,
        .outputs = 1,
        .types = "...i.",
        .flags = LEGO_WRITES | LEGO_DENSE,
        .shape = subtract_rows_shape,
        .kernel = subtract_rows_kernel,
        .gradient = no_gradient,
    },
    {
        .name = "take_along_axis",
        .formula = "y[a, i, b] = x[a, indices[a, i, b], b]",
        .inputs = 2,
        .outputs = 1,
        .types = ".i",
        .uses = ".n.",
        .flags = LEGO_ANY_DTYPE,
        .shape = take_along_axis_shape,
        .kernel = take_along_axis_kernel,
        .gradient = take_along_axis_gradient,
        .attributes = {{"axis", LEGO_INT}},
    },
    {
        .name = "add_along_axis",
        .formula = "y[a, d, b] = sum(updates[a, i, b] where indices[a, i, b] = d)",
        .inputs = 2,
        .outputs = 1,
        .types = "i.",
        .uses = "n.",
        .flags = LEGO_DENSE,
        .shape = add_along_axis_shape,
        .kernel = add_along_axis_kernel,
        .gradient = add_along_axis_gradient,
        .attributes = {{"axis", LEGO_INT}, {"size", LEGO_INT}},
    },
    {
        .name = "one_hot",
        .formula = "y[..., j] = 1 if x = j, else 0",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .flags = LEGO_DENSE | LEGO_ANY_DTYPE,
        .shape = one_hot_shape,
        .kernel = one_hot_kernel,
        .gradient = zero_gradient,
        .attributes = {{"classes", LEGO_INT}, {"dtype", LEGO_INT}},
    },
    {.name = NULL},
};
