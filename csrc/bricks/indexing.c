/* Elements by index: take, scatter_add, one_hot. */
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "../kernels/convert.h"
#include "../kernels/gather.h"
#include "../kernels/move.h"
#include "families.h"
#include "grad_ops.h"
#include "shape_rules.h"

/* ---- lists of indices ----------------------------------------------------------------------- */

/* Replaces negative indices, which count from the end; fails at the first index that is out of
 * range. */
static lego_status normalize_indices(const char *who, const lego_array *x, int axis, int64_t length,
                                     int64_t count, int64_t *indices) {
    for (int64_t i = 0; i < count; i++) {
        if (indices[i] < -length || indices[i] >= length) {
            return fail(LEGO_BAD_INDEX,
                        "%s: index %lld at position %s is outside of axis %d, whose length is %lld",
                        who, (long long)indices[i], index_text(x, i), axis, (long long)length);
        }
        indices[i] += indices[i] < 0 ? length : 0;
    }
    return LEGO_OK;
}

/* Makes a checked copy of the indices into an axis of that length; close_list() frees it. */
static lego_status open_list(const lego_call *call, const lego_array *x, int axis, int64_t length,
                             index_list *list) {
    int64_t count = array_size(x);
    int64_t *indices = memory_take(sizeof(int64_t) * (size_t)count);
    *list = (index_list){.axis = axis, .count = count, .indices = indices};
    if (!indices) {
        return LEGO_NO_MEMORY;
    }
    lego_array copy;
    array_set(&copy, LEGO_INT64, x->rank, x->shape);
    copy.data = indices;
    move_elements(x, &copy);
    return normalize_indices(call->brick->name, x, axis, length, count, indices);
}

static void close_list(index_list *list) {
    memory_give(list->indices, sizeof(int64_t) * (size_t)list->count);
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
    index_list list;
    lego_status status = open_list(call, call->x[1], axis, x->shape[axis], &list);
    if (status == LEGO_OK) {
        gather_rows(x, &list, &call->y[0]);
    }
    close_list(&list);
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
    index_list list;
    lego_status status = open_list(call, call->x[0], axis, a->size, &list);
    if (status == LEGO_OK) {
        status = scatter_rows(call->x[1], &list, &call->y[0]);
    }
    close_list(&list);
    return status;
}

/* Each update was added to one element of y: its gradient is dy there. */
static void scatter_add_gradient(gradient_context *g) {
    const scatter_add_attributes *a = g->attributes;
    take_attributes back = {.axis = axis_from_first(a->axis, g->y[0]->array.rank)};
    lego_tensor *both[] = {g->dy[0], g->x[0]};
    g->dx[1] = context_apply(g, "take", both, 2, &back);
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
        .name = "one_hot",
        .formula = "y[..., j] = 1 if x = j, else 0",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .flags = LEGO_DENSE,
        .shape = one_hot_shape,
        .kernel = one_hot_kernel,
        .gradient = zero_gradient,
        .attributes = {{"classes", LEGO_INT}, {"dtype", LEGO_INT}},
    },
    {.name = NULL},
};
