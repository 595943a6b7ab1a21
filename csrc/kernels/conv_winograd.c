/* Convolutions of 3 x 3 taps, and their gradients by the input, by Winograd's algorithm.
 *
 * The images are cut into tiles of m x m outputs. A task is a block of whole rows of tiles, so that
 * its outputs lie side by side in memory; it takes some tiles at a time:
 *
 *     v[point, tile, depth]   = transformed sources              of all these tiles
 *     s[point, tile, column]  = v[point] u[point]                under one panel of the kernel
 *     y                       = transformed s                    into the pixels of the tiles
 *
 * where u, the transformed kernel, is made once. v stays in the L2 cache, and s, of as many tiles
 * as a row tile has rows, in L1. Backward the taps come in opposite order: nothing else differs. */
#include "conv_winograd.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_result.h"
#include "conv_tile.h"

enum {
    FEWEST_CHANNELS = 16,
    PAID_WEIGHTS = 2048, /* channels times filters: an output pays for transforming so many */
    FEWEST_OUTPUTS = 4,  /* along an axis */
    SOURCE_BYTES = L2_BYTES * 5 / 16, /* of the transformed sources */
    MOST_TILES = 48,                  /* at a time */
    ENOUGH_TASKS = 16,                /* for threads to share */
    MOST_OUTPUTS = 4096,              /* of a task */
};

/* ---- what it accepts --------------------------------------------------------------------------
 */

static bool has_three_taps(const conv_axis *a) {
    return a->taps == WINOGRAD_TAPS && a->stride == 1 && a->dilation == 1 &&
           a->output >= FEWEST_OUTPUTS && a->input >= FEWEST_OUTPUTS;
}

static bool are_enough_channels(int64_t channels) {
    return channels >= FEWEST_CHANNELS && channels % WINOGRAD_NUMBERS == 0;
}

/* The kernel is transformed once, however few outputs it is for. */
static bool are_enough_outputs(const conv *c) {
    int64_t outputs = c->axes[1].output * c->axes[2].output;
    return c->channels * c->filters / PAID_WEIGHTS <= outputs;
}

/* Where the setting allows it, and the sum as it is written would be slower. */
bool winograd_accepts(const conv *c) {
    const conv_axis *outer = &c->axes[0];
    bool is_flat = outer->taps == 1 && outer->stride == 1 && outer->before == 0 &&
                   outer->input == outer->output;
    return c->winograd != 0 && c->groups == 1 && is_flat && has_three_taps(&c->axes[1]) &&
           has_three_taps(&c->axes[2]) && are_enough_channels(c->channels) &&
           are_enough_channels(c->filters) && are_enough_outputs(c);
}

/* ---- tiles ------------------------------------------------------------------------------------
 */

winograd_tiles winograd_tiles_of(const conv *c, conv_geometry g) {
    int reach = c->winograd + WINOGRAD_TAPS - 1;
    int64_t images = c->batch * g.axes[0].outputs;
    winograd_tiles t = {
        .geometry = g,
        .outputs = c->winograd,
        .reach = reach,
        .points = reach * reach,
        .down = divide_up(g.axes[1].outputs, c->winograd),
        .across = divide_up(g.axes[2].outputs, c->winograd),
    };
    t.geometry.axes[0].outputs = t.geometry.axes[0].sources = t.geometry.axes[0].results = 1;
    t.rows = images * t.down;
    t.count = t.rows * t.across;
    return t;
}

output_coordinate winograd_tile_at(const winograd_tiles *t, int64_t index) {
    int64_t row = index / t->across;
    output_coordinate tile = {
        .image = row / t->down,
        .at = {0, row % t->down * t->outputs, index % t->across * t->outputs},
    };
    coordinate_locate(&t->geometry, &tile);
    return tile;
}

/* Backward the last tap has the first source. */
static int64_t first_source(const winograd_tiles *t, const output_coordinate *tile, int axis) {
    int64_t reach = (WINOGRAD_TAPS - 1) * t->geometry.axes[axis].tap_step;
    return tile->source[axis] + smaller(reach, 0);
}

void winograd_source_pixels(const winograd_tiles *t, const output_coordinate *tile,
                            const winograd_images *sources, const void *outside,
                            const void **addresses) {
    const geometry_axis *axes = t->geometry.axes;
    image_square s = {
        .pixels = sources->pixels,
        .pixel = sources->pixel,
        .first = tile->image * axes[1].sources * axes[2].sources - sources->first,
        .lengths = {axes[1].sources, axes[2].sources},
        .row = first_source(t, tile, 1),
        .column = first_source(t, tile, 2),
        .side = t->reach,
    };
    geometry_square(&s, outside, addresses);
}

void winograd_result_pixels(const winograd_tiles *t, const output_coordinate *tile,
                            const winograd_images *results, const void *outside,
                            const void **addresses) {
    const geometry_axis *axes = t->geometry.axes;
    image_square s = {
        .pixels = results->pixels,
        .pixel = results->pixel,
        .first = tile->image * axes[1].results * axes[2].results - results->first,
        .lengths = {axes[1].results, axes[2].results},
        .row = tile->at[1],
        .column = tile->at[2],
        .side = t->outputs,
    };
    geometry_square(&s, outside, addresses);
}

/* ---- some tiles at a time ---------------------------------------------------------------------
 */

typedef struct winograd {
    lego_dtype dtype;
    int64_t size; /* of a number, in bytes */
    winograd_tiles tiles;
    winograd_images source;
    const char *zeros;
    int64_t depth;
    conv_result result;
    conv_panels taps;    /* the kernel as it is */
    conv_panels kernel;  /* transformed: a point where the other has a tap */
    int64_t block;       /* rows of tiles of a task */
    int64_t some;        /* tiles at a time */
    int64_t source_step; /* numbers from one point to the next */
    int64_t sum_step;
} winograd;

/* What a task needs for some tiles. */
typedef struct winograd_scratch {
    char *sources; /* (points, tiles, depth) */
    char *sums;    /* (points, as many of these tiles as a row tile has rows, panel's columns) */
    const void *results[MOST_TILES][MOST_WINOGRAD_OUTPUTS * MOST_WINOGRAD_OUTPUTS];
} winograd_scratch;

static winograd_points points_of(const winograd *w, int64_t step) {
    return (winograd_points){w->dtype, w->tiles.outputs, step};
}

static void transform_sources(const winograd *w, int64_t first, int64_t count, const conv_block *b,
                              winograd_scratch *at) {
    winograd_points points = points_of(w, w->source_step);
    winograd_images results = {b->rows, w->result.row_bytes, b->origin};
    for (int64_t i = 0; i < count; i++) {
        const void *pixels[MOST_WINOGRAD_POINTS];
        output_coordinate tile = winograd_tile_at(&w->tiles, first + i);
        winograd_source_pixels(&w->tiles, &tile, &w->source, w->zeros, pixels);
        winograd_result_pixels(&w->tiles, &tile, &results, NULL, at->results[i]);
        winograd_transform_input(&points, pixels, w->depth, at->sources + i * w->depth * w->size);
    }
}

/* s = v u at all points, for tiles first <= i < first + count under one panel. The last tile is
 * repeated where the row tile has more rows. */
static void multiply(const winograd *w, const winograd_scratch *at, int64_t first, int64_t count,
                     int64_t panel) {
    static const int64_t b_begin = 0;
    const int64_t width = conv_panel_width(&w->kernel, panel);
    const char *b =
        (const char *)w->kernel.packed + conv_panel_begin(&w->kernel, 0, panel) * w->size;
    const void *a[1][CONV_ROWS];
    conv_tile t = {
        .rows = (int)round_up(count, CONV_ROWS / 3),
        .columns = (int)width,
        .segments = 1,
        .depth = w->depth,
        .a = a,
        .b_begins = &b_begin,
    };
    for (int point = 0; point < w->tiles.points; point++) {
        const char *sources = at->sources + point * w->source_step * w->size;
        char *sums = at->sums + point * w->sum_step * w->size;
        for (int i = 0; i < CONV_ROWS; i++) {
            a[0][i] = sources + (first + smaller(i, count - 1)) * w->depth * w->size;
            t.y[i] = sums + i * width * w->size;
        }
        t.b = b + point * w->depth * width * w->size;
        conv_tile_run(w->dtype, &t);
    }
}

static void transform_sums(const winograd *w, const winograd_scratch *at, int64_t first,
                           int64_t count, int64_t panel) {
    const int64_t width = conv_panel_width(&w->kernel, panel);
    const int64_t column = panel * w->kernel.width;
    const int64_t columns = smaller(width, w->kernel.columns - column);
    winograd_points points = points_of(w, w->sum_step);
    for (int64_t i = 0; i < count; i++) {
        winograd_transform_output(&points, at->sums + i * width * w->size, columns,
                                  (char *const *)at->results[first + i], column);
    }
}

static void run_tiles(const winograd *w, int64_t first, int64_t count, const conv_block *b,
                      winograd_scratch *at) {
    transform_sources(w, first, count, b, at);
    for (int64_t panel = 0; panel < w->kernel.count; panel++) {
        for (int64_t i = 0; i < count; i += CONV_ROWS) {
            int64_t n = smaller(CONV_ROWS, count - i);
            multiply(w, at, i, n, panel);
            transform_sums(w, at, i, n, panel);
        }
    }
}

/* ---- tasks ------------------------------------------------------------------------------------
 */

/* The first output of a row of tiles. Outputs of several such rows lie side by side. */
static int64_t first_output(const winograd *w, int64_t row) {
    return winograd_tile_at(&w->tiles, row * w->tiles.across).result_offset;
}

static void run_block(winograd *w, int64_t first_row, winograd_scratch *at) {
    int64_t last_row = smaller(first_row + w->block, w->tiles.rows);
    conv_block b = {.first = first_output(w, first_row)};
    b.count = first_output(w, last_row) - b.first;
    if (!conv_block_open(&w->result, &b)) {
        return;
    }
    int64_t last = last_row * w->tiles.across;
    for (int64_t first = first_row * w->tiles.across; first < last; first += w->some) {
        run_tiles(w, first, smaller(w->some, last - first), &b, at);
    }
    conv_block_close(&w->result, &b);
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    winograd *w = work;
    int64_t source_bytes = w->size * w->tiles.points * w->source_step;
    size_t bytes = (size_t)(source_bytes + w->size * w->tiles.points * w->sum_step);
    char *memory = memory_take(bytes);
    if (!memory) {
        atomic_store(&w->result.failed, true);
        return;
    }
    winograd_scratch at = {.sources = memory, .sums = memory + source_bytes};
    for (int64_t i = begin; i < end; i++) {
        run_block(w, i * w->block, &at);
    }
    memory_give(memory, bytes);
}

/* Points that lie a power of two apart would share lines of the cache: their distance is an odd
 * number of lines. */
static int64_t apart(int64_t numbers, int64_t size) {
    int64_t lines = divide_up(numbers * size, CACHE_LINE) | 1;
    return lines * CACHE_LINE / size;
}

/* Cuts the work by its size alone. */
static void cut(winograd *w) {
    int64_t tile_bytes = w->tiles.points * w->depth * w->size;
    int64_t some = smaller(MOST_TILES, SOURCE_BYTES / tile_bytes);
    w->some = larger(1, some / CONV_ROWS) * CONV_ROWS;
    w->source_step = apart(w->some * w->depth, w->size);
    w->sum_step = apart(CONV_ROWS * w->kernel.width, w->size);
    int64_t row_outputs = w->tiles.outputs * w->tiles.geometry.axes[2].outputs;
    int64_t block = conv_block_outputs(&w->result, MOST_OUTPUTS) / row_outputs;
    w->block = larger(1, smaller(block, w->tiles.rows / ENOUGH_TASKS));
}

/* ---- the kernel -------------------------------------------------------------------------------
 */

/* A row of one panel. */
static void transform_row(const winograd *w, int64_t panel, int64_t row) {
    const int64_t width = conv_panel_width(&w->taps, panel);
    const bool is_flipped = w->tiles.geometry.axes[1].tap_step < 0;
    const char *from = (const char *)w->taps.packed +
                       (conv_panel_begin(&w->taps, 0, panel) + row * width) * w->size;
    char *to =
        (char *)w->kernel.packed + (conv_panel_begin(&w->kernel, 0, panel) + row * width) * w->size;
    const void *taps[WINOGRAD_TAPS * WINOGRAD_TAPS];
    for (int i = 0; i < w->taps.taps; i++) {
        int64_t tap = is_flipped ? w->taps.taps - 1 - i : i;
        taps[i] = from + tap * w->depth * width * w->size;
    }
    winograd_points points = points_of(w, w->depth * width);
    winograd_transform_kernel(&points, taps, width, to);
}

static void transform_rows(void *work, int64_t begin, int64_t end) {
    const winograd *w = work;
    for (int64_t i = begin; i < end; i++) {
        transform_row(w, i / w->depth, i % w->depth);
    }
}

/* Memory for the transformed kernel and for the zeros, and for a while for the kernel as it is. The
 * first is as large as the sums of the gradient by the kernel, so that the allocator hands the same
 * block to both. */
typedef struct kernel_memory {
    int64_t kernel_bytes;
    int64_t zero_bytes;
    int64_t taps_bytes;
    char *kernel;
    char *zeros;
    char *taps;
} kernel_memory;

static void give_memory(const kernel_memory *m) {
    memory_give(m->kernel, (size_t)m->kernel_bytes);
    memory_give(m->zeros, (size_t)m->zero_bytes);
}

static lego_status take_memory(const winograd *w, kernel_memory *m) {
    int64_t most;
    if (!size_multiply(w->taps.group_size, w->size, &m->taps_bytes) ||
        !size_multiply(m->taps_bytes, MOST_WINOGRAD_POINTS, &most)) {
        return LEGO_NO_MEMORY;
    }
    m->kernel_bytes = w->kernel.group_size * w->size;
    m->zero_bytes = w->depth * w->size;
    m->kernel = memory_take((size_t)m->kernel_bytes);
    m->zeros = memory_take((size_t)m->zero_bytes);
    m->taps = m->kernel && m->zeros ? memory_take((size_t)m->taps_bytes) : NULL;
    if (!m->taps) {
        give_memory(m);
    }
    return m->taps ? LEGO_OK : LEGO_NO_MEMORY;
}

static void transform_taps(winograd *w, const kernel_memory *m) {
    memset(m->zeros, 0, (size_t)m->zero_bytes);
    w->zeros = m->zeros;
    w->taps.packed = m->taps;
    w->kernel.packed = m->kernel;
    conv_panels_pack(&w->taps);
    int64_t work = w->taps.width * w->tiles.points / 4;
    threads_run(w->taps.count * w->depth, threads_grain(work), transform_rows, w);
    memory_give(m->taps, (size_t)m->taps_bytes);
}

/* ---- forward and backward ---------------------------------------------------------------------
 */

static lego_status run(winograd *w) {
    kernel_memory m;
    lego_status status = take_memory(w, &m);
    if (status) {
        return status;
    }
    transform_taps(w, &m);
    cut(w);
    threads_run(divide_up(w->tiles.rows, w->block), 1, run_blocks, w);
    give_memory(&m);
    return conv_result_status(&w->result);
}

/* From `source`, with `depth` channels, under the kernel or the transposed kernel. */
static winograd winograd_of(const conv *c, conv_geometry g, const void *source, const void *kernel,
                            bool is_transposed) {
    conv_panels taps = conv_panels_of(c, kernel, is_transposed);
    winograd w = {
        .dtype = c->dtype,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .tiles = winograd_tiles_of(c, g),
        .source = {.pixels = source},
        .depth = taps.rows,
        .taps = taps,
        .kernel = taps,
    };
    w.source.pixel = w.depth * w.size;
    w.kernel.taps = w.tiles.points;
    w.kernel.group_size = taps.group_size / taps.taps * w.tiles.points;
    return w;
}

lego_status winograd_forward(const conv *c, const void *x, const void *kernel, void *y,
                             const epilogue *epilogue) {
    winograd w = winograd_of(c, geometry_forward(c), x, kernel, false);
    w.result = (conv_result){y, c->filters * w.size, c->filters, epilogue, false};
    return run(&w);
}

lego_status winograd_input_gradient(const conv *c, const void *dy, const void *kernel, void *dx) {
    winograd w = winograd_of(c, geometry_backward(c, 0), dy, kernel, true);
    w.result = (conv_result){dx, c->channels * w.size, c->channels, NULL, false};
    return run(&w);
}
