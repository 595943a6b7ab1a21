/* Convolutions in which each channel meets a filter of its own: vectors run over the channels.
 *
 * Places that lie side by side and see the same taps are a window: what they see lies in memory at
 * even steps, and what is outside of the image is left out. A window falls into tiles, a few places
 * times a few vectors of channels, summed in registers tap by tap. For the gradient by the kernel
 * the tile is of the kernel, a few taps times a few vectors, and summed over the window's places;
 * the places fall into parts, by size alone, whose sums are joined in the end. */
#include "conv_depthwise.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_parts.h"
#include "conv_result.h"
#include "conv_scan.h"
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

/* Places side by side, and the taps along each axis that they all see. Steps count numbers. */
typedef struct window {
    int64_t places;
    int64_t channels;
    int64_t taps[CONV_AXES];
    const void *a; /* what the first place sees through the first of the taps */
    void *k;       /* the kernel's row of that tap */
    void *y;       /* the first place's row of the result */
    int64_t a_step;
    int64_t y_step;
    int64_t a_taps[CONV_AXES]; /* from tap to tap */
    int64_t k_taps[CONV_AXES];
} window;

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
    int64_t size; /* of a number, in bytes */
    int64_t channels;
    int64_t width; /* of a row of k: its channels, padded where k is made */
    const loops *loops;
    const char *a;
    conv_result result; /* of the gradient by the kernel: what is read beside a */
    conv_scan scan;
    int64_t count;   /* of places */
    window outline;  /* of all windows: what does not hang on the place */
    int64_t k_begin; /* the scan's first tap */
    void *k;
    int64_t block; /* places of a task */
    int64_t parts;
} depthwise;

/* ---- windows -------------------------------------------------------------------------------- */

static bool is_inside(const scan_axis *axis, int64_t source) {
    return (uint64_t)source < (uint64_t)axis->sources;
}

/* How many taps see something from there, and the first of them. */
static int64_t taps_seen(const scan_axis *axis, int64_t source, int64_t *first) {
    int64_t begin = 0;
    int64_t end = axis->taps;
    while (begin < end && !is_inside(axis, source + begin * axis->tap_step)) {
        begin++;
    }
    while (begin < end && !is_inside(axis, source + (end - 1) * axis->tap_step)) {
        end--;
    }
    *first = begin;
    return end - begin;
}

/* How many places in a row, `most` at most, see the same taps: one alone at the edges. */
static int64_t places_alike(const scan_axis *axis, int64_t source, int64_t taps, int64_t most) {
    if (taps < axis->taps) {
        return 1;
    }
    int64_t reach = (taps - 1) * axis->tap_step;
    int64_t highest = source + (reach > 0 ? reach : 0);
    return taps == 0 ? most : smaller(most, (axis->sources - 1 - highest) / axis->step + 1);
}

/* The window that begins at the spot. */
static window window_at(const depthwise *d, const scan_spot *spot, int64_t most, void *k) {
    const scan_axis *axes = d->scan.axes;
    int64_t a_begin = spot->source_offset * d->channels;
    int64_t k_begin = d->k_begin;
    window w = d->outline;
    for (int i = 0; i < CONV_AXES; i++) {
        int64_t first;
        w.taps[i] = taps_seen(&axes[i], spot->source[i], &first);
        a_begin += first * w.a_taps[i];
        k_begin += first * w.k_taps[i];
    }
    w.a = d->a + a_begin * d->size;
    w.k = (char *)k + k_begin * d->size;
    most = smaller(most, scan_row_left(&d->scan, spot));
    w.places = places_alike(&axes[2], spot->source[2], w.taps[2], most);
    return w;
}

/* All windows of a block. */
static void run_windows(const depthwise *d, const conv_block *b, void *k, loop *run) {
    scan_spot spot = scan_place(&d->scan, b->first);
    for (int64_t left = b->count; left > 0;) {
        window w = window_at(d, &spot, left, k);
        w.y = b->rows + (spot.result_offset - b->origin) * d->result.row_bytes;
        run(&w);
        left -= w.places;
        scan_advance(&d->scan, &spot, w.places);
    }
}

static void set_scan(depthwise *d, conv_scan scan, int64_t batch) {
    const scan_axis *last = &scan.axes[CONV_AXES - 1];
    int64_t a = d->channels;
    int64_t k = d->width;
    d->scan = scan;
    d->count = batch * scan_places(&scan);
    d->k_begin = 0;
    d->outline.channels = d->channels;
    d->outline.a_step = last->step * d->channels;
    d->outline.y_step = last->result_step * d->channels;
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        const scan_axis *axis = &scan.axes[i];
        d->outline.a_taps[i] = axis->tap_step * a;
        d->outline.k_taps[i] = axis->kernel_step * k;
        d->k_begin += axis->kernel_first * k;
        a *= axis->sources;
        k *= axis->kernel_taps;
    }
}

/* About as many simple operations as a place costs. */
static int64_t place_work(const depthwise *d) {
    return scan_tap_count(&d->scan) * (d->channels / 8 + 1) + 16;
}

/* ---- the result, and the gradient by the input ---------------------------------------------- */

static void run_blocks(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    for (int64_t i = begin; i < end; i++) {
        conv_block b = {.first = i * d->block};
        b.count = smaller(d->block, d->count - b.first);
        if (!conv_block_open(&d->result, &b)) {
            return;
        }
        run_windows(d, &b, d->k, d->loops->sum);
        conv_block_close(&d->result, &b);
    }
}

static void run_scan(depthwise *d) {
    int64_t places = threads_pieces(d->count, MOST_TASKS);
    places = places > FEWEST_PLACES ? places : FEWEST_PLACES;
    d->block = conv_block_places(&d->result, places);
    int64_t work = d->block * place_work(d);
    threads_run(threads_pieces(d->count, d->block), threads_grain(work), run_blocks, d);
}

/* ---- the gradient by the kernel ------------------------------------------------------------- */

static void run_parts(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    int64_t part_bytes = scan_tap_count(&d->scan) * d->width * d->size;
    for (int64_t part = begin; part < end; part++) {
        conv_block b = {.rows = d->result.y, .first = part * d->count / d->parts};
        b.count = (part + 1) * d->count / d->parts - b.first;
        run_windows(d, &b, (char *)d->k + part * part_bytes, d->loops->multiply);
    }
}

/* dkernel has no padding: the last vector of its rows lies upon the one before. */
static void put_together(const depthwise *d, const char *sums, char *dkernel) {
    int64_t row = d->channels * d->size;
    int64_t vector = d->loops->lanes * d->size;
    for (int64_t tap = 0; tap < scan_tap_count(&d->scan); tap++) {
        int64_t padded = d->width * d->size;
        memcpy(dkernel, sums, (size_t)(row - vector));
        memcpy(dkernel + row - vector, sums + padded - vector, (size_t)vector);
        sums += padded;
        dkernel += row;
    }
}

/* The parts' sums lie one behind the other, and behind them they are joined. */
static lego_status sum_parts(depthwise *d, void *dkernel) {
    int64_t numbers = scan_tap_count(&d->scan) * d->width;
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
    return LEGO_OK;
}

/* ---- the three ------------------------------------------------------------------------------ */

static depthwise depthwise_of(const conv *c, const void *a, const void *k, void *y) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    int64_t channels = c->groups;
    return (depthwise){
        .dtype = c->dtype,
        .size = size,
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
    run_scan(&d);
    return atomic_load(&d.result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

lego_status depthwise_input_gradient_run(const conv *c, const void *dy, const void *kernel,
                                         void *dx) {
    depthwise d = depthwise_of(c, dy, kernel, dx);
    for (int64_t phase = 0; phase < scan_phases(c); phase++) {
        set_scan(&d, scan_backwards(c, phase), c->batch);
        run_scan(&d);
    }
    return LEGO_OK;
}

/* dy is read alone, but lies where results do. */
lego_status depthwise_kernel_gradient_run(const conv *c, const void *x, const void *dy,
                                          void *dkernel) {
    depthwise d = depthwise_of(c, x, NULL, (void *)dy);
    int64_t lanes = d.loops->lanes;
    d.width = threads_pieces(d.channels, lanes) * lanes;
    set_scan(&d, scan_forwards(c), c->batch);
    d.parts = smaller(MOST_PARTS, threads_pieces(d.count, FEWEST_PLACES));
    d.parts = d.parts > 0 ? d.parts : 1;
    return sum_parts(&d, dkernel);
}
