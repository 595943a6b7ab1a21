/* Convolutions of 3 x 3 taps, and their gradients by the input, by Winograd's algorithm.
 *
 * The images are cut into tiles of m x m outputs. A task is a block of whole rows of tiles, so that
 * its outputs lie side by side in memory, and some of their columns; it takes some tiles at a time:
 *
 *     v[point, tile, depth]   = transformed sources              of all these tiles
 *     s[point, tile, column]  = v[point] u[point]                under one panel of the kernel
 *     y                       = transformed s                    into the pixels of the tiles
 *
 * where u, the transformed kernel, is made once. What a task has of it is read once, from its first
 * byte to its last, for some tiles: so many that reading it from memory takes less time than their
 * products. Backward the taps come in opposite order: nothing else differs. */
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
    PAID_WEIGHTS = 8192, /* channels times filters: an output pays for transforming so many */
    FEWEST_OUTPUTS = 4,  /* along an axis */
    SOURCE_BYTES = L2_BYTES * 3 / 2, /* of the transformed sources */
    MOST_TILES = 48,                 /* at a time */
    ENOUGH_TASKS = 16,               /* for threads to share, */
    FEWEST_TASKS = 4,                /* and so many although each reads the whole kernel, */
    FEWEST_COLUMNS = 128,            /* or this many of its columns */
    MOST_OUTPUTS = 4096,             /* of a task */
};

/* ---- what it accepts ------------------------------------------------------------------------- */

static bool has_three_taps(const conv_axis *a) {
    return a->taps == WINOGRAD_TAPS && a->stride == 1 && a->dilation == 1 &&
           a->output >= FEWEST_OUTPUTS && a->input >= FEWEST_OUTPUTS;
}

static bool are_enough_channels(int64_t channels) {
    return channels >= FEWEST_CHANNELS && channels % WINOGRAD_NUMBERS == 0;
}

/* The transforms take time for each channel of the sources and of the results; what they save are
 * multiplications of each with each. Measured by benchmarks/conv_algorithms.py. */
static bool is_enough_work(const conv *c) {
    return c->channels * c->filters > FEWEST_CHANNELS * FEWEST_CHANNELS;
}

/* The kernel is transformed once, or its gradient's sums back, however few outputs it is for. The
 * batch has no say (conv.c): of one image few are slower, of a batch of 4 most are faster. */
static bool are_enough_outputs(const conv *c) {
    int64_t outputs = c->axes[1].output * c->axes[2].output;
    return c->channels * c->filters / PAID_WEIGHTS <= outputs;
}

/* Where the setting allows it, and the sum as it is written would be slower. */
bool winograd_accepts(const conv *c, conv_action action) {
    (void)action;
    const conv_axis *outer = &c->axes[0];
    bool is_flat = outer->taps == 1 && outer->stride == 1 && outer->before == 0 &&
                   outer->input == outer->output;
    return c->winograd != 0 && c->groups == 1 && is_flat && has_three_taps(&c->axes[1]) &&
           has_three_taps(&c->axes[2]) && are_enough_channels(c->channels) &&
           are_enough_channels(c->filters) && are_enough_outputs(c) && is_enough_work(c);
}

/* ---- tiles ----------------------------------------------------------------------------------- */

/* Backward the last tap has the first source. */
static int64_t first_source(const geometry_axis *axis) {
    return axis->first + smaller(0, (axis->taps - 1) * axis->tap_step);
}

winograd_tiles winograd_tiles_of(const conv *c, const conv_geometry *g) {
    int reach = c->winograd + WINOGRAD_TAPS - 1;
    int64_t images = c->batch * g->axes[0].outputs;
    winograd_tiles t = {.outputs = c->winograd, .reach = reach, .points = reach * reach};
    for (int i = 0; i < 2; i++) {
        const geometry_axis *axis = &g->axes[1 + i];
        t.results[i] = axis->outputs;
        t.sources[i] = axis->sources;
        t.first[i] = first_source(axis);
    }
    t.down = divide_up(t.results[0], t.outputs);
    t.across = divide_up(t.results[1], t.outputs);
    t.rows = images * t.down;
    t.count = t.rows * t.across;
    return t;
}

tile_coordinate winograd_tile_at(const winograd_tiles *t, int64_t index) {
    int64_t row = index / t->across;
    return (tile_coordinate){
        .image = row / t->down,
        .row = row % t->down * t->outputs,
        .column = index % t->across * t->outputs,
    };
}

image_square winograd_sources(const winograd_tiles *t, const void *sources, int64_t pixel) {
    return (image_square){
        .pixels = sources,
        .pixel = pixel,
        .lengths = {t->sources[0], t->sources[1]},
        .row = t->first[0],
        .column = t->first[1],
        .side = t->reach,
    };
}

image_square winograd_results(const winograd_tiles *t, const void *results, int64_t pixel) {
    return (image_square){
        .pixels = results,
        .pixel = pixel,
        .lengths = {t->results[0], t->results[1]},
        .side = t->outputs,
    };
}

void winograd_pixels(image_square square, const tile_coordinate *tile, const void *outside,
                     const void **addresses) {
    square.first += tile->image * square.lengths[0] * square.lengths[1];
    square.row += tile->row;
    square.column += tile->column;
    geometry_square(&square, outside, addresses);
}

/* ---- some tiles at a time -------------------------------------------------------------------- */

typedef struct winograd {
    lego_dtype dtype;
    int64_t size; /* of a number, in bytes */
    winograd_tiles tiles;
    image_square sources;
    void *zeros;
    int64_t depth;
    conv_result result;
    bool is_backward;    /* the taps come in opposite order */
    conv_panels taps;    /* the kernel as it is */
    conv_panels kernel;  /* transformed: a point where the other has a tap */
    kept *kept;          /* of the kernel */
    int64_t block;       /* rows of tiles of a task */
    int64_t blocks;      /* in all */
    int64_t strips;      /* panels of a task */
    int64_t some;        /* tiles at a time */
    int64_t source_step; /* numbers from one point to the next */
    int64_t sum_step;
} winograd;

/* What a task needs for some tiles. */
typedef struct winograd_scratch {
    char *sources; /* (points, tiles, depth) */
    char *sums;    /* (points, tiles, panel's columns) */
    const void *results[MOST_TILES][MOST_WINOGRAD_OUTPUTS * MOST_WINOGRAD_OUTPUTS];
    const char *next;   /* sources of the next tiles, of which each row tile */
    int64_t next_bytes; /* prefetches so many */
} winograd_scratch;

static winograd_points points_of(const winograd *w, int64_t step) {
    return (winograd_points){w->dtype, w->tiles.outputs, step};
}

static void transform_sources(const winograd *w, int64_t first, int64_t count, const conv_block *b,
                              winograd_scratch *at) {
    winograd_points points = points_of(w, w->source_step);
    image_square results = winograd_results(&w->tiles, b->rows, b->row_bytes);
    results.first = -b->origin;
    for (int64_t i = 0; i < count; i++) {
        const void *pixels[MOST_WINOGRAD_POINTS];
        tile_coordinate tile = winograd_tile_at(&w->tiles, first + i);
        winograd_pixels(w->sources, &tile, w->zeros, pixels);
        winograd_pixels(results, &tile, NULL, at->results[i]);
        winograd_transform_input(&points, pixels, w->depth, at->sources + i * w->depth * w->size);
    }
}

/* ---- prefetching: memory is slow to begin with the short rows of a tile -----------------------
 */

/* Tiles from number `first` on: what they see that the tiles above them do not, as if it lay evenly
 * in memory. It is prefetched while `runs` row tiles are summed. */
static void set_next(const winograd *w, int64_t first, int64_t count, int64_t runs,
                     winograd_scratch *at) {
    const winograd_tiles *t = &w->tiles;
    int64_t tiles = t->down * t->across;
    int64_t row_bytes = t->sources[1] * w->sources.pixel;
    int64_t tile_bytes = t->sources[0] * row_bytes / tiles;
    int64_t above = (t->reach - t->outputs + t->first[0]) * row_bytes;
    at->next = w->sources.pixels + first / tiles * t->sources[0] * row_bytes +
               first % tiles * tile_bytes + above;
    at->next_bytes = first < t->count ? count * tile_bytes / runs : 0;
}

static void prefetch_next(winograd_scratch *at) {
    for (int64_t i = 0; i < at->next_bytes; i += CACHE_LINE) {
        __builtin_prefetch(at->next + i, 0, 2);
    }
    at->next += at->next_bytes;
}

/* Where `bytes` of the outputs of tiles first <= i < last go to, from `offset` on. */
static void prefetch_results(const winograd *w, const winograd_scratch *at, int64_t first,
                             int64_t last, int64_t offset, int64_t bytes) {
    const int pixels = w->tiles.outputs * w->tiles.outputs;
    for (int64_t i = first; i < last; i++) {
        for (int pixel = 0; pixel < pixels; pixel++) {
            const char *y = at->results[i][pixel];
            for (int64_t line = 0; y && line < bytes; line += CACHE_LINE) {
                __builtin_prefetch(y + offset + line, 1);
            }
        }
    }
}

/* ---- some tiles under some panels -------------------------------------------------------------
 */

/* Panels begin <= panel < end. */
typedef struct panel_range {
    int64_t begin;
    int64_t end;
} panel_range;

/* s = v u at a point. The last tile is repeated where the row tile has more rows. */
static void multiply(const winograd *w, winograd_scratch *at, int point, int64_t count,
                     int64_t panel) {
    static const int64_t b_begin = 0;
    const int64_t width = conv_panel_width(&w->kernel, panel);
    const int64_t b = conv_panel_begin(&w->kernel, 0, panel) + point * w->depth * width;
    const char *sources = at->sources + point * w->source_step * w->size;
    char *sums = at->sums + point * w->sum_step * w->size;
    const void *a[1][CONV_ROWS];
    conv_tile t = {
        .columns = (int)width,
        .segments = 1,
        .depth = w->depth,
        .a = a,
        .b = (const char *)w->kernel.packed + b * w->size,
        .b_begins = &b_begin,
    };
    for (int64_t first = 0; first < count; first += CONV_ROWS) {
        int64_t rows = smaller(CONV_ROWS, count - first);
        t.rows = (int)round_up(rows, CONV_ROWS / 3);
        for (int i = 0; i < CONV_ROWS; i++) {
            a[0][i] = sources + (first + smaller(i, rows - 1)) * w->depth * w->size;
            t.y[i] = sums + (first + i) * width * w->size;
        }
        prefetch_next(at);
        conv_tile_run(w->dtype, &t);
    }
}

static void run_panel(const winograd *w, int64_t count, int64_t panel, int64_t column,
                      winograd_scratch *at) {
    const int64_t points = w->tiles.points;
    const int64_t width = conv_panel_width(&w->kernel, panel);
    const winograd_points p = points_of(w, w->sum_step);
    for (int point = 0; point < points; point++) {
        prefetch_results(w, at, point * count / points, (point + 1) * count / points,
                         column * w->size, width * w->size);
        multiply(w, at, point, count, panel);
    }
    for (int64_t i = 0; i < count; i++) {
        winograd_transform_output(&p, at->sums + i * width * w->size, width,
                                  (char *const *)at->results[i], column);
    }
}

static void run_tiles(const winograd *w, int64_t first, int64_t count, panel_range panels,
                      const conv_block *b, winograd_scratch *at) {
    int64_t runs = (panels.end - panels.begin) * w->tiles.points * divide_up(count, CONV_ROWS);
    transform_sources(w, first, count, b, at);
    set_next(w, first + count, count, runs, at);
    for (int64_t panel = panels.begin; panel < panels.end; panel++) {
        run_panel(w, count, panel, panel * w->kernel.width - b->channel, at);
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* The first output of a row of tiles. Outputs of several such rows lie side by side. */
static int64_t first_output(const winograd *w, int64_t row) {
    tile_coordinate tile = winograd_tile_at(&w->tiles, row * w->tiles.across);
    return (tile.image * w->tiles.results[0] + tile.row) * w->tiles.results[1];
}

static void run_task(winograd *w, int64_t task, winograd_scratch *at) {
    int64_t first_row = task % w->blocks * w->block;
    int64_t last_row = smaller(first_row + w->block, w->tiles.rows);
    panel_range panels = {.begin = task / w->blocks * w->strips};
    panels.end = smaller(panels.begin + w->strips, w->kernel.count);
    conv_block b = {.first = first_output(w, first_row), .channel = panels.begin * w->kernel.width};
    b.count = first_output(w, last_row) - b.first;
    b.channels = smaller(panels.end * w->kernel.width, w->result.channels) - b.channel;
    if (!conv_block_open(&w->result, &b)) {
        return;
    }
    int64_t last = last_row * w->tiles.across;
    for (int64_t first = first_row * w->tiles.across; first < last; first += w->some) {
        run_tiles(w, first, smaller(w->some, last - first), panels, &b, at);
    }
    conv_block_close(&w->result, &b);
}

static void run_tasks(void *work, int64_t begin, int64_t end) {
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
        run_task(w, i, &at);
    }
    memory_give(memory, bytes);
}

/* Points that lie a power of two apart would share lines of the cache: their distance is an odd
 * number of lines. */
static int64_t apart(int64_t numbers, int64_t size) {
    int64_t lines = divide_up(numbers * size, CACHE_LINE) | 1;
    return lines * CACHE_LINE / size;
}

/* Where the kernel does not stay in the cache, tasks share its panels, but for an epilogue of short
 * rows; and a task has enough rows to read its panels for some tiles. Returns the rows of tiles
 * that a task has at least. */
static int64_t share_kernel(winograd *w, int64_t some) {
    bool stays = w->kernel.group_size * w->size <= L2_BYTES;
    bool waits = w->result.epilogue && w->result.channels <= LONG_ROW;
    int64_t slices = stays || waits ? 1 : larger(1, w->kernel.columns / FEWEST_COLUMNS);
    w->strips = divide_up(w->kernel.count, slices);
    int64_t few = divide_up(w->tiles.rows * slices, FEWEST_TASKS);
    return stays ? 1 : smaller(few, some / w->tiles.across);
}

/* Cuts the work by its size alone. */
static void cut(winograd *w) {
    int64_t tile_bytes = w->tiles.points * w->depth * w->size;
    int64_t some = smaller(MOST_TILES, larger(CONV_ROWS, SOURCE_BYTES / tile_bytes));
    int64_t least = share_kernel(w, some);
    int64_t slices = divide_up(w->kernel.count, w->strips);
    int64_t row_outputs = w->tiles.outputs * w->tiles.results[1];
    int64_t most = conv_block_outputs(&w->result, w->result.row_bytes / slices, MOST_OUTPUTS);
    int64_t block = larger(w->tiles.rows / ENOUGH_TASKS, least);
    block = larger(1, smaller(block, most / row_outputs));
    w->blocks = larger(1, divide_up(w->tiles.rows, block));
    w->block = larger(1, divide_up(w->tiles.rows, w->blocks));
    int64_t tiles = w->block * w->tiles.across;
    w->some = round_up(divide_up(tiles, divide_up(tiles, some / CONV_ROWS * CONV_ROWS)), CONV_ROWS);
    w->source_step = apart(w->some * w->depth, w->size);
    w->sum_step = apart(w->some * w->kernel.width, w->size);
}

/* ---- the kernel ------------------------------------------------------------------------------ */

/* Where a row of one panel begins in the kernel's first tap, and the bytes to the next tap: in the
 * kernel itself, whose panels are full, or where that is transposed, packed. */
static const char *panel_row(const winograd *w, int64_t panel, int64_t row, int64_t *tap_bytes) {
    const conv_panels *k = &w->taps;
    const int64_t width = conv_panel_width(k, panel);
    if (!w->is_backward) {
        *tap_bytes = k->tap_stride * w->size;
        return (const char *)k->kernel + (row * k->row_stride + panel * k->width) * w->size;
    }
    *tap_bytes = w->depth * width * w->size;
    return (const char *)k->packed + (conv_panel_begin(k, 0, panel) + row * width) * w->size;
}

static void transform_row(const winograd *w, int64_t panel, int64_t row) {
    const int64_t width = conv_panel_width(&w->kernel, panel);
    int64_t tap_bytes;
    const char *from = panel_row(w, panel, row, &tap_bytes);
    char *to =
        (char *)w->kernel.packed + (conv_panel_begin(&w->kernel, 0, panel) + row * width) * w->size;
    const void *taps[WINOGRAD_TAPS * WINOGRAD_TAPS];
    for (int i = 0; i < w->taps.taps; i++) {
        int64_t tap = w->is_backward ? w->taps.taps - 1 - i : i;
        taps[i] = from + tap * tap_bytes;
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

/* False when there is no memory. */
static bool transform_kernel(winograd *w) {
    size_t bytes = w->is_backward ? (size_t)(w->taps.group_size * w->size) : 0;
    int64_t work = w->taps.width * w->tiles.points / 4;
    if (bytes > 0) {
        w->taps.packed = memory_take(bytes);
        if (!w->taps.packed) {
            return false;
        }
        conv_panels_pack(&w->taps);
    }
    threads_run(w->taps.count * w->depth, threads_grain(work), transform_rows, w);
    memory_give(w->taps.packed, bytes);
    return true;
}

/* ---- memory, for as long as it runs ---------------------------------------------------------- */

/* The transformed kernel is as large as the sums of the gradient by the kernel: the allocator hands
 * the same block to both. What the most points take fits 64 bits. */
static kept_use take_kernel(winograd *w, size_t *bytes) {
    static const char maker;
    kept_layout layout = conv_panels_layout(&w->kernel, &maker);
    int64_t taps;
    int64_t most;
    if (!size_multiply(w->taps.group_size, w->size, &taps) ||
        !size_multiply(taps, MOST_WINOGRAD_POINTS, &most)) {
        return (kept_use){.memory = NULL};
    }
    *bytes = (size_t)(w->kernel.group_size * w->size);
    kept_use use = kept_open_or_take(w->kept, &layout, *bytes);
    w->kernel.packed = use.memory;
    use.is_made = use.is_made || (use.memory && transform_kernel(w));
    return use;
}

/* ---- forward and backward -------------------------------------------------------------------- */

static lego_status run(winograd *w) {
    size_t kernel_bytes = 0;
    size_t zero_bytes = (size_t)(w->depth * w->size);
    kept_use kernel = take_kernel(w, &kernel_bytes);
    w->zeros = kernel.is_made ? memory_take(zero_bytes) : NULL;
    if (w->zeros) {
        memset(w->zeros, 0, zero_bytes);
        cut(w);
        int64_t slices = divide_up(w->kernel.count, w->strips);
        threads_run(w->tiles.rows > 0 ? w->blocks * slices : 0, 1, run_tasks, w);
        memory_give(w->zeros, zero_bytes);
    }
    kept_close(&kernel, kernel_bytes);
    return w->zeros ? conv_result_status(&w->result) : LEGO_NO_MEMORY;
}

/* From x and the kernel, or backward from dy and the transposed kernel. */
static winograd winograd_of(const conv *c, const void *source, const void *kernel,
                            bool is_backward) {
    conv_geometry g = is_backward ? geometry_backward(c, 0) : geometry_forward(c);
    conv_panels taps = conv_panels_of(c, kernel, is_backward);
    winograd w = {
        .dtype = c->dtype,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .tiles = winograd_tiles_of(c, &g),
        .depth = taps.rows,
        .is_backward = is_backward,
        .taps = taps,
        .kernel = taps,
    };
    w.sources = winograd_sources(&w.tiles, source, w.depth * w.size);
    w.kernel.taps = w.tiles.points;
    w.kernel.group_size = taps.group_size / taps.taps * w.tiles.points;
    return w;
}

lego_status winograd_forward(const conv *c, const void *x, const void *kernel, void *y,
                             const epilogue *epilogue) {
    winograd w = winograd_of(c, x, kernel, false);
    w.kept = c->kept;
    w.result = (conv_result){y, c->filters * w.size, c->filters, epilogue, false};
    return run(&w);
}

lego_status winograd_input_gradient(const conv *c, const void *dy, const void *kernel, void *dx) {
    winograd w = winograd_of(c, dy, kernel, true);
    w.result = (conv_result){dx, c->channels * w.size, c->channels, NULL, false};
    return run(&w);
}
