/* Scatter: rows or elements of x, added up where indices point. Each sum is made by one thread, in
 * the order of x, so that bits do not depend on the number of threads. */
#ifndef NUMBER
#include "scatter.h"

#include <stdatomic.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "indices.h"
#include "row_groups.h"

static int64_t product(const int64_t *shape, int begin, int end) {
    int64_t size = 1;
    for (int axis = begin; axis < end; axis++) {
        size *= shape[axis];
    }
    return size;
}

/* Sums are made in these types; integers wrap around. */
#define TOTAL_uint8   uint8_t
#define TOTAL_int32   int32_t
#define TOTAL_int64   int64_t
#define TOTAL_float32 double
#define TOTAL_float64 double

/* How many columns are a part of a row, and how many of them are summed at once, in registers. */
enum { PART = 64, COLUMNS = 32, FEW_COLUMNS = 8 };

/* sums[indices[i] * row + i * step] += x[i] for n numbers */
typedef void add_loop(int64_t n, const int64_t *indices, int64_t row, int64_t step, const void *x,
                      void *sums);

#define TEMPLATE "scatter.c"
#include "per_number.h"

static sum_loop *const sum_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = sum_uint8,     [LEGO_INT32] = sum_int32,     [LEGO_INT64] = sum_int64,
    [LEGO_FLOAT32] = sum_float32, [LEGO_FLOAT64] = sum_float64,
};

sum_loop *scatter_sum(lego_dtype dtype) {
    return sum_loops[dtype];
}

static add_loop *const add_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = add_uint8,     [LEGO_INT32] = add_int32,     [LEGO_INT64] = add_int64,
    [LEGO_FLOAT32] = add_float32, [LEGO_FLOAT64] = add_float64,
};

/* ---- elements along an axis ------------------------------------------------------------------ */

typedef struct scatter_along_work {
    add_loop *add;
    int64_t size;  /* of y's axis */
    int64_t count; /* of that of x */
    int64_t row;   /* elements after it */
    int64_t parts; /* of a row, each of PART columns */
    int64_t bytes; /* of an element */
    const int64_t *indices;
    int64_t outer_step, index_step, column_step; /* of the indices, in elements */
    const char *x;
    char *sums; /* y, or numbers of 8 bytes for floats of 4 */
    int64_t sum_bytes;
    atomic_bool misses;
} scatter_along_work;

/* Adds the elements of one column, whose indices are those from `indices` on. */
static bool add_column(const scatter_along_work *w, const int64_t *from, const char *x,
                       char *sums) {
    int64_t indices[MOST_INDICES];
    for (int64_t i = 0; i < w->count; i += MOST_INDICES) {
        int64_t n = smaller(MOST_INDICES, w->count - i);
        if (!indices_read(n, from + i * w->index_step, w->index_step, w->size, indices)) {
            return false;
        }
        w->add(n, indices, 1, 0, x + i * w->bytes, sums);
    }
    return true;
}

/* Adds all rows of a part that has several columns, one row after another. */
static bool add_rows(const scatter_along_work *w, const int64_t *from, const char *x, char *sums,
                     int64_t width) {
    int64_t indices[PART];
    for (int64_t i = 0; i < w->count; i++) {
        if (!indices_read(width, from + i * w->index_step, w->column_step, w->size, indices)) {
            return false;
        }
        w->add(width, indices, w->row, 1, x + i * w->row * w->bytes, sums);
    }
    return true;
}

/* An item is a part of the columns, for one index before the axis. */
static void scatter_along_range(void *context, int64_t begin, int64_t end) {
    scatter_along_work *w = context;
    for (int64_t item = begin; item < end; item++) {
        int64_t outer = item / w->parts;
        int64_t column = item % w->parts * PART;
        const int64_t *indices = w->indices + outer * w->outer_step + column * w->column_step;
        const char *x = w->x + (outer * w->count * w->row + column) * w->bytes;
        char *sums = w->sums + (outer * w->size * w->row + column) * w->sum_bytes;
        bool fits = w->row == 1 ? add_column(w, indices, x, sums)
                                : add_rows(w, indices, x, sums, smaller(PART, w->row - column));
        if (!fits) {
            atomic_store(&w->misses, true);
            return;
        }
    }
}

static void round_sums(int64_t n, const double *sums, float *y) {
    for (int64_t i = 0; i < n; i++) {
        y[i] = (float)sums[i];
    }
}

/* Runs the work on y, whose axis it is: all but how the indices lie is found out here. */
static lego_status run_along(scatter_along_work *w, const lego_array *y, int axis, bool *fits) {
    const bool is_rounded = y->dtype == LEGO_FLOAT32;
    const int64_t size = array_size(y);
    w->add = add_loops[y->dtype];
    w->size = y->shape[axis];
    w->row = product(y->shape, axis + 1, y->rank);
    w->parts = divide_up(w->row, PART);
    w->bytes = (int64_t)lego_dtype_size(y->dtype);
    w->sum_bytes = is_rounded ? (int64_t)sizeof(double) : w->bytes;
    w->sums = y->data;
    const size_t sum_bytes = (size_t)(size * w->sum_bytes);
    if (is_rounded) {
        w->sums = memory_take(sum_bytes);
        if (!w->sums) {
            return LEGO_NO_MEMORY;
        }
    }
    memset(w->sums, 0, sum_bytes);
    threads_run(product(y->shape, 0, axis) * w->parts,
                threads_grain(w->count * smaller(PART, w->row)), scatter_along_range, w);
    if (is_rounded) {
        round_sums(size, (const double *)(const void *)w->sums, y->data);
        memory_give(w->sums, sum_bytes);
    }
    *fits = !atomic_load(&w->misses);
    return LEGO_OK;
}

lego_status scatter_along(const lego_array *x, const lego_array *indices, int axis,
                          const lego_array *y, bool *fits) {
    const int64_t row = product(x->shape, axis + 1, x->rank);
    scatter_along_work w = {
        .count = x->shape[axis],
        .indices = indices->data,
        .outer_step = x->shape[axis] * row,
        .index_step = row,
        .column_step = 1,
        .x = x->data,
    };
    return run_along(&w, y, axis, fits);
}

/* ---- short rows ----------------------------------------------------------------------------- */

/* Short rows are not worth sorting: each column has the same indices. */
static lego_status scatter_short(const lego_array *x, const lego_array *indices, int axis,
                                 const lego_array *y, bool *fits) {
    scatter_along_work w = {
        .count = array_size(indices),
        .indices = indices->data,
        .index_step = 1,
        .x = x->data,
    };
    return run_along(&w, y, axis, fits);
}

/* ---- few rows among many --------------------------------------------------------------------- */

/* Then y is filled with zeros by long stretches, and the indices alone are sorted. It pays where y
 * has so many rows, and numbers, for each index. */
enum { SPARSE_ROWS = 4, SPARSE_NUMBERS = 16, BLOCK_BYTES = 1 << 16 };

typedef struct sparse_work {
    sum_loop *sum;
    row_groups groups;
    int64_t size;       /* rows of y per outer index */
    int64_t count;      /* rows of x per outer index */
    int64_t row_size;   /* in elements */
    int64_t bytes;      /* of an element */
    int64_t block_rows; /* that are filled at once */
    int64_t blocks;     /* per outer index */
    const char *x;
    char *y;
} sparse_work;

/* An item is a block of rows of one outer index. */
static void sparse_range(void *context, int64_t begin, int64_t end) {
    const sparse_work *w = context;
    const row_groups *g = &w->groups;
    const int64_t row_bytes = w->row_size * w->bytes;
    for (int64_t item = begin; item < end; item++) {
        const int64_t outer = item / w->blocks;
        const int64_t first = item % w->blocks * w->block_rows;
        const int64_t last = smaller(first + w->block_rows, w->size);
        const char *x = w->x + outer * w->count * row_bytes;
        char *y = w->y + outer * w->size * row_bytes;
        memset(y + first * row_bytes, 0, (size_t)((last - first) * row_bytes));
        for (int64_t i = row_groups_from(g, first); i < g->count && g->rows[i] < last; i++) {
            w->sum(g->order + g->begins[i], g->begins[i + 1] - g->begins[i], x, w->row_size,
                   w->row_size, y + g->rows[i] * row_bytes);
        }
    }
}

static bool is_sparse(int64_t count, int64_t rows, int64_t row_size) {
    return rows / SPARSE_ROWS >= count && rows * row_size / SPARSE_NUMBERS >= count;
}

static lego_status scatter_sparse(const lego_array *x, const lego_array *indices, int axis,
                                  const lego_array *y, bool *fits) {
    sparse_work w = {
        .sum = sum_loops[y->dtype],
        .size = y->shape[axis],
        .count = array_size(indices),
        .row_size = product(y->shape, axis + 1, y->rank),
        .bytes = (int64_t)lego_dtype_size(y->dtype),
        .x = x->data,
        .y = y->data,
    };
    lego_status status = row_groups_make(&w.groups, indices, w.size, fits);
    if (status) {
        return status;
    }
    if (*fits) {
        w.block_rows = divide_up(BLOCK_BYTES, w.row_size * w.bytes);
        w.blocks = divide_up(w.size, w.block_rows);
        threads_run(product(y->shape, 0, axis) * w.blocks, threads_grain(w.block_rows * w.row_size),
                    sparse_range, &w);
    }
    row_groups_free(&w.groups);
    return LEGO_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

typedef struct scatter_work {
    sum_loop *sum;
    int64_t size;     /* rows of y per outer index */
    int64_t count;    /* rows of x per outer index */
    int64_t row_size; /* in elements */
    int64_t bytes;    /* of an element */
    int64_t parts;    /* of a row: columns that are summed at once */
    int64_t *indices;
    int64_t *ends;  /* ends[d] = end of row d's group in `order` */
    int64_t *order; /* indices of x's rows, grouped by row of y, ascending in each group */
    const char *x;
    char *y;
} scatter_work;

/* Counting sort of x's rows by their index in y. */
static void sort_rows(const scatter_work *work) {
    memset(work->ends, 0, sizeof(int64_t) * (size_t)work->size);
    for (int64_t i = 0; i < work->count; i++) {
        work->ends[work->indices[i]]++;
    }
    int64_t begin = 0;
    for (int64_t d = 0; d < work->size; d++) {
        int64_t rows = work->ends[d];
        work->ends[d] = begin; /* advances to the end of the group as rows are placed */
        begin += rows;
    }
    for (int64_t i = 0; i < work->count; i++) {
        work->order[work->ends[work->indices[i]]++] = i;
    }
}

/* Fetches the first cache lines of the row of x that is added a few rows later: rows lie anywhere.
 */
static inline void fetch_ahead(const scatter_work *w, int64_t place, const char *x) {
    enum { AHEAD = 8 };
    if (place + AHEAD < w->count) {
        const char *row = x + w->order[place + AHEAD] * w->row_size * w->bytes;
        __builtin_prefetch(row);
        __builtin_prefetch(row + smaller(CACHE_LINE, (w->row_size - 1) * w->bytes));
    }
}

/* An item is a part of a row of y. */
static void scatter_range(void *context, int64_t begin, int64_t end) {
    const scatter_work *w = context;
    for (int64_t item = begin; item < end; item++) {
        int64_t row = item / w->parts;
        int64_t column = item % w->parts * PART;
        int64_t d = row % w->size;
        int64_t first = d > 0 ? w->ends[d - 1] : 0;
        const char *x = w->x + row / w->size * w->count * w->row_size * w->bytes;
        char *y = w->y + row * w->row_size * w->bytes;
        for (int64_t place = first; place < w->ends[d]; place++) {
            fetch_ahead(w, place, x + column * w->bytes);
        }
        w->sum(w->order + first, w->ends[d] - first, x + column * w->bytes, w->row_size,
               smaller(PART, w->row_size - column), y + column * w->bytes);
    }
}

static void run_rows(scatter_work *w, int64_t rows) {
    sort_rows(w);
    int64_t rows_each = 1 + w->count / w->size;
    int64_t operations;
    if (!size_multiply(rows_each, smaller(w->row_size, PART), &operations)) {
        operations = INT64_MAX;
    }
    threads_run(rows * w->parts, threads_grain(operations), scatter_range, w);
}

lego_status scatter_rows(const lego_array *x, const lego_array *indices, int axis,
                         const lego_array *y, bool *fits) {
    const bool is_empty = array_size(y) == 0; /* then the size may be any */
    const int64_t row_size = product(y->shape, axis + 1, y->rank);
    if (!is_empty && is_sparse(array_size(indices), y->shape[axis], row_size)) {
        return scatter_sparse(x, indices, axis, y, fits);
    }
    if (!is_empty && row_size < FEW_COLUMNS) {
        return scatter_short(x, indices, axis, y, fits);
    }
    scatter_work w = {
        .sum = sum_loops[y->dtype],
        .size = y->shape[axis],
        .count = array_size(indices),
        .row_size = row_size,
        .bytes = (int64_t)lego_dtype_size(y->dtype),
        .x = x->data,
        .y = y->data,
    };
    size_t scratch = sizeof(int64_t) * (size_t)(2 * w.count + (is_empty ? 0 : w.size));
    w.parts = divide_up(w.row_size, PART);
    w.indices = memory_take(scratch);
    if (!w.indices) {
        return LEGO_NO_MEMORY;
    }
    w.order = w.indices + w.count;
    w.ends = w.order + w.count;
    *fits = indices_read(w.count, indices->data, 1, w.size, w.indices);
    if (*fits && !is_empty) {
        run_rows(&w, product(y->shape, 0, axis + 1));
    }
    memory_give(w.indices, scratch);
    return LEGO_OK;
}

#else /* the template, for one type of number */

/* `width` columns of a sum; inlined, so that the sums of a constant width stay in registers. */
static inline void NAME(sum_columns)(const int64_t *order, int64_t count, const NUMBER *x,
                                     int64_t row_size, int64_t width, NUMBER *y) {
    NAME(TOTAL) sums[COLUMNS] = {0};
    for (int64_t k = 0; k < count; k++) {
        const NUMBER *row = x + order[k] * row_size;
        for (int64_t j = 0; j < width; j++) {
            sums[j] = (NAME(TOTAL))(sums[j] + row[j]);
        }
    }
    for (int64_t j = 0; j < width; j++) {
        y[j] = (NUMBER)sums[j];
    }
}

/* Most rows are the sum of one row or of none. The former is added to zero, as all sums begin. */
static void NAME(sum)(const int64_t *order, int64_t count, const void *input, int64_t row_size,
                      int64_t width, void *output) {
    const NUMBER *x = input;
    NUMBER *restrict y = output;
    if (count == 0) {
        memset(y, 0, sizeof(NUMBER) * (size_t)width);
        return;
    }
    if (count == 1) {
        const NUMBER *restrict row = x + order[0] * row_size;
        for (int64_t j = 0; j < width; j++) {
            y[j] = (NUMBER)(0 + row[j]);
        }
        return;
    }
    int64_t j = 0;
    for (; j + COLUMNS <= width; j += COLUMNS) {
        NAME(sum_columns)(order, count, x + j, row_size, COLUMNS, y + j);
    }
    for (; j + FEW_COLUMNS <= width; j += FEW_COLUMNS) {
        NAME(sum_columns)(order, count, x + j, row_size, FEW_COLUMNS, y + j);
    }
    if (j < width) {
        NAME(sum_columns)(order, count, x + j, row_size, width - j, y + j);
    }
}

static void NAME(add)(int64_t n, const int64_t *indices, int64_t row, int64_t step,
                      const void *input, void *output) {
    const NUMBER *x = input;
    NAME(TOTAL) *sums = output;
    for (int64_t i = 0; i < n; i++) {
        NAME(TOTAL) *sum = &sums[indices[i] * row + i * step];
        *sum = (NAME(TOTAL))(*sum + x[i]);
    }
}

#endif
