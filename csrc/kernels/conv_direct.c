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
    FEW_CHANNELS = 32,      /* bytes of a pixel, up to which lines are read */
    BLOCK_OUTPUTS = 384,    /* that go through the same panels, if there are many */
    FEWEST_OUTPUTS = 48,    /* ... if there are few */
    ENOUGH_TASKS = 8,       /* for threads to share */
    SWEEP_BYTES = L2_BYTES, /* of the panels of a sweep */
};

typedef struct correlation {
    int64_t size; /* of a number, in bytes */
    int64_t batch;
    conv_result result;
    conv_panels panels;
    pixel_view view;
    im2col matrix; /* whose lines are read instead of pixels, where channels are few: */
    bool reads_lines;
    int64_t run;    /* so many taps are one segment of a tile */
    int64_t block;  /* outputs of a task */
    int64_t blocks; /* in all */
    int64_t strips; /* panels of a sweep */
    int64_t sweeps; /* for all panels of a group */
} correlation;

/* ---- a block of outputs under a sweep of panels ---------------------------------------------- */

typedef struct sweep {
    const conv_block *block;
    const line_block *lines;
    int64_t group;
    int64_t begin; /* panels begin <= panel < end */
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
    char *column = w->block->rows + (w->group * c->panels.columns + first) * c->size;
    int64_t next_tile = CONV_ROWS * c->view.geometry.axes[CONV_AXES - 1].result_step;
    t->b = (const char *)c->panels.packed + conv_panel_begin(&c->panels, w->group, panel) * c->size;
    t->columns = (int)smaller(width, c->panels.columns - first);
    for (int i = 0; i < rows->count; i++) {
        char *y = column + (rows->results[i] - w->block->origin) * c->result.row_bytes;
        prefetch_row(y + next_tile * c->result.row_bytes, t->columns * c->size);
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

/* A task is a block under one sweep, and the next task has the same panels; or, where an epilogue
 * waits for whole rows, a block under all sweeps. */
static bool run_task(correlation *c, int64_t task, line_block *lines) {
    int64_t count = c->batch * geometry_outputs(&c->view.geometry);
    int64_t sweeps = c->result.epilogue ? c->sweeps * c->panels.groups : 1;
    conv_block b = {.first = task % c->blocks * c->block};
    b.count = smaller(c->block, count - b.first);
    if (!conv_block_open(&c->result, &b)) {
        return false;
    }
    if (c->reads_lines) {
        line_block_move(lines, c->view.taps, b.first, b.count);
    }
    for (int64_t i = 0; i < sweeps; i++) {
        run_sweep(c, &b, lines, task / c->blocks + i);
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

/* Cuts the work by its size alone. */
static void cut(correlation *c) {
    int64_t count = c->batch * geometry_outputs(&c->view.geometry);
    int64_t panel_bytes = c->panels.taps * c->panels.rows * c->panels.width * c->size;
    c->strips = panel_bytes > 0 && panel_bytes < SWEEP_BYTES ? SWEEP_BYTES / panel_bytes : 1;
    c->strips = smaller(c->strips, c->panels.count);
    c->sweeps = c->strips > 0 ? divide_up(c->panels.count, c->strips) : 0;
    c->block = conv_block_outputs(&c->result, BLOCK_OUTPUTS);
    while (c->block > FEWEST_OUTPUTS &&
           divide_up(count, c->block) * c->sweeps * c->panels.groups < ENOUGH_TASKS) {
        c->block /= 2;
    }
    c->blocks = divide_up(count, c->block);
    int64_t even = round_up(divide_up(count, larger(1, c->blocks)), CONV_ROWS);
    c->block = smaller(c->block, larger(1, even));
}

/* All outputs of the geometry. */
static void correlate(correlation *c, conv_geometry g) {
    pixel_view_set(&c->view, g);
    cut(c);
    int64_t depth = c->view.tap_count * c->panels.rows;
    int64_t width = smaller(c->strips * c->panels.width, c->panels.columns);
    int64_t work = c->block * (depth * width / 32 + c->view.tap_count + 16);
    int64_t tasks = c->blocks * (c->result.epilogue ? 1 : c->sweeps * c->panels.groups);
    threads_run(tasks, threads_grain(work), run_tasks, c);
}

/* ---- memory, for as long as it runs ---------------------------------------------------------- */

/* For the packed panels, and for the view, whose zeros are as many as the channels. */
static lego_status open_correlation(correlation *c) {
    int64_t bytes;
    lego_status status = pixel_view_open(&c->view, c->panels.taps, c->panels.rows * c->size);
    if (status) {
        return status;
    }
    bool fits = size_multiply(c->panels.group_size, c->panels.groups * c->size, &bytes);
    c->panels.packed = fits ? memory_take((size_t)bytes) : NULL;
    if (!c->panels.packed) {
        pixel_view_close(&c->view);
        return LEGO_NO_MEMORY;
    }
    conv_panels_pack(&c->panels);
    return LEGO_OK;
}

static void close_correlation(correlation *c) {
    memory_give(c->panels.packed, (size_t)(c->panels.group_size * c->panels.groups * c->size));
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
    lego_status status = open_correlation(&own);
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
    lego_status status = open_correlation(&own);
    if (status) {
        return status;
    }
    for (int64_t phase = 0; phase < geometry_phases(c); phase++) {
        correlate(&own, geometry_backward(c, phase));
    }
    close_correlation(&own);
    return LEGO_OK;
}
