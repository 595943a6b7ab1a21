/* Gather: rows or elements of x, copied from where indices point. */
#ifndef NAME
#include "gather.h"

#include <stdatomic.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "indices.h"
#include "move.h"

#define TEMPLATE "gather.c"
#include "per_size.h"

/* ---- rows ----------------------------------------------------------------------------------- */

typedef struct gather_work {
    const int64_t *indices;
    bool is_checked; /* else they are read and checked block by block */
    int64_t count;
    int64_t length;      /* of x's axis that they point into */
    int64_t block;       /* how many of them are an item */
    int64_t outer_count; /* indices before that axis */
    walk_axes outer;     /* of x, before that axis */
    walk_axes row;       /* of x and y, after it */
    int64_t row_size;
    size_t bytes; /* of an element */
    const char *x;
    int64_t x_step; /* from row to row, in bytes */
    char *y;
    atomic_bool misses; /* whether an index did not fit */
} gather_work;

/* Whether the elements of a row lie side by side. */
static bool are_rows_dense(const gather_work *w) {
    return w->row_size == 1 || (w->row.rank == 1 && w->row.strides[0][0] == 1);
}

/* Copies the rows at n indices, for one outer index. Rows lie anywhere, so those that follow are
 * fetched ahead. */
static void gather_block(const gather_work *w, const int64_t *indices, int64_t n, const char *x,
                         char *y) {
    enum { AHEAD = 6 };
    size_t row_bytes = (size_t)w->row_size * w->bytes;
    if (!are_rows_dense(w)) {
        for (int64_t i = 0; i < n; i++) {
            move_walked(&w->row, w->bytes, x + indices[i] * w->x_step, y + (size_t)i * row_bytes, 0,
                        w->row_size);
        }
    } else if (w->row_size == 1) {
        OF_SIZE(pick, w->bytes)(n, indices, x, w->x_step / (int64_t)w->bytes, 0, y);
    } else {
        for (int64_t i = 0; i < n; i++) {
            const char *ahead = x + indices[smaller(i + AHEAD, n - 1)] * w->x_step;
            __builtin_prefetch(ahead);
            __builtin_prefetch(ahead + row_bytes - 1);
            copy_short(y + (size_t)i * row_bytes, x + indices[i] * w->x_step, row_bytes);
        }
    }
}

/* An item is a block of indices, for one outer index. */
static void gather_range(void *context, int64_t begin, int64_t end) {
    gather_work *w = context;
    const int64_t blocks = divide_up(w->count, w->block);
    int64_t copies[MOST_INDICES];
    for (int64_t item = begin; item < end; item++) {
        int64_t outer = item / blocks;
        int64_t first = item % blocks * w->block;
        int64_t n = smaller(w->block, w->count - first);
        const int64_t *indices = w->indices + first;
        if (!w->is_checked) {
            if (!indices_read(n, indices, 1, w->length, copies)) {
                atomic_store(&w->misses, true);
                return;
            }
            indices = copies;
        }
        gather_block(w, indices, n, w->x + axes_offset(&w->outer, outer) * (int64_t)w->bytes,
                     w->y + (outer * w->count + first) * w->row_size * (int64_t)w->bytes);
    }
}

/* Where the indices are used for many outer ones, all are read and checked before. */
static lego_status gather_often(gather_work *w) {
    const size_t bytes = sizeof(int64_t) * (size_t)w->count;
    int64_t *copies = memory_take(bytes);
    if (!copies) {
        return LEGO_NO_MEMORY;
    }
    bool fits = indices_read(w->count, w->indices, 1, w->length, copies);
    atomic_store(&w->misses, !fits);
    if (fits && w->row_size > 0 && w->count > 0) {
        w->indices = copies;
        w->is_checked = true;
        threads_run(divide_up(w->count, w->block) * w->outer_count,
                    threads_grain(smaller(w->block, w->count) * w->row_size), gather_range, w);
    }
    memory_give(copies, bytes);
    return LEGO_OK;
}

/* x with the axes begin <= axis < end only. */
static lego_array some_axes(const lego_array *x, int begin, int end) {
    lego_array y = {.dtype = x->dtype, .rank = end - begin};
    memcpy(y.shape, x->shape + begin, sizeof(int64_t) * (size_t)y.rank);
    memcpy(y.strides, x->strides + begin, sizeof(int64_t) * (size_t)y.rank);
    return y;
}

static gather_work work_of(const lego_array *x, const lego_array *indices, int axis,
                           const lego_array *y) {
    const lego_array outer = some_axes(x, 0, axis);
    const lego_array x_row = some_axes(x, axis + 1, x->rank);
    const int64_t row_size = array_size(&x_row);
    lego_array y_row;
    array_set(&y_row, x->dtype, x_row.rank, x_row.shape);
    const lego_array *outers[] = {&outer};
    const lego_array *rows[] = {&x_row, &y_row};
    return (gather_work){
        .indices = indices->data,
        .count = array_size(indices),
        .length = x->shape[axis],
        .block = smaller(MOST_INDICES, threads_grain(row_size)),
        .outer_count = array_size(&outer),
        .outer = axes_broadcast(&outer, outers, 1),
        .row = axes_broadcast(&x_row, rows, 2),
        .row_size = row_size,
        .bytes = lego_dtype_size(x->dtype),
        .x = x->data,
        .x_step = x->strides[axis] * (int64_t)lego_dtype_size(x->dtype),
        .y = y->data,
    };
}

static lego_status gather(gather_work *w) {
    if (w->outer_count != 1 || w->row_size == 0) {
        return gather_often(w);
    }
    threads_run(divide_up(w->count, w->block), threads_grain(w->block * w->row_size), gather_range,
                w);
    return LEGO_OK;
}

/* Where rows are scattered they are walked element by element. A copy of all of x, row by row,
 * costs less than that, if most rows are taken, or some of them several times. */
static lego_status gather_from_copy(const lego_array *x, gather_work *w, const lego_array *indices,
                                    int axis, const lego_array *y) {
    lego_array copy;
    array_set(&copy, x->dtype, x->rank, x->shape);
    const size_t bytes = (size_t)array_size(x) * w->bytes;
    copy.data = memory_take(bytes);
    if (!copy.data) {
        return LEGO_NO_MEMORY;
    }
    move_elements(x, &copy);
    *w = work_of(&copy, indices, axis, y);
    const lego_status status = gather(w);
    memory_give(copy.data, bytes);
    return status;
}

lego_status gather_rows(const lego_array *x, const lego_array *indices, int axis,
                        const lego_array *y, bool *fits) {
    gather_work w = work_of(x, indices, axis, y);
    const bool is_any = array_size(y) > 0 && w.length > 0;
    const bool is_copied = is_any && !are_rows_dense(&w) && w.count >= w.length / 2;
    const lego_status status = is_copied ? gather_from_copy(x, &w, indices, axis, y) : gather(&w);
    *fits = !atomic_load(&w.misses);
    return status;
}

/* ---- elements along an axis ------------------------------------------------------------------ */

enum { INDICES, SOURCE }; /* the arrays of a walk in the order of y */

typedef struct along_work {
    walk_axes axes; /* x stands still along the axis of the indices */
    size_t bytes;
    int64_t length; /* of x's axis */
    int64_t x_step; /* along it, in elements */
    const int64_t *indices;
    const char *x;
    char *y;
    atomic_bool misses;
} along_work;

static void along_range(void *context, int64_t begin, int64_t end) {
    along_work *w = context;
    const int64_t *steps = w->axes.strides[w->axes.rank - 1];
    const int64_t bytes = (int64_t)w->bytes;
    int64_t indices[MOST_INDICES];
    walk_position at = axes_at(&w->axes, begin);
    while (begin < end) {
        const int64_t n = axes_in_row(&w->axes, &at, end - begin);
        for (int64_t i = 0; i < n; i += MOST_INDICES) {
            const int64_t part = smaller(MOST_INDICES, n - i);
            const int64_t *from = w->indices + at.offsets[INDICES] + i * steps[INDICES];
            if (!indices_read(part, from, steps[INDICES], w->length, indices)) {
                atomic_store(&w->misses, true);
                return;
            }
            const int64_t x = at.offsets[SOURCE] + i * steps[SOURCE];
            OF_SIZE(pick, bytes)(part, indices, w->x + x * bytes, w->x_step, steps[SOURCE],
                                 w->y + (begin + i) * bytes);
        }
        begin += n;
        axes_next_row(&w->axes, &at);
    }
}

bool gather_along(const lego_array *x, const lego_array *indices, int axis, const lego_array *y) {
    lego_array lines = *x; /* with y's shape */
    lines.shape[axis] = y->shape[axis];
    lines.strides[axis] = 0;
    const lego_array *both[] = {indices, &lines};
    along_work w = {
        .axes = axes_broadcast(y, both, 2),
        .bytes = lego_dtype_size(x->dtype),
        .length = x->shape[axis],
        .x_step = x->strides[axis],
        .indices = indices->data,
        .x = x->data,
        .y = y->data,
    };
    threads_run_evenly(array_size(y), along_range, &w);
    return !atomic_load(&w.misses);
}

#else /* the template, for elements of one size */

/* y[i] = x[indices[i]] for n elements. Four words are one store; wider elements gain nothing. */
static inline void NAME(pick_adjacent)(int64_t n, const int64_t *indices, const ELEMENT *restrict x,
                                       ELEMENT *restrict y) {
    int64_t i = 0;
    for (; BYTES == 4 && i + 4 <= n; i += 4) {
        const ELEMENT a = x[indices[i]];
        const ELEMENT b = x[indices[i + 1]];
        const ELEMENT c = x[indices[i + 2]];
        const ELEMENT d = x[indices[i + 3]];
        y[i] = a;
        y[i + 1] = b;
        y[i + 2] = c;
        y[i + 3] = d;
    }
    for (; i < n; i++) {
        y[i] = x[indices[i]];
    }
}

/* y[i] = x[indices[i] * step + i * along] for n elements. */
static void NAME(pick)(int64_t n, const int64_t *indices, const char *from, int64_t step,
                       int64_t along, char *to) {
    const ELEMENT *restrict x = (const ELEMENT *)from;
    ELEMENT *restrict y = (ELEMENT *)to;
    if (step == 1 && along == 0) {
        NAME(pick_adjacent)(n, indices, x, y);
    } else {
        for (int64_t i = 0; i < n; i++) {
            y[i] = x[indices[i] * step + i * along];
        }
    }
}

#endif
