/* Convolutions of 3 x 3 taps, and their gradients by the input, by Winograd's algorithm.
 *
 * The images are cut into tiles of m x m outputs. A task is a block of whole rows of tiles, so that
 * its outputs lie side by side in memory; it takes some tiles at a time:
 *
 *     v[point, tile, depth]   = transformed inputs               of all these tiles
 *     s[point, tile, column]  = v[point] u[point]                under one panel of the kernel
 *     y                       = transformed s                    into the pixels of the tiles
 *
 * where u, the transformed kernel, is made once. v stays in the second-level cache, and s, of as
 * many tiles as a tile in registers has rows, in the first. Backwards the result is the input and
 * the taps come in opposite order: nothing else differs. */
#include "conv_winograd.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "../core/winograd.h"
#include "conv_result.h"
#include "conv_tile.h"
#include "winograd_tiles.h"

enum {
    FEWEST_CHANNELS = 16,
    PAID_WEIGHTS = 2048,     /* channels times filters: an output pays for transforming so many */
    FEWEST_OUTPUTS = 4,      /* along an axis */
    INPUT_BYTES = 320 << 10, /* of the transformed inputs: they stay in the second-level cache */
    MOST_TILES = 48,         /* at a time */
    ENOUGH_TASKS = 16,       /* for threads to share */
    MOST_PLACES = 4096,      /* of a task */
    LINE_BYTES = 64,         /* of a cache */
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

typedef struct winograd {
    int64_t size; /* of a number, in bytes */
    bool is_flipped;
    winograd_tiles tiles;
    winograd_images source;
    const char *zeros;
    int64_t depth;
    int64_t before[2];
    int64_t results[2];
    conv_result result;
    conv_panels taps;   /* the kernel as it is, */
    conv_panels kernel; /* and transformed: a point where the other has a tap */
    int64_t block;      /* rows of tiles of a task, */
    int64_t some;       /* and how many tiles it takes at a time */
    int64_t input_step; /* numbers from one point to the next */
    int64_t sum_step;
} winograd;

/* Where the tile's outputs go; NULL where they are outside. */
static void aim(const winograd *w, const tile_coordinate *coordinate, const conv_block *b,
                char **pixels) {
    int64_t row = coordinate->at[0];
    int64_t column = coordinate->at[1];
    int64_t first = (coordinate->image * w->results[0] + row) * w->results[1] + column - b->origin;
    for (int i = 0; i < w->tiles.outputs; i++) {
        for (int j = 0; j < w->tiles.outputs; j++) {
            bool is_own = row + i < w->results[0] && column + j < w->results[1];
            int64_t place = first + i * w->results[1] + j;
            *pixels++ = is_own ? b->rows + place * w->result.row_bytes : NULL;
        }
    }
}

/* ---- the work ---------------------------------------------------------------------------------
 */

/* Memory that the numbers of some tiles are in on the way. */
typedef struct workplace {
    char *inputs; /* (points, tiles, depth) */
    char *sums;   /* (points, some of these tiles, columns of a panel) */
    char *results[MOST_TILES][MOST_WINOGRAD_OUTPUTS * MOST_WINOGRAD_OUTPUTS];
} workplace;

static winograd_points points_of(const winograd *w, int64_t step) {
    return (winograd_points){w->taps.dtype, w->tiles.outputs, step};
}

static void transform_inputs(const winograd *w, int64_t first, int64_t count, const conv_block *b,
                             workplace *at) {
    winograd_points points = points_of(w, w->input_step);
    for (int64_t i = 0; i < count; i++) {
        const void *pixels[MOST_WINOGRAD_POINTS];
        tile_coordinate coordinate = winograd_place(&w->tiles, first + i);
        winograd_look(&w->source, &coordinate, w->before, w->tiles.reach, w->zeros, pixels);
        aim(w, &coordinate, b, at->results[i]);
        winograd_transform_input(&points, pixels, w->depth, at->inputs + i * w->depth * w->size);
    }
}

/* s = v u at all points, for tiles first <= i < first + count under one panel. Where rows of a tile
 * in registers are left over, the last one fills them. */
static void multiply(const winograd *w, const workplace *at, int64_t first, int64_t count,
                     int64_t panel) {
    static const int64_t b_begin = 0;
    const int64_t width = conv_panel_width(&w->kernel, panel);
    const char *b =
        (const char *)w->kernel.packed + conv_panel_begin(&w->kernel, 0, panel) * w->size;
    const void *a[1][CONV_ROWS];
    conv_tile t = {
        .rows = (int)(threads_chunks(count, CONV_ROWS / 3) * (CONV_ROWS / 3)),
        .columns = (int)width,
        .segments = 1,
        .depth = w->depth,
        .a = a,
        .b_begins = &b_begin,
    };
    for (int point = 0; point < w->tiles.points; point++) {
        const char *inputs = at->inputs + point * w->input_step * w->size;
        char *sums = at->sums + point * w->sum_step * w->size;
        for (int i = 0; i < CONV_ROWS; i++) {
            a[0][i] = inputs + (first + smaller(i, count - 1)) * w->depth * w->size;
            t.y[i] = sums + i * width * w->size;
        }
        t.b = b + point * w->depth * width * w->size;
        conv_tile_run(w->kernel.dtype, &t);
    }
}

static void transform_sums(const winograd *w, const workplace *at, int64_t first, int64_t count,
                           int64_t panel) {
    const int64_t width = conv_panel_width(&w->kernel, panel);
    const int64_t column = panel * w->kernel.width;
    const int64_t columns = smaller(width, w->kernel.columns - column);
    winograd_points points = points_of(w, w->sum_step);
    for (int64_t i = 0; i < count; i++) {
        winograd_transform_output(&points, at->sums + i * width * w->size, columns,
                                  at->results[first + i], column);
    }
}

static void run_tiles(const winograd *w, int64_t first, int64_t count, const conv_block *b,
                      workplace *at) {
    transform_inputs(w, first, count, b, at);
    for (int64_t panel = 0; panel < w->kernel.count; panel++) {
        for (int64_t i = 0; i < count; i += CONV_ROWS) {
            int64_t n = smaller(CONV_ROWS, count - i);
            multiply(w, at, i, n, panel);
            transform_sums(w, at, i, n, panel);
        }
    }
}

/* The outputs of a row of tiles, and of several rows in turn, lie side by side. */
static int64_t first_place(const winograd *w, int64_t row) {
    tile_coordinate coordinate = winograd_place(&w->tiles, row * w->tiles.across);
    return (coordinate.image * w->results[0] + coordinate.at[0]) * w->results[1];
}

static int64_t scratch_bytes(const winograd *w) {
    return w->size * w->tiles.points * (w->input_step + w->sum_step);
}

static void run_block(winograd *w, int64_t first_row, workplace *at) {
    int64_t last_row = smaller(first_row + w->block, w->tiles.rows);
    conv_block b = {.first = first_place(w, first_row)};
    b.count = first_place(w, last_row) - b.first;
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
    size_t bytes = (size_t)scratch_bytes(w);
    char *scratch = memory_take(bytes);
    if (!scratch) {
        atomic_store(&w->result.failed, true);
        return;
    }
    workplace at = {.inputs = scratch, .sums = scratch + w->tiles.points * w->input_step * w->size};
    for (int64_t i = begin; i < end; i++) {
        run_block(w, i * w->block, &at);
    }
    memory_give(scratch, bytes);
}

/* ---- cutting ----------------------------------------------------------------------------------
 */

/* Points that lie a power of two apart would all fall into the same lines of the cache. */
static int64_t apart(int64_t numbers, int64_t size) {
    int64_t lines = threads_chunks(numbers * size, LINE_BYTES) | 1;
    return lines * LINE_BYTES / size;
}

/* By size alone. */
static void cut(winograd *w) {
    int64_t tile_bytes = w->tiles.points * w->depth * w->size;
    w->some = smaller(MOST_TILES, INPUT_BYTES / tile_bytes) / CONV_ROWS * CONV_ROWS;
    w->some = w->some < CONV_ROWS ? CONV_ROWS : w->some;
    w->input_step = apart(w->some * w->depth, w->size);
    w->sum_step = apart(CONV_ROWS * w->kernel.width, w->size);
    int64_t row_places = w->tiles.outputs * w->results[1];
    w->block = conv_block_places(&w->result, MOST_PLACES) / row_places;
    w->block = smaller(w->block, w->tiles.rows / ENOUGH_TASKS);
    w->block = w->block < 1 ? 1 : w->block;
}

/* ---- the kernel -------------------------------------------------------------------------------
 */

/* A row of one panel. */
static void transform_row(const winograd *w, int64_t panel, int64_t row) {
    const int64_t width = conv_panel_width(&w->taps, panel);
    const char *from = (const char *)w->taps.packed +
                       (conv_panel_begin(&w->taps, 0, panel) + row * width) * w->size;
    char *to =
        (char *)w->kernel.packed + (conv_panel_begin(&w->kernel, 0, panel) + row * width) * w->size;
    const void *taps[WINOGRAD_TAPS * WINOGRAD_TAPS];
    for (int i = 0; i < w->taps.taps; i++) {
        int64_t tap = w->is_flipped ? w->taps.taps - 1 - i : i;
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
 * first is as large as the sums of the gradient by the kernel, so that one block serves both. */
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
    conv_pack(&w->taps);
    int64_t work = w->taps.width * w->tiles.points / 4;
    threads_run(w->taps.count * w->depth, threads_grain(work), transform_rows, w);
    memory_give(m->taps, (size_t)m->taps_bytes);
}

static lego_status run(winograd *w) {
    w->kernel.taps = w->tiles.points;
    conv_panels_of(&w->taps);
    conv_panels_of(&w->kernel);
    kernel_memory m;
    lego_status status = take_memory(w, &m);
    if (status) {
        return status;
    }
    transform_taps(w, &m);
    cut(w);
    threads_run(threads_chunks(w->tiles.rows, w->block), 1, run_blocks, w);
    give_memory(&m);
    return atomic_load(&w->result.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* ---- forwards and backwards -------------------------------------------------------------------
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

int winograd_tile(const conv *c) {
    const conv_axis *outer = &c->axes[0];
    bool is_flat = outer->taps == 1 && outer->stride == 1 && outer->before == 0 &&
                   outer->input == outer->output;
    bool is_faster = c->groups == 1 && is_flat && has_three_taps(&c->axes[1]) &&
                     has_three_taps(&c->axes[2]) && are_enough_channels(c->channels) &&
                     are_enough_channels(c->filters) && are_enough_outputs(c);
    return is_faster ? winograd_setting() : 0;
}

lego_status winograd_run(const conv *c, int tile, const void *x, const conv_panels *kernel, void *y,
                         const epilogue *end) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    winograd w = {
        .size = size,
        .source = {x, {c->axes[1].input, c->axes[2].input}, c->channels * size},
        .depth = c->channels,
        .before = {c->axes[1].before, c->axes[2].before},
        .results = {c->axes[1].output, c->axes[2].output},
        .result = {y, c->filters * size, c->filters, end, false},
        .taps = *kernel,
        .kernel = *kernel,
    };
    w.tiles = winograd_tiles_of(tile, c->batch * c->axes[0].output, w.results);
    return run(&w);
}

/* dx_i is the sum over t of dy_(i + before - t) k_t: with t = 2 - s, of dy_(i - (2 - before) + s)
 * k_(2 - s). */
lego_status winograd_input_gradient_run(const conv *c, int tile, const void *dy,
                                        const conv_panels *kernel, void *dx) {
    const int64_t last = WINOGRAD_TAPS - 1;
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    winograd w = {
        .size = size,
        .is_flipped = true,
        .source = {dy, {c->axes[1].output, c->axes[2].output}, c->filters * size},
        .depth = c->filters,
        .before = {last - c->axes[1].before, last - c->axes[2].before},
        .results = {c->axes[1].input, c->axes[2].input},
        .result = {dx, c->channels * size, c->channels, NULL, false},
        .taps = *kernel,
        .kernel = *kernel,
    };
    w.tiles = winograd_tiles_of(tile, c->batch * c->axes[0].output, w.results);
    return run(&w);
}
