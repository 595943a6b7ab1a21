/* Sorting along an axis: sort. */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sort.h"
#include "../core/threads.h"
#include "../kernels/lines.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* ---- sort: y_j = x_p, p = p_j: the first `count` numbers of each line, in order ---------------
 */

typedef struct sort_attributes {
    int64_t axis;
    int64_t descending;
    int64_t count;
} sort_attributes;

static lego_status sort_shape(const lego_call *call) {
    const sort_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int64_t axis = a->axis;
    lego_status status = axis_normalize("sort", x->rank, &axis);
    if (status) {
        return status;
    }
    if (a->count < 0 || a->count > x->shape[axis] || x->shape[axis] > INT32_MAX) {
        return fail(LEGO_BAD_SHAPE, "sort: there are no %lld numbers along axis %lld of shape %s",
                    (long long)a->count, (long long)axis, array_text(x));
    }
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    shape[axis] = a->count;
    array_set(&call->y[0], x->dtype, x->rank, shape);
    array_set(&call->y[1], LEGO_INT32, x->rank, shape);
    return LEGO_OK;
}

typedef struct sort_work {
    const lego_call *call;
    lines lines;
    size_t item_bytes; /* of what a line is sorted in */
    atomic_bool has_no_memory;
} sort_work;

/* A number of 1, 4 or 8 bytes. */
static inline void copy_number(char *to, const char *from, size_t size) {
    if (size == 4) {
        memcpy(to, from, 4);
    } else if (size == 8) {
        memcpy(to, from, 8);
    } else {
        *to = *from;
    }
}

/* Line number `line` is one of `inner` that lie side by side. */
static void sort_one(const sort_work *w, int64_t line, sort_item *items) {
    const sort_attributes *a = w->call->attributes;
    const lego_array *x = w->call->x[0];
    const lines *l = &w->lines;
    size_t size = dtype_rows[x->dtype].size;
    int64_t outer = line / l->inner, inner = line % l->inner;
    const char *numbers = (const char *)x->data + (outer * l->length * l->inner + inner) * size;
    const sort_item *sorted =
        sort_line(x->dtype, numbers, l->inner, l->length, a->descending, a->count, items);
    int64_t to = outer * a->count * l->inner + inner;
    char *y = (char *)w->call->y[0].data + to * size;
    int32_t *places = (int32_t *)w->call->y[1].data + to;
    for (int64_t i = 0; i < a->count; i++) {
        int64_t place = sorted[i].place;
        copy_number(y + i * l->inner * size, numbers + place * l->inner * size, size);
        places[i * l->inner] = sorted[i].place;
    }
}

static void sort_lines(void *work, int64_t begin, int64_t end) {
    sort_work *w = work;
    sort_item *items = memory_take(w->item_bytes);
    if (!items) {
        atomic_store(&w->has_no_memory, true);
        return;
    }
    for (int64_t line = begin; line < end; line++) {
        sort_one(w, line, items);
    }
    memory_give(items, w->item_bytes);
}

static lego_status sort_kernel(const lego_call *call) {
    const sort_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    sort_work w = {.call = call, .lines = lines_along(x, a->axis)};
    if (array_size(&call->y[0]) == 0) {
        return LEGO_OK;
    }
    w.item_bytes = sizeof(sort_item) * (size_t)sort_items(w.lines.length, a->count);
    threads_run(w.lines.outer * w.lines.inner, threads_grain(8 * w.lines.length), sort_lines, &w);
    return atomic_load(&w.has_no_memory) ? LEGO_NO_MEMORY : LEGO_OK;
}

typedef struct add_along_axis_attributes {
    int64_t axis;
    int64_t size;
} add_along_axis_attributes;

/* dy_j goes to where x was taken from; numbers that are not among the first get nothing. */
static void sort_gradient(gradient_context *g) {
    const sort_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    int axis = axis_from_first(a->axis, x->rank);
    add_along_axis_attributes back = {.axis = axis, .size = x->shape[axis]};
    lego_tensor *both[] = {g->y[1], g->dy[0]};
    g->dx[0] = context_apply(g, "add_along_axis", both, 2, &back);
}

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick sorting_bricks[] = {
    {
        .name = "sort",
        .formula = "y_j = x_p, p = p_j: x in order, and the places",
        .inputs = 1,
        .outputs = 2,
        .types = ".",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        .shape = sort_shape,
        .kernel = sort_kernel,
        .gradient = sort_gradient,
        .attributes = {{"axis", LEGO_INT}, {"descending", LEGO_INT}, {"count", LEGO_INT}},
    },
    {.name = NULL},
};
