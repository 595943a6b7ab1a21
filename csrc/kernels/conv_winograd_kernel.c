/* The gradient of a convolution of 3 x 3 taps by its kernel, by Winograd's algorithm.
 *
 * With y = A^T [(G k G^T) * (B^T x B)] A, tile by tile (winograd_transform.h), the gradient is
 *
 *     dk = G^T [ sum over tiles of (B^T x B) * (A dy A^T) ] G
 *
 * and the sum is a product of matrices at each point, v^T d, with a row for each tile:
 *
 *     v[point, tile, channel] = transformed x
 *     d[point, tile, filter]  = transformed dy
 *
 * Some tiles are transformed at a time, so that v and d need little memory. */
#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_winograd.h"
#include "gemm.h"

enum { SCRATCH_BYTES = 2 * L2_BYTES }; /* of v and d, or half of what their sums take */

typedef struct winograd_kernel_sum {
    lego_dtype dtype;
    int64_t size; /* of a number, in bytes */
    int64_t channels;
    int64_t filters;
    winograd_tiles tiles;
    image_square x;
    image_square dy;
    int64_t some;   /* tiles at a time, */
    int64_t first;  /* of which this is the first */
    int64_t x_row;  /* numbers from one tile to the next, */
    int64_t x_step; /* and from one point to the next */
    int64_t dy_step;
    char *zeros;
    char *inputs;
    char *gradients;
    char *sums;   /* (points, channels, filters) */
    char *result; /* (taps, channels, filters) */
} winograd_kernel_sum;

static winograd_points points_of(const winograd_kernel_sum *k, int64_t step) {
    return (winograd_points){k->dtype, k->tiles.outputs, step};
}

/* ---- the sum --------------------------------------------------------------------------------- */

static void transform_tiles(void *work, int64_t begin, int64_t end) {
    const winograd_kernel_sum *k = work;
    const winograd_points x_points = points_of(k, k->x_step);
    const winograd_points dy_points = points_of(k, k->dy_step);
    for (int64_t i = begin; i < end; i++) {
        const void *pixels[MOST_WINOGRAD_POINTS];
        tile_coordinate tile = winograd_tile_at(&k->tiles, k->first + i);
        winograd_pixels(k->x, &tile, k->zeros, pixels);
        winograd_transform_input(&x_points, pixels, k->channels,
                                 k->inputs + i * k->x_row * k->size);
        winograd_pixels(k->dy, &tile, k->zeros, pixels);
        winograd_transform_gradient(&dy_points, pixels, k->filters,
                                    k->gradients + i * k->filters * k->size);
    }
}

/* sums (+)= v^T d at all points */
static void multiply(const winograd_kernel_sum *k, int64_t count) {
    gemm g = {
        .dtype = k->dtype,
        .rows = k->channels,
        .columns = k->filters,
        .depth = count,
        .batch_rank = 1,
        .batch_shape = {k->tiles.points},
        .a = {k->inputs, 1, k->x_row, {k->x_step}},
        .b = {k->gradients, k->filters, 1, {k->dy_step}},
        .y = k->sums,
        .adds = k->first > 0,
    };
    gemm_run(&g);
}

/* Channels of the sums become channels of the kernel's taps. */
static void transform_channels(void *work, int64_t begin, int64_t end) {
    const winograd_kernel_sum *k = work;
    const int64_t step = k->channels * k->filters;
    const winograd_points points = points_of(k, step);
    char *taps[WINOGRAD_TAPS * WINOGRAD_TAPS];
    for (int i = 0; i < WINOGRAD_TAPS * WINOGRAD_TAPS; i++) {
        taps[i] = k->result + (i * step + begin * k->filters) * k->size;
    }
    winograd_transform_taps(&points, k->sums + begin * k->filters * k->size,
                            (end - begin) * k->filters, taps);
}

static void sum_tiles(winograd_kernel_sum *k) {
    int64_t tile_work = k->tiles.points * (k->channels + k->filters) / 8;
    int64_t channel_work = k->tiles.points * k->filters / 8;
    do {
        int64_t count = smaller(k->some, k->tiles.count - k->first);
        threads_run(count, threads_grain(tile_work), transform_tiles, k);
        multiply(k, count);
        k->first += count;
    } while (k->first < k->tiles.count);
    threads_run(k->channels, threads_grain(channel_work), transform_channels, k);
}

/* ---- memory, for as long as it runs ---------------------------------------------------------- */

/* Cuts the work by its size alone. The more tiles at a time, the fewer times all sums are read and
 * written. The product reads a column of v: rows that lie a power of two apart would share lines of
 * the cache, so they are an odd number of lines apart. Returns the bytes of the zeros, v and d. */
static int64_t cut(winograd_kernel_sum *k, int64_t sum_bytes) {
    int64_t line = CACHE_LINE / k->size;
    int64_t zeros = larger(k->channels, k->filters) * k->size;
    int64_t room = larger(SCRATCH_BYTES, sum_bytes / 2);
    k->x_row = (divide_up(k->channels, line) | 1) * line;
    int64_t tile = k->tiles.points * (k->x_row + k->filters) * k->size;
    k->some = larger(1, smaller((room - zeros) / tile, k->tiles.count));
    k->x_step = k->some * k->x_row;
    k->dy_step = k->some * k->filters;
    return larger(room, zeros + tile);
}

/* The kernel's gradient has fewer numbers than fit into memory, so four times as many, or what a
 * tile takes, do not overflow. */
static lego_status sum_with_memory(winograd_kernel_sum *k) {
    int64_t sum_bytes = k->tiles.points * k->channels * k->filters * k->size;
    int64_t bytes = cut(k, sum_bytes);
    char *scratch = memory_take((size_t)bytes);
    k->sums = scratch ? memory_take((size_t)sum_bytes) : NULL;
    if (k->sums) {
        k->zeros = scratch;
        k->inputs = k->zeros + larger(k->channels, k->filters) * k->size;
        k->gradients = k->inputs + k->tiles.points * k->x_step * k->size;
        memset(k->zeros, 0, (size_t)(k->inputs - k->zeros));
        sum_tiles(k);
        memory_give(k->sums, (size_t)sum_bytes);
    }
    memory_give(scratch, (size_t)bytes);
    return k->sums ? LEGO_OK : LEGO_NO_MEMORY;
}

lego_status winograd_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    conv_geometry g = geometry_forward(c);
    winograd_kernel_sum k = {
        .dtype = c->dtype,
        .size = size,
        .channels = c->channels,
        .filters = c->filters,
        .tiles = winograd_tiles_of(c, &g),
        .result = dkernel,
    };
    k.x = winograd_sources(&k.tiles, x, c->channels * size);
    k.dy = winograd_results(&k.tiles, dy, c->filters * size);
    return sum_with_memory(&k);
}
