/* A matrix, or a batch of them, times a vector. Each number of a is read once, so vectors run along
 * whatever lies side by side in memory: the numbers of a row, or those of a column. */
#include "gemv.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "quarters.h"
#include "registers.h"

enum {
    PARTS_BYTES = 128, /* of the partial sums of a row, the same for all instruction sets */
    PART_VECTORS = PARTS_BYTES / VECTOR_BYTES,
    ROWS_AT_ONCE = 8 / PART_VECTORS, /* whose partial sums are in registers */
    LINE_ROWS = 64,                  /* of a block at least */
    LINE_VECTORS = 256 / VECTOR_BYTES > 8 ? 8 : 256 / VECTOR_BYTES, /* of rows side by side */
    LEVELS = 6,         /* in which the parts of a row are added, 32 floats; and one */
    MOST_COPIED = 2048, /* numbers that are put side by side first */
    BLOCK_ROWS = 512,   /* at most */
    MOST_BYTES = 8,     /* of a number */
    FEW_PRODUCTS = 4,   /* of a row: a square of them would be empty for the most, */
    FEW_ROWS = 4,       /* and so it would with few rows, unless they are long */
    FEW_ROWS_DEPTH = 64,
    GROUPS = VECTOR_BYTES == 32 ? 4 : 2,
    BLOCK_DEPTH = 256, /* of a k-block, as in gemm.c */
    SAME_SETS = 2048,  /* bytes: rows so far apart share few sets of the cache, so fewer are read */
};

#define TEMPLATE "gemv_block.h"
#include "per_number.h"

#define TEMPLATE "gemv_in_order.h"
#include "per_float.h"

typedef void sum_rows_function(const gemm *g, int64_t n, const void *a, const void *x, void *sums);
typedef void add_sums_function(int64_t n, const void *sums, void *y);

static sum_rows_function *const sum_rows[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = sum_rows_uint8,     [LEGO_INT32] = sum_rows_int32,
    [LEGO_INT64] = sum_rows_int64,     [LEGO_FLOAT32] = sum_rows_float32,
    [LEGO_FLOAT64] = sum_rows_float64,
};

static sum_rows_function *const sum_in_order[LEGO_DTYPE_COUNT] = {
    [LEGO_FLOAT32] = sum_in_order_float32,
    [LEGO_FLOAT64] = sum_in_order_float64,
};

static add_sums_function *const add_sums[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = add_sums_uint8,     [LEGO_INT32] = add_sums_int32,
    [LEGO_INT64] = add_sums_int64,     [LEGO_FLOAT32] = add_sums_float32,
    [LEGO_FLOAT64] = add_sums_float64,
};

/* The rows of a pair are cut into blocks. */
typedef struct gemv_blocking {
    const gemm *g;
    sum_rows_function *sum;
    int64_t rows;
    int64_t blocks; /* of a pair */
} gemv_blocking;

/* Where the matrices of a pair begin, in numbers. The outermost axis needs no division, which would
 * take as long as a small product. */
static void pair_at(const gemm *g, int64_t pair, int64_t *a, int64_t *x) {
    *a = 0;
    *x = 0;
    for (int axis = 0; axis < g->batch_rank; axis++) {
        bool is_outermost = axis == g->batch_rank - 1;
        int64_t coordinate = is_outermost ? pair : pair % g->batch_shape[axis];
        pair = is_outermost ? 0 : pair / g->batch_shape[axis];
        *a += coordinate * g->a.batch_strides[axis];
        *x += coordinate * g->b.batch_strides[axis];
    }
}

static void run_block(const gemv_blocking *c, int64_t pair, int64_t row, int64_t n) {
    _Alignas(CACHE_LINE) char memory[BLOCK_ROWS * MOST_BYTES];
    const gemm *g = c->g;
    const int64_t size = (int64_t)lego_dtype_size(g->dtype);
    const bool is_stored = !g->end || g->end->is_stored;
    int64_t a;
    int64_t x;
    pair_at(g, pair, &a, &x);
    a += row * g->a.row_stride;
    char *y = is_stored ? (char *)g->y + (pair * g->rows + row) * size : NULL;
    char *sums = is_stored && !g->adds ? y : memory;
    c->sum(g, n, (const char *)g->a.data + a * size, (const char *)g->b.data + x * size, sums);
    if (is_stored && g->adds) {
        add_sums[g->dtype](n, sums, y);
    }
    if (g->end) {
        result_block done = {
            .row = row, .rows = n, .columns = 1, .data = is_stored ? y : sums, .row_stride = 1};
        g->end->run(g->end->context, &done);
    }
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    const gemv_blocking *c = work;
    for (int64_t i = begin; i < end; i++) {
        const bool is_whole = c->blocks == 1;
        const int64_t row = is_whole ? 0 : i % c->blocks * c->rows;
        run_block(c, is_whole ? i : i / c->blocks, row, smaller(c->rows, c->g->rows - row));
    }
}

/* A block is worth a thread. The end of a single row takes it whole, or long parts of it. */
static void run_by(sum_rows_function *sum, const gemm *g) {
    gemv_blocking c = {.g = g, .sum = sum};
    const int64_t least = g->end ? LONG_ROW : LINE_ROWS, work = g->depth / 8 + 1;
    int64_t pairs = 1;
    for (int axis = 0; axis < g->batch_rank; axis++) {
        pairs *= g->batch_shape[axis];
    }
    c.rows = smaller(BLOCK_ROWS, round_up(threads_grain(work), least));
    c.blocks = divide_up(g->rows, c.rows);
    threads_run(pairs * c.blocks, threads_grain(smaller(c.rows, g->rows) * work), run_blocks, &c);
}

void gemv_run(const gemm *g) {
    run_by(sum_rows[g->dtype], g);
}

void gemv_run_in_order(const gemm *g) {
    run_by(sum_in_order[g->dtype], g);
}
