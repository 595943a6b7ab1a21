/* Convolutions in which each channel meets filters of its own: vectors run over the channels.
 *
 * A window of places that see the same taps falls into tiles, a few places times a few vectors of
 * channels, summed in registers tap by tap. For the gradient by the kernel the tile is of the
 * kernel, a few taps times a few vectors, and summed over the window's places; the places fall into
 * parts, by size alone, whose sums are joined in the end.
 *
 * Several filters of a channel are like as many channels with the same numbers: a block of places
 * sees each number of x repeated, and the gradient by the input sums those of a channel. */
#include "conv_depthwise.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_parts.h"
#include "conv_repeat.h"
#include "conv_result.h"
#include "conv_window.h"
#include "registers.h"

/* With the vectors of a tap of the kernel, the sums fill the registers. */
#if defined(__AVX512F__)
enum { LINE_ROWS = 6 };
#else
enum { LINE_ROWS = 3 };
#endif

enum {
    LINE_VECTORS = 4,   /* of the channels, summed at a time */
    TAPS_AT_ONCE = 3,   /* of the gradient by the kernel */
    FEWEST_PLACES = 96, /* of a task */
    MOST_TASKS = 32,    /* the rows at a task's edges are read for the next one as well */
    MOST_PARTS = 8,
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

#define NUMBER     float
#define LANES      (VECTOR_BYTES / 4)
#define NAME(word) word##_float32
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      (VECTOR_BYTES / 8)
#define NAME(word) word##_float64
#include "conv_depthwise_block.h"

/* Where the channels do not fill such a vector: */
#define NUMBER     float
#define LANES      4
#define NAME(word) word##_float32_narrow
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      2
#define NAME(word) word##_float64_narrow
#include "conv_depthwise_block.h"

#define NUMBER     float
#define LANES      1
#define NAME(word) word##_float32_single
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      1
#define NAME(word) word##_float64_single
#include "conv_depthwise_block.h"

typedef void loop(const window *w);

typedef struct loops {
    int lanes; /* of a vector */
    loop *sum;
    loop *multiply;
} loops;

static const loops float32_loops[] = {
    {VECTOR_BYTES / 4, sum_float32, multiply_float32},
    {4, sum_float32_narrow, multiply_float32_narrow},
    {1, sum_float32_single, multiply_float32_single},
};
static const loops float64_loops[] = {
    {VECTOR_BYTES / 8, sum_float64, multiply_float64},
    {2, sum_float64_narrow, multiply_float64_narrow},
    {1, sum_float64_single, multiply_float64_single},
};

/* Those with the widest vectors that the channels fill. */
static const loops *loops_for(lego_dtype dtype, int64_t channels) {
    const loops *l = dtype == LEGO_FLOAT32 ? float32_loops : float64_loops;
    while (l->lanes > 1 && channels < l->lanes) {
        l++;
    }
    return l;
}

typedef struct depthwise {
    lego_dtype dtype;
    int64_t size;     /* of a number, in bytes */
    int64_t filters;  /* of a channel */
    int64_t channels; /* all filters, each with a channel of its own */
    int64_t width;    /* of a row of k: its channels, padded where k is made */
    const loops *loops;
    const char *a;
    conv_result result; /* of the gradient by the kernel: what is read beside a */
    conv_windows windows;
    int64_t count; /* of places */
    void *k;
    int64_t block; /* places of a task, */
    int64_t parts; /* or of a part that see the same repeated numbers */
} depthwise;

static void set_scan(depthwise *d, conv_scan scan, int64_t batch) {
    d->windows = conv_windows_of(scan, d->channels, d->width);
    d->count = batch * scan_places(&scan);
}

/* About as many simple operations as a place costs. */
static int64_t place_work(const depthwise *d) {
    return scan_tap_count(&d->windows.scan) * (d->channels / 8 + 1) + 16;
}

/* ---- what a block sees ---------------------------------------------------------------------- */

/* a, from one of its numbers on: as it lies there, or with each number repeated. */
typedef struct sight {
    const char *numbers;
    int64_t begin;
    int64_t bytes; /* of memory of its own */
} sight;

/* Between the first number that a window of the block sees and the last. */
static int64_t find_reach(const depthwise *d, const conv_block *b, int64_t *begin) {
    windows_walk walk = windows_from(&d->windows, b->first, b->count);
    int64_t end = 0;
    *begin = INT64_MAX;
    for (window w; windows_next(&d->windows, &walk, &w);) {
        int64_t reach = window_reach(&w);
        if (reach > 0) {
            *begin = smaller(*begin, w.a_begin);
            end = larger(end, w.a_begin + reach);
        }
    }
    return larger(0, end - *begin);
}

static bool open_sight(depthwise *d, const conv_block *b, sight *s) {
    *s = (sight){.numbers = d->a};
    if (d->filters == 1) {
        return true;
    }
    int64_t count = find_reach(d, b, &s->begin);
    char *repeated = NULL;
    if (size_multiply(count, d->size, &s->bytes)) {
        repeated = memory_take((size_t)s->bytes);
    }
    if (!repeated) {
        atomic_store(&d->result.failed, true);
        return false;
    }
    int64_t channels = count / d->filters;
    const char *x = channels ? d->a + s->begin / d->filters * d->size : NULL;
    conv_repeat(d->dtype, channels, d->filters, x, repeated);
    s->numbers = repeated;
    return true;
}

static void close_sight(const depthwise *d, sight *s) {
    if (d->filters > 1) {
        memory_give((char *)s->numbers, (size_t)s->bytes);
    }
}

/* All windows of a block. */
static void run_windows(const depthwise *d, const conv_block *b, const sight *s, void *k,
                        loop *run) {
    windows_walk walk = windows_from(&d->windows, b->first, b->count);
    for (window w; windows_next(&d->windows, &walk, &w);) {
        w.a = s->numbers + (w.a_begin - s->begin) * d->size;
        w.k = (char *)k + w.k_begin * d->size;
        w.y = b->rows + (w.result - b->origin) * d->result.row_bytes;
        run(&w);
    }
}

/* ---- the result ----------------------------------------------------------------------------- */

static void run_blocks(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    for (int64_t i = begin; i < end; i++) {
        conv_block b = {.first = i * d->block};
        sight s;
        b.count = smaller(d->block, d->count - b.first);
        if (!open_sight(d, &b, &s)) {
            return;
        }
        if (conv_block_open(&d->result, &b)) {
            run_windows(d, &b, &s, d->k, d->loops->sum);
            conv_block_close(&d->result, &b);
        }
        close_sight(d, &s);
    }
}

/* Places of a block, `most` at most: repeated numbers are to stay in the second-level cache. */
static int64_t block_places(const depthwise *d, int64_t most) {
    int64_t fit = d->filters > 1 ? CONV_BLOCK_BYTES / (d->channels * d->size) : most;
    return conv_block_places(&d->result, larger(1, smaller(fit, most)));
}

static void run_scan(depthwise *d, threads_task *run) {
    int64_t places = larger(FEWEST_PLACES, threads_pieces(d->count, MOST_TASKS));
    d->block = block_places(d, places);
    int64_t work = d->block * place_work(d);
    threads_run(threads_pieces(d->count, d->block), threads_grain(work), run, d);
}

/* ---- the gradient by the input, of several filters ------------------------------------------ */

/* The window's sums are made in rows of their own, and those of a channel summed from there. */
static void run_and_fold(const depthwise *d, window *w, void *rows) {
    int64_t channels = d->channels / d->filters;
    fold f = {d->dtype, w->places, channels, d->filters, w->y_step / d->filters};
    w->y = rows;
    w->y_step = d->channels;
    d->loops->sum(w);
    conv_fold(&f, rows, d->result.y + w->result * d->result.row_bytes);
}

static void run_folded_windows(const depthwise *d, int64_t first, int64_t count, void *rows) {
    windows_walk walk = windows_from(&d->windows, first, count);
    for (window w; windows_next(&d->windows, &walk, &w);) {
        w.a = d->a + w.a_begin * d->size;
        w.k = (char *)d->k + w.k_begin * d->size;
        run_and_fold(d, &w, rows);
    }
}

static void run_folded_blocks(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    int64_t bytes;
    void *rows = NULL;
    if (size_multiply(d->windows.scan.axes[2].places, d->channels * d->size, &bytes)) {
        rows = memory_take((size_t)bytes);
    }
    if (!rows) {
        atomic_store(&d->result.failed, true);
        return;
    }
    for (int64_t i = begin; i < end; i++) {
        int64_t first = i * d->block;
        run_folded_windows(d, first, smaller(d->block, d->count - first), rows);
    }
    memory_give(rows, (size_t)bytes);
}

/* ---- the gradient by the kernel ------------------------------------------------------------- */

/* The places of a part, block by block. */
static void run_part(depthwise *d, int64_t part, void *k) {
    int64_t end = (part + 1) * d->count / d->parts;
    conv_block b = {.rows = d->result.y};
    for (b.first = part * d->count / d->parts; b.first < end; b.first += d->block) {
        sight s;
        b.count = smaller(d->block, end - b.first);
        if (!open_sight(d, &b, &s)) {
            return;
        }
        run_windows(d, &b, &s, k, d->loops->multiply);
        close_sight(d, &s);
    }
}

static void run_parts(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    int64_t part_bytes = scan_tap_count(&d->windows.scan) * d->width * d->size;
    for (int64_t part = begin; part < end; part++) {
        run_part(d, part, (char *)d->k + part * part_bytes);
    }
}

/* dkernel has no padding: the last vector of its rows lies upon the one before. */
static void put_together(const depthwise *d, const char *sums, char *dkernel) {
    int64_t row = d->channels * d->size;
    int64_t vector = d->loops->lanes * d->size;
    for (int64_t tap = 0; tap < scan_tap_count(&d->windows.scan); tap++) {
        int64_t padded = d->width * d->size;
        memcpy(dkernel, sums, (size_t)(row - vector));
        memcpy(dkernel + row - vector, sums + padded - vector, (size_t)vector);
        sums += padded;
        dkernel += row;
    }
}

/* The parts' sums lie one behind the other, and behind them they are joined. */
static lego_status sum_parts(depthwise *d, void *dkernel) {
    int64_t numbers = scan_tap_count(&d->windows.scan) * d->width;
    int64_t bytes;
    if (!size_multiply(numbers * d->size, d->parts + 1, &bytes)) {
        return LEGO_NO_MEMORY;
    }
    d->k = memory_take((size_t)bytes);
    if (!d->k) {
        return LEGO_NO_MEMORY;
    }
    memset(d->k, 0, (size_t)bytes);
    threads_run(d->parts, threads_grain(d->count / d->parts * place_work(d)), run_parts, d);
    char *joined = (char *)d->k + d->parts * numbers * d->size;
    conv_parts_join(d->dtype, numbers, d->parts, d->k, joined);
    put_together(d, joined, dkernel);
    memory_give(d->k, (size_t)bytes);
    return atomic_load(&d->result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* ---- the three ------------------------------------------------------------------------------ */

static depthwise depthwise_of(const conv *c, const void *a, const void *k, void *y) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    int64_t channels = c->groups * c->filters;
    return (depthwise){
        .dtype = c->dtype,
        .size = size,
        .filters = c->filters,
        .channels = channels,
        .width = channels,
        .loops = loops_for(c->dtype, channels),
        .a = a,
        .k = (void *)k,
        .result = {.y = y, .row_bytes = channels * size, .channels = channels},
    };
}

lego_status depthwise_run(const conv *c, const void *x, const void *kernel, void *y,
                          const block_end *end) {
    depthwise d = depthwise_of(c, x, kernel, y);
    d.result.end = end;
    set_scan(&d, scan_forwards(c), c->batch);
    run_scan(&d, run_blocks);
    return atomic_load(&d.result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* dy lies as its filters do, with nothing to repeat. */
lego_status depthwise_input_gradient_run(const conv *c, const void *dy, const void *kernel,
                                         void *dx) {
    depthwise d = depthwise_of(c, dy, kernel, dx);
    d.result.row_bytes /= c->filters;
    for (int64_t phase = 0; phase < scan_phases(c); phase++) {
        set_scan(&d, scan_backwards(c, phase), c->batch);
        run_scan(&d, c->filters == 1 ? run_blocks : run_folded_blocks);
    }
    return atomic_load(&d.result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* dy is read alone, but lies where results do. */
lego_status depthwise_kernel_gradient_run(const conv *c, const void *x, const void *dy,
                                          void *dkernel) {
    depthwise d = depthwise_of(c, x, NULL, (void *)dy);
    int64_t lanes = d.loops->lanes;
    d.width = threads_pieces(d.channels, lanes) * lanes;
    set_scan(&d, scan_forwards(c), c->batch);
    d.parts = larger(1, smaller(MOST_PARTS, threads_pieces(d.count, FEWEST_PLACES)));
    d.block = block_places(&d, larger(1, d.count));
    return sum_parts(&d, dkernel);
}
