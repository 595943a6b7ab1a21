/* The direct algorithm's gradient by the kernel:
 *
 *     dk[tap, channel, filter] = sum over outputs of x[seen, channel] dy[output, filter]
 *
 * That is a product of matrices, the transposed im2col matrix and dy. It has as many rows as the
 * kernel and a great depth: all outputs of the batch. These are taken in k-blocks. Where the steps
 * from output to output are short, a tile reads its rows in the lines of x (conv_im2col.h); else
 * the rows of a block of tiles are gathered into the caches first, interleaved. Each number is
 * summed k-block by k-block. Where the kernel is so small that threads would have too little to
 * share, parts of the outputs are summed on their own and then joined. All of that is cut by size
 * alone. */
#include <stdatomic.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_im2col.h"
#include "conv_result.h"
#include "conv_tile.h"

enum {
    K_BLOCK = 256,              /* most outputs of a k-block */
    SHORT_STEP = 64,            /* bytes, from output to output along a line, */
    LONG_STEP = 512,            /* or so many, where lines spread over the cache: */
    SHARED_STEP = 256,          /* multiples of this share few of its sets */
    ENOUGH_TASKS = 8,           /* for threads to share */
    PARTS_BYTES = 2 * L2_BYTES, /* of all parts' sums */
    PANEL_ROW_BYTES = 128,      /* of the widest panel */
    TILE_GAP = CACHE_LINE,      /* tiles a power of two apart would share lines of the cache */
};

/* The whole sum and how it is cut. A segment is outputs of one row of the image, a k-block several
 * segments that are neighbours in dy: several rows, or one part of a row longer than K_BLOCK. A
 * group's part of the kernel has matrix.runs times matrix.width rows. They are cut into blocks;
 * no block goes beyond a span: a run, or everything where lines are read. */
typedef struct kernel_gradient {
    const conv *c;
    im2col matrix;
    conv_tap *taps;
    const char *dy;
    char *result; /* one kernel for each part */
    int64_t size; /* of a number, in bytes */
    int64_t kernel_size;
    int64_t outputs;
    int64_t row; /* outputs of a row of the image */
    int64_t row_segments;
    int64_t segment;  /* outputs of a segment */
    int64_t segments; /* of a k-block */
    int64_t k_blocks;
    int64_t parts; /* of the k-blocks */
    bool reads_lines;
    int64_t span;
    int64_t block_rows;
    int64_t blocks;
    int64_t slices;     /* of the blocks */
    int64_t line_bytes; /* of a segment's line that is copied */
    int64_t tile_bytes; /* of a k-block's tile */
    atomic_bool failed; /* a task found no memory */
} kernel_gradient;

/* Rows first <= row < first + rows of a group. */
typedef struct kernel_rows {
    int64_t group;
    int64_t first;
    int64_t rows;
} kernel_rows;

typedef struct k_block {
    int64_t first; /* output */
    int64_t segments;
    int64_t length; /* outputs of each segment */
    bool adds;      /* to the sums of the k-blocks before */
} k_block;

static int64_t spans_of(const kernel_gradient *k) {
    return k->matrix.runs * k->matrix.width / k->span;
}

static kernel_rows rows_at(const kernel_gradient *k, int64_t block) {
    int64_t across = divide_up(k->span, k->block_rows);
    int64_t spans = spans_of(k);
    int64_t within = block % across * k->block_rows;
    return (kernel_rows){
        .group = block / across / spans,
        .first = block / across % spans * k->span + within,
        .rows = smaller(k->block_rows, k->span - within),
    };
}

static k_block k_block_at(const kernel_gradient *k, int64_t number) {
    if (k->row == 0) {
        return (k_block){.first = 0};
    }
    int64_t segment = number * k->segments;
    int64_t within = segment % k->row_segments * k->segment;
    return (k_block){
        .first = segment / k->row_segments * k->row + within,
        .segments = smaller(k->segments, k->outputs / k->row * k->row_segments - segment),
        .length = smaller(k->segment, k->row - within),
    };
}

/* ---- gathering ------------------------------------------------------------------------------- */

/* What a task reads of x: tiles, or lines, of which each run has one for each segment. */
typedef struct gathered_rows {
    char *tiles;
    const char **lines;
    char *memory;
    size_t bytes;
} gathered_rows;

static bool open_rows(const kernel_gradient *k, gathered_rows *w) {
    int64_t lines = k->reads_lines ? k->matrix.runs * k->segments : 0;
    int64_t tiles = k->reads_lines ? 0 : divide_up(k->block_rows, CONV_ROWS);
    int64_t list = lines * (int64_t)sizeof *w->lines;
    int64_t copied = lines * k->line_bytes + tiles * k->tile_bytes;
    w->bytes = (size_t)(list + copied);
    w->memory = memory_take(w->bytes);
    if (!w->memory) {
        return false;
    }
    w->lines = (void *)w->memory;
    w->tiles = w->memory + list;
    memset(w->tiles, 0, (size_t)copied);
    return true;
}

static void gather_lines(const kernel_gradient *k, im2col_rows r, int64_t segment,
                         const gathered_rows *w) {
    for (int64_t run = 0; run < k->matrix.runs; run++) {
        int64_t line = run * k->segments + segment;
        r.tap = &k->taps[run * k->matrix.run];
        w->lines[line] = im2col_line(&k->matrix, &r, w->tiles + line * k->line_bytes);
    }
}

static void gather_tiles(const kernel_gradient *k, im2col_rows r, const kernel_rows *rows,
                         int64_t segment, const gathered_rows *w) {
    char *to = w->tiles + segment * r.n * CONV_ROWS * k->size;
    r.tap = &k->taps[rows->first / k->matrix.width * k->matrix.run];
    im2col_tiles(&k->matrix, &r, rows->first % k->matrix.width, rows->rows, to, k->tile_bytes);
}

static void gather(const kernel_gradient *k, const kernel_rows *rows, const k_block *b,
                   const gathered_rows *w) {
    for (int64_t segment = 0; segment < b->segments; segment++) {
        output_coordinate coordinate =
            coordinate_at(&k->matrix.geometry, b->first + segment * b->length);
        im2col_rows r = {.coordinate = &coordinate, .n = b->length, .group = rows->group};
        if (k->reads_lines) {
            gather_lines(k, r, segment, w);
        } else {
            gather_tiles(k, r, rows, segment, w);
        }
    }
}

/* ---- prefetching ----------------------------------------------------------------------------- */

/* What the next k-block reads, of which each tile of this one prefetches a little: memory is slower
 * than the sums, and the gaps between the rows of a panel hide from the processor what comes next.
 */
typedef struct next_block {
    const char *x;
    const char *dy;
    int64_t x_bytes; /* for each tile */
    int64_t dy_bytes;
} next_block;

/* k-block number `number`, with so many blocks of rows for the tiles of this one. x is prefetched
 * from its beginning to its end. */
static next_block next_block_of(const kernel_gradient *k, int64_t number, int64_t blocks) {
    const conv *c = k->c;
    k_block b = k_block_at(k, number);
    int64_t tiles = blocks * divide_up(k->block_rows, CONV_ROWS) *
                    divide_up(c->filters, conv_tile_columns(c->dtype, INT64_MAX));
    int64_t pixels = c->batch * c->axes[0].input * c->axes[1].input * c->axes[2].input;
    int64_t x_output = pixels * c->groups * c->channels / k->outputs * k->size;
    int64_t dy_output = c->groups * c->filters * k->size;
    int64_t count = b.segments * b.length;
    return (next_block){
        .x = k->matrix.x + b.first * x_output,
        .dy = k->dy + b.first * dy_output,
        .x_bytes = count * x_output / tiles,
        .dy_bytes = count * dy_output / tiles,
    };
}

static void prefetch(const char **at, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += CACHE_LINE) {
        __builtin_prefetch(*at + i, 0, 2);
    }
    *at += bytes;
}

/* ---- a block of rows over a k-block ---------------------------------------------------------- */

/* A panel of dy, and all that tiles have in common under it. */
typedef struct panel_sum {
    const kernel_gradient *k;
    const kernel_rows *rows;
    const gathered_rows *gathered;
    next_block *next;
    char *result;                    /* the panel's first column */
    conv_tile tile;                  /* but for its rows */
    int64_t b_begins[MOST_SEGMENTS]; /* of the panel's rows */
} panel_sum;

/* Where row first + i of the block has its numbers, along each segment. */
static void point_along_lines(const panel_sum *p, int64_t first, int64_t segments,
                              const void *(*a)[CONV_ROWS]) {
    const kernel_gradient *k = p->k;
    for (int i = 0; i < CONV_ROWS; i++) {
        int64_t row = p->rows->first + smaller(first + i, p->rows->rows - 1);
        const char **lines = p->gathered->lines + row / k->matrix.width * k->segments;
        int64_t offset = row % k->matrix.width * k->size;
        for (int64_t segment = 0; segment < segments; segment++) {
            a[segment][i] = lines[segment] + offset;
        }
    }
}

/* The tile of rows from `first` of the block on. */
static void run_tile(const panel_sum *p, int64_t first) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    const kernel_gradient *k = p->k;
    int64_t row_bytes = k->c->groups * k->c->filters * k->size;
    conv_tile t = p->tile;
    t.rows = (int)smaller(CONV_ROWS, p->rows->rows - first);
    t.a = a;
    if (k->reads_lines) {
        point_along_lines(p, first, t.segments, a);
    } else {
        a[0][0] = p->gathered->tiles + first / CONV_ROWS * k->tile_bytes;
    }
    for (int i = 0; i < t.rows; i++) {
        t.y[i] = p->result + (p->rows->first + first + i) * row_bytes;
    }
    prefetch(&p->next->x, p->next->x_bytes);
    prefetch(&p->next->dy, p->next->dy_bytes);
    conv_tile_run(k->c->dtype, &t);
}

/* Copies `count` rows of a panel that is narrower than `width`, with zeros behind them. */
static void widen_panel(const kernel_gradient *k, conv_tile *t, int64_t count, int64_t width,
                        char *to) {
    const char *from = t->b;
    size_t own = (size_t)(t->columns * k->size);
    size_t rest = (size_t)((width - t->columns) * k->size);
    t->b = to;
    for (int64_t i = 0; i < count; i++) {
        memcpy(to, from + i * t->b_step * k->size, own);
        memset(to + own, 0, rest);
        to += own + rest;
    }
    t->b_step = width;
}

/* The panel of dy from filter `column` of the group on, under all tiles. */
static void run_panel(panel_sum *p, const k_block *b, int64_t column) {
    _Alignas(CACHE_LINE) char wide[K_BLOCK * PANEL_ROW_BYTES];
    const kernel_gradient *k = p->k;
    const conv *c = k->c;
    int64_t width = conv_tile_columns(c->dtype, c->filters - column);
    int64_t own = p->rows->group * c->filters + column;
    conv_tile *t = &p->tile;
    t->columns = (int)smaller(width, c->filters - column);
    t->b_step = c->groups * c->filters;
    t->b = k->dy + (b->first * t->b_step + own) * k->size;
    if (t->columns < width) {
        widen_panel(k, t, b->segments * b->length, width, wide);
    }
    for (int64_t i = 0; i < t->segments; i++) {
        p->b_begins[i] = i * t->depth;
    }
    for (int64_t first = 0; first < p->rows->rows; first += CONV_ROWS) {
        run_tile(p, first);
    }
}

static void run_rows(const kernel_gradient *k, const kernel_rows *rows, const k_block *b,
                     const gathered_rows *gathered, next_block *next, char *result) {
    panel_sum p = {.k = k, .rows = rows, .gathered = gathered, .next = next};
    p.tile = (conv_tile){
        .layout = k->reads_lines ? LAYOUT_LINES : LAYOUT_INTERLEAVED,
        .segments = k->reads_lines ? b->segments : 1,
        .depth = k->reads_lines ? b->length : b->segments * b->length,
        .a_step = k->matrix.line_step,
        .b_begins = p.b_begins,
        .adds = b->adds,
    };
    gather(k, rows, b, gathered);
    for (int64_t column = 0; column < k->c->filters; column += p.tile.columns) {
        p.result = result + (rows->group * k->c->filters + column) * k->size;
        run_panel(&p, b, column);
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* A slice of the blocks, over a part of the k-blocks. Where there are none, it is set to 0. */
static void run_slice(const kernel_gradient *k, int64_t slice, int64_t part,
                      const gathered_rows *gathered) {
    int64_t first = part * k->k_blocks / k->parts;
    int64_t last = (part + 1) * k->k_blocks / k->parts;
    int64_t block = slice * k->blocks / k->slices;
    int64_t last_block = (slice + 1) * k->blocks / k->slices;
    char *result = k->result + part * k->kernel_size * k->size;
    int64_t number = first;
    do {
        k_block b = k_block_at(k, number);
        next_block next = {0};
        b.adds = number > first;
        if (number + 1 < last) {
            next = next_block_of(k, number + 1, last_block - block);
        }
        for (int64_t i = block; i < last_block; i++) {
            kernel_rows rows = rows_at(k, i);
            run_rows(k, &rows, &b, gathered, &next, result);
        }
    } while (++number < last);
}

static void run_slices(void *work, int64_t begin, int64_t end) {
    kernel_gradient *k = work;
    gathered_rows gathered;
    if (!open_rows(k, &gathered)) {
        atomic_store(&k->failed, true);
        return;
    }
    for (int64_t i = begin; i < end; i++) {
        run_slice(k, i % k->slices, i / k->slices, &gathered);
    }
    memory_give(gathered.memory, gathered.bytes);
}

/* ---- cutting --------------------------------------------------------------------------------- */

static void cut_outputs(kernel_gradient *k) {
    k->outputs = k->c->batch * geometry_outputs(&k->matrix.geometry);
    if (k->outputs == 0) {
        return;
    }
    k->row = k->matrix.row_outputs;
    k->segment = smaller(k->row, K_BLOCK);
    k->row_segments = divide_up(k->row, k->segment);
    k->segments = k->row_segments == 1 ? smaller(MOST_SEGMENTS, K_BLOCK / k->segment) : 1;
    k->k_blocks = divide_up(k->outputs / k->row * k->row_segments, k->segments);
}

/* Gathered rows are read by all panels of dy. Where there is one, and lines have all taps in place,
 * they pay for short steps alone. (The layout does not change the order of a sum.) */
static bool has_short_steps(const kernel_gradient *k) {
    int64_t step = k->matrix.line_step * k->size;
    bool is_one_panel = k->c->filters <= conv_tile_columns(k->c->dtype, INT64_MAX);
    bool spreads = step <= LONG_STEP && step % SHARED_STEP != 0;
    return step <= SHORT_STEP || (k->matrix.is_dense && is_one_panel && spreads);
}

static void cut_rows(kernel_gradient *k) {
    const im2col *m = &k->matrix;
    k->reads_lines = m->width < CONV_ROWS || has_short_steps(k);
    k->span = k->reads_lines ? m->runs * m->width : m->width;
    k->block_rows = k->reads_lines ? k->span : smaller(MOST_GATHERED_COLUMNS, k->span);
    k->line_bytes = im2col_line_length(m, k->segment) * k->size;
    k->tile_bytes = k->segments * k->segment * CONV_ROWS * k->size + TILE_GAP;
    k->blocks = k->c->groups * spans_of(k) * divide_up(k->span, k->block_rows);
}

static void cut(kernel_gradient *k) {
    cut_outputs(k);
    cut_rows(k);
    k->parts = smaller(ENOUGH_TASKS, PARTS_BYTES / (k->kernel_size * k->size));
    k->parts = larger(1, smaller(k->parts, k->k_blocks));
    k->slices = smaller(k->blocks, divide_up(ENOUGH_TASKS, k->parts));
}

/* ---- memory, for as long as it runs ---------------------------------------------------------- */

static void sum_parts(kernel_gradient *k, void *dkernel) {
    int64_t products = k->outputs * k->kernel_size / CONV_ROWS;
    threads_run(k->slices * k->parts, threads_grain(products / k->slices / k->parts), run_slices,
                k);
    if (k->parts > 1) {
        conv_sums_join(k->c->dtype, k->kernel_size, k->parts, k->result, dkernel);
    }
}

/* For the taps, and for the parts where there are several. */
static lego_status sum_with_memory(kernel_gradient *k, void *dkernel) {
    int64_t taps;
    int64_t parts;
    int64_t part = k->parts > 1 ? k->kernel_size * k->size : 0;
    if (!size_multiply(k->matrix.runs * k->matrix.run, sizeof(conv_tap), &taps) ||
        !size_multiply(k->parts, part, &parts)) {
        return LEGO_NO_MEMORY;
    }
    size_t bytes = (size_t)(taps + parts);
    char *memory = memory_take(bytes);
    if (!memory) {
        return LEGO_NO_MEMORY;
    }
    k->taps = (void *)memory;
    geometry_taps(&k->matrix.geometry, k->taps);
    k->result = k->parts > 1 ? memory + taps : dkernel;
    sum_parts(k, dkernel);
    memory_give(memory, bytes);
    return atomic_load(&k->failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

lego_status direct_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    kernel_gradient k = {
        .c = c,
        .matrix = im2col_of(c, x),
        .dy = dy,
        .size = (int64_t)lego_dtype_size(c->dtype),
    };
    k.kernel_size = geometry_tap_count(&k.matrix.geometry) * c->channels * c->groups * c->filters;
    if (k.kernel_size == 0) {
        return LEGO_OK;
    }
    cut(&k);
    return sum_with_memory(&k, dkernel);
}
