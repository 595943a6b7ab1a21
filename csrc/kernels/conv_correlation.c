/* The sum that a convolution and its gradient by the input have in common. */
#include "conv_correlation.h"

#include "../core/threads.h"
#include "conv_tile.h"

enum {
    BLOCK_PLACES = 384,    /* that go through the same panels, if there are many */
    FEWEST_PLACES = 48,    /* ... if there are few */
    ENOUGH_TASKS = 8,      /* for threads to share */
    PANEL_BYTES = 1 << 20, /* panels that stay in the second-level cache */
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- a tile ---------------------------------------------------------------------------------- */

/* A block of places under one sweep of panels. */
typedef struct sweep {
    const conv_block *block;
    const conv_lines_block *lines;
    int64_t group;
    int64_t begin; /* the first panel, */
    int64_t end;   /* and the one behind the last */
} sweep;

/* What is going to be written, from its first byte to its last: it may be slower to come than sums
 * of a small depth are made. */
static void fetch(const char *y, int64_t bytes) {
    __builtin_prefetch(y, 1);
    __builtin_prefetch(y + bytes - 1, 1);
}

/* One panel, or the last of a group, under the tile. */
static void run_panel(const correlation *c, const sweep *w, const conv_places *p, conv_tile *t,
                      int64_t panel) {
    int64_t width = conv_panel_width(&c->panels, panel);
    int64_t first = panel * c->panels.width;
    char *column = w->block->rows + (w->group * c->panels.columns + first) * c->size;
    int64_t ahead = CONV_ROWS * c->view.scan.axes[CONV_AXES - 1].result_step; /* the next tile's */
    t->b = (const char *)c->panels.packed + conv_panel_begin(&c->panels, w->group, panel) * c->size;
    t->columns = (int)smaller(width, c->panels.columns - first);
    for (int i = 0; i < p->count; i++) {
        char *y = column + (p->results[i] - w->block->origin) * c->result.row_bytes;
        fetch(y + ahead * c->result.row_bytes, t->columns * c->size);
        t->y[i] = y;
    }
    conv_tile_run(c->panels.dtype, t);
}

/* The tile of places from number `first` of the block on under the panels, some segments at a time;
 * even where there are none, y is set. */
static void run_places(const correlation *c, const sweep *w, const conv_places *p, int64_t first) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    int64_t b_begins[MOST_SEGMENTS];
    int64_t offset = w->group * c->panels.rows * c->size;
    int64_t segments = c->view.tap_count / c->run;
    int64_t done = 0;
    conv_tile t = {
        .rows = p->count, .depth = c->run * c->panels.rows, .a = a, .b_begins = b_begins};
    do {
        t.segments = smaller(MOST_SEGMENTS, segments - done);
        if (c->reads_lines) {
            conv_lines_look(w->lines, first, p->count, done, t.segments, a);
        } else {
            conv_view_look(&c->view, p, offset, done, t.segments, a);
        }
        for (int64_t s = 0; s < t.segments; s++) {
            b_begins[s] = c->view.taps[(done + s) * c->run].kernel_tap * c->panels.rows;
        }
        for (int64_t panel = w->begin; panel < w->end; panel++) {
            run_panel(c, w, p, &t, panel);
        }
        done += t.segments;
        t.adds = true;
    } while (done < segments);
}

static void run_sweep(const correlation *c, const conv_block *b, const conv_lines_block *lines,
                      int64_t number) {
    int64_t panel = number % c->sweeps * c->strips;
    sweep w = {
        .block = b,
        .lines = lines,
        .group = number / c->sweeps,
        .begin = panel,
        .end = smaller(panel + c->strips, c->panels.count),
    };
    conv_places p;
    output_coordinate coordinate = scan_place(&c->view.scan, b->first);
    for (int64_t first = 0; first < b->count; first += CONV_ROWS) {
        int64_t count = smaller(b->count - first, CONV_ROWS);
        if (c->reads_lines) {
            conv_lines_next(lines, first, count, &p);
        } else {
            conv_view_next(&c->view, &coordinate, count, &p);
        }
        run_places(c, &w, &p, first);
    }
}

/* A task is a block under one sweep, and the next one has the same panels; or, where blocks are
 * handed on, under all of them. */
static bool run_task(correlation *c, int64_t task, conv_lines_block *lines) {
    int64_t count = c->batch * scan_places(&c->view.scan);
    int64_t sweeps = c->result.end ? c->sweeps * c->panels.groups : 1;
    conv_block b = {.first = task % c->blocks * c->block};
    b.count = smaller(c->block, count - b.first);
    if (!conv_block_open(&c->result, &b)) {
        return false;
    }
    if (c->reads_lines) {
        conv_lines_move(lines, c->view.taps, b.first, b.count);
    }
    for (int64_t i = 0; i < sweeps; i++) {
        run_sweep(c, &b, lines, task / c->blocks + i);
    }
    conv_block_close(&c->result, &b);
    return true;
}

static void run_tasks(void *work, int64_t begin, int64_t end) {
    correlation *c = work;
    conv_lines_block lines;
    if (c->reads_lines && !conv_lines_open(&c->lines, c->block, &lines)) {
        atomic_store(&c->result.failed, true);
        return;
    }
    for (int64_t task = begin; task < end && run_task(c, task, &lines); task++) {
    }
    if (c->reads_lines) {
        conv_lines_close(&lines);
    }
}

/* By size alone. */
static void cut(correlation *c) {
    int64_t count = c->batch * scan_places(&c->view.scan);
    int64_t panel_bytes = c->panels.taps * c->panels.rows * c->panels.width * c->size;
    c->strips = panel_bytes > 0 && panel_bytes < PANEL_BYTES ? PANEL_BYTES / panel_bytes : 1;
    c->strips = smaller(c->strips, c->panels.count);
    c->sweeps = c->strips > 0 ? threads_chunks(c->panels.count, c->strips) : 0;
    c->block = conv_block_places(&c->result, BLOCK_PLACES);
    while (c->block > FEWEST_PLACES &&
           threads_chunks(count, c->block) * c->sweeps * c->panels.groups < ENOUGH_TASKS) {
        c->block /= 2;
    }
    c->blocks = threads_chunks(count, c->block);
}

void correlate(correlation *c, conv_scan scan) {
    conv_view_scan(&c->view, scan);
    cut(c);
    int64_t depth = c->view.tap_count * c->panels.rows;
    int64_t width = smaller(c->strips * c->panels.width, c->panels.columns);
    int64_t work = c->block * (depth * width / 32 + c->view.tap_count + 16);
    int64_t tasks = c->blocks * (c->result.end ? 1 : c->sweeps * c->panels.groups);
    threads_run(tasks, threads_grain(work), run_tasks, c);
}
