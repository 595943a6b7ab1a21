/* Updates of single rows. Each row of y is the work of one thread, and its sum is in the order of
 * the updates, so that bits do not depend on the number of threads: they are those of scatter_add,
 * multiply and subtract, one after another. */
#ifndef NUMBER
#include "row_updates.h"

#include <math.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "row_groups.h"
#include "scatter.h"

enum { PART = 64 }; /* columns that are summed at once */

/* y[j] = x[j] - sums[j] rate for n numbers; sums may be NULL: all are 0. */
typedef void subtract_loop(int64_t n, const void *x, const void *sums, const void *rate, void *y);

#define TEMPLATE "row_updates.c"
#include "per_float.h"

/* ---- rows ----------------------------------------------------------------------------------- */

typedef struct rows_work {
    sum_loop *sum;
    subtract_loop *subtract;
    row_groups groups;
    int64_t rows;
    int64_t row_size; /* in elements */
    int64_t bytes;    /* of an element */
    bool is_sparse;   /* rows without updates stay as they are */
    const char *x;
    const char *updates;
    const void *rate;
    char *y;
} rows_work;

/* The rows begin <= row < end have no updates. */
static void subtract_nothing(const rows_work *w, int64_t begin, int64_t end) {
    int64_t offset = begin * w->row_size * w->bytes;
    if (!w->is_sparse) {
        w->subtract((end - begin) * w->row_size, w->x + offset, NULL, w->rate, w->y + offset);
    }
}

static void subtract_group(const rows_work *w, int64_t group) {
    double sums[PART]; /* or floats */
    const row_groups *g = &w->groups;
    const int64_t *order = g->order + g->begins[group];
    int64_t count = g->begins[group + 1] - g->begins[group];
    for (int64_t column = 0; column < w->row_size; column += PART) {
        int64_t width = smaller(PART, w->row_size - column);
        int64_t offset = (g->rows[group] * w->row_size + column) * w->bytes;
        w->sum(order, count, w->updates + column * w->bytes, w->row_size, width, sums);
        w->subtract(width, w->x + offset, sums, w->rate, w->y + offset);
    }
}

/* An item is a group, and the rows between the one before and itself; the last item is the rows
 * after the last group. */
static void rows_range(void *context, int64_t begin, int64_t end) {
    const rows_work *w = context;
    const row_groups *g = &w->groups;
    for (int64_t item = begin; item < end; item++) {
        int64_t first = item > 0 ? g->rows[item - 1] + 1 : 0;
        subtract_nothing(w, first, item < g->count ? g->rows[item] : w->rows);
        if (item < g->count) {
            subtract_group(w, item);
        }
    }
}

static void run_rows(rows_work *w) {
    int64_t groups = w->groups.count;
    int64_t touched = w->groups.begins[groups] + (w->is_sparse ? 0 : w->rows);
    int64_t operations;
    if (!size_multiply(1 + touched / (groups + 1), w->row_size, &operations)) {
        operations = INT64_MAX;
    }
    threads_run(groups + 1, threads_grain(operations), rows_range, w);
}

/* Whether 0 times the rate is +0. */
static bool keeps_zero(const lego_array *rate) {
    double number = rate->dtype == LEGO_FLOAT32 ? (double)*(const float *)rate->data
                                                : *(const double *)rate->data;
    return isfinite(number) && !signbit(number);
}

lego_status subtract_from_rows(const lego_array *x, const lego_array *rate,
                               const lego_array *indices, const lego_array *updates,
                               const lego_array *y, bool *fits) {
    rows_work w = {
        .sum = scatter_sum(y->dtype),
        .subtract = y->dtype == LEGO_FLOAT32 ? subtract_float32 : subtract_float64,
        .rows = y->shape[0],
        .bytes = (int64_t)lego_dtype_size(y->dtype),
        .is_sparse = x->data == y->data && keeps_zero(rate),
        .x = x->data,
        .updates = updates->data,
        .rate = rate->data,
        .y = y->data,
    };
    w.row_size = w.rows > 0 ? array_size(y) / w.rows : 0;
    lego_status status = row_groups_make(&w.groups, indices, w.rows, fits);
    if (status) {
        return status;
    }
    if (*fits && w.row_size > 0) {
        run_rows(&w);
    }
    row_groups_free(&w.groups);
    return LEGO_OK;
}

#else /* the template, for one type of number */

/* x and y may be the same memory, and only element by element. */
static void NAME(subtract)(int64_t n, const void *input, const void *sums, const void *rate,
                           void *output) {
    const NUMBER *x = input;
    const NUMBER *sum = sums;
    const NUMBER factor = *(const NUMBER *)rate;
    NUMBER *y = output;
    if (!sums) {
        const NUMBER nothing = 0 * factor;
        for (int64_t j = 0; j < n; j++) {
            y[j] = x[j] - nothing;
        }
        return;
    }
    for (int64_t j = 0; j < n; j++) {
        y[j] = x[j] - sum[j] * factor;
    }
}

#endif
