/* Convolution, and its gradient by the input: the same sum, forwards and backwards.
 *
 *     result[place, column] = sum over taps and depth of source[seen, depth] b[tap, depth, column]
 *
 * Each is a product of matrices whose left one is never made: a tile of it is read where its pixels
 * lie, and what falls outside of the image is read from a row of zeros. The kernel is packed into
 * panels once. A number of the result is summed in one order, tap by tap, whatever tile it is in.
 */
#include "conv.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_depthwise.h"
#include "conv_pack.h"
#include "conv_pointwise.h"
#include "conv_result.h"
#include "conv_tile.h"
#include "conv_view.h"
#include "conv_winograd.h"

enum {
    BLOCK_PLACES = 384,    /* that go through the same panels, if there are many */
    FEWEST_PLACES = 48,    /* ... if there are few */
    ENOUGH_TASKS = 8,      /* for threads to share */
    PANEL_BYTES = 1 << 20, /* panels that stay in the second-level cache */
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- the work ------------------------------------------------------------------------------- */

typedef struct correlation {
    int64_t size; /* of a number, in bytes */
    int64_t batch;
    conv_result result;
    conv_panels panels;
    conv_view view;
    int64_t run;     /* taps side by side, of places that see all: one stretch of the depth; or 1 */
    int64_t stretch; /* taps that are summed at a time */
    int64_t block;   /* places of a task, */
    int64_t blocks;
    int64_t strips; /* and panels */
    int64_t sweeps; /* that it takes for all panels of a group */
} correlation;

/* One panel, or the last of a group, under the tile. */
static void run_panel(const correlation *c, const conv_block *b, const conv_places *p,
                      const conv_tile *t, int64_t group, int64_t panel) {
    int64_t width = conv_panel_width(&c->panels, panel);
    int64_t first = panel * c->panels.width;
    char *column = b->rows + (group * c->panels.columns + first) * c->size;
    int64_t begins[MOST_SEGMENTS];
    conv_tile own = *t;
    for (int64_t s = 0; s < t->segments; s++) {
        begins[s] = t->b_begins[s] * width;
    }
    own.b_begins = begins;
    own.b = (const char *)c->panels.packed + conv_panel_begin(&c->panels, group, panel) * c->size;
    own.columns = (int)smaller(width, c->panels.columns - first);
    for (int i = 0; i < p->count; i++) {
        own.y[i] = column + (p->results[i] - b->origin) * c->result.row_bytes;
    }
    conv_tile_run(c->panels.dtype, &own);
}

/* The tile under panels begin <= panel < end, some taps at a time; even where there are none, y is
 * set. */
static void run_places(const correlation *c, const conv_block *b, const conv_places *p,
                       int64_t group, int64_t begin, int64_t end) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    int64_t b_begins[MOST_SEGMENTS];
    int64_t run = p->see_all ? c->run : 1;
    int64_t offset = group * c->panels.rows * c->size;
    int64_t tap = 0;
    conv_tile t = {.rows = p->count, .depth = run * c->panels.rows, .a = a, .b_begins = b_begins};
    do {
        int64_t count = smaller(c->stretch, c->view.tap_count - tap);
        t.segments = count / run;
        conv_view_look(&c->view, p, offset, tap, run, t.segments, a);
        for (int64_t s = 0; s < t.segments; s++) {
            b_begins[s] = c->view.taps[tap + s * run].kernel_tap * c->panels.rows;
        }
        for (int64_t panel = begin; panel < end; panel++) {
            run_panel(c, b, p, &t, group, panel);
        }
        tap += count;
        t.adds = true;
    } while (tap < c->view.tap_count);
}

/* A block of places under one sweep of panels. */
static void run_sweep(const correlation *c, const conv_block *b, int64_t sweep) {
    int64_t group = sweep / c->sweeps;
    int64_t panel = sweep % c->sweeps * c->strips;
    int64_t last = smaller(panel + c->strips, c->panels.count);
    conv_places p;
    scan_spot spot = scan_place(&c->view.scan, b->first);
    for (int64_t left = b->count; left > 0; left -= CONV_ROWS) {
        conv_view_next(&c->view, &spot, smaller(left, CONV_ROWS), &p);
        run_places(c, b, &p, group, panel, last);
    }
}

/* A task is a block under one sweep, and the next one has the same panels; or, where blocks are
 * handed on, under all of them. */
static void run_tasks(void *work, int64_t begin, int64_t end) {
    correlation *c = work;
    int64_t count = c->batch * scan_places(&c->view.scan);
    int64_t sweeps = c->result.end ? c->sweeps * c->panels.groups : 1;
    for (int64_t task = begin; task < end; task++) {
        conv_block b = {.first = task % c->blocks * c->block};
        b.count = smaller(c->block, count - b.first);
        if (!conv_block_open(&c->result, &b)) {
            return;
        }
        for (int64_t i = 0; i < sweeps; i++) {
            run_sweep(c, &b, task / c->blocks + i);
        }
        conv_block_close(&c->result, &b);
    }
}

/* By size alone. */
static void cut(correlation *c) {
    int64_t count = c->batch * scan_places(&c->view.scan);
    int64_t panel_bytes = c->panels.taps * c->panels.rows * c->panels.width * c->size;
    c->strips = panel_bytes > 0 && panel_bytes < PANEL_BYTES ? PANEL_BYTES / panel_bytes : 1;
    c->strips = smaller(c->strips, c->panels.count);
    c->sweeps = c->strips > 0 ? threads_pieces(c->panels.count, c->strips) : 0;
    c->block = conv_block_places(&c->result, BLOCK_PLACES);
    while (c->block > FEWEST_PLACES &&
           threads_pieces(count, c->block) * c->sweeps * c->panels.groups < ENOUGH_TASKS) {
        c->block /= 2;
    }
    c->blocks = threads_pieces(count, c->block);
}

/* Taps that lie side by side, in the image and in the panels, make one stretch of the depth where
 * none falls outside. */
static int64_t longest_run(const correlation *c) {
    const scan_axis *last = &c->view.scan.axes[CONV_AXES - 1];
    bool is_one = c->panels.groups == 1 && last->tap_step == 1 && last->kernel_step == 1;
    return is_one && last->taps > 0 && last->taps <= MOST_SEGMENTS ? last->taps : 1;
}

static void correlate(correlation *c, conv_scan scan) {
    conv_view_scan(&c->view, scan);
    c->run = longest_run(c);
    c->stretch = MOST_SEGMENTS / c->run * c->run;
    cut(c);
    int64_t depth = c->view.tap_count * c->panels.rows;
    int64_t width = smaller(c->strips * c->panels.width, c->panels.columns);
    int64_t work = c->block * (depth * width / 32 + c->view.tap_count + 16);
    int64_t tasks = c->blocks * (c->result.end ? 1 : c->sweeps * c->panels.groups);
    threads_run(tasks, threads_grain(work), run_tasks, c);
}

/* ---- memory, for as long as it runs --------------------------------------------------------- */

static void *take_packed(const conv_panels *p, int64_t size) {
    int64_t bytes;
    return size_multiply(p->group_size, p->groups * size, &bytes) ? memory_take((size_t)bytes)
                                                                  : NULL;
}

/* For the panels, which are packed, and for the view, whose zeros are as long as the longest run.
 */
static lego_status open_correlation(correlation *c) {
    conv_panels_of(&c->panels);
    int64_t longest = c->panels.rows * c->panels.taps;
    lego_status status = conv_view_open(&c->view, c->panels.taps, longest * c->size);
    if (status) {
        return status;
    }
    c->panels.packed = take_packed(&c->panels, c->size);
    if (!c->panels.packed) {
        conv_view_close(&c->view);
        return LEGO_NO_MEMORY;
    }
    conv_pack(&c->panels);
    return LEGO_OK;
}

static void close_correlation(correlation *c) {
    memory_give(c->panels.packed, (size_t)(c->panels.group_size * c->panels.groups * c->size));
    conv_view_close(&c->view);
}

/* ---- forwards and backwards ----------------------------------------------------------------- */

static int64_t taps_of(const conv *c) {
    return c->axes[0].taps * c->axes[1].taps * c->axes[2].taps;
}

/* Panels of the kernel, which is (taps, channels, groups * filters). */
static conv_panels panels_of(const conv *c, const void *kernel) {
    int64_t all_filters = c->groups * c->filters;
    return (conv_panels){
        .dtype = c->dtype,
        .groups = c->groups,
        .taps = taps_of(c),
        .rows = c->channels,
        .columns = c->filters,
        .kernel = kernel,
        .group_stride = c->filters,
        .tap_stride = c->channels * all_filters,
        .row_stride = all_filters,
        .column_stride = 1,
        .kernel_size = taps_of(c) * c->channels * all_filters,
    };
}

/* The same with the matrix of each tap transposed. */
static conv_panels turned_panels_of(const conv *c, const void *kernel) {
    conv_panels p = panels_of(c, kernel);
    p.rows = c->filters;
    p.columns = c->channels;
    p.row_stride = 1;
    p.column_stride = c->groups * c->filters;
    return p;
}

lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y,
                     const block_end *end) {
    if (conv_is_pointwise(c)) {
        return pointwise_run(c, x, kernel, y, end);
    }
    if (conv_is_depthwise(c)) {
        return depthwise_run(c, x, kernel, y, end);
    }
    conv_panels panels = panels_of(c, kernel);
    int tile = winograd_tile(c);
    if (tile) {
        return winograd_run(c, tile, x, &panels, y, end);
    }
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    correlation own = {
        .size = size,
        .batch = c->batch,
        .result = {y, c->groups * c->filters * size, c->groups * c->filters, end, false},
        .panels = panels,
        .view = {.source = x, .pixel = c->groups * c->channels * size},
    };
    lego_status status = open_correlation(&own);
    if (status == LEGO_OK) {
        correlate(&own, scan_forwards(c));
        close_correlation(&own);
    }
    return atomic_load(&own.result.failed) ? LEGO_NO_MEMORY : status;
}

/* Each phase on its own: the inputs that see the same taps. */
static void correlate_phases(const conv *c, correlation *work) {
    for (int64_t number = 0; number < scan_phases(c); number++) {
        correlate(work, scan_backwards(c, number));
    }
}

lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx) {
    if (conv_is_pointwise(c)) {
        return pointwise_input_gradient_run(c, dy, kernel, dx);
    }
    if (conv_is_depthwise(c)) {
        return depthwise_input_gradient_run(c, dy, kernel, dx);
    }
    conv_panels panels = turned_panels_of(c, kernel);
    int tile = winograd_tile(c);
    if (tile) {
        return winograd_input_gradient_run(c, tile, dy, &panels, dx);
    }
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    correlation own = {
        .size = size,
        .batch = c->batch,
        .result = {dx, c->groups * c->channels * size, c->groups * c->channels, NULL, false},
        .panels = panels,
        .view = {.source = dy, .pixel = c->groups * c->filters * size},
    };
    lego_status status = open_correlation(&own);
    if (status == LEGO_OK) {
        correlate_phases(c, &own);
        close_correlation(&own);
    }
    return status;
}
