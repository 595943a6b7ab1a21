/* Convolutions in which each channel meets filters of its own, and their gradients by the input. */
#include "conv_depthwise.h"

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_depthwise_repeated.h"
#include "conv_repeat.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* ---- the result ----------------------------------------------------------------------------- */

static void run_blocks(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    for (int64_t i = begin; i < end; i++) {
        conv_block b = {.first = i * d->block};
        repeated s;
        b.count = smaller(d->block, d->count - b.first);
        if (!repeated_open(d, &b, &s)) {
            return;
        }
        if (conv_block_open(&d->result, &b)) {
            repeated_run(d, &b, &s, d->k, d->loops->sum);
            conv_block_close(&d->result, &b);
        }
        repeated_close(d, &s);
    }
}

static void run_forwards(depthwise *d) {
    int64_t places = larger(FEWEST_PLACES, threads_chunks(d->count, MOST_TASKS));
    d->block = depthwise_block(d, places);
    int64_t work = d->block * depthwise_place_work(d);
    threads_run(threads_chunks(d->count, d->block), threads_grain(work), run_blocks, d);
}

lego_status depthwise_run(const conv *c, const void *x, const void *kernel, void *y,
                          const epilogue *end) {
    depthwise d = depthwise_of(c, x, kernel, y);
    d.result.end = end;
    d.windows = conv_windows_of(scan_forwards(c), d.channels, d.width);
    d.count = c->batch * scan_places(&d.windows.scan);
    run_forwards(&d);
    return atomic_load(&d.result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* ---- the gradient by the input -------------------------------------------------------------- */

typedef struct backwards {
    depthwise d;
    const conv *c;
    int64_t tasks;
} backwards;

/* The window's sums are made in rows of their own, and those of a channel summed from there. */
static void run_and_fold(const depthwise *d, window *w, void *rows) {
    int64_t channels = d->channels / d->filters;
    fold f = {d->dtype, w->places, channels, d->filters, w->y_step / d->filters};
    void *y = w->y;
    w->y = rows;
    w->y_step = d->channels;
    d->loops->sum(w);
    conv_fold(&f, rows, y);
}

/* A task's share of a phase. */
static void run_share(const backwards *b, int64_t phase, int64_t task, void *rows) {
    const depthwise *d = &b->d;
    conv_windows all = conv_windows_of(scan_backwards(b->c, phase), d->channels, d->width);
    int64_t count = b->c->batch * scan_places(&all.scan);
    int64_t first = task * count / b->tasks;
    window_iterator walk = windows_from(&all, first, (task + 1) * count / b->tasks - first);
    for (window w; windows_next(&all, &walk, &w);) {
        w.a = d->a + w.a_begin * d->size;
        w.k = (char *)d->k + w.k_begin * d->size;
        w.y = d->result.y + w.result * d->result.row_bytes;
        if (d->filters == 1) {
            d->loops->sum(&w);
        } else {
            run_and_fold(d, &w, rows);
        }
    }
}

/* For the sums of a window, as long as a row of places. */
static void *take_rows(const backwards *b, int64_t *bytes) {
    int64_t place = b->d.channels * b->d.size;
    return size_multiply(b->c->axes[2].input, place, bytes) ? memory_take((size_t)*bytes) : NULL;
}

/* All phases at once: what they write lies side by side, and what they read is the same. */
static void run_backwards(void *work, int64_t begin, int64_t end) {
    backwards *b = work;
    int64_t bytes = 0;
    void *rows = b->d.filters > 1 ? take_rows(b, &bytes) : NULL;
    if (b->d.filters > 1 && !rows) {
        atomic_store(&b->d.result.failed, true);
        return;
    }
    for (int64_t task = begin; task < end; task++) {
        for (int64_t phase = 0; phase < scan_phases(b->c); phase++) {
            run_share(b, phase, task, rows);
        }
    }
    if (rows) {
        memory_give(rows, (size_t)bytes);
    }
}

/* dy lies as its filters do, with nothing to repeat. */
lego_status depthwise_input_gradient_run(const conv *c, const void *dy, const void *kernel,
                                         void *dx) {
    backwards b = {.d = depthwise_of(c, dy, kernel, dx), .c = c};
    depthwise *d = &b.d;
    d->result.row_bytes /= c->filters;
    d->windows = conv_windows_of(scan_backwards(c, 0), d->channels, d->width);
    d->count = c->batch * c->axes[0].input * c->axes[1].input * c->axes[2].input;
    int64_t block = larger(FEWEST_PLACES, threads_chunks(d->count, MOST_TASKS));
    b.tasks = threads_chunks(d->count, block);
    threads_run(b.tasks, threads_grain(block * depthwise_place_work(d)), run_backwards, &b);
    return atomic_load(&d->result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}
