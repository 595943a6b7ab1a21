/* What blocks of places see in a depthwise convolution. */
#include "conv_depthwise_repeated.h"

#include "../core/memory.h"
#include "conv_repeat.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

depthwise depthwise_of(const conv *c, const void *a, const void *k, void *y) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    int64_t channels = c->groups * c->filters;
    return (depthwise){
        .dtype = c->dtype,
        .size = size,
        .filters = c->filters,
        .channels = channels,
        .width = channels,
        .loops = window_loops_for(c->dtype, channels),
        .a = a,
        .k = (void *)k,
        .result = {.y = y, .row_bytes = channels * size, .channels = channels},
    };
}

/* Repeated numbers are to stay in the second-level cache. */
int64_t depthwise_block(const depthwise *d, int64_t most) {
    int64_t fit = d->filters > 1 ? CONV_BLOCK_BYTES / (d->channels * d->size) : most;
    return conv_block_places(&d->result, larger(1, smaller(fit, most)));
}

/* From the first number that a window of the block sees to the last. */
static int64_t find_reach(const depthwise *d, const conv_block *b, int64_t *begin) {
    window_iterator walk = windows_from(&d->windows, b->first, b->count);
    int64_t first = INT64_MAX;
    int64_t end = 0;
    for (window w; windows_next(&d->windows, &walk, &w);) {
        int64_t reach = window_reach(&w);
        if (reach > 0) {
            first = smaller(first, w.a_begin);
            end = larger(end, w.a_begin + reach);
        }
    }
    *begin = smaller(first, end);
    return end - *begin;
}

bool repeated_open(depthwise *d, const conv_block *b, repeated *s) {
    *s = (repeated){.numbers = d->a};
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
    const char *x = d->a + s->begin / d->filters * d->size;
    conv_repeat(d->dtype, count / d->filters, d->filters, x, repeated);
    s->numbers = repeated;
    return true;
}

void repeated_close(const depthwise *d, repeated *s) {
    if (d->filters > 1) {
        memory_give((char *)s->numbers, (size_t)s->bytes);
    }
}

void repeated_run(const depthwise *d, const conv_block *b, const repeated *s, void *k,
                  window_loop *run) {
    window_iterator walk = windows_from(&d->windows, b->first, b->count);
    for (window w; windows_next(&d->windows, &walk, &w);) {
        w.a = s->numbers + (w.a_begin - s->begin) * d->size;
        w.k = (char *)k + w.k_begin * d->size;
        w.y = b->rows + (w.result - b->origin) * d->result.row_bytes;
        run(&w);
    }
}
