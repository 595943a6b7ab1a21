/* Resizing: rows of y are mixed of two rows of x. */
#include "resize.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "elements.h"

/* ---- where numbers come from ----------------------------------------------------------------- */

/* y[i] = (1 - share) x[from] + share x[from + 1]; share is 0 where there is no from + 1. */
typedef struct source {
    int64_t from;
    double share;
} source;

/* s = (i + 1/2) in / out - 1/2 = ((2 i + 1) in - out) / (2 out), in whole numbers; the cell that s
 * lies in is the whole part of s + 1/2. */
static source source_of(const resize *r, int64_t i) {
    const int64_t center = (2 * i + 1) * r->in;
    if (r->method == RESIZE_NEAREST) {
        return (source){center / (2 * r->out), 0};
    }
    const int64_t s = center - r->out;
    const int64_t from = s < 0 ? 0 : s / (2 * r->out);
    if (s < 0 || from == r->in - 1) {
        return (source){from, 0};
    }
    return (source){from, (double)(s % (2 * r->out)) / (double)(2 * r->out)};
}

typedef void mix_loop(int64_t n, double share, const void *a, const void *b, void *y);
typedef void sum_loop(int64_t n, double factor, const void *dy, void *dx);

typedef struct resize_work {
    const resize *r;
    source *sources; /* [out]; `from` never falls */
    mix_loop *mix;
    sum_loop *sum;
    int64_t row_bytes;
    const char *given;
    char *made;
} resize_work;

/* RESIZE_LOOPS(float32, float) makes mix_float32, y = (1 - share) a + share b, and sum_float32,
 * dx += factor dy. */
#define RESIZE_LOOPS(suffix, type)                                                                 \
    static void mix_##suffix(int64_t n, double share, const void *first, const void *second,       \
                             void *output) {                                                       \
        const type *a = first;                                                                     \
        const type *b = second;                                                                    \
        type *y = output;                                                                          \
        const type of_b = (type)share;                                                             \
        const type of_a = (type)(1 - share);                                                       \
        EACH_ELEMENT {                                                                             \
            y[i] = of_a * a[i] + of_b * b[i];                                                      \
        }                                                                                          \
    }                                                                                              \
    static void sum_##suffix(int64_t n, double factor, const void *grad, void *output) {           \
        const type *dy = grad;                                                                     \
        type *dx = output;                                                                         \
        const type share = (type)factor;                                                           \
        EACH_ELEMENT {                                                                             \
            dx[i] += share * dy[i];                                                                \
        }                                                                                          \
    }

RESIZE_LOOPS(float32, float)
RESIZE_LOOPS(float64, double)

/* ---- rows: begin = outer index * length of the axis + index along it ------------------------- */

static void resize_range(void *context, int64_t begin, int64_t end) {
    const resize_work *w = context;
    const resize *r = w->r;
    for (int64_t row = begin; row < end; row++) {
        const source *s = &w->sources[row % r->out];
        const char *x = w->given + (row / r->out * r->in + s->from) * w->row_bytes;
        char *y = w->made + row * w->row_bytes;
        if (s->share == 0) {
            memcpy(y, x, (size_t)w->row_bytes);
        } else {
            w->mix(r->inner, s->share, x, x + w->row_bytes, y);
        }
    }
}

/* The first row of y whose source is not before that row of x. */
static int64_t first_taker(const resize_work *w, int64_t from) {
    int64_t low = 0;
    int64_t high = w->r->out;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (w->sources[middle].from < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Each row of dx has one owner, which adds up what the rows of y took of it. */
static void gradient_range(void *context, int64_t begin, int64_t end) {
    const resize_work *w = context;
    const resize *r = w->r;
    for (int64_t row = begin; row < end; row++) {
        const int64_t j = row % r->in;
        const char *dy = w->given + row / r->in * r->out * w->row_bytes;
        char *dx = w->made + row * w->row_bytes;
        memset(dx, 0, (size_t)w->row_bytes);
        for (int64_t i = first_taker(w, j - 1); i < r->out && w->sources[i].from <= j; i++) {
            const source *s = &w->sources[i];
            const double factor = s->from == j ? 1 - s->share : s->share;
            if (factor != 0) {
                w->sum(r->inner, factor, dy + i * w->row_bytes, dx);
            }
        }
    }
}

static lego_status run(const resize *r, threads_task *task, int64_t rows, const void *given,
                       void *made) {
    const size_t bytes = sizeof(source) * (size_t)r->out;
    const int64_t most = r->in < r->out ? r->out / r->in + 1 : r->in / r->out + 1;
    resize_work work = {
        .r = r,
        .sources = memory_take(bytes),
        .mix = r->dtype == LEGO_FLOAT32 ? mix_float32 : mix_float64,
        .sum = r->dtype == LEGO_FLOAT32 ? sum_float32 : sum_float64,
        .row_bytes = r->inner * (int64_t)lego_dtype_size(r->dtype),
        .given = given,
        .made = made,
    };
    if (!work.sources) {
        return LEGO_NO_MEMORY;
    }
    for (int64_t i = 0; i < r->out; i++) {
        work.sources[i] = source_of(r, i);
    }
    threads_run(rows, threads_grain(r->inner * (1 + most)), task, &work);
    memory_give(work.sources, bytes);
    return LEGO_OK;
}

lego_status resize_run(const resize *r, const void *x, void *y) {
    return run(r, resize_range, r->outer * r->out, x, y);
}

lego_status resize_gradient_run(const resize *r, const void *dy, void *dx) {
    return run(r, gradient_range, r->outer * r->in, dy, dx);
}
