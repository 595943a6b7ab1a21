/* The direct algorithm's gradient by the kernel:
 *
 *     dk[tap, channel, filter] = sum over outputs of x[seen, channel] dy[output, filter]
 *
 * That is a product of matrices, the transposed im2col matrix and dy. It has as many rows as the
 * kernel and a great depth: all outputs of the batch. These are taken in k-blocks. Where the steps
 * from output to output are short, a tile reads its rows in the lines of x (conv_im2col.h); else
 * the rows of a block of tiles are gathered into the caches first, interleaved. Each number is
 * summed k-block by k-block. What lies outside of the image is left out: rows of a k-block, and at
 * the edges outputs of each row. Where the kernel is so small that threads would have too little to
 * share, parts of the outputs are summed on their own and then joined. All of that is cut by size
 * alone. */
#include <stdatomic.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "conv_algorithms.h"
#include "conv_kernel_rows.h"
#include "conv_result.h"
#include "conv_tile.h"

enum {
    K_BLOCK = 256,              /* most outputs of a k-block */
    SHORT_STEP = 64,            /* bytes, from output to output along a line, */
    LONG_STEP = 512,            /* or so many, where lines spread over the cache: */
    SHARED_STEP = 256,          /* multiples of this share few of its sets */
    CUT_SHARE = 8,              /* rows are cut into segments, where a tile spares 1 output in 8 */
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
    row_gathering gathering;
    const char *dy;
    char *result; /* one kernel for each part */
    int64_t size; /* of a number, in bytes */
    int64_t kernel_size;
    int64_t outputs;
    int64_t row; /* outputs of a row of the image */
    int64_t row_segments;
    int64_t segment; /* outputs of a segment */
    int64_t k_blocks;
    int64_t parts; /* of the k-blocks */
    int64_t span;
    int64_t blocks;
    int64_t slices;     /* of the blocks */
    atomic_bool failed; /* a task found no memory */
} kernel_gradient;

typedef struct k_block {
    int64_t first; /* output */
    int64_t segments;
    int64_t length; /* outputs of each segment */
    bool adds;      /* to the sums of the k-blocks before */
} k_block;

static int64_t spans_of(const kernel_gradient *k) {
    return k->gathering.matrix.runs * k->gathering.matrix.width / k->span;
}

static kernel_rows rows_at(const kernel_gradient *k, int64_t block) {
    int64_t across = divide_up(k->span, k->gathering.block_rows);
    int64_t spans = spans_of(k);
    int64_t within = block % across * k->gathering.block_rows;
    return (kernel_rows){
        .group = block / across / spans,
        .first = block / across % spans * k->span + within,
        .rows = smaller(k->gathering.block_rows, k->span - within),
    };
}

static k_block k_block_at(const kernel_gradient *k, int64_t number) {
    if (k->row == 0) {
        return (k_block){.first = 0};
    }
    int64_t segment = number * k->gathering.segments;
    int64_t within = segment % k->row_segments * k->segment;
    return (k_block){
        .first = segment / k->row_segments * k->row + within,
        .segments = smaller(k->gathering.segments, k->outputs / k->row * k->row_segments - segment),
        .length = smaller(k->segment, k->row - within),
    };
}

static void gather_block(const kernel_gradient *k, const kernel_rows *rows, const k_block *b,
                         gathered_rows *w) {
    for (int64_t segment = 0; segment < b->segments; segment++) {
        output_coordinate coordinate =
            coordinate_at(&k->gathering.matrix.geometry, b->first + segment * b->length);
        im2col_rows r = {.coordinate = &coordinate, .n = b->length, .group = rows->group};
        gathered_rows_add(&k->gathering, &r, rows, segment, w);
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
    int64_t tiles = blocks * divide_up(k->gathering.block_rows, CONV_ROWS) *
                    divide_up(c->filters, conv_tile_columns(c->dtype, INT64_MAX));
    int64_t pixels = c->batch * c->axes[0].input * c->axes[1].input * c->axes[2].input;
    int64_t x_output = pixels * c->groups * c->channels / k->outputs * k->size;
    int64_t dy_output = c->groups * c->filters * k->size;
    int64_t count = b.segments * b.length;
    return (next_block){
        .x = k->gathering.matrix.x + b.first * x_output,
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
    gathered_rows *gathered;
    next_block *next;
    char *result;   /* the panel's first column */
    conv_tile tile; /* but for its rows: all segments */
} panel_sum;

/* A tile's rows, and of each segment the outputs that see something inside through one of them,
 * begin <= output < end. */
typedef struct tile_rows {
    int64_t first; /* of the group */
    int64_t last;
    int64_t first_run;
    int64_t last_run;
    int64_t begin;
    int64_t end;
} tile_rows;

/* How far along the last axis the row's tap lies behind tap 0. */
static int64_t row_shift(const im2col *m, const conv_tap *taps, int64_t row) {
    int64_t tap = row / m->width * m->run + row % m->width / m->channels;
    return taps[tap].shift[CONV_AXES - 1];
}

/* Of several runs a tile takes all outputs. */
static tile_rows tile_rows_of(const panel_sum *p, int64_t first, int64_t length) {
    const im2col *m = &p->k->gathering.matrix;
    const geometry_axis *axis = &m->geometry.axes[CONV_AXES - 1];
    tile_rows t = {.first = p->rows->first + first, .end = length};
    t.last = t.first + smaller(CONV_ROWS, p->rows->rows - first) - 1;
    t.first_run = t.first / m->width;
    t.last_run = t.last / m->width;
    if (t.first_run == t.last_run) {
        int64_t lowest = p->gathered->column + row_shift(m, p->k->gathering.taps, t.first);
        int64_t highest = p->gathered->column + row_shift(m, p->k->gathering.taps, t.last);
        int64_t inside = larger(0, axis->sources - lowest);
        t.end = smaller(length, divide_up(inside, axis->step));
        t.begin = smaller(t.end, divide_up(larger(0, -highest), axis->step));
    }
    return t;
}

/* Whether the segment's lines of all their runs are. */
static bool are_outside(const panel_sum *p, const tile_rows *rows, int64_t segment) {
    const bool *of_run = p->gathered->is_outside + segment;
    int64_t run = rows->first_run;
    while (run <= rows->last_run && of_run[run * p->k->gathering.segments]) {
        run++;
    }
    return run > rows->last_run;
}

/* Where the rows have their numbers, along each segment that is not outside. */
static void point_along_lines(const panel_sum *p, const tile_rows *rows, conv_tile *t,
                              int64_t *b_begins, const void *(*a)[CONV_ROWS]) {
    const kernel_gradient *k = p->k;
    const char **lines[CONV_ROWS];
    int64_t offsets[CONV_ROWS];
    for (int i = 0; i < CONV_ROWS; i++) {
        int64_t row = smaller(rows->first + i, rows->last);
        lines[i] = p->gathered->lines + row / k->gathering.matrix.width * k->gathering.segments;
        offsets[i] =
            (row % k->gathering.matrix.width + rows->begin * k->gathering.matrix.line_step) *
            k->size;
    }
    int64_t count = 0;
    for (int64_t segment = 0; segment < t->segments; segment++) {
        if (are_outside(p, rows, segment)) {
            continue;
        }
        for (int i = 0; i < CONV_ROWS; i++) {
            a[count][i] = lines[i][segment] + offsets[i];
        }
        b_begins[count++] = segment * t->depth + rows->begin;
    }
    t->segments = count;
    t->depth = rows->end - rows->begin;
}

/* The same in a gathered tile, whose segments lie one after another: they are one where none of
 * them is outside, and where the outputs at the edges are few. */
static void point_to_tile(const panel_sum *p, const tile_rows *rows, const char *tile, conv_tile *t,
                          int64_t *b_begins, const void *(*a)[CONV_ROWS]) {
    const bool *is_outside = p->gathered->is_outside;
    bool is_cut = (rows->end - rows->begin) * CUT_SHARE <= t->depth * (CUT_SHARE - 1);
    int64_t begin = is_cut ? rows->begin : 0;
    int64_t end = is_cut ? rows->end : t->depth;
    int64_t count = 0;
    for (int64_t segment = 0; segment < t->segments; segment++) {
        if (!is_outside[segment]) {
            int64_t at = segment * t->depth + begin;
            a[count][0] = tile + at * CONV_ROWS * p->k->size;
            b_begins[count++] = at;
        }
    }
    bool is_joined = !is_cut && count == t->segments;
    t->depth = is_joined ? count * t->depth : end - begin;
    t->segments = is_joined ? 1 : count;
}

/* The tile of rows from `first` of the block on. */
static void run_tile(const panel_sum *p, int64_t first) {
    const void *a[MOST_SEGMENTS][CONV_ROWS];
    int64_t b_begins[MOST_SEGMENTS]; /* rows of the panel */
    const kernel_gradient *k = p->k;
    int64_t row_bytes = k->c->groups * k->c->filters * k->size;
    tile_rows rows = tile_rows_of(p, first, p->tile.depth);
    conv_tile t = p->tile;
    t.rows = (int)(rows.last - rows.first + 1);
    t.a = a;
    t.b_begins = b_begins;
    if (k->gathering.reads_lines) {
        point_along_lines(p, &rows, &t, b_begins, a);
    } else {
        const char *tile = p->gathered->tiles + first / CONV_ROWS * k->gathering.tile_bytes;
        point_to_tile(p, &rows, tile, &t, b_begins, a);
    }
    for (int i = 0; i < t.rows; i++) {
        t.y[i] = p->result + (p->rows->first + first + i) * row_bytes;
    }
    prefetch(&p->next->x, p->next->x_bytes);
    prefetch(&p->next->dy, p->next->dy_bytes);
    conv_tile_run(k->c->dtype, &t);
}

/* Reads `count` rows of a panel that is narrower than `width` from a copy that has zeros behind
 * them. */
static void widen_panel(const kernel_gradient *k, conv_tile *t, int64_t count, int64_t width,
                        gathered_rows *w) {
    size_t own = (size_t)(t->columns * k->size);
    size_t rest = (size_t)((width - t->columns) * k->size);
    const char *from = t->b;
    char *to = w->wide;
    for (int64_t i = 0; i < count && w->widened != t->b; i++) {
        memcpy(to, from, own);
        memset(to + own, 0, rest);
        from += t->b_step * k->size;
        to += own + rest;
    }
    w->widened = t->b;
    t->b = w->wide;
    t->b_step = width;
}

/* The panel of dy from filter `column` of the group on, under all tiles. */
static void run_panel(panel_sum *p, const k_block *b, int64_t column) {
    const kernel_gradient *k = p->k;
    const conv *c = k->c;
    int64_t width = conv_tile_columns(c->dtype, c->filters - column);
    int64_t own = p->rows->group * c->filters + column;
    conv_tile *t = &p->tile;
    t->columns = (int)smaller(width, c->filters - column);
    t->b_step = c->groups * c->filters;
    t->b = k->dy + (b->first * t->b_step + own) * k->size;
    if (t->columns < width) {
        widen_panel(k, t, b->segments * b->length, width, p->gathered);
    }
    for (int64_t first = 0; first < p->rows->rows; first += CONV_ROWS) {
        run_tile(p, first);
    }
}

static void run_rows(const kernel_gradient *k, const kernel_rows *rows, const k_block *b,
                     gathered_rows *gathered, next_block *next, char *result) {
    panel_sum p = {.k = k, .rows = rows, .gathered = gathered, .next = next};
    p.tile = (conv_tile){
        .layout = k->gathering.reads_lines ? LAYOUT_LINES : LAYOUT_INTERLEAVED,
        .segments = b->segments,
        .depth = b->length,
        .a_step = k->gathering.matrix.line_step,
        .adds = b->adds,
    };
    gather_block(k, rows, b, gathered);
    for (int64_t column = 0; column < k->c->filters; column += p.tile.columns) {
        p.result = result + (rows->group * k->c->filters + column) * k->size;
        run_panel(&p, b, column);
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* A slice of the blocks, over a part of the k-blocks. Where there are none, it is set to 0. */
static void run_slice(const kernel_gradient *k, int64_t slice, int64_t part,
                      gathered_rows *gathered) {
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
    if (!gathered_rows_open(&k->gathering, K_BLOCK * PANEL_ROW_BYTES, &gathered)) {
        atomic_store(&k->failed, true);
        return;
    }
    for (int64_t i = begin; i < end; i++) {
        run_slice(k, i % k->slices, i / k->slices, &gathered);
    }
    gathered_rows_close(&gathered);
}

/* ---- cutting --------------------------------------------------------------------------------- */

static void cut_outputs(kernel_gradient *k) {
    k->outputs = k->c->batch * geometry_outputs(&k->gathering.matrix.geometry);
    if (k->outputs == 0) {
        return;
    }
    k->row = k->gathering.matrix.row_outputs;
    k->segment = smaller(k->row, K_BLOCK);
    k->row_segments = divide_up(k->row, k->segment);
    k->gathering.segments = k->row_segments == 1 ? smaller(MOST_SEGMENTS, K_BLOCK / k->segment) : 1;
    k->k_blocks = divide_up(k->outputs / k->row * k->row_segments, k->gathering.segments);
}

/* Gathered rows are read by all panels of dy. Where there is one, and lines have all taps in place,
 * they pay for short steps alone. (The layout does not change the order of a sum.) */
static bool has_short_steps(const kernel_gradient *k) {
    int64_t step = k->gathering.matrix.line_step * k->size;
    bool is_one_panel = k->c->filters <= conv_tile_columns(k->c->dtype, INT64_MAX);
    bool spreads = step <= LONG_STEP && step % SHARED_STEP != 0;
    return step <= SHORT_STEP || (k->gathering.matrix.is_dense && is_one_panel && spreads);
}

static void cut_rows(kernel_gradient *k) {
    const im2col *m = &k->gathering.matrix;
    k->gathering.reads_lines = m->width < CONV_ROWS || has_short_steps(k);
    k->span = k->gathering.reads_lines ? m->runs * m->width : m->width;
    k->gathering.block_rows =
        k->gathering.reads_lines ? k->span : smaller(MOST_GATHERED_COLUMNS, k->span);
    k->gathering.line_bytes = im2col_line_length(m, k->segment) * k->size;
    k->gathering.tile_bytes = k->gathering.segments * k->segment * CONV_ROWS * k->size + TILE_GAP;
    k->blocks = k->c->groups * spans_of(k) * divide_up(k->span, k->gathering.block_rows);
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
    if (!size_multiply(k->gathering.matrix.runs * k->gathering.matrix.run, sizeof(conv_tap),
                       &taps) ||
        !size_multiply(k->parts, part, &parts)) {
        return LEGO_NO_MEMORY;
    }
    size_t bytes = (size_t)(taps + parts);
    char *memory = memory_take(bytes);
    if (!memory) {
        return LEGO_NO_MEMORY;
    }
    k->gathering.taps = (void *)memory;
    geometry_taps(&k->gathering.matrix.geometry, k->gathering.taps);
    k->result = k->parts > 1 ? memory + taps : dkernel;
    sum_parts(k, dkernel);
    memory_give(memory, bytes);
    return atomic_load(&k->failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

lego_status direct_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    kernel_gradient k = {
        .c = c,
        .gathering.matrix = im2col_of(c, x),
        .dy = dy,
        .size = (int64_t)lego_dtype_size(c->dtype),
    };
    k.kernel_size =
        geometry_tap_count(&k.gathering.matrix.geometry) * c->channels * c->groups * c->filters;
    if (k.kernel_size == 0) {
        return LEGO_OK;
    }
    cut(&k);
    return sum_with_memory(&k, dkernel);
}
