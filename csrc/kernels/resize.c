/* Resizing: each row of y is a weighted sum of rows of x. The end of this file is a template for
 * one type of number (per_float.h). */
#ifndef NUMBER
#include "resize.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "elements.h"
#include "gather.h"
#include "resize_weights.h"

/* y = weights[0] x[0] + ... + weights[count - 1] x[count - 1] for rows of n numbers, count >= 2. */
typedef void mix_loop(int64_t n, int64_t count, const double *weights, const void *x, void *y);
typedef void resize_sum_loop(int64_t n, double factor, const void *dy, void *dx);

typedef struct resize_work {
    const resize *r;
    resize_table table;
    mix_loop *mix;
    resize_sum_loop *sum;
    int64_t row_bytes;
    const char *given;
    char *made;
} resize_work;

#define TEMPLATE "resize.c"
#include "per_float.h"

/* ---- rows: row = outer index * length of the axis + index along it --------------------------- */

static void resize_range(void *context, int64_t begin, int64_t end) {
    const resize_work *w = context;
    const resize *r = w->r;
    int64_t i = begin % r->out; /* counted, as rows may be shorter than a division takes */
    const char *image = w->given + begin / r->out * r->in * w->row_bytes;
    for (int64_t row = begin; row < end; row++) {
        const resize_source *s = &w->table.sources[i];
        const char *x = image + s->from * w->row_bytes;
        char *y = w->made + row * w->row_bytes;
        if (s->count == 1) {
            memcpy(y, x, (size_t)w->row_bytes);
        } else {
            w->mix(r->inner, s->count, s->weights, x, y);
        }
        if (++i == r->out) {
            i = 0;
            image += r->in * w->row_bytes;
        }
    }
}

/* The first row of y that reads row j of x or a later one, by binary search: sources never go
 * back. */
static int64_t first_reader(const resize_work *w, int64_t j) {
    int64_t low = 0;
    int64_t high = w->r->out;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        const resize_source *s = &w->table.sources[middle];
        if (s->from + s->count <= j) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* dx[j] = the sum of weight * dy[i] over the rows i of y that read row j. Each row of dx is written
 * by one thread. */
static void gradient_range(void *context, int64_t begin, int64_t end) {
    const resize_work *w = context;
    const resize *r = w->r;
    for (int64_t row = begin; row < end; row++) {
        const int64_t j = row % r->in;
        const char *dy = w->given + row / r->in * r->out * w->row_bytes;
        char *dx = w->made + row * w->row_bytes;
        memset(dx, 0, (size_t)w->row_bytes);
        for (int64_t i = first_reader(w, j); i < r->out && w->table.sources[i].from <= j; i++) {
            const resize_source *s = &w->table.sources[i];
            w->sum(r->inner, s->weights[j - s->from], dy + i * w->row_bytes, dx);
        }
    }
}

static lego_status run(const resize *r, threads_task *task, int64_t rows, const void *given,
                       void *made) {
    resize_work work = {
        .r = r,
        .mix = r->dtype == LEGO_FLOAT32 ? mix_float32 : mix_float64,
        .sum = r->dtype == LEGO_FLOAT32 ? sum_float32 : sum_float64,
        .row_bytes = r->inner * (int64_t)lego_dtype_size(r->dtype),
        .given = given,
        .made = made,
    };
    const lego_status status = resize_table_make(r, &work.table);
    if (status) {
        return status;
    }
    const int64_t products = work.table.most * r->out / (rows / r->outer); /* products per row */
    threads_run(rows, threads_grain(r->inner * (1 + products)), task, &work);
    resize_table_free(&work.table);
    return LEGO_OK;
}

/* ---- the nearest rows: they are gathered, whatever their dtype ------------------------------- */

static lego_array rows_of(const resize *r, int64_t length, const void *numbers) {
    lego_array rows;
    array_set(&rows, r->dtype, 3, (int64_t[]){r->outer, length, r->inner});
    rows.data = (void *)(uintptr_t)numbers;
    return rows;
}

static lego_status gather_nearest(const resize *r, const resize_table *table, const void *x,
                                  void *y) {
    const size_t bytes = sizeof(int64_t) * (size_t)r->out;
    lego_array indices;
    array_set(&indices, LEGO_INT64, 1, &r->out);
    int64_t *nearest = indices.data = memory_take(bytes);
    if (!nearest) {
        return LEGO_NO_MEMORY;
    }
    for (int64_t i = 0; i < r->out; i++) {
        nearest[i] = table->sources[i].from;
    }
    const lego_array from = rows_of(r, r->in, x), to = rows_of(r, r->out, y);
    bool fits;
    const lego_status status = gather_rows(&from, &indices, 1, &to, &fits);
    memory_give(nearest, bytes);
    return status;
}

static lego_status run_nearest(const resize *r, const void *x, void *y) {
    resize_table table;
    lego_status status = resize_table_make(r, &table);
    if (status == LEGO_OK) {
        status = gather_nearest(r, &table, x, y);
        resize_table_free(&table);
    }
    return status;
}

lego_status resize_run(const resize *r, const void *x, void *y) {
    if (r->method == RESIZE_NEAREST) {
        return run_nearest(r, x, y);
    }
    return run(r, resize_range, r->outer * r->out, x, y);
}

lego_status resize_gradient_run(const resize *r, const void *dy, void *dx) {
    return run(r, gradient_range, r->outer * r->in, dy, dx);
}

#else /* the template, for one type of number */

/* dx += factor dy */
static void NAME(sum)(int64_t n, double factor, const void *grad, void *output) {
    const NUMBER *dy = grad;
    NUMBER *dx = output;
    const NUMBER share = (NUMBER)factor;
    EACH_ELEMENT {
        dx[i] += share * dy[i];
    }
}
/* The first two rows go together: linear interpolation has no more. */
static void NAME(mix)(int64_t n, int64_t count, const double *weights, const void *input,
                      void *output) {
    const NUMBER *a = input;
    const NUMBER *b = a + n;
    NUMBER *y = output;
    const NUMBER of_a = (NUMBER)weights[0];
    const NUMBER of_b = (NUMBER)weights[1];
    EACH_ELEMENT {
        y[i] = of_a * a[i] + of_b * b[i];
    }
    for (int64_t k = 2; k < count; k++) {
        NAME(sum)(n, weights[k], a + k * n, y);
    }
}

#endif
