/* Gradients by the kernel of depthwise convolutions: the places fall into parts, by size alone,
 * whose sums are joined in the end. */
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_depthwise.h"
#include "conv_depthwise_repeated.h"
#include "conv_parts.h"

enum { MOST_PARTS = 8 };

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* The places of a part, block by block. */
static void run_part(depthwise *d, int64_t part, void *k) {
    int64_t end = (part + 1) * d->count / d->parts;
    conv_block b = {.rows = d->result.y};
    for (b.first = part * d->count / d->parts; b.first < end; b.first += d->block) {
        repeated s;
        b.count = smaller(d->block, end - b.first);
        if (!repeated_open(d, &b, &s)) {
            return;
        }
        repeated_run(d, &b, &s, k, d->loops->multiply);
        repeated_close(d, &s);
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
    threads_run(d->parts, threads_grain(d->count / d->parts * depthwise_place_work(d)), run_parts,
                d);
    char *joined = (char *)d->k + d->parts * numbers * d->size;
    conv_parts_join(d->dtype, numbers, d->parts, d->k, joined);
    put_together(d, joined, dkernel);
    memory_give(d->k, (size_t)bytes);
    return atomic_load(&d->result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* dy is read alone, but lies where results do. */
lego_status depthwise_kernel_gradient_run(const conv *c, const void *x, const void *dy,
                                          void *dkernel) {
    depthwise d = depthwise_of(c, x, NULL, (void *)dy);
    int64_t lanes = d.loops->lanes;
    d.width = threads_chunks(d.channels, lanes) * lanes;
    d.windows = conv_windows_of(scan_forwards(c), d.channels, d.width);
    d.count = c->batch * scan_places(&d.windows.scan);
    d.parts = larger(1, smaller(MOST_PARTS, threads_chunks(d.count, FEWEST_PLACES)));
    d.block = depthwise_block(&d, larger(1, d.count));
    return sum_parts(&d, dkernel);
}
