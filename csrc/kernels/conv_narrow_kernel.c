/* The gradient by the kernel where filters are few and channels are many, as in the last layer of a
 * decoder:
 *
 *     dk[tap, channel, filter] = sum over outputs of x[seen, channel] dy[output, filter]
 *
 * As a product of matrices (conv_direct_kernel.c) it would have so few columns that most lanes of a
 * vector are empty. Here vectors run over the channels, filter by filter: for each of them it is
 * the gradient of a depthwise convolution whose dy has one number for all channels. Parts of the
 * outputs are summed on their own and then joined, cut by size alone. */
#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_depthwise_loops.h"
#include "conv_result.h"

enum {
    MOST_FILTERS = 4,
    FEWEST_BYTES = 64, /* of a pixel's channels: a vector of every instruction set */
    FEWEST_OUTPUTS = 96,
    MOST_PARTS = 8, /* of the outputs: sums that are joined */
};

/* sums has for each part and each filter a row of `width` channels for each tap. */
typedef struct narrow_sum {
    const conv *c;
    const char *x;
    const char *dy;
    char *sums;
    int64_t size;  /* of a number, in bytes */
    int64_t width; /* channels, padded to whole vectors */
    int64_t taps;
    int64_t count; /* outputs */
    int64_t parts;
    conv_geometry geometry;
    window outline;
} narrow_sum;

bool narrow_accepts(const conv *c, conv_action action) {
    int64_t bytes = c->channels * (int64_t)lego_dtype_size(c->dtype);
    return action == CONV_KERNEL_GRADIENT && c->groups == 1 && c->filters > 0 &&
           c->filters <= MOST_FILTERS && bytes >= FEWEST_BYTES;
}

static int64_t part_numbers(const narrow_sum *n) {
    return n->c->filters * n->taps * n->width;
}

static void run_part(const narrow_sum *n, int64_t part) {
    int64_t first = part * n->count / n->parts;
    int64_t count = (part + 1) * n->count / n->parts - first;
    char *sums = n->sums + part * part_numbers(n) * n->size;
    window_iterator windows = windows_over(&n->geometry, &n->outline, first, count);
    for (window w; windows_next(&windows, &w);) {
        w.a = n->x + w.a_begin * n->size;
        for (int64_t filter = 0; filter < n->c->filters; filter++) {
            w.y = (char *)n->dy + (w.result * n->c->filters + filter) * n->size;
            w.k = sums + (filter * n->taps * n->width + w.k_begin) * n->size;
            window_multiply_numbers(n->c->dtype, &w);
        }
    }
}

static void run_parts(void *work, int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
        run_part(work, part);
    }
}

/* dkernel (taps, channels, filters) = sums (filters, taps, width). The last vector of a row
 * overlaps the one before: it ends with the channels. */
static void put_kernel(const narrow_sum *n, const char *sums, char *dkernel) {
    const int64_t lanes = window_loops_for(n->c->dtype, n->c->channels)->lanes;
    const int64_t padding = n->width - n->c->channels;
    for (int64_t filter = 0; filter < n->c->filters; filter++) {
        for (int64_t tap = 0; tap < n->taps; tap++) {
            for (int64_t c = 0; c < n->c->channels; c++) {
                int64_t own = c < n->width - lanes ? c : c + padding;
                memcpy(dkernel + ((tap * n->c->channels + c) * n->c->filters + filter) * n->size,
                       sums + own * n->size, (size_t)n->size);
            }
            sums += n->width * n->size;
        }
    }
}

lego_status narrow_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    narrow_sum n = {
        .c = c,
        .x = x,
        .dy = dy,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .width = round_up(c->channels, window_loops_for(c->dtype, c->channels)->lanes),
        .geometry = geometry_forward(c),
    };
    n.taps = geometry_tap_count(&n.geometry);
    n.count = c->batch * geometry_outputs(&n.geometry);
    n.parts = larger(1, smaller(MOST_PARTS, n.count / FEWEST_OUTPUTS));
    n.outline = window_outline(&n.geometry, c->channels, n.width);
    n.outline.y_step = c->filters;
    int64_t bytes;
    if (!size_multiply(part_numbers(&n) * n.size, n.parts + 1, &bytes)) {
        return LEGO_NO_MEMORY;
    }
    n.sums = memory_take((size_t)bytes);
    if (!n.sums) {
        return LEGO_NO_MEMORY;
    }
    memset(n.sums, 0, (size_t)bytes);
    int64_t work = n.count / n.parts * c->filters * n.taps * (n.width / 8 + 1);
    threads_run(n.parts, threads_grain(work), run_parts, &n);
    char *joined = n.sums + n.parts * part_numbers(&n) * n.size;
    conv_sums_join(c->dtype, part_numbers(&n), n.parts, n.sums, joined);
    put_kernel(&n, joined, dkernel);
    memory_give(n.sums, (size_t)bytes);
    return LEGO_OK;
}
