/* Convolutions whose channels are cut into narrow groups, and their gradients.
 *
 * As a product with the im2col matrix (conv_direct.c) a group would fill few lanes of a vector, and
 * its segments are so short that finding them takes longer than summing. Here a vector is as wide
 * as the group's columns allow, and windows (conv_geometry.h) run over the outputs: what an output
 * sees lies at even steps, and nothing has to be found from tap to tap. The kernel is packed into
 * slices once, vector by vector (conv_grouped_loops.h). A number is summed tap by tap, and for the
 * gradient by the kernel window by window, whatever tile it is in. */
#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_grouped_loops.h"
#include "conv_result.h"

enum {
    NARROW = 8,                 /* columns of a group: beyond, products are faster, */
    MEDIUM = 28,                /* or beyond so many where a row of the image has */
    ROW_OUTPUTS = 12,           /* enough outputs for tiles; */
    KERNEL_COLUMNS = 48,        /* and for the gradient by the kernel beyond these */
    FEWEST_OUTPUTS = 96,        /* of a task */
    MOST_TASKS = 32,            /* rows at a task's edges are read for the next task as well */
    ENOUGH_TASKS = 8,           /* of the gradient by the kernel, for threads to share */
    PARTS_BYTES = 2 * L2_BYTES, /* of all parts' sums */
};

/* Rows and columns of the packed kernel are its channels and filters, or the other way around for
 * the gradient by the input. Strides and sizes count numbers. */
typedef struct grouped {
    const conv *c;
    int64_t taps;
    int64_t columns; /* of a group */
    int64_t row_stride;
    int64_t column_stride;
    const grouped_loops *loops;
    grouped_window outline; /* without its window */
    const float *a;
    float *k; /* packed, or sums */
    conv_result result;
    int64_t count;  /* outputs */
    int64_t block;  /* outputs of a task */
    int64_t parts;  /* of the outputs */
    int64_t shares; /* of the slices, for the gradient by the kernel */
} grouped;

/* Of float32 alone: loops for another dtype would cost more than they are used. */
bool grouped_accepts(const conv *c, conv_action action) {
    const conv_axis *last = &c->axes[CONV_AXES - 1];
    int64_t row = action == CONV_INPUT_GRADIENT ? last->input : last->output;
    int64_t most = row < ROW_OUTPUTS ? NARROW : MEDIUM;
    most = action == CONV_KERNEL_GRADIENT ? KERNEL_COLUMNS : most;
    int64_t columns = conv_columns(c, action);
    return c->groups > 1 && c->dtype == LEGO_FLOAT32 && columns <= most &&
           grouped_loops_for(columns);
}

static grouped grouped_of(const conv *c, conv_action action, const void *a, void *y) {
    bool is_transposed = action == CONV_INPUT_GRADIENT;
    int64_t filters = c->groups * c->filters;
    grouped g = {
        .c = c,
        .taps = c->axes[0].taps * c->axes[1].taps * c->axes[2].taps,
        .columns = conv_columns(c, action),
        .row_stride = is_transposed ? 1 : filters,
        .column_stride = is_transposed ? filters : 1,
        .outline.depth = conv_depth(c, action),
        .a = a,
        .result.y = y,
    };
    g.loops = grouped_loops_for(g.columns);
    g.outline.slices = c->groups * divide_up(g.columns, g.loops->lanes);
    g.outline.slice_size = g.taps * g.outline.depth * g.loops->lanes;
    g.result.channels = c->groups * g.columns;
    g.result.row_bytes = g.result.channels * (int64_t)sizeof(float);
    return g;
}

static int64_t packed_numbers(const grouped *g) {
    return g->outline.slices * g->outline.slice_size;
}

static int64_t packed_bytes(const grouped *g) {
    return packed_numbers(g) * (int64_t)sizeof(float);
}

/* About as many simple operations as an output costs. */
static int64_t output_work(const grouped *g) {
    return g->taps * g->outline.depth * g->outline.slices + 16;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Where the slices are, and `count` times the packed kernel behind that, which is left to be set.
 */
typedef struct grouped_memory {
    char *memory;
    size_t bytes;
} grouped_memory;

/* The last slice of a group ends with its columns, and may overlap the one before. */
static void set_places(const grouped *g, slice_place *places) {
    int64_t of_group = g->outline.slices / g->c->groups;
    for (int64_t slice = 0; slice < g->outline.slices; slice++) {
        int64_t group = slice / of_group;
        int64_t column = smaller(slice % of_group * g->loops->lanes, g->columns - g->loops->lanes);
        places[slice] = (slice_place){group * g->outline.depth, group * g->columns + column};
    }
}

static lego_status open_memory(grouped *g, int64_t count, grouped_memory *m) {
    int64_t places = round_up(g->outline.slices * (int64_t)sizeof(slice_place), CACHE_LINE);
    int64_t packed;
    if (!size_multiply(packed_bytes(g), count, &packed)) {
        return LEGO_NO_MEMORY;
    }
    m->bytes = (size_t)(places + packed);
    m->memory = memory_take(m->bytes);
    if (!m->memory) {
        return LEGO_NO_MEMORY;
    }
    set_places(g, (void *)m->memory);
    g->outline.places = (void *)m->memory;
    g->k = (void *)(m->memory + places);
    return LEGO_OK;
}

static void close_memory(const grouped_memory *m) {
    memory_give(m->memory, m->bytes);
}

/* ---- the packed kernel ----------------------------------------------------------------------- */

/* Where the kernel has the row of a tap under a slice. */
static int64_t kernel_at(const grouped *g, int64_t slice, int64_t tap, int64_t row) {
    int64_t group = slice / (g->outline.slices / g->c->groups);
    int64_t column = g->outline.places[slice].result - group * g->columns;
    int64_t of_tap = g->c->channels * g->c->groups * g->c->filters;
    return tap * of_tap + group * g->c->filters + row * g->row_stride + column * g->column_stride;
}

static void pack(const grouped *g, const float *kernel) {
    float *to = g->k;
    for (int64_t slice = 0; slice < g->outline.slices; slice++) {
        for (int64_t tap = 0; tap < g->taps; tap++) {
            for (int64_t row = 0; row < g->outline.depth; row++) {
                const float *from = kernel + kernel_at(g, slice, tap, row);
                for (int lane = 0; lane < g->loops->lanes; lane++) {
                    *to++ = from[lane * g->column_stride];
                }
            }
        }
    }
}

/* The way back. Slices that overlap have the same numbers there. */
static void unpack(const grouped *g, const float *from, float *kernel) {
    const int lanes = g->loops->lanes;
    for (int64_t slice = 0; slice < g->outline.slices; slice++) {
        for (int64_t tap = 0; tap < g->taps; tap++) {
            for (int64_t row = 0; row < g->outline.depth; row++) {
                float *to = kernel + kernel_at(g, slice, tap, row);
                memcpy(to, from, (size_t)lanes * sizeof *to);
                from += lanes;
            }
        }
    }
}

/* ---- windows --------------------------------------------------------------------------------- */

/* All windows of the block under the slices of `own`. */
static void run_windows(const grouped *g, const conv_geometry *geometry, const conv_block *b,
                        grouped_window own, float *k, grouped_loop *run) {
    window outline =
        window_outline(geometry, g->c->groups * own.depth, own.depth * g->loops->lanes);
    outline.y_step = geometry->axes[CONV_AXES - 1].result_step * g->result.channels;
    window_iterator windows = windows_over(geometry, &outline, b->first, b->count);
    while (windows_next(&windows, &own.window)) {
        window *w = &own.window;
        w->a = g->a + w->a_begin;
        w->k = k + w->k_begin;
        w->y = b->rows + (w->result - b->origin) * g->result.row_bytes;
        run(&own);
    }
}

/* ---- forward --------------------------------------------------------------------------------- */

static void run_blocks(void *work, int64_t begin, int64_t end) {
    grouped *g = work;
    conv_geometry geometry = geometry_forward(g->c);
    for (int64_t i = begin; i < end; i++) {
        conv_block b = {.first = i * g->block, .channels = g->result.channels};
        b.count = smaller(g->block, g->count - b.first);
        if (!conv_block_open(&g->result, &b)) {
            return;
        }
        run_windows(g, &geometry, &b, g->outline, g->k, g->loops->sum);
        conv_block_close(&g->result, &b);
    }
}

/* The packed kernel, which may be there from an earlier call. */
static kept_use open_kernel(grouped *g, const void *kernel, size_t bytes) {
    static const char maker;
    kept_layout layout = {
        &maker, kernel, {g->c->groups, g->taps, g->outline.depth, g->columns, g->c->dtype}};
    kept_use packed = kept_open_or_take(g->c->kept, &layout, bytes);
    g->k = packed.memory;
    if (packed.memory && !packed.is_made) {
        pack(g, kernel);
        packed.is_made = true;
    }
    return packed;
}

static void run_forward(grouped *g, const epilogue *epilogue) {
    conv_geometry geometry = geometry_forward(g->c);
    g->count = g->c->batch * geometry_outputs(&geometry);
    g->result.epilogue = epilogue;
    g->block = conv_block_outputs(&g->result, g->result.row_bytes,
                                  larger(FEWEST_OUTPUTS, divide_up(g->count, MOST_TASKS)));
    threads_run(divide_up(g->count, g->block), threads_grain(g->block * output_work(g)), run_blocks,
                g);
}

lego_status grouped_forward(const conv *c, const void *x, const void *kernel, void *y,
                            const epilogue *epilogue) {
    grouped g = grouped_of(c, CONV_FORWARD, x, y);
    const size_t bytes = (size_t)packed_bytes(&g);
    grouped_memory m;
    lego_status status = open_memory(&g, 0, &m);
    if (status) {
        return status;
    }
    kept_use packed = open_kernel(&g, kernel, bytes);
    if (packed.memory) {
        run_forward(&g, epilogue);
        kept_close(&packed, bytes);
    }
    close_memory(&m);
    return packed.memory ? conv_result_status(&g.result) : LEGO_NO_MEMORY;
}

/* ---- the gradient by the input --------------------------------------------------------------- */

/* A task does its share of all phases: what they write lies side by side, and what they read is the
 * same. */
static void run_shares(void *work, int64_t begin, int64_t end) {
    grouped *g = work;
    for (int64_t phase = 0; phase < geometry_phases(g->c); phase++) {
        conv_geometry geometry = geometry_backward(g->c, phase);
        int64_t count = g->c->batch * geometry_outputs(&geometry);
        conv_block b = {.first = begin * count / g->parts, .rows = g->result.y};
        b.count = end * count / g->parts - b.first;
        run_windows(g, &geometry, &b, g->outline, g->k, g->loops->sum);
    }
}

lego_status grouped_input_gradient(const conv *c, const void *dy, const void *kernel, void *dx) {
    grouped g = grouped_of(c, CONV_INPUT_GRADIENT, dy, dx);
    grouped_memory m;
    lego_status status = open_memory(&g, 1, &m);
    if (status) {
        return status;
    }
    pack(&g, kernel);
    g.count = c->batch * c->axes[0].input * c->axes[1].input * c->axes[2].input; /* all phases */
    int64_t share = larger(FEWEST_OUTPUTS, divide_up(g.count, MOST_TASKS));
    g.parts = divide_up(g.count, share);
    threads_run(g.parts, threads_grain(share * output_work(&g)), run_shares, &g);
    close_memory(&m);
    return LEGO_OK;
}

/* ---- the gradient by the kernel -------------------------------------------------------------- */

/* A share of the slices over a part of the outputs. */
static void run_part(const grouped *g, const conv_geometry *geometry, int64_t share, int64_t part) {
    conv_block b = {.first = part * g->count / g->parts, .rows = g->result.y};
    b.count = (part + 1) * g->count / g->parts - b.first;
    grouped_window own = g->outline;
    int64_t first = share * own.slices / g->shares;
    own.slices = (share + 1) * own.slices / g->shares - first;
    own.places += first;
    int64_t begin = part * packed_numbers(g) + first * own.slice_size;
    run_windows(g, geometry, &b, own, g->k + begin, g->loops->multiply);
}

static void run_parts(void *work, int64_t begin, int64_t end) {
    const grouped *g = work;
    conv_geometry geometry = geometry_forward(g->c);
    for (int64_t i = begin; i < end; i++) {
        run_part(g, &geometry, i % g->shares, i / g->shares);
    }
}

/* By size alone. */
static void cut_kernel_gradient(grouped *g) {
    conv_geometry geometry = geometry_forward(g->c);
    g->count = g->c->batch * geometry_outputs(&geometry);
    int64_t most = smaller(ENOUGH_TASKS, divide_up(g->count, FEWEST_OUTPUTS));
    int64_t fit = PARTS_BYTES / larger(1, packed_bytes(g));
    g->parts = larger(1, smaller(most, fit));
    g->shares = smaller(g->outline.slices, divide_up(ENOUGH_TASKS, g->parts));
}

/* Parts of the outputs are summed on their own, and joined behind them. */
lego_status grouped_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    grouped g = grouped_of(c, CONV_KERNEL_GRADIENT, x, (void *)dy);
    cut_kernel_gradient(&g);
    grouped_memory m;
    lego_status status = open_memory(&g, g.parts + 1, &m);
    if (status) {
        return status;
    }
    int64_t numbers = packed_numbers(&g);
    int64_t tasks = g.parts * g.shares;
    float *joined = g.k + g.parts * numbers;
    memset(g.k, 0, (size_t)(g.parts * packed_bytes(&g)));
    threads_run(tasks, threads_grain(g.count * output_work(&g) / tasks), run_parts, &g);
    conv_sums_join(c->dtype, numbers, g.parts, g.k, joined);
    unpack(&g, joined, dkernel);
    close_memory(&m);
    return LEGO_OK;
}
