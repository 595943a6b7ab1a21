/* Products of matrices: y = a b, for one pair or for a batch of pairs.
 *
 * y is cut into blocks, which threads share out, and a block into tiles small enough to be summed
 * in registers. A tile reads a where it lies, whatever the strides, and a panel of b: as many
 * columns as the tile is wide. The panel is read in place as well, or packed onto the stack first
 * where its columns do not lie side by side, or where many rows will go through it and its own lie
 * far apart. So are rows of a that lie transposed, where many columns will.
 * Few columns would leave most of each vector empty: there y^T = b^T a^T is computed instead.
 *
 * Each number of y is summed in one order: by k-blocks of TILE_DEPTH products, each from its
 * first product to its last, and then block by block. Neither the number's place in y, nor the tile
 * that it falls into, nor packing changes that. Where the instruction set has a fused multiply-add,
 * every product is added by one: all sums go through the one line in sum_tile() that says so. Only
 * a single column has an order of its own (gemv.h). */
#include "gemm.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "gemv.h"
#include "registers.h"

/* Tiles that fit the registers: their sums, a row of the panel, and a number of a (or, without
 * fused multiply-add, the products). Few sums cannot hide the latency of the additions, hence a
 * taller tile where the panel is but one vector wide, and a longer one for a single row. So many
 * rows as are worth it pay for copying a panel that could be read where it lies. */
#if defined(__AVX512F__) /* 32 registers of 64 bytes */
enum { TILE_ROWS = 6, TILE_VECTORS = 4, NARROW_ROWS = 12, LONG_VECTORS = 16 };
enum { WORTH_PACKING = 64 };
#elif defined(__AVX2__) /* 16 registers of 32 bytes */
enum { TILE_ROWS = 6, TILE_VECTORS = 2, NARROW_ROWS = 12, LONG_VECTORS = 8 };
enum { WORTH_PACKING = 16 };
#else                   /* 16 registers of 16 bytes */
enum { TILE_ROWS = 4, TILE_VECTORS = 2, NARROW_ROWS = 4, LONG_VECTORS = 8 };
enum { WORTH_PACKING = 16 };
#endif

enum {
    MOST_FAR = 2,             /* matrices whose lines a tile asks for */
    TILE_DEPTH = 256,         /* a panel of that depth stays in the nearest caches */
    SIDE_BYTES = 64 << 10,    /* of panels that are packed together: they stay in the L2 cache */
    ROWS_BYTES = 192 << 10,   /* of a's rows that are packed together: the same */
    PANELS_ENOUGH = 4,        /* so many panels of b, and */
    ROWS_ENOUGH = 16,         /* so many rows, pay for that */
    BLOCK_ROWS = 256,         /* a's rows of a block stay in the second-level cache */
    END_BYTES = L2_BYTES / 8, /* of a block that is handed on */
    FEW_ROWS = 64,
    COLUMN_STEP = 64, /* blocks are cut at multiples of that: of the widest panel of floats */
    WIDE_BYTES = L2_BYTES / 2 / TILE_DEPTH, /* of a block's row: a k-block of b stays in L2 */
    ENOUGH_BLOCKS = 8,                      /* for threads to share, where there is much to do */
    VECTOR_DEPTH = 64, /* from there on a product with one column is a sum along the depth */
    THIN_ROWS = 32,    /* so many become whole vectors of a thin product's columns, */
    THIN_DEPTH = 64,   /* and so deep a sum pays for copying it to where it belongs */
    THIN_STEP = 256,   /* rows of it that are computed together */
    PAGE_BYTES = 4096, /* of the smallest that processors have */
    EARLY_STEPS = 8,   /* of the depth, where a lies transposed */
    ASK_STEPS = 16,    /* of the depth, from one prefetch of a tile to the next */
    EARLY_LINES = 4,   /* of a row: behind those the processor foresees the next */
};

enum {
    LARGEST_TILE = TILE_ROWS * TILE_VECTORS > NARROW_ROWS ? TILE_ROWS * TILE_VECTORS : NARROW_ROWS
};

/* A part of one pair's product: its size, and where it begins in a, b and y. */
typedef struct block {
    int64_t rows;
    int64_t columns;
    int64_t column; /* of the pair's columns, its first */
    int64_t a_offset;
    int64_t b_offset;
    int64_t b_end; /* behind the last number of b, of any pair, that lies in memory */
    int64_t y_offset;
    int64_t after; /* numbers of y right behind the block that the same thread sets after it */
    void *y;       /* the block's first number, and how far its rows lie apart */
    int64_t y_row_stride;
    bool y_is_near;                  /* it is set in memory that is in the cache */
    const void *beside[MOST_BESIDE]; /* the block's first number in what the end needs besides */
    const void *a_packed; /* a k-block of its rows of a; NULL: they are read where they lie */
    int64_t reach;        /* so many columns are wanted of the first row, and one more of each row
                             below it; 0: all of all rows */
} block;

#include "gemm_transpose.h"

/* Moves the block to its pair. The outermost axis needs no division, which would take as long as a
 * small product. */
static void go_to_pair(const gemm *g, int64_t pair, block *at) {
    for (int axis = 0; axis < g->batch_rank; axis++) {
        bool is_outermost = axis == g->batch_rank - 1;
        int64_t coordinate = is_outermost ? pair : pair % g->batch_shape[axis];
        pair = is_outermost ? 0 : pair / g->batch_shape[axis];
        at->a_offset += coordinate * g->a.batch_strides[axis];
        at->b_offset += coordinate * g->b.batch_strides[axis];
    }
}

#define TEMPLATE "gemm_block.h"
#include "per_number.h"

static void (*const run_block[LEGO_DTYPE_COUNT])(const gemm *g, const block *at) = {
    [LEGO_UINT8] = run_block_uint8,     [LEGO_INT32] = run_block_int32,
    [LEGO_INT64] = run_block_int64,     [LEGO_FLOAT32] = run_block_float32,
    [LEGO_FLOAT64] = run_block_float64,
};

/* Where, from the first of n numbers, the one lies that is farthest behind it. */
static int64_t last_offset(int64_t n, int64_t stride) {
    return stride > 0 ? (n - 1) * stride : 0;
}

/* Behind the last number of b that lies in memory, that of the last pair, from the first one's. */
static int64_t end_of_b(const gemm *g) {
    const gemm_operand *b = &g->b;
    int64_t last = last_offset(g->depth, b->row_stride) + last_offset(g->columns, b->column_stride);
    for (int axis = 0; axis < g->batch_rank; axis++) {
        last += last_offset(g->batch_shape[axis], b->batch_strides[axis]);
    }
    return 1 + last;
}

/* How the products are cut into blocks. */
typedef struct gemm_blocking {
    const gemm *g;
    int64_t pairs;
    int64_t rows; /* of a block; those at the edges may be smaller */
    int64_t columns;
    int64_t down; /* blocks of one pair */
    int64_t across;
    int64_t column_work; /* simple operations that a column of a block costs */
    int64_t b_end;       /* behind the last number of b */
} gemm_blocking;

/* Blocks of so many rows at most; many blocks come in fours, which two or four threads finish
 * together, and few in twos. A column of one reads `depth` numbers of b, and in registers the
 * arithmetic is some 32 times as dense as in a simple loop over memory. */
static void cut_down(gemm_blocking *c, int64_t most) {
    const gemm *g = c->g;
    int64_t blocks = divide_up(g->rows, most);
    blocks = blocks > 1 ? round_up(blocks, blocks > ENOUGH_BLOCKS ? 4 : 2) : blocks;
    c->rows = blocks > 1 ? divide_up(g->rows, blocks) : g->rows;
    c->down = c->rows > 0 ? divide_up(g->rows, c->rows) : 0;
    c->column_work = g->depth + g->depth * c->rows / 32;
}

/* A block is worth a thread. Where there are blocks enough they are wide, for each of them reads
 * its rows of a, and packs those that lie transposed. */
static void cut_across(gemm_blocking *c) {
    const gemm *g = c->g;
    int64_t blocks = larger(1, c->pairs * c->down);
    int64_t wide = WIDE_BYTES / (int64_t)lego_dtype_size(g->dtype);
    if (blocks < ENOUGH_BLOCKS) {
        int64_t most = g->columns * blocks / ENOUGH_BLOCKS;
        wide = g->a.row_stride == 1 ? most / COLUMN_STEP * COLUMN_STEP : 1;
    }
    c->columns = round_up(larger(larger(wide, 1), threads_grain(c->column_work)), COLUMN_STEP);
    c->across = divide_up(g->columns, c->columns);
}

/* Whether so many parts of a block would each be worth a thread. */
static bool is_worth_threads(const gemm_blocking *c, int64_t parts) {
    int64_t work = c->column_work * smaller(c->columns, c->g->columns);
    return threads_grain(work / parts) == 1;
}

/* Whether some threads would wait for the others: blocks are few, and each of them is long. */
static bool is_uneven(const gemm_blocking *c) {
    return c->pairs * c->down * c->across < ENOUGH_BLOCKS && is_worth_threads(c, ENOUGH_BLOCKS);
}

/* A block of fewer rows would read b more often than a second thread is worth. */
static int64_t least_rows(const gemm *g) {
    return g->rows <= FEW_ROWS ? FEW_ROWS / 2 : FEW_ROWS;
}

/* A block that is handed on stays in the second-level cache. It holds whole rows, or parts of long
 * ones: LONG_ROW numbers each if rows are many, for the nearer a block is to a square, the less of
 * a and b is read for it. So, where blocks are few, those are halved that are taller than wide, and
 * a single one. */
static void cut_for_end(gemm_blocking *c) {
    const gemm *g = c->g;
    int64_t numbers = END_BYTES / (int64_t)lego_dtype_size(g->dtype);
    int64_t few = g->rows > FEW_ROWS ? 0 : numbers / g->rows / COLUMN_STEP * COLUMN_STEP;
    c->columns = smaller(g->columns, larger(LONG_ROW, few));
    c->across = divide_up(g->columns, c->columns);
    cut_down(c, smaller(smaller(g->rows, BLOCK_ROWS), numbers / c->columns));
    while (g->rows <= FEW_ROWS && is_uneven(c) && c->columns > LONG_ROW) {
        c->columns = round_up(divide_up(c->columns, 2), COLUMN_STEP);
        c->across = divide_up(g->columns, c->columns);
    }
    if (g->rows <= FEW_ROWS && c->across % 2 == 1 && c->across > 1) { /* for two threads */
        c->columns = round_up(divide_up(g->columns, c->across + 1), COLUMN_STEP);
        c->across = divide_up(g->columns, c->columns);
    }
    int64_t least = least_rows(g);
    if (c->down * c->across == 1 && c->rows > least && is_worth_threads(c, 2)) {
        cut_down(c, divide_up(c->rows, 2));
    }
    while (is_uneven(c) && c->rows > least && (c->rows > c->columns || c->down * c->across == 1)) {
        cut_down(c, divide_up(c->rows, 2));
    }
}

/* By size alone. */
static gemm_blocking cut(const gemm *g) {
    gemm_blocking c = {.g = g, .pairs = 1, .b_end = end_of_b(g)};
    for (int axis = 0; axis < g->batch_rank; axis++) {
        c.pairs *= g->batch_shape[axis];
    }
    if (g->end) {
        cut_for_end(&c);
        return c;
    }
    cut_down(&c, BLOCK_ROWS);
    cut_across(&c);
    /* A block that lies beside others is not cut into short ones, which would read b as often. */
    if ((c.down > 1 || c.across == 1) && is_uneven(&c)) {
        cut_down(&c, larger(least_rows(g), divide_up(g->rows, ENOUGH_BLOCKS)));
        cut_across(&c);
    }
    return c;
}

static bool is_float(const gemm *g) {
    return g->dtype == LEGO_FLOAT32 || g->dtype == LEGO_FLOAT64;
}

/* Whether each pair is one block. */
static bool is_whole(const gemm_blocking *c) {
    return c->down * c->across == 1;
}

/* Block number `index`: downwards first, for the sake of b; then across; then the next pair. */
static block block_at(const gemm_blocking *c, int64_t index) {
    const gemm *g = c->g;
    int64_t row = is_whole(c) ? 0 : index % c->down * c->rows;
    int64_t column = is_whole(c) ? 0 : index / c->down % c->across * c->columns;
    int64_t pair = is_whole(c) ? index : index / (c->down * c->across);
    block at = {
        .rows = smaller(c->rows, g->rows - row),
        .columns = smaller(c->columns, g->columns - column),
        .column = column,
        .a_offset = row * g->a.row_stride,
        .b_offset = column * g->b.column_stride,
        .y_offset = (pair * g->rows + row) * g->columns + column,
        .b_end = c->b_end,
    };
    go_to_pair(g, pair, &at);
    return at;
}

/* Sets where the block begins in what the end reads and writes. */
static void find_beside(const gemm *g, block *at) {
    const int64_t bytes = at->y_offset * (int64_t)lego_dtype_size(g->dtype);
    for (int i = 0; i < MOST_BESIDE && g->end; i++) {
        void *const *data = g->end->beside[i];
        at->beside[i] = data ? (const char *)*data + bytes : NULL;
    }
}

static void run_in_place(const gemm *g, block *at) {
    at->y = (char *)g->y + at->y_offset * (int64_t)lego_dtype_size(g->dtype);
    at->y_row_stride = g->columns;
    run_block[g->dtype](g, at);
}

static void hand_on(const gemm *g, const block *at) {
    result_block done = {
        .row = at->y_offset / g->columns,
        .rows = at->rows,
        .column = at->y_offset % g->columns,
        .columns = at->columns,
        .data = at->y,
        .row_stride = at->y_row_stride,
    };
    g->end->run(g->end->context, &done);
}

/* A block computed as a row goes to the epilogue as the column that it is, or the other way. */
static void hand_on_transposed(const void *context, const result_block *b) {
    const epilogue *end = context;
    result_block transposed = {b->column, b->columns, b->row, b->rows, b->data, b->rows};
    end->run(end->context, &transposed);
}

/* The block lies on the stack: it is gone when the epilogue has seen it. */
static void run_in_passing(const gemm *g, block *at) {
    _Alignas(CACHE_LINE) char memory[END_BYTES];
    at->y = memory;
    at->y_row_stride = at->columns;
    at->y_is_near = true;
    run_block[g->dtype](g, at);
    hand_on(g, at);
}

/* Whether each pair is one panel and one k-block, and there is nothing else to do. */
static bool are_small_pairs(const gemm_blocking *c) {
    const gemm *g = c->g;
    return is_whole(c) && is_float(g) && !g->end && !g->panels && g->depth <= TILE_DEPTH &&
           g->columns * (int64_t)lego_dtype_size(g->dtype) <= TILE_VECTORS * VECTOR_BYTES;
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    const gemm_blocking *c = work;
    const gemm *g = c->g;
    if (are_small_pairs(c)) {
        (g->dtype == LEGO_FLOAT32 ? run_pairs_float32 : run_pairs_float64)(g, c->b_end, begin, end);
        return;
    }
    for (int64_t index = begin; index < end; index++) {
        block at = block_at(c, index);
        find_beside(g, &at);
        at.after = is_whole(c) ? (end - index - 1) * g->rows * g->columns : 0;
        if (g->end && !g->end->is_stored) {
            run_in_passing(g, &at);
            continue;
        }
        run_in_place(g, &at);
        if (g->end) {
            hand_on(g, &at);
        }
    }
}

static gemm_operand transposed(const gemm_operand *x) {
    gemm_operand y = *x;
    y.row_stride = x->column_stride;
    y.column_stride = x->row_stride;
    return y;
}

/* y^T = b^T a^T. A single column lies in memory as a single row does. */
static void run_transposed(const gemm *g, void (*run)(const gemm *g)) {
    epilogue end = {
        .run = hand_on_transposed, .context = g->end, .is_stored = g->end && g->end->is_stored};
    gemm other = *g;
    other.rows = g->columns;
    other.columns = g->rows;
    other.a = transposed(&g->b);
    other.b = transposed(&g->a);
    other.end = g->end ? &end : NULL;
    run(&other);
}

/* One column. Where its sums are short, a row like it fills vectors, unless it would have to be
 * packed. Sums of whole numbers are the same in any order. */
static bool run_column(const gemm *g) {
    const bool are_lines = g->a.column_stride == 1 && (g->a.row_stride != 1 || g->rows == 1);
    if (is_float(g) ? g->depth >= VECTOR_DEPTH : are_lines && g->b.row_stride == 1) {
        gemv_run(g);
    } else if (is_float(g) && are_lines) {
        gemv_run_in_order(g);
    } else if (g->rows > 1) {
        run_transposed(g, gemm_run);
    } else {
        return false;
    }
    return true;
}

/* One row times columns whose numbers lie side by side. */
static bool run_row(const gemm *g) {
    if (g->panels || g->b.row_stride != 1 || g->b.column_stride == 1) {
        return false;
    }
    if (is_float(g)) {
        run_transposed(g, gemv_run_in_order);
    } else if (g->a.column_stride == 1) {
        run_transposed(g, gemv_run);
    } else {
        return false;
    }
    return true;
}

/* All of y as one block. */
static block whole_of(const gemm *g, int64_t y_row_stride) {
    return (block){
        .rows = g->rows,
        .columns = g->columns,
        .b_end = end_of_b(g),
        .y = g->y,
        .y_row_stride = y_row_stride,
    };
}

void gemm_run_here(const gemm *g, int64_t y_row_stride) {
    block at = whole_of(g, y_row_stride);
    at.reach = g->is_lower ? 1 : 0;
    run_block[g->dtype](g, &at);
}

/* ---- thin products: few columns, which would leave most of each vector empty ---- */

/* Rows of a become columns: those that lie transposed are read where they lie, and floats are
 * transposed in registers. */
static bool is_thin(const gemm *g) {
    const int lanes = VECTOR_BYTES / (int)lego_dtype_size(g->dtype);
    const int64_t of_floats = g->dtype == LEGO_FLOAT32 ? lanes / 4 : 0;
    const int64_t most = g->a.row_stride == 1 ? lanes / 2 : of_floats;
    return is_float(g) && !g->adds && !g->panels && g->columns > 1 && g->columns <= most &&
           g->rows >= THIN_ROWS && g->depth >= THIN_DEPTH;
}

static ALWAYS_INLINE void copy_thin(const char *x, int64_t rows, int64_t columns, size_t bytes,
                                    char *y) {
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
            memcpy(y, x + (size_t)(j * THIN_STEP + i) * bytes, bytes);
            y += bytes;
        }
    }
}

/* Some rows of a pair: y^T = b^T a^T has long rows, and the same bits. */
static void run_thin_block(const gemm *g, block at) {
    _Alignas(CACHE_LINE) char memory[2][THIN_STEP * VECTOR_BYTES / 2];
    const int64_t bytes = (int64_t)lego_dtype_size(g->dtype);
    gemm part = *g;
    part.rows = g->columns;
    part.columns = at.rows;
    part.a = transposed(&g->b);
    part.b = transposed(&g->a);
    part.a.data = (const char *)g->b.data + at.b_offset * bytes;
    part.b.data = (const char *)g->a.data + at.a_offset * bytes;
    part.batch_rank = 0;
    part.y = memory[0];
    part.end = NULL;
    gemm_run_here(&part, THIN_STEP);
    const bool is_stored = !g->end || g->end->is_stored;
    at.y = is_stored ? (char *)g->y + at.y_offset * bytes : memory[1];
    at.y_row_stride = g->columns;
    if (bytes == sizeof(float)) {
        copy_thin(memory[0], at.rows, g->columns, sizeof(float), at.y);
    } else {
        copy_thin(memory[0], at.rows, g->columns, sizeof(double), at.y);
    }
    if (g->end) {
        hand_on(g, &at);
    }
}

static void run_thin_blocks(void *work, int64_t begin, int64_t end) {
    const gemm_blocking *c = work;
    for (int64_t index = begin; index < end; index++) {
        run_thin_block(c->g, block_at(c, index));
    }
}

static void run_thin(const gemm *g) {
    gemm_blocking c = {.g = g, .pairs = 1, .rows = THIN_STEP, .columns = g->columns, .across = 1};
    for (int axis = 0; axis < g->batch_rank; axis++) {
        c.pairs *= g->batch_shape[axis];
    }
    c.down = divide_up(g->rows, THIN_STEP);
    threads_run(c.pairs * c.down, threads_grain(smaller(g->rows, THIN_STEP) * g->depth),
                run_thin_blocks, &c);
}

int64_t gemm_packed_columns(const gemm *g) {
    return round_up(g->columns, VECTOR_BYTES / (int64_t)lego_dtype_size(g->dtype));
}

void gemm_pack(const gemm *g, void *panels) {
    block at = whole_of(g, 0);
    if (g->dtype == LEGO_FLOAT32) {
        pack_all_float32(g, &at, panels);
    } else {
        pack_all_float64(g, &at, panels);
    }
}

/* Its columns are those of whole vectors, so that no tile has an edge; and y was read just before,
 * row by row. */
int64_t gemm_run_packed(const gemm *g) {
    block at = whole_of(g, gemm_packed_columns(g));
    at.columns = at.y_row_stride;
    if (g->dtype == LEGO_FLOAT32) {
        run_packed_float32(g, &at, false);
    } else {
        run_packed_float64(g, &at, false);
    }
    return at.columns;
}

void gemm_run(const gemm *g) {
    if ((g->columns == 1 && run_column(g)) || (g->rows == 1 && run_row(g))) {
        return;
    }
    if (is_thin(g)) {
        run_thin(g);
        return;
    }
    gemm_blocking c = cut(g);
    int64_t work = c.column_work * smaller(c.columns, g->columns);
    threads_run(c.pairs * c.down * c.across, threads_grain(work), run_blocks, &c);
}
