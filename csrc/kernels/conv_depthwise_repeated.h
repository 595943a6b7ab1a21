/* What blocks of places see in a depthwise convolution.
 *
 * Several filters of a channel are like as many channels with the same numbers: a block sees each
 * number of x repeated, in memory that stays in the cache. */
#ifndef LEGO_KERNELS_CONV_DEPTHWISE_REPEATED_H
#define LEGO_KERNELS_CONV_DEPTHWISE_REPEATED_H

#include "conv_depthwise_loops.h"
#include "conv_result.h"
#include "conv_window.h"

#define depthwise_of    FOR_ISA(depthwise_of)
#define depthwise_block FOR_ISA(depthwise_block)
#define repeated_open   FOR_ISA(repeated_open)
#define repeated_close  FOR_ISA(repeated_close)
#define repeated_run    FOR_ISA(repeated_run)

enum {
    FEWEST_PLACES = 96, /* of a task */
    MOST_TASKS = 32,    /* the rows at a task's edges are read for the next one as well */
};

typedef struct depthwise {
    lego_dtype dtype;
    int64_t size;     /* of a number, in bytes */
    int64_t filters;  /* of a channel */
    int64_t channels; /* of all filters, as if each had one of its own */
    int64_t width;    /* of a row of k: its channels, padded where k is made */
    const window_loops *loops;
    const char *a;
    conv_result result; /* of the gradient by the kernel: what is read beside a */
    conv_windows windows;
    int64_t count; /* of places */
    void *k;
    int64_t block; /* places that see the same memory, */
    int64_t parts; /* or of the gradient by the kernel: sums that are joined */
} depthwise;

/* Without windows and what depends on them. */
depthwise depthwise_of(const conv *c, const void *a, const void *k, void *y);

/* Places of a block, `most` at most. */
int64_t depthwise_block(const depthwise *d, int64_t most);

/* About as many simple operations as a place costs. */
static inline int64_t depthwise_place_work(const depthwise *d) {
    return scan_tap_count(&d->windows.scan) * (d->channels / 8 + 1) + 16;
}

/* a, from one of its numbers on: as it lies there, or with each number repeated. */
typedef struct repeated {
    const char *numbers;
    int64_t begin;
    int64_t bytes; /* of memory of its own */
} repeated;

/* What a block sees, until it is closed; false when there is no memory. */
bool repeated_open(depthwise *d, const conv_block *b, repeated *s);
void repeated_close(const depthwise *d, repeated *s);

/* All windows of the block. */
void repeated_run(const depthwise *d, const conv_block *b, const repeated *s, void *k,
                  window_loop *run);

#endif
