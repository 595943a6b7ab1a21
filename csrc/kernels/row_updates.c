/* Updates of single rows. Rows of `updates` are sorted by the row of y that they belong to: by
 * digits of 11 bits (radix sort), which takes time by the number of updates and not by that of the
 * table's rows. Each row of y is the work of one thread, and its sum is in the order of the
 * updates, so that bits do not depend on the number of threads: they are those of scatter_add,
 * multiply and subtract, one after another. */
#ifndef NUMBER
#include "row_updates.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "indices.h"
#include "scatter.h"

enum { PART = 64 }; /* columns that are summed at once */

/* y[j] = x[j] - sums[j] rate for n numbers; sums may be NULL: all are 0. */
typedef void subtract_loop(int64_t n, const void *x, const void *sums, const void *rate, void *y);

#define TEMPLATE "row_updates.c"
#include "per_float.h"

/* ---- groups --------------------------------------------------------------------------------- */

/* An update, and the row of y that it belongs to. */
typedef struct row_update {
    int64_t row;
    int64_t update;
} row_update;

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* Sorts by one digit of the row; those with the same one stay in their order. */
static void sort_by_digit(int64_t n, int shift, const row_update *from, row_update *to) {
    int64_t begins[DIGITS] = {0};
    for (int64_t i = 0; i < n; i++) {
        begins[from[i].row >> shift & (DIGITS - 1)]++;
    }
    int64_t begin = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
        int64_t count = begins[digit];
        begins[digit] = begin;
        begin += count;
    }
    for (int64_t i = 0; i < n; i++) {
        to[begins[from[i].row >> shift & (DIGITS - 1)]++] = from[i];
    }
}

/* Sorts n updates of `rows` rows, with as much memory beside them; returns where they lie then. */
static row_update *sort_updates(int64_t n, int64_t rows, row_update *updates, row_update *other) {
    for (int shift = 0; shift < 63 && rows >> shift > 0; shift += DIGIT_BITS) {
        sort_by_digit(n, shift, updates, other);
        row_update *sorted = other;
        other = updates;
        updates = sorted;
    }
    return updates;
}

/* ---- rows ----------------------------------------------------------------------------------- */

typedef struct rows_work {
    sum_loop *sum;
    subtract_loop *subtract;
    int64_t rows;
    int64_t row_size; /* in elements */
    int64_t bytes;    /* of an element */
    int64_t count;    /* of updates */
    int64_t groups;   /* rows that have some */
    int64_t *rows_of; /* groups: the row of each */
    int64_t *begins;  /* of each group in `order`, and the end of the last one */
    int64_t *order;   /* updates, by groups */
    bool is_sparse;   /* rows without updates stay as they are */
    const char *x;
    const char *updates;
    const void *rate;
    char *y;
} rows_work;

/* Reads and checks the indices. */
static bool read_rows(const lego_array *indices, int64_t rows, row_update *updates) {
    int64_t count = array_size(indices);
    const int64_t *from = indices->data;
    int64_t read[MOST_INDICES];
    for (int64_t i = 0; i < count; i += MOST_INDICES) {
        int64_t n = smaller(MOST_INDICES, count - i);
        if (!indices_read(n, from + i, 1, rows, read)) {
            return false;
        }
        for (int64_t k = 0; k < n; k++) {
            updates[i + k] = (row_update){read[k], i + k};
        }
    }
    return true;
}

static void find_groups(rows_work *w, const row_update *sorted) {
    for (int64_t i = 0; i < w->count; i++) {
        if (i == 0 || sorted[i].row != sorted[i - 1].row) {
            w->rows_of[w->groups] = sorted[i].row;
            w->begins[w->groups++] = i;
        }
        w->order[i] = sorted[i].update;
    }
    w->begins[w->groups] = w->count;
}

/* The rows begin <= row < end have no updates. */
static void subtract_nothing(const rows_work *w, int64_t begin, int64_t end) {
    int64_t offset = begin * w->row_size * w->bytes;
    if (!w->is_sparse) {
        w->subtract((end - begin) * w->row_size, w->x + offset, NULL, w->rate, w->y + offset);
    }
}

static void subtract_group(const rows_work *w, int64_t group) {
    double sums[PART]; /* or floats */
    const int64_t *order = w->order + w->begins[group];
    int64_t count = w->begins[group + 1] - w->begins[group];
    for (int64_t column = 0; column < w->row_size; column += PART) {
        int64_t width = smaller(PART, w->row_size - column);
        int64_t offset = (w->rows_of[group] * w->row_size + column) * w->bytes;
        w->sum(order, count, w->updates + column * w->bytes, w->row_size, width, sums);
        w->subtract(width, w->x + offset, sums, w->rate, w->y + offset);
    }
}

/* An item is a group, and the rows between the one before and itself; the last item is the rows
 * after the last group. */
static void rows_range(void *context, int64_t begin, int64_t end) {
    const rows_work *w = context;
    for (int64_t item = begin; item < end; item++) {
        int64_t first = item > 0 ? w->rows_of[item - 1] + 1 : 0;
        subtract_nothing(w, first, item < w->groups ? w->rows_of[item] : w->rows);
        if (item < w->groups) {
            subtract_group(w, item);
        }
    }
}

static void run_rows(rows_work *w) {
    int64_t touched = w->is_sparse ? w->count : w->count + w->rows;
    int64_t operations;
    if (!size_multiply(1 + touched / (w->groups + 1), w->row_size, &operations)) {
        operations = INT64_MAX;
    }
    threads_run(w->groups + 1, threads_grain(operations), rows_range, w);
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
        .count = array_size(indices),
        .is_sparse = x->data == y->data && keeps_zero(rate),
        .x = x->data,
        .updates = updates->data,
        .rate = rate->data,
        .y = y->data,
    };
    w.row_size = w.rows > 0 ? array_size(y) / w.rows : 0;
    size_t count = (size_t)w.count;
    size_t scratch = 2 * count * sizeof(row_update) + (3 * count + 1) * sizeof(int64_t);
    row_update *pairs = memory_take(scratch);
    if (!pairs) {
        return LEGO_NO_MEMORY;
    }
    w.order = (int64_t *)(pairs + 2 * count);
    w.rows_of = w.order + count;
    w.begins = w.rows_of + count;
    *fits = read_rows(indices, w.rows, pairs);
    if (*fits && w.row_size > 0) {
        find_groups(&w, sort_updates(w.count, w.rows, pairs, pairs + count));
        run_rows(&w);
    }
    memory_give(pairs, scratch);
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
