/* Gather and scatter: rows copied from the indices of a list, and rows added at the indices of a
 * list. */
#include "gather.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "move.h"

static int64_t product(const int64_t *shape, int begin, int end) {
    int64_t size = 1;
    for (int axis = begin; axis < end; axis++) {
        size *= shape[axis];
    }
    return size;
}

/* ---- gather: one row of x for each row of y ------------------------------------------------- */

typedef struct gather_work {
    const index_list *list;
    walk_axes outer; /* of x, before the axis of the indices */
    walk_axes row;   /* of x and y, after it */
    int64_t row_size;
    size_t bytes; /* of an element */
    const char *x;
    int64_t x_step; /* from row to row, in bytes */
    char *y;
} gather_work;

/* y[i] = x[indices[i]] for dense rows; inlined with `bytes` as a constant. */
static inline void pick(int64_t n, const int64_t *indices, const char *x, int64_t step, char *y,
                        size_t bytes) {
    for (int64_t i = 0; i < n; i++) {
        memcpy(y + (size_t)i * bytes, x + indices[i] * step, bytes);
    }
}

/* Copies the rows at n indices, for one outer index. */
static void gather_run(const gather_work *w, const int64_t *indices, int64_t n, const char *x,
                       char *y) {
    size_t row_bytes = (size_t)w->row_size * w->bytes;
    bool is_dense = w->row.rank == 1 && w->row.strides[0][0] == 1;
    if (!is_dense) {
        for (int64_t i = 0; i < n; i++) {
            move_walked(&w->row, w->bytes, x + indices[i] * w->x_step, y + (size_t)i * row_bytes, 0,
                        w->row_size);
        }
    } else if (row_bytes == 1) {
        pick(n, indices, x, w->x_step, y, 1);
    } else if (row_bytes == 4) {
        pick(n, indices, x, w->x_step, y, 4);
    } else if (row_bytes == 8) {
        pick(n, indices, x, w->x_step, y, 8);
    } else {
        pick(n, indices, x, w->x_step, y, row_bytes);
    }
}

/* Rows are counted in the order of y: row = outer index * number of indices + i. */
static void gather_range(void *context, int64_t begin, int64_t end) {
    const gather_work *w = context;
    const index_list *list = w->list;
    while (begin < end) {
        int64_t i = begin % list->count;
        int64_t n = smaller(end - begin, list->count - i);
        int64_t offset = axes_offset(&w->outer, begin / list->count);
        gather_run(w, list->indices + i, n, w->x + offset * (int64_t)w->bytes,
                   w->y + begin * w->row_size * (int64_t)w->bytes);
        begin += n;
    }
}

/* x with the axes begin <= axis < end only. */
static lego_array some_axes(const lego_array *x, int begin, int end) {
    lego_array y = {.dtype = x->dtype, .rank = end - begin};
    memcpy(y.shape, x->shape + begin, sizeof(int64_t) * (size_t)y.rank);
    memcpy(y.strides, x->strides + begin, sizeof(int64_t) * (size_t)y.rank);
    return y;
}

void gather_rows(const lego_array *x, const index_list *list, const lego_array *y) {
    if (array_size(y) == 0) {
        return;
    }
    lego_array outer = some_axes(x, 0, list->axis);
    lego_array x_row = some_axes(x, list->axis + 1, x->rank);
    lego_array y_row;
    array_set(&y_row, x->dtype, x_row.rank, x_row.shape);
    const lego_array *outers[] = {&outer};
    const lego_array *rows[] = {&x_row, &y_row};
    gather_work work = {
        .list = list,
        .outer = axes_broadcast(&outer, outers, 1),
        .row = axes_broadcast(&x_row, rows, 2),
        .row_size = array_size(&x_row),
        .bytes = lego_dtype_size(x->dtype),
        .x = x->data,
        .x_step = x->strides[list->axis] * (int64_t)lego_dtype_size(x->dtype),
        .y = y->data,
    };
    threads_run(array_size(&outer) * list->count, threads_grain(work.row_size), gather_range,
                &work);
}

/* ---- scatter: each row of y is a sum of rows of x -------------------------------------------- */

/* Each row of y is computed by one thread, which adds the rows of x with that index in order. So no
 * two threads write to one row, and the bits do not depend on the number of threads. */

enum { SUMS = 64 }; /* columns that are summed at once, on the stack */

/* y[j] = sum over k < count of x[order[k] * row_size + j], for 0 <= j < width. */
typedef void sum_loop(const int64_t *order, int64_t count, const void *x, int64_t row_size,
                      int64_t width, void *y);

/* SUM_LOOP(sum_float32, float, double) makes the sum_loop for float32 that sums in double. */
#define SUM_LOOP(name, type, total)                                                                \
    static void name(const int64_t *order, int64_t count, const void *input, int64_t row_size,     \
                     int64_t width, void *output) {                                                \
        const type *xs = input;                                                                    \
        type *ys = output;                                                                         \
        total sums[SUMS];                                                                          \
        for (int64_t j = 0; j < width; j++) {                                                      \
            sums[j] = 0;                                                                           \
        }                                                                                          \
        for (int64_t k = 0; k < count; k++) {                                                      \
            const type *row = xs + order[k] * row_size;                                            \
            for (int64_t j = 0; j < width; j++) {                                                  \
                sums[j] += row[j];                                                                 \
            }                                                                                      \
        }                                                                                          \
        for (int64_t j = 0; j < width; j++) {                                                      \
            ys[j] = (type)sums[j];                                                                 \
        }                                                                                          \
    }

SUM_LOOP(sum_uint8, uint8_t, uint64_t)
SUM_LOOP(sum_int32, int32_t, uint64_t)
SUM_LOOP(sum_int64, int64_t, uint64_t)
SUM_LOOP(sum_float32, float, double)
SUM_LOOP(sum_float64, double, double)

static sum_loop *const sum_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = sum_uint8,     [LEGO_INT32] = sum_int32,     [LEGO_INT64] = sum_int64,
    [LEGO_FLOAT32] = sum_float32, [LEGO_FLOAT64] = sum_float64,
};

typedef struct scatter_work {
    sum_loop *sum;
    int64_t size;     /* rows of y per outer index */
    int64_t count;    /* rows of x per outer index */
    int64_t row_size; /* in elements */
    int64_t row_bytes;
    int64_t *ends;  /* ends[d] = end of row d's group in `order` */
    int64_t *order; /* indices of x's rows, grouped by row of y, ascending in each group */
    const char *x;
    char *y;
} scatter_work;

/* Counting sort of x's rows by their index in y. */
static void sort_rows(const scatter_work *work, const int64_t *indices) {
    memset(work->ends, 0, sizeof(int64_t) * (size_t)work->size);
    for (int64_t i = 0; i < work->count; i++) {
        work->ends[indices[i]]++;
    }
    int64_t begin = 0;
    for (int64_t d = 0; d < work->size; d++) {
        int64_t rows = work->ends[d];
        work->ends[d] = begin; /* advances to the end of the group as rows are placed */
        begin += rows;
    }
    for (int64_t i = 0; i < work->count; i++) {
        work->order[work->ends[indices[i]]++] = i;
    }
}

static void scatter_range(void *context, int64_t begin, int64_t end) {
    const scatter_work *work = context;
    int64_t bytes = work->row_bytes / work->row_size;
    for (int64_t row = begin; row < end; row++) {
        int64_t d = row % work->size;
        int64_t first = d > 0 ? work->ends[d - 1] : 0;
        const char *x = work->x + row / work->size * work->count * work->row_bytes;
        char *y = work->y + row * work->row_bytes;
        for (int64_t column = 0; column < work->row_size; column += SUMS) {
            int64_t left = work->row_size - column;
            work->sum(work->order + first, work->ends[d] - first, x + column * bytes,
                      work->row_size, smaller(SUMS, left), y + column * bytes);
        }
    }
}

lego_status scatter_rows(const lego_array *x, const index_list *list, const lego_array *y) {
    int64_t rows = product(y->shape, 0, list->axis + 1);
    scatter_work work = {
        .sum = sum_loops[y->dtype],
        .size = y->shape[list->axis],
        .count = list->count,
        .row_size = product(y->shape, list->axis + 1, y->rank),
        .x = x->data,
        .y = y->data,
    };
    if (array_size(y) == 0) {
        return LEGO_OK;
    }
    size_t scratch = sizeof(int64_t) * (size_t)(work.size + work.count);
    work.row_bytes = work.row_size * (int64_t)lego_dtype_size(y->dtype);
    work.ends = memory_take(scratch);
    if (!work.ends) {
        return LEGO_NO_MEMORY;
    }
    work.order = work.ends + work.size;
    sort_rows(&work, list->indices);
    int64_t rows_each = 1 + work.count / work.size;
    int64_t operations;
    if (!size_multiply(rows_each, work.row_size, &operations)) {
        operations = INT64_MAX;
    }
    threads_run(rows, threads_grain(operations), scatter_range, &work);
    memory_give(work.ends, scratch);
    return LEGO_OK;
}
