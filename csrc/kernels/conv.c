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
#include "conv_pack.h"
#include "conv_scan.h"
#include "conv_tile.h"
#include "gemm.h"

enum {
    MOST_SEGMENTS = 64,    /* of a tile at a time: their pointers lie on the stack */
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
    const char *source;
    char *result;
    const char *zeros; /* a pixel that is not there */
    int64_t source_channels;
    int64_t result_channels;
    conv_panels panels;
    conv_scan scan;
    scan_tap *taps;
    int64_t tap_count;
    int64_t run;     /* taps side by side, of places that see all: one stretch of the depth; or 1 */
    int64_t stretch; /* taps that are summed at a time */
    int64_t block;   /* places of a task */
    int64_t blocks;
    int64_t strips; /* panels of a task */
    int64_t sweeps; /* tasks that it takes for all panels */
} correlation;

/* A tile of places, and what they see. */
typedef struct places {
    int count;
    bool see_all;
    scan_spot spots[CONV_ROWS];
} places;

static places next_places(const correlation *c, scan_spot *spot, int64_t count) {
    places p = {.count = (int)count, .see_all = true};
    for (int i = 0; i < p.count; i++) {
        p.spots[i] = *spot;
        p.see_all = p.see_all && scan_sees_all(&c->scan, spot);
        scan_next(&c->scan, spot);
    }
    return p;
}

/* Every `run`-th of `count` taps from `first` on: where the tile's rows begin, and the panel's. */
static void look_through(const correlation *c, const places *p, int64_t group, int64_t first,
                         int64_t count, int64_t run, const void *(*a)[CONV_ROWS],
                         int64_t *b_begins) {
    int64_t pixel = c->source_channels * c->size;
    const char *source = c->source + group * c->panels.rows * c->size;
    for (int64_t s = 0; s < count / run; s++) {
        const scan_tap *tap = &c->taps[first + s * run];
        for (int i = 0; i < CONV_ROWS; i++) {
            const scan_spot *spot = &p->spots[i];
            bool sees = i < p->count && (p->see_all || scan_sees(&c->scan, spot, tap));
            a[s][i] = sees ? source + (spot->source_offset + tap->offset) * pixel : c->zeros;
        }
        b_begins[s] = tap->kernel_tap * c->panels.rows;
    }
}

/* One panel, or the last of a group, under the tile. */
static void run_panel(const correlation *c, const places *p, conv_tile *t, int64_t group,
                      int64_t panel) {
    int64_t width = conv_panel_width(&c->panels, panel);
    int64_t first = panel * c->panels.width;
    int64_t column = group * c->panels.columns + first;
    int64_t begins[MOST_SEGMENTS];
    conv_tile own = *t;
    for (int64_t s = 0; s < t->segments; s++) {
        begins[s] = t->b_begins[s] * width;
    }
    own.b_begins = begins;
    own.b = (const char *)c->panels.packed + conv_panel_begin(&c->panels, group, panel) * c->size;
    own.columns = (int)smaller(width, c->panels.columns - first);
    for (int i = 0; i < p->count; i++) {
        int64_t at = p->spots[i].result_offset * c->result_channels + column;
        own.y[i] = c->result + at * c->size;
    }
    conv_tile_run(c->panels.dtype, &own);
}

/* The tile under panels begin <= panel < end, some taps at a time; even where there are none, y is
 * set. */
static void run_places(const correlation *c, const places *p, int64_t group, int64_t begin,
                       int64_t end) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    int64_t b_begins[MOST_SEGMENTS];
    int64_t run = p->see_all ? c->run : 1;
    int64_t tap = 0;
    conv_tile t = {.rows = p->count, .depth = run * c->panels.rows, .a = a, .b_begins = b_begins};
    do {
        int64_t count = smaller(c->stretch, c->tap_count - tap);
        look_through(c, p, group, tap, count, run, a, b_begins);
        t.segments = count / run;
        for (int64_t panel = begin; panel < end; panel++) {
            run_panel(c, p, &t, group, panel);
        }
        tap += count;
        t.adds = true;
    } while (tap < c->tap_count);
}

/* A task is a block of places times some panels of a group; the next one has the same panels. */
static void run_tasks(void *work, int64_t begin, int64_t end) {
    const correlation *c = work;
    for (int64_t task = begin; task < end; task++) {
        int64_t first = task % c->blocks * c->block;
        int64_t panel = task / c->blocks % c->sweeps * c->strips;
        int64_t last = smaller(panel + c->strips, c->panels.count);
        int64_t group = task / c->blocks / c->sweeps;
        int64_t left = smaller(c->block, c->batch * scan_places(&c->scan) - first);
        scan_spot spot = scan_place(&c->scan, first);
        for (; left > 0; left -= CONV_ROWS) {
            places p = next_places(c, &spot, smaller(left, CONV_ROWS));
            run_places(c, &p, group, panel, last);
        }
    }
}

/* By size alone. */
static void cut(correlation *c) {
    int64_t count = c->batch * scan_places(&c->scan);
    int64_t panel_bytes = c->panels.taps * c->panels.rows * c->panels.width * c->size;
    c->strips = panel_bytes > 0 && panel_bytes < PANEL_BYTES ? PANEL_BYTES / panel_bytes : 1;
    c->strips = smaller(c->strips, c->panels.count);
    c->sweeps = c->strips > 0 ? threads_pieces(c->panels.count, c->strips) : 0;
    c->block = BLOCK_PLACES;
    while (c->block > FEWEST_PLACES &&
           threads_pieces(count, c->block) * c->sweeps * c->panels.groups < ENOUGH_TASKS) {
        c->block /= 2;
    }
    c->blocks = threads_pieces(count, c->block);
}

/* Taps that lie side by side, in the image and in the panels, make one stretch of the depth where
 * none falls outside. */
static int64_t longest_run(const correlation *c) {
    const scan_axis *last = &c->scan.axes[CONV_AXES - 1];
    bool is_one = c->panels.groups == 1 && last->tap_step == 1 && last->kernel_step == 1;
    return is_one && last->taps > 0 && last->taps <= MOST_SEGMENTS ? last->taps : 1;
}

static void correlate(correlation *c) {
    c->tap_count = scan_taps(&c->scan, c->taps);
    c->run = longest_run(c);
    c->stretch = MOST_SEGMENTS / c->run * c->run;
    cut(c);
    int64_t depth = c->tap_count * c->panels.rows;
    int64_t width = smaller(c->strips * c->panels.width, c->panels.columns);
    int64_t work = c->block * (depth * width / 32 + c->tap_count + 16);
    threads_run(c->blocks * c->sweeps * c->panels.groups, threads_grain(work), run_tasks, c);
}

/* ---- memory, for as long as it runs --------------------------------------------------------- */

/* A row of zeros as long as the longest run, the taps, the panels. */
typedef struct workshop {
    size_t bytes;
    char *memory;
} workshop;

static int64_t rounded_up(int64_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static lego_status open_workshop(workshop *w, correlation *c) {
    int64_t row = c->panels.rows * c->panels.taps;
    int64_t packed;
    int64_t taps;
    int64_t zeros;
    if (!size_multiply(c->panels.group_size, c->panels.groups * c->size, &packed) ||
        !size_multiply(c->panels.taps, sizeof(scan_tap), &taps) ||
        !size_multiply(row, c->size, &zeros)) {
        return LEGO_NO_MEMORY;
    }
    zeros = rounded_up(zeros);
    taps = rounded_up(taps);
    w->bytes = (size_t)(zeros + taps + packed);
    w->memory = memory_take(w->bytes);
    if (!w->memory) {
        return LEGO_NO_MEMORY;
    }
    memset(w->memory, 0, (size_t)zeros);
    c->zeros = w->memory;
    c->taps = (void *)(w->memory + zeros);
    c->panels.packed = w->memory + zeros + taps;
    conv_pack(&c->panels);
    return LEGO_OK;
}

static void close_workshop(workshop *w) {
    memory_give(w->memory, w->bytes);
}

/* ---- one pixel at a time: a product of matrices --------------------------------------------- */

/* Whether each output sees the input at its own place, and nothing else. */
static bool is_pointwise(const conv *c) {
    bool is_so = c->groups == 1;
    for (int i = 0; i < CONV_AXES; i++) {
        const conv_axis *axis = &c->axes[i];
        is_so = is_so && axis->taps == 1 && axis->stride == 1 && axis->before == 0 &&
                axis->input == axis->output;
    }
    return is_so;
}

static int64_t pixels_of(const conv *c) {
    return c->batch * c->axes[0].output * c->axes[1].output * c->axes[2].output;
}

/* y = x k */
static lego_status run_pointwise(const conv *c, const void *x, const void *kernel, void *y) {
    gemm g = {
        .dtype = c->dtype,
        .rows = pixels_of(c),
        .columns = c->filters,
        .depth = c->channels,
        .a = {x, c->channels, 1, {0}},
        .b = {kernel, c->filters, 1, {0}},
        .y = y,
    };
    gemm_run(&g);
    return LEGO_OK;
}

/* dx = dy k^T */
static lego_status run_pointwise_back(const conv *c, const void *dy, const void *kernel, void *dx) {
    gemm g = {
        .dtype = c->dtype,
        .rows = pixels_of(c),
        .columns = c->channels,
        .depth = c->filters,
        .a = {dy, c->filters, 1, {0}},
        .b = {kernel, 1, c->filters, {0}},
        .y = dx,
    };
    gemm_run(&g);
    return LEGO_OK;
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

lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y) {
    if (is_pointwise(c)) {
        return run_pointwise(c, x, kernel, y);
    }
    correlation own = {
        .size = (int64_t)lego_dtype_size(c->dtype),
        .batch = c->batch,
        .source = x,
        .result = y,
        .source_channels = c->groups * c->channels,
        .result_channels = c->groups * c->filters,
        .panels = panels_of(c, kernel),
        .scan = scan_forwards(c),
    };
    workshop w;
    conv_panels_of(&own.panels);
    lego_status status = open_workshop(&w, &own);
    if (status == LEGO_OK) {
        correlate(&own);
        close_workshop(&w);
    }
    return status;
}

/* Each phase on its own: the inputs that see the same taps. */
static void correlate_phases(const conv *c, correlation *work) {
    int64_t counts[CONV_AXES];
    for (int i = 0; i < CONV_AXES; i++) {
        counts[i] = smaller(c->axes[i].stride, c->axes[i].input);
    }
    for (int64_t number = 0; number < counts[0] * counts[1] * counts[2]; number++) {
        int64_t phase[CONV_AXES] = {
            number / counts[2] / counts[1],
            number / counts[2] % counts[1],
            number % counts[2],
        };
        work->scan = scan_backwards(c, phase);
        correlate(work);
    }
}

lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx) {
    if (is_pointwise(c)) {
        return run_pointwise_back(c, dy, kernel, dx);
    }
    correlation own = {
        .size = (int64_t)lego_dtype_size(c->dtype),
        .batch = c->batch,
        .source = dy,
        .result = dx,
        .source_channels = c->groups * c->filters,
        .result_channels = c->groups * c->channels,
        .panels = turned_panels_of(c, kernel),
    };
    workshop w;
    conv_panels_of(&own.panels);
    lego_status status = open_workshop(&w, &own);
    if (status == LEGO_OK) {
        correlate_phases(c, &own);
        close_workshop(&w);
    }
    return status;
}
