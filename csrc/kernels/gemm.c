/* Products of matrices: y = a b, for one pair or for a batch of pairs.
 *
 * y is cut into blocks, which threads share out, and a block into tiles small enough to be summed
 * in registers. A tile reads a where it lies, whatever the strides, and a panel of b: as many
 * columns as the tile is wide. The panel is read in place as well, or packed onto the stack first
 * where its columns do not lie side by side, or where many rows will go through it.
 *
 * Each number of y is summed in one order: by stretches of TILE_DEPTH, each from its first product
 * to its last, and then stretch by stretch. Neither the number's place in y, nor the tile that it
 * falls into, nor packing changes that. */
#include "gemm.h"

#include "../core/threads.h"

/* For 16 registers of 16 bytes: 8 sums, 2 vectors of b, and room to multiply. */
enum {
    VECTOR_BYTES = 16,
    TILE_ROWS = 4,
    TILE_VECTORS = 2,
    LONG_TILE_VECTORS = 8, /* a single row has no other row's sums to hide the latency behind */
    TILE_DEPTH = 256,      /* a panel of that depth stays in the first-level cache */
    WORTH_PACKING = 64,    /* so many rows through one panel pay for copying it */
    BLOCK_ROWS = 256,      /* a's rows of a block stay in the second-level cache */
    BLOCK_COLUMNS = 128,
    LEAST_BLOCK_COLUMNS = 32, /* a multiple of every tile's width */
    ENOUGH_BLOCKS = 16
};

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE  __attribute__((noinline))
#define UNROLL        _Pragma("GCC unroll 32")

/* A part of one pair's product: its size, and where it begins in a, b and y. */
typedef struct block {
    int64_t rows;
    int64_t columns;
    int64_t a_offset;
    int64_t b_offset;
    int64_t y_offset;
} block;

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

#define NUMBER     uint8_t
#define NAME(word) word##_uint8
#include "gemm_block.h"

#define NUMBER     int32_t
#define NAME(word) word##_int32
#include "gemm_block.h"

#define NUMBER     int64_t
#define NAME(word) word##_int64
#include "gemm_block.h"

#define NUMBER     float
#define NAME(word) word##_float32
#include "gemm_block.h"

#define NUMBER     double
#define NAME(word) word##_float64
#include "gemm_block.h"

static void (*const run_block[LEGO_DTYPE_COUNT])(const gemm *g, const block *at) = {
    [LEGO_UINT8] = run_block_uint8,     [LEGO_INT32] = run_block_int32,
    [LEGO_INT64] = run_block_int64,     [LEGO_FLOAT32] = run_block_float32,
    [LEGO_FLOAT64] = run_block_float64,
};

/* How the products are cut into blocks. */
typedef struct cutting {
    const gemm *g;
    int64_t pairs;
    int64_t rows; /* of a block; those at the edges may be smaller */
    int64_t columns;
    int64_t down; /* blocks of one pair */
    int64_t across;
} cutting;

/* By size alone: blocks get narrower until there are enough of them to share out. */
static cutting cut(const gemm *g) {
    cutting c = {.g = g, .pairs = 1, .rows = BLOCK_ROWS, .columns = BLOCK_COLUMNS};
    for (int axis = 0; axis < g->batch_rank; axis++) {
        c.pairs *= g->batch_shape[axis];
    }
    c.down = threads_pieces(g->rows, c.rows);
    c.across = threads_pieces(g->columns, c.columns);
    while (c.pairs * c.down * c.across < ENOUGH_BLOCKS && c.columns > LEAST_BLOCK_COLUMNS) {
        c.columns /= 2;
        c.across = threads_pieces(g->columns, c.columns);
    }
    return c;
}

/* Block number `index`: downwards first, for the sake of b; then across; then the next pair. */
static block block_at(const cutting *c, int64_t index) {
    const gemm *g = c->g;
    int64_t row = index % c->down * c->rows;
    int64_t column = index / c->down % c->across * c->columns;
    int64_t pair = index / (c->down * c->across);
    block at = {
        .rows = smaller(c->rows, g->rows - row),
        .columns = smaller(c->columns, g->columns - column),
        .a_offset = row * g->a.row_stride,
        .b_offset = column * g->b.column_stride,
        .y_offset = (pair * g->rows + row) * g->columns + column,
    };
    for (int axis = 0; axis < g->batch_rank; axis++) {
        int64_t coordinate = pair % g->batch_shape[axis];
        pair /= g->batch_shape[axis];
        at.a_offset += coordinate * g->a.batch_strides[axis];
        at.b_offset += coordinate * g->b.batch_strides[axis];
    }
    return at;
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    const cutting *c = work;
    for (int64_t index = begin; index < end; index++) {
        block at = block_at(c, index);
        run_block[c->g->dtype](c->g, &at);
    }
}

void gemm_run(const gemm *g) {
    cutting c = cut(g);
    /* In registers the arithmetic is some 64 times as dense as in a simple loop over memory. */
    int64_t work = 2 * smaller(c.rows, g->rows) * smaller(c.columns, g->columns) * g->depth / 64;
    threads_run(c.pairs * c.down * c.across, threads_grain(work), run_blocks, &c);
}
