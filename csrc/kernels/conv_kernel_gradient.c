/* The gradient of a convolution by its kernel:
 *
 *     dk[tap, channel, filter] = sum over places of x[seen, channel] dy[place, filter]
 *
 * That is a product of matrices with as many rows as the kernel has, and a great depth, the places.
 * These are taken in stretches. What they see through a run of taps lies in x as a line; a tile
 * reads its rows there where the places' steps along the line are short, and else what a block of
 * tiles reads is gathered into the caches first. Each number is summed stretch by stretch; where
 * the kernel is so small that threads would have too little to share, parts of the places are
 * summed on their own and then joined. All of that is cut by size alone. */
#include <stdatomic.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv.h"
#include "conv_depthwise.h"
#include "conv_kernel_block.h"
#include "conv_parts.h"
#include "conv_pointwise.h"
#include "conv_winograd.h"

enum {
    SHORT_STEP = 64,       /* bytes, from place to place along a line */
    ENOUGH_TASKS = 8,      /* for threads to share */
    PARTS_BYTES = 1 << 21, /* of all parts' sums */
    TILE_GAP = 64, /* tiles a power of two apart would fall on the same lines of the cache */
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* ---- the work ------------------------------------------------------------------------------- */

typedef struct gradient {
    kernel_sum sum;
    char *result; /* one kernel for each part */
    int64_t kernel_size;
    int64_t x_size;
    int64_t span; /* rows that no block goes across */
    int64_t blocks;
    int64_t slices; /* of the blocks */
    int64_t k_blocks;
    int64_t parts;      /* of the stretches */
    atomic_bool failed; /* a task found no memory */
} gradient;

static kernel_rows rows_of(const gradient *g, int64_t block) {
    const kernel_sum *k = &g->sum;
    int64_t across = threads_chunks(g->span, k->block_rows);
    int64_t spans = k->runs * k->gather.width / g->span;
    int64_t within = block % across * k->block_rows;
    return (kernel_rows){
        .group = block / across / spans,
        .first = block / across % spans * g->span + within,
        .rows = smaller(k->block_rows, g->span - within),
    };
}

static k_block k_block_at(const kernel_sum *k, int64_t number) {
    int64_t piece = number * k->pieces;
    int64_t all = k->row > 0 ? k->places / k->row * k->row_pieces : 0;
    int64_t within = k->row > 0 ? piece % k->row_pieces * k->piece : 0;
    return (k_block){
        .first = k->row > 0 ? piece / k->row_pieces * k->row + within : 0,
        .pieces = smaller(k->pieces, all - piece),
        .length = smaller(k->piece, k->row - within),
    };
}

/* Memory is slower than what is made of it, and between the rows of a panel there are gaps, which
 * hide from the machine what comes next. x is read from its beginning to its end. */
static kernel_ahead ahead_of(const gradient *g, int64_t block, int64_t blocks) {
    const kernel_sum *k = &g->sum;
    k_block s = k_block_at(k, block);
    int64_t tiles = blocks * threads_chunks(k->block_rows, CONV_ROWS) *
                    threads_chunks(k->c->filters, conv_tile_columns(k->c->dtype, INT64_MAX));
    int64_t x_place = g->x_size / k->places * k->size;
    int64_t dy_place = k->c->groups * k->c->filters * k->size;
    int64_t count = s.pieces * s.length;
    return (kernel_ahead){
        .x = k->gather.x + s.first * x_place,
        .dy = k->dy + s.first * dy_place,
        .x_bytes = count * x_place / tiles,
        .dy_bytes = count * dy_place / tiles,
    };
}

/* A slice of the blocks, over a part of the stretches; even where there are none, it is set. */
static void run_slice(const gradient *g, int64_t slice, int64_t part, const kernel_workspace *w) {
    int64_t first = part * g->k_blocks / g->parts;
    int64_t last = (part + 1) * g->k_blocks / g->parts;
    int64_t block = slice * g->blocks / g->slices;
    int64_t last_block = (slice + 1) * g->blocks / g->slices;
    char *result = g->result + part * g->kernel_size * g->sum.size;
    int64_t number = first;
    do {
        k_block s = k_block_at(&g->sum, number);
        kernel_ahead ahead = {0};
        s.adds = number > first;
        if (number + 1 < last) {
            ahead = ahead_of(g, number + 1, last_block - block);
        }
        for (int64_t i = block; i < last_block; i++) {
            kernel_rows rows = rows_of(g, i);
            kernel_block_run(&g->sum, &rows, &s, w, &ahead, result);
        }
    } while (++number < last);
}

static void run_slices(void *work, int64_t begin, int64_t end) {
    gradient *g = work;
    kernel_workspace w;
    if (!kernel_block_open(&g->sum, &w)) {
        atomic_store(&g->failed, true);
        return;
    }
    for (int64_t i = begin; i < end; i++) {
        run_slice(g, i % g->slices, i / g->slices, &w);
    }
    kernel_block_close(&w);
}

/* ---- cutting and joining -------------------------------------------------------------------- */

static void cut_places(gradient *g) {
    kernel_sum *k = &g->sum;
    k->places = k->c->batch * scan_places(&k->gather.scan);
    if (k->places == 0) {
        return;
    }
    k->row = k->gather.scan.axes[CONV_AXES - 1].places;
    k->piece = smaller(k->row, K_BLOCK);
    k->row_pieces = threads_chunks(k->row, k->piece);
    k->pieces = k->row_pieces == 1 ? smaller(MOST_PIECES, K_BLOCK / k->piece) : 1;
    g->k_blocks = threads_chunks(k->places / k->row * k->row_pieces, k->pieces);
}

static void cut_rows(gradient *g) {
    kernel_sum *k = &g->sum;
    const conv_gather *from = &k->gather;
    k->runs = scan_tap_count(&from->scan) / from->run;
    k->reads_lines = from->width < CONV_ROWS || from->line_step * k->size <= SHORT_STEP;
    g->span = k->reads_lines ? k->runs * from->width : from->width;
    k->block_rows = k->reads_lines ? g->span : smaller(GATHER_ROWS, g->span);
    k->line_bytes = gather_line_length(from, k->piece) * k->size;
    k->tile_bytes = k->pieces * k->piece * CONV_ROWS * k->size + TILE_GAP;
    int64_t spans = k->runs * from->width / g->span;
    g->blocks = k->c->groups * spans * threads_chunks(g->span, k->block_rows);
}

static void cut(gradient *g) {
    cut_places(g);
    cut_rows(g);
    g->parts = smaller(ENOUGH_TASKS, PARTS_BYTES / (g->kernel_size * g->sum.size));
    g->parts = larger(1, smaller(g->parts, g->k_blocks));
    g->slices = smaller(g->blocks, threads_chunks(ENOUGH_TASKS, g->parts));
}

static void sum_parts(gradient *g, void *dkernel) {
    const conv *c = g->sum.c;
    int64_t products = g->sum.places * g->kernel_size / CONV_ROWS;
    threads_run(g->slices * g->parts, threads_grain(products / g->slices / g->parts), run_slices,
                g);
    if (g->parts > 1) {
        conv_parts_join(c->dtype, g->kernel_size, g->parts, g->result, dkernel);
    }
}

/* Memory for the taps, and for the parts where there are several. */
static lego_status sum_with_memory(gradient *g, void *dkernel) {
    kernel_sum *k = &g->sum;
    int64_t taps;
    int64_t parts;
    int64_t part = g->parts > 1 ? g->kernel_size * k->size : 0;
    if (!size_multiply(k->runs * k->gather.run, sizeof(scan_tap), &taps) ||
        !size_multiply(g->parts, part, &parts)) {
        return LEGO_NO_MEMORY;
    }
    size_t bytes = (size_t)(taps + parts);
    char *memory = memory_take(bytes);
    if (!memory) {
        return LEGO_NO_MEMORY;
    }
    k->taps = (void *)memory;
    scan_taps(&k->gather.scan, k->taps);
    g->result = g->parts > 1 ? memory + taps : dkernel;
    sum_parts(g, dkernel);
    memory_give(memory, bytes);
    return atomic_load(&g->failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

static int64_t numbers_of(const conv *c) {
    int64_t pixels = c->axes[0].input * c->axes[1].input * c->axes[2].input;
    return c->batch * pixels * c->groups * c->channels;
}

lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel) {
    if (conv_is_pointwise(c)) {
        return pointwise_kernel_gradient_run(c, x, dy, dkernel);
    }
    if (conv_is_depthwise(c)) {
        return depthwise_kernel_gradient_run(c, x, dy, dkernel);
    }
    int tile = winograd_tile(c);
    if (tile) {
        return winograd_kernel_gradient_run(c, tile, x, dy, dkernel);
    }
    gradient g = {.x_size = numbers_of(c)};
    g.sum.c = c;
    g.sum.gather = gather_open(c, x);
    g.sum.dy = dy;
    g.sum.size = g.sum.gather.size;
    g.kernel_size = scan_tap_count(&g.sum.gather.scan) * c->channels * c->groups * c->filters;
    if (g.kernel_size == 0) {
        return LEGO_OK;
    }
    cut(&g);
    return sum_with_memory(&g, dkernel);
}
