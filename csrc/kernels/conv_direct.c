/* The direct algorithm, for all convolutions, and its gradient by the input: the same sum, forward
 * and backward (conv_geometry.h),
 *
 *     result[output, column] = sum over taps and depth of source[seen, depth] b[tap, depth, column]
 *
 * That is a product of the im2col matrix, which is never stored (conv_im2col.h), and the kernel,
 * which is packed into panels once (conv_tile.h). A number of the result is summed in one order,
 * tap by tap, whatever tile it is in. */
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_im2col.h"
#include "conv_result.h"
#include "conv_tile.h"

enum {
    FEW_CHANNELS = 32,   /* bytes of a pixel, up to which lines are read */
    BLOCK_OUTPUTS = 384, /* that go through the same panels, if there are many */
    FEWEST_OUTPUTS = 48, /* ... if there are few */
    ENOUGH_TASKS = 8,    /* for threads to share, */
    EVEN_TASKS = 4,      /* and a multiple of this, where there are fewer than */
    MANY_TASKS = 32,
    SWEEP_BYTES = L2_BYTES / 2, /* of the panels of a sweep: each tile reads them */
};

typedef struct correlation {
    int64_t size; /* of a number, in bytes */
    int64_t batch;
    conv_result result;
    conv_panels panels;
    kept_use packed; /* the panels' memory */
    pixel_view view;
    im2col matrix; /* whose lines are read instead of pixels, where channels are few: */
    bool reads_lines;
    int64_t run;    /* so many taps are one segment of a tile */
    int64_t block;  /* outputs of a task */
    int64_t blocks; /* in all */
    int64_t strips; /* panels of a sweep */
    int64_t sweeps; /* for all panels of a group */
    int64_t shared; /* sweeps of a task */
    int64_t parts;  /* tasks of a block */
} correlation;

/* ---- a block of outputs under a sweep of panels ---------------------------------------------- */

typedef struct sweep {
    const conv_block *block;
    const line_block *lines;
    int64_t group;
    int64_t channel; /* of the result, its first in the group */
    int64_t begin;   /* panels begin <= panel < end */
    int64_t end;
} sweep;

/* Prefetches a row that is going to be written, from its first byte to its last: it may take longer
 * to come than sums of a small depth. */
static void prefetch_row(const char *y, int64_t bytes) {
    __builtin_prefetch(y, 1);
    __builtin_prefetch(y + bytes - 1, 1);
}

/* The tile t of outputs `rows` under one panel. */
static void run_panel(const correlation *c, const sweep *w, const row_tile *rows, conv_tile *t,
                      int64_t panel) {
    int64_t width = conv_panel_width(&c->panels, panel);
    int64_t first = panel * c->panels.width;
    char *column = w->block->rows + (w->channel + first - w->block->channel) * c->size;
    int64_t next_tile = CONV_ROWS * c->view.geometry.axes[CONV_AXES - 1].result_step;
    t->b = (const char *)c->panels.packed + conv_panel_begin(&c->panels, w->group, panel) * c->size;
    t->columns = (int)smaller(width, c->panels.columns - first);
    for (int i = 0; i < rows->count; i++) {
        char *y = column + (rows->results[i] - w->block->origin) * w->block->row_bytes;
        prefetch_row(y + next_tile * w->block->row_bytes, t->columns * c->size);
        t->y[i] = y;
    }
    conv_tile_run(c->panels.dtype, t);
}

/* The tile of outputs from number `first` of the block on under the panels, some segments at a
 * time. Where there are none, y is set to 0. */
static void run_rows(const correlation *c, const sweep *w, const row_tile *rows, int64_t first) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    int64_t b_begins[MOST_SEGMENTS];
    int64_t offset = w->group * c->panels.rows * c->size;
    int64_t segments = c->view.tap_count / c->run;
    int64_t done = 0;
    conv_tile t = {
        .rows = rows->count,
        .depth = c->run * c->panels.rows,
        .layout = c->panels.is_dotted ? LAYOUT_DOTS : LAYOUT_PIXELS,
        .a = a,
        .b_begins = b_begins,
    };
    do {
        t.segments = smaller(MOST_SEGMENTS, segments - done);
        if (c->reads_lines) {
            line_block_rows(w->lines, first, rows->count, done, t.segments, a);
        } else {
            pixel_view_rows(&c->view, rows, offset, done, t.segments, a);
        }
        for (int64_t s = 0; s < t.segments; s++) {
            b_begins[s] = c->view.taps[(done + s) * c->run].kernel_tap * c->panels.rows;
        }
        for (int64_t panel = w->begin; panel < w->end; panel++) {
            run_panel(c, w, rows, &t, panel);
        }
        done += t.segments;
        t.adds = true;
    } while (done < segments);
}

static void run_sweep(const correlation *c, const conv_block *b, const line_block *lines,
                      int64_t number) {
    int64_t panel = number % c->sweeps * c->strips;
    sweep w = {
        .block = b,
        .lines = lines,
        .group = number / c->sweeps,
        .channel = number / c->sweeps * c->panels.columns,
        .begin = panel,
        .end = smaller(panel + c->strips, c->panels.count),
    };
    row_tile rows;
    output_coordinate coordinate = coordinate_at(&c->view.geometry, b->first);
    for (int64_t first = 0; first < b->count; first += CONV_ROWS) {
        int64_t count = smaller(b->count - first, CONV_ROWS);
        if (c->reads_lines) {
            line_block_next(lines, first, count, &rows);
        } else {
            pixel_view_next(&c->view, &coordinate, count, &rows);
        }
        run_rows(c, &w, &rows, first);
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* The first channel of the result that a sweep sets, or that the one before the last ends with. */
static int64_t first_channel(const correlation *c, int64_t sweep) {
    int64_t first = sweep % c->sweeps * c->strips * c->panels.width;
    return sweep / c->sweeps * c->panels.columns + first;
}

/* A task is a block under one sweep, and the next task has the same panels; or a block under
 * several sweeps, where an epilogue waits for long rows. */
static bool run_task(correlation *c, int64_t task, line_block *lines) {
    int64_t count = c->batch * geometry_outputs(&c->view.geometry);
    int64_t sweep = task / c->blocks * c->shared;
    conv_block b = {.first = task % c->blocks * c->block, .channel = first_channel(c, sweep)};
    b.count = smaller(c->block, count - b.first);
    int64_t end = smaller(sweep + c->shared, c->sweeps * c->panels.groups);
    b.channels = first_channel(c, end) - b.channel;
    if (!conv_block_open(&c->result, &b)) {
        return false;
    }
    if (c->reads_lines) {
        line_block_move(lines, c->view.taps, b.first, b.count);
    }
    for (; sweep < end; sweep++) {
        run_sweep(c, &b, lines, sweep);
    }
    conv_block_close(&c->result, &b);
    return true;
}

static void run_tasks(void *work, int64_t begin, int64_t end) {
    correlation *c = work;
    line_block lines;
    if (c->reads_lines && !line_block_open(&c->matrix, c->block, &lines)) {
        atomic_store(&c->result.failed, true);
        return;
    }
    for (int64_t task = begin; task < end && run_task(c, task, &lines); task++) {
    }
    if (c->reads_lines) {
        line_block_close(&lines);
    }
}

/* An epilogue takes whole rows, or long segments; but panels that fill the cache alone are read
 * once for a block, however short a segment is. */
static void share_sweeps(correlation *c) {
    int64_t all = c->sweeps * c->panels.groups;
    bool waits = c->result.epilogue && c->result.channels <= LONG_ROW;
    int64_t most = waits ? all : divide_up(LONG_ROW, larger(1, c->panels.columns));
    c->shared = c->result.epilogue && (waits || c->sweeps == 1) ? smaller(all, most) : 1;
    c->parts = c->shared > 0 ? divide_up(all, c->shared) : 0;
}

/* Blocks of equal size; a few tasks are as many as two or four threads end together with. */
static void even_blocks(correlation *c, int64_t count) {
    c->blocks = divide_up(count, c->block);
    while (c->blocks * c->parts % EVEN_TASKS != 0 && c->blocks > 1 &&
           c->blocks * c->parts < MANY_TASKS) {
        c->blocks++;
    }
    int64_t even = round_up(divide_up(count, larger(1, c->blocks)), CONV_ROWS);
    c->block = smaller(c->block, larger(1, even));
    c->blocks = divide_up(count, c->block);
}

/* Cuts the work by its size alone. */
static void cut(correlation *c) {
    int64_t count = c->batch * geometry_outputs(&c->view.geometry);
    int64_t panel_bytes = c->panels.taps * c->panels.rows * c->panels.width * c->size;
    c->strips = panel_bytes > 0 && panel_bytes < SWEEP_BYTES ? SWEEP_BYTES / panel_bytes : 1;
    c->strips = smaller(c->strips, c->panels.count);
    c->sweeps = c->strips > 0 ? divide_up(c->panels.count, c->strips) : 0;
    share_sweeps(c);
    c->block =
        conv_block_outputs(&c->result, c->result.row_bytes / larger(1, c->parts), BLOCK_OUTPUTS);
    while (c->block > FEWEST_OUTPUTS && divide_up(count, c->block) * c->parts < ENOUGH_TASKS) {
        c->block /= 2;
    }
    even_blocks(c, count);
}

/* All outputs of the geometry. */
static void correlate(correlation *c, conv_geometry g) {
    pixel_view_set(&c->view, g);
    cut(c);
    int64_t depth = c->view.tap_count * c->panels.rows;
    int64_t width = smaller(c->strips * c->panels.width, c->panels.columns);
    int64_t work = c->block * (depth * width / 32 + c->view.tap_count + 16);
    threads_run(c->blocks * c->parts, threads_grain(work), run_tasks, c);
}

/* ---- memory, for as long as it runs ---------------------------------------------------------- */

static size_t packed_bytes(const correlation *c) {
    return (size_t)(c->panels.group_size * c->panels.groups * c->size);
}

static bool open_panels(correlation *c, kept *kept) {
    static const char maker;
    kept_layout layout = conv_panels_layout(&c->panels, &maker);
    int64_t bytes;
    bool fits = size_multiply(c->panels.group_size, c->panels.groups * c->size, &bytes);
    c->packed = fits ? kept_open_or_take(kept, &layout, (size_t)bytes) : (kept_use){.memory = NULL};
    c->panels.packed = c->packed.memory;
    return c->panels.packed;
}

/* The packed panels, and the view, whose zeros are as many as the channels. */
static lego_status open_correlation(correlation *c, kept *kept) {
    lego_status status = pixel_view_open(&c->view, c->panels.taps, c->panels.rows * c->size);
    if (status) {
        return status;
    }
    if (!open_panels(c, kept)) {
        pixel_view_close(&c->view);
        return LEGO_NO_MEMORY;
    }
    if (!c->packed.is_made) {
        conv_panels_pack(&c->panels);
        c->packed.is_made = true;
    }
    return LEGO_OK;
}

static void close_correlation(correlation *c) {
    kept_close(&c->packed, packed_bytes(c));
    pixel_view_close(&c->view);
}

/* ---- forward and backward -------------------------------------------------------------------- */

bool direct_accepts(const conv *c, conv_action action) {
    (void)c;
    (void)action;
    return true;
}

lego_status direct_forward(const conv *c, const void *x, const void *kernel, void *y,
                           const epilogue *epilogue) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    int64_t filters = c->groups * c->filters;
    im2col matrix = im2col_of(c, x);
    bool reads_lines = matrix.is_dense && c->channels * size <= FEW_CHANNELS;
    correlation own = {
        .size = size,
        .batch = c->batch,
        .result = {y, filters * size, filters, epilogue, false},
        .panels = conv_panels_of(c, kernel, false),
        .view = {.source = x, .pixel = c->groups * c->channels * size},
        .matrix = matrix,
        .reads_lines = reads_lines,
        .run = reads_lines ? matrix.run : 1,
    };
    lego_status status = open_correlation(&own, c->kept);
    if (status) {
        return status;
    }
    correlate(&own, geometry_forward(c));
    close_correlation(&own);
    return conv_result_status(&own.result);
}

/* Phase by phase. */
lego_status direct_input_gradient(const conv *c, const void *dy, const void *kernel, void *dx) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    int64_t channels = c->groups * c->channels;
    correlation own = {
        .size = size,
        .batch = c->batch,
        .result = {dx, channels * size, channels, NULL, false},
        .panels = conv_panels_of(c, kernel, true),
        .view = {.source = dy, .pixel = c->groups * c->filters * size},
        .run = 1,
    };
    lego_status status = open_correlation(&own, NULL);
    if (status) {
        return status;
    }
    for (int64_t phase = 0; phase < geometry_phases(c); phase++) {
        correlate(&own, geometry_backward(c, phase));
    }
    close_correlation(&own);
    return LEGO_OK;
}
