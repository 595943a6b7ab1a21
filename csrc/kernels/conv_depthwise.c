/* Convolutions in which each channel has filters of its own, and their gradients.
 *
 * Vectors run over the channels, and windows (conv_geometry.h) over the outputs: a window needs no
 * zeros, as its taps are all inside. Several filters of a channel are like as many channels with
 * the same numbers: forward, and for the gradient by the kernel, the part of x that a block of
 * outputs sees is repeated into memory that stays in the cache. Backward there is nothing to repeat
 * in dy, and the sums of a channel's filters are added up. */
#include <string.h>

#include "../core/array.h"
#include "../core/element_loops.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_depthwise_loops.h"
#include "conv_result.h"

enum {
    FEWEST_OUTPUTS = 96,      /* of a task */
    FEWEST_NUMBERS = 8 << 10, /* of a task, forward */
    MOST_TASKS = 32,          /* rows at a task's edges are read for the next task as well */
    MOST_PARTS = 8,           /* of the gradient by the kernel: sums that are joined */
    MOST_ROWS = 16,           /* that are walked together */
    NEAR_ROWS = 4,            /* of pixels, in the L1 cache */
    SEGMENT_BYTES = 128,      /* of an output's channels, in a block of rows, at least */
};

/* How the result is cut: each of the lines, which has units of so many outputs, into pieces, and
 * the channels into segments. A block is a piece of a segment. */
typedef struct blocks {
    int64_t lines;
    int64_t units;
    int64_t unit;
    int64_t pieces;
    int64_t width; /* channels of a segment; the last one has all that are left */
    int64_t segments;
} blocks;

typedef struct depthwise {
    const conv *c;
    lego_dtype dtype;
    int64_t size;     /* of a number, in bytes */
    int64_t filters;  /* of a channel */
    int64_t channels; /* of all filters, as if each had one of its own */
    int64_t width;    /* of a row of k: its channels, padded where k is the result */
    const window_loops *loops;
    rows_loop *rows; /* NULL: there is none for the geometry */
    const char *a;
    void *k;
    conv_result result; /* of the gradient by the kernel: dy, which is read beside a */
    conv_geometry geometry;
    window outline; /* of the geometry's windows */
    int64_t count;  /* outputs */
    blocks blocks;  /* forward */
    int64_t block;  /* outputs that see the same repeated numbers */
    int64_t parts;  /* of the outputs: tasks of a gradient */
} depthwise;

bool depthwise_accepts(const conv *c, conv_action action) {
    (void)action;
    return c->channels == 1 && (c->filters == 1 || (c->filters > 1 && c->groups > 1));
}

static depthwise depthwise_of(const conv *c, conv_geometry g, const void *a, const void *k,
                              void *y) {
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    int64_t channels = c->groups * c->filters;
    return (depthwise){
        .c = c,
        .dtype = c->dtype,
        .size = size,
        .filters = c->filters,
        .channels = channels,
        .width = channels,
        .loops = window_loops_for(c->dtype, channels),
        .a = a,
        .k = (void *)k,
        .result = {.y = y, .row_bytes = channels * size, .channels = channels},
        .geometry = g,
        .outline = window_outline(&g, channels, channels),
        .count = c->batch * geometry_outputs(&g),
    };
}

/* About as many simple operations as an output costs. */
static int64_t output_work(const depthwise *d) {
    return geometry_tap_count(&d->geometry) * (d->channels / 8 + 1) + 16;
}

/* Outputs of a block, `most` at most. Repeated numbers are to stay in the L2 cache. */
static int64_t block_of(const depthwise *d, int64_t most) {
    int64_t fit = d->filters > 1 ? CONV_BLOCK_BYTES / (d->channels * d->size) : most;
    int64_t bytes = d->result.row_bytes;
    return conv_block_outputs(&d->result, bytes, larger(1, smaller(fit, most)));
}

static window_iterator windows_of(const depthwise *d, int64_t first, int64_t count) {
    return windows_over(&d->geometry, &d->outline, first, count);
}

/* ---- repeated input -------------------------------------------------------------------------- */

/* What a block sees of a, from number `begin` on: as it is, or with each number repeated. */
typedef struct repeated {
    const char *numbers;
    int64_t begin;
    int64_t bytes; /* of its own memory */
} repeated;

/* From the first number that a window of the block sees to the last. */
static int64_t reach_of(const depthwise *d, const conv_block *b, int64_t *begin) {
    window_iterator windows = windows_of(d, b->first, b->count);
    int64_t first = INT64_MAX;
    int64_t end = 0;
    for (window w; windows_next(&windows, &w);) {
        int64_t reach = window_reach(&w);
        if (reach > 0) {
            first = smaller(first, w.a_begin);
            end = larger(end, w.a_begin + reach);
        }
    }
    *begin = smaller(first, end);
    return end - *begin;
}

/* False when there is no memory. */
static bool open_repeated(depthwise *d, const conv_block *b, repeated *r) {
    *r = (repeated){.numbers = d->a};
    if (d->filters == 1) {
        return true;
    }
    int64_t count = reach_of(d, b, &r->begin);
    char *numbers = size_multiply(count, d->size, &r->bytes) ? memory_take((size_t)r->bytes) : NULL;
    if (!numbers) {
        atomic_store(&d->result.failed, true);
        return false;
    }
    const char *x = d->a + r->begin / d->filters * d->size;
    numbers_repeat(d->dtype, count / d->filters, d->filters, x, numbers);
    r->numbers = numbers;
    return true;
}

static void close_repeated(const depthwise *d, repeated *r) {
    if (d->filters > 1) {
        memory_give((char *)r->numbers, (size_t)r->bytes);
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Sets the addresses of a window of the block, from its first channel on. */
static void place_window(const depthwise *d, const conv_block *b, const repeated *r, void *k,
                         window *w) {
    w->a = r->numbers + (w->a_begin - r->begin + b->channel) * d->size;
    w->k = (char *)k + (w->k_begin + b->channel) * d->size;
    w->y = b->rows + (w->result - b->origin) * b->row_bytes;
}

/* All windows of the block, which has all channels. */
static void run_windows(const depthwise *d, const conv_block *b, const repeated *r, void *k,
                        window_loop *run) {
    window_iterator windows = windows_of(d, b->first, b->count);
    for (window w; windows_next(&windows, &w);) {
        place_window(d, b, r, k, &w);
        run(&w);
    }
}

/* The sums of the block, some rows at a time. */
static void run_rows(const depthwise *d, const conv_block *b, const repeated *r) {
    window_iterator rest = windows_of(d, b->first, b->count);
    while (rest.left > 0) {
        window_row rows[MOST_ROWS];
        int64_t count = 0;
        for (; count < MOST_ROWS && rows_next(&rest, &rows[count]); count++) {
            window *w = &rows[count].window;
            place_window(d, b, r, d->k, w);
            w->y_step = w->y_step / d->channels * (b->row_bytes / d->size);
            w->channels = b->channels;
        }
        d->rows(rows, count);
    }
}

/* ---- forward --------------------------------------------------------------------------------- */

/* Channels of a block of rows: as many as let the pixels that a few rows see stay in the L1 cache
 * until the rows below have seen them, too. All blocks have about the same. */
static int64_t segment_of(const depthwise *d) {
    const epilogue *e = d->result.epilogue;
    if (d->filters > 1 || (e && !(e->takes_columns && d->channels % BLOCK_LANES == 0))) {
        return d->channels;
    }
    const int64_t row = d->geometry.axes[CONV_AXES - 1].outputs, step = SEGMENT_BYTES / d->size;
    const int64_t most = larger(step, L1_BYTES / NEAR_ROWS / row / d->size);
    return round_up(divide_up(d->channels, divide_up(d->channels, most)), step);
}

/* Blocks of whole rows, or of pieces of long ones, that stay in the L1 cache until the epilogue has
 * read them. */
static blocks blocks_of_rows(const depthwise *d) {
    const int64_t row = d->geometry.axes[CONV_AXES - 1].outputs, rows = d->count / row;
    const int64_t width = smaller(d->channels, segment_of(d)), least = SEGMENT_BYTES / d->size;
    const int64_t fit = larger(1, L1_BYTES / (width * d->size));
    blocks b = {.lines = rows, .units = row, .unit = 1, .width = width};
    if (row <= fit) {
        b = (blocks){.lines = 1, .units = rows, .unit = row, .width = width};
    }
    b.pieces = divide_up(b.units, fit / b.unit);
    b.segments = 1 + larger(0, d->channels - least) / width; /* none has fewer than the least */
    return b;
}

static int64_t task_count(const depthwise *d) {
    int64_t tasks = smaller(MOST_TASKS, d->count * d->channels / FEWEST_NUMBERS);
    return tasks > 1 ? round_up(tasks, 2) : 1; /* an even number: two threads finish together */
}

static blocks blocks_of_windows(const depthwise *d) {
    const int64_t most = block_of(d, larger(1, divide_up(d->count, task_count(d))));
    return (blocks){1, d->count, 1, divide_up(d->count, most), d->channels, 1};
}

static int64_t blocks_count(const blocks *b) {
    return b->lines * b->pieces * b->segments;
}

static conv_block block_at(const depthwise *d, int64_t index) {
    const blocks *b = &d->blocks;
    const int64_t piece = index % b->pieces, segment = index / b->pieces / b->lines;
    const int64_t line = index / b->pieces % b->lines * b->units;
    const int64_t begin = line + piece * b->units / b->pieces;
    const int64_t end = line + (piece + 1) * b->units / b->pieces;
    return (conv_block){
        .first = begin * b->unit,
        .count = (end - begin) * b->unit,
        .channel = segment * b->width,
        .channels = segment + 1 < b->segments ? b->width : d->channels - segment * b->width,
    };
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    for (int64_t i = begin; i < end; i++) {
        conv_block b = block_at(d, i);
        repeated r;
        if (!open_repeated(d, &b, &r)) {
            return;
        }
        if (conv_block_open(&d->result, &b)) {
            if (d->rows) {
                run_rows(d, &b, &r);
            } else {
                run_windows(d, &b, &r, d->k, d->loops->sum);
            }
            conv_block_close(&d->result, &b);
        }
        close_repeated(d, &r);
    }
}

lego_status depthwise_forward(const conv *c, const void *x, const void *kernel, void *y,
                              const epilogue *epilogue) {
    depthwise d = depthwise_of(c, geometry_forward(c), x, kernel, y);
    d.result.epilogue = epilogue;
    if (d.count * d.channels == 0) {
        return LEGO_OK;
    }
    d.blocks = blocks_of_rows(&d);
    d.rows = rows_loop_for(d.dtype, &d.geometry, d.channels);
    if (!d.rows || d.blocks.units * d.blocks.unit < d.blocks.pieces * SLIDE_ROWS) {
        d.rows = NULL;
        d.blocks = blocks_of_windows(&d);
    }
    const int64_t count = blocks_count(&d.blocks);
    threads_run(count, divide_up(count, task_count(&d)), run_blocks, &d);
    return conv_result_status(&d.result);
}

/* ---- the gradient by the input --------------------------------------------------------------- */

/* The window's sums are made in rows of their own, and those of a channel are added up from there.
 */
static void sum_filters(const depthwise *d, window *w, void *rows) {
    int64_t channels = d->channels / d->filters;
    group_sums s = {d->dtype, w->outputs, channels, d->filters, w->y_step / d->filters};
    void *y = w->y;
    w->y = rows;
    w->y_step = d->channels;
    d->loops->sum(w);
    numbers_sum_groups(&s, rows, y);
}

/* A task's share of a phase. */
static void run_share(const depthwise *d, int64_t phase, int64_t task, void *rows) {
    depthwise own = *d;
    own.geometry = geometry_backward(d->c, phase);
    own.outline = window_outline(&own.geometry, d->channels, d->width);
    const int64_t row = own.geometry.axes[CONV_AXES - 1].outputs;
    const int64_t count = d->c->batch * geometry_outputs(&own.geometry);
    const bool has_rows = d->filters == 1 && count >= d->parts * row; /* one for each task */
    own.rows = has_rows ? rows_loop_for(d->dtype, &own.geometry, d->channels) : NULL;
    const int64_t unit = own.rows ? row : 1; /* rows are whole */
    conv_block b = {.channels = d->channels, .rows = d->result.y};
    b.row_bytes = d->result.row_bytes;
    b.first = task * (count / unit) / d->parts * unit;
    b.count = (task + 1) * (count / unit) / d->parts * unit - b.first;
    const repeated r = {.numbers = d->a};
    if (own.rows) {
        run_rows(&own, &b, &r);
        return;
    }
    window_iterator windows = windows_of(&own, b.first, b.count);
    for (window w; windows_next(&windows, &w);) {
        place_window(d, &b, &r, d->k, &w);
        if (d->filters == 1) {
            d->loops->sum(&w);
        } else {
            sum_filters(d, &w, rows);
        }
    }
}

/* For the sums of a window. */
static void *take_rows(const depthwise *d, int64_t *bytes) {
    int64_t output = d->channels * d->size;
    int64_t most = larger(d->c->axes[2].input, COLUMN_OUTPUTS);
    return size_multiply(most, output, bytes) ? memory_take((size_t)*bytes) : NULL;
}

/* A task does its share of all phases: what they write lies side by side, and what they read is the
 * same. */
static void run_backward(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    int64_t bytes = 0;
    void *rows = d->filters > 1 ? take_rows(d, &bytes) : NULL;
    if (d->filters > 1 && !rows) {
        atomic_store(&d->result.failed, true);
        return;
    }
    for (int64_t task = begin; task < end; task++) {
        for (int64_t phase = 0; phase < geometry_phases(d->c); phase++) {
            run_share(d, phase, task, rows);
        }
    }
    if (rows) {
        memory_give(rows, (size_t)bytes);
    }
}

lego_status depthwise_input_gradient(const conv *c, const void *dy, const void *kernel, void *dx) {
    depthwise d = depthwise_of(c, geometry_backward(c, 0), dy, kernel, dx);
    d.result.row_bytes /= c->filters;
    d.count = c->batch * c->axes[0].input * c->axes[1].input * c->axes[2].input; /* all phases */
    int64_t share = larger(FEWEST_OUTPUTS, divide_up(d.count, MOST_TASKS));
    d.parts = divide_up(d.count, share);
    threads_run(d.parts, threads_grain(share * output_work(&d)), run_backward, &d);
    return conv_result_status(&d.result);
}

/* ---- the gradient by the kernel -------------------------------------------------------------- */

/* The outputs of a part, block by block. */
static void run_part(depthwise *d, int64_t part, void *k) {
    int64_t end = (part + 1) * d->count / d->parts;
    conv_block b = {.rows = d->result.y, .row_bytes = d->result.row_bytes};
    for (b.first = part * d->count / d->parts; b.first < end; b.first += d->block) {
        repeated r;
        b.count = smaller(d->block, end - b.first);
        if (!open_repeated(d, &b, &r)) {
            return;
        }
        run_windows(d, &b, &r, k, d->loops->multiply);
        close_repeated(d, &r);
    }
}

static void run_parts(void *work, int64_t begin, int64_t end) {
    depthwise *d = work;
    int64_t part_bytes = geometry_tap_count(&d->geometry) * d->width * d->size;
    for (int64_t part = begin; part < end; part++) {
        run_part(d, part, (char *)d->k + part * part_bytes);
    }
}

/* The rows of dkernel have no padding: their last vector overlaps the one before. */
static void copy_rows(const depthwise *d, const char *sums, char *dkernel) {
    int64_t row = d->channels * d->size;
    int64_t padded = d->width * d->size;
    int64_t vector = d->loops->lanes * d->size;
    for (int64_t tap = 0; tap < geometry_tap_count(&d->geometry); tap++) {
        memcpy(dkernel, sums, (size_t)(row - vector));
        memcpy(dkernel + row - vector, sums + padded - vector, (size_t)vector);
        sums += padded;
        dkernel += row;
    }
}

/* Parts of the outputs are summed on their own, and joined behind them. */
static lego_status sum_parts(depthwise *d, void *dkernel) {
    int64_t numbers = geometry_tap_count(&d->geometry) * d->width;
    int64_t bytes;
    if (!size_multiply(numbers * d->size, d->parts + 1, &bytes)) {
        return LEGO_NO_MEMORY;
    }
    d->k = memory_take((size_t)bytes);
    if (!d->k) {
        return LEGO_NO_MEMORY;
    }
    memset(d->k, 0, (size_t)bytes);
    threads_run(d->parts, threads_grain(d->count / d->parts * output_work(d)), run_parts, d);
    char *joined = (char *)d->k + d->parts * numbers * d->size;
    conv_sums_join(d->dtype, numbers, d->parts, d->k, joined);
    copy_rows(d, joined, dkernel);
    memory_give(d->k, (size_t)bytes);
    return conv_result_status(&d->result);
}

lego_status depthwise_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    depthwise d = depthwise_of(c, geometry_forward(c), x, NULL, (void *)dy);
    d.width = round_up(d.channels, d.loops->lanes);
    d.outline = window_outline(&d.geometry, d.channels, d.width);
    d.parts = larger(1, smaller(MOST_PARTS, divide_up(d.count, FEWEST_OUTPUTS)));
    d.block = block_of(&d, larger(1, d.count));
    return sum_parts(&d, dkernel);
}
