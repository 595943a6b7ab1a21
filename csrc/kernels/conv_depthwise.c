/* Convolutions in which each channel meets a filter of its own: vectors run over the channels.
 *
 * A tile is a few places times a few vectors of channels, summed in registers tap by tap. For the
 * gradient by the kernel the tile is what is read: its products are summed over its places, and
 * added to the kernel's row of each tap. The places fall into parts, by size alone, whose sums are
 * joined in the end. */
#include "conv_depthwise.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_parts.h"
#include "conv_result.h"
#include "conv_view.h"
#include "registers.h"

enum {
    LINE_VECTORS = 4,             /* of the channels, summed at a time */
    LINE_ROWS = CONV_ROWS / 2,    /* of a tile, likewise */
    BLOCK_PLACES = CONV_ROWS * 8, /* of a task */
    MOST_PARTS = 8,
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* What a tile of places sees through some taps, and the kernel's rows for those. */
typedef struct lines {
    int rows;
    int64_t channels;
    int64_t segments;
    const void *(*a)[CONV_ROWS];
    int64_t begins[MOST_SEGMENTS]; /* of the kernel's rows */
    void *y[CONV_ROWS];
    bool adds;
} lines;

#define NUMBER     float
#define NAME(word) word##_float32
#include "conv_depthwise_block.h"

#define NUMBER     double
#define NAME(word) word##_float64
#include "conv_depthwise_block.h"

typedef struct depthwise {
    lego_dtype dtype;
    int64_t size; /* of a number, in bytes */
    int64_t channels;
    int64_t count; /* of places */
    conv_view view;
    const void *kernel;
    conv_result result; /* of the gradient by the kernel: what is read beside x */
    int64_t block;      /* places of a task */
    char *kernel_sums;  /* of each part */
    int64_t parts;
} depthwise;

/* The next taps of a tile of places. */
static void look(const depthwise *d, const conv_places *p, int64_t tap, lines *l) {
    l->segments = smaller(MOST_SEGMENTS, d->view.tap_count - tap);
    l->adds = tap > 0;
    conv_view_look(&d->view, p, 0, tap, 1, l->segments, l->a);
    for (int64_t s = 0; s < l->segments; s++) {
        l->begins[s] = d->view.taps[tap + s].kernel_tap * d->channels;
    }
}

static void point_at_results(const depthwise *d, const conv_block *b, const conv_places *p,
                             lines *l) {
    l->rows = p->count;
    l->channels = d->channels;
    for (int i = 0; i < p->count; i++) {
        l->y[i] = b->rows + (p->results[i] - b->origin) * d->result.row_bytes;
    }
}

static void run_block(const depthwise *d, const conv_block *b) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    lines l = {.a = a};
    conv_places p;
    scan_spot spot = scan_place(&d->view.scan, b->first);
    for (int64_t left = b->count; left > 0; left -= CONV_ROWS) {
        conv_view_next(&d->view, &spot, smaller(left, CONV_ROWS), &p);
        point_at_results(d, b, &p, &l);
        int64_t tap = 0;
        do {
            look(d, &p, tap, &l);
            if (d->dtype == LEGO_FLOAT32) {
                sum_lines_float32(&l, d->kernel);
            } else {
                sum_lines_float64(&l, d->kernel);
            }
            tap += l.segments;
        } while (tap < d->view.tap_count);
    }
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    for (int64_t i = begin; i < end; i++) {
        conv_block b = {.first = i * d->block};
        b.count = smaller(d->block, d->count - b.first);
        if (!conv_block_open(&d->result, &b)) {
            return;
        }
        run_block(d, &b);
        conv_block_close(&d->result, &b);
    }
}

static void run_scan(const conv *c, depthwise *d, conv_scan scan) {
    conv_view_scan(&d->view, scan);
    d->count = c->batch * scan_places(&d->view.scan);
    d->block = conv_block_places(&d->result, BLOCK_PLACES);
    int64_t work = d->block * (d->view.tap_count * (d->channels / 8 + 1) + 16);
    threads_run(threads_pieces(d->count, d->block), threads_grain(work), run_blocks, d);
}

/* ---- by the kernel -------------------------------------------------------------------------- */

static void run_parts(void *work, int64_t begin, int64_t end) {
    const depthwise *d = work;
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    lines l = {.a = a};
    conv_places p;
    conv_block all = {.rows = d->result.y};
    for (int64_t part = begin; part < end; part++) {
        int64_t place = part * d->count / d->parts;
        int64_t last = (part + 1) * d->count / d->parts;
        char *sums = d->kernel_sums + part * d->view.tap_count * d->channels * d->size;
        scan_spot spot = scan_place(&d->view.scan, place);
        for (; place < last; place += CONV_ROWS) {
            conv_view_next(&d->view, &spot, smaller(last - place, CONV_ROWS), &p);
            point_at_results(d, &all, &p, &l);
            for (int64_t tap = 0; tap < d->view.tap_count; tap += l.segments) {
                look(d, &p, tap, &l);
                if (d->dtype == LEGO_FLOAT32) {
                    sum_products_float32(&l, (void *)sums);
                } else {
                    sum_products_float64(&l, (void *)sums);
                }
            }
        }
    }
}

static lego_status sum_parts(depthwise *d, void *dkernel) {
    int64_t bytes;
    if (!size_multiply(d->view.tap_count * d->channels * d->size, d->parts, &bytes)) {
        return LEGO_NO_MEMORY;
    }
    d->kernel_sums = memory_take((size_t)bytes);
    if (!d->kernel_sums) {
        return LEGO_NO_MEMORY;
    }
    memset(d->kernel_sums, 0, (size_t)bytes);
    int64_t work = d->count / d->parts * (d->view.tap_count * (d->channels / 8 + 1) + 16);
    threads_run(d->parts, threads_grain(work), run_parts, d);
    conv_parts_join(d->dtype, d->view.tap_count * d->channels, d->parts, d->kernel_sums, dkernel);
    memory_give(d->kernel_sums, (size_t)bytes);
    return LEGO_OK;
}

/* ---- the three ------------------------------------------------------------------------------ */

static int64_t taps_of(const conv *c) {
    return c->axes[0].taps * c->axes[1].taps * c->axes[2].taps;
}

static lego_status open_depthwise(depthwise *d, const conv *c, const void *source) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    d->result.channels = c->groups;
    d->result.row_bytes = c->groups * size;
    d->dtype = c->dtype;
    d->size = size;
    d->channels = c->groups;
    d->view.source = source;
    d->view.pixel = d->channels * d->size;
    return conv_view_open(&d->view, taps_of(c), d->view.pixel);
}

lego_status depthwise_run(const conv *c, const void *x, const void *kernel, void *y,
                          const block_end *end) {
    depthwise d = {.kernel = kernel, .result = {.y = y, .end = end}};
    lego_status status = open_depthwise(&d, c, x);
    if (status == LEGO_OK) {
        run_scan(c, &d, scan_forwards(c));
        conv_view_close(&d.view);
    }
    return atomic_load(&d.result.failed) ? LEGO_NO_MEMORY : status;
}

lego_status depthwise_input_gradient_run(const conv *c, const void *dy, const void *kernel,
                                         void *dx) {
    depthwise d = {.kernel = kernel, .result = {.y = dx}};
    lego_status status = open_depthwise(&d, c, dy);
    for (int64_t phase = 0; phase < scan_phases(c) && status == LEGO_OK; phase++) {
        run_scan(c, &d, scan_backwards(c, phase));
    }
    if (status == LEGO_OK) {
        conv_view_close(&d.view);
    }
    return status;
}

/* dy is read alone, but lies where results do. */
lego_status depthwise_kernel_gradient_run(const conv *c, const void *x, const void *dy,
                                          void *dkernel) {
    depthwise d = {.result = {.y = (char *)dy}};
    lego_status status = open_depthwise(&d, c, x);
    if (status == LEGO_OK) {
        conv_view_scan(&d.view, scan_forwards(c));
        d.count = c->batch * scan_places(&d.view.scan);
        d.parts = smaller(MOST_PARTS, threads_pieces(d.count, BLOCK_PLACES));
        d.parts = d.parts > 0 ? d.parts : 1;
        status = sum_parts(&d, dkernel);
        conv_view_close(&d.view);
    }
    return status;
}
