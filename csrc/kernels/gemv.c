/* A matrix, or a batch of them, times a vector. Each number of a is read once, so vectors run along
 * whatever lies side by side in memory: the numbers of a row, or those of a column. */
#include "gemv.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "registers.h"

enum {
    PARTS_BYTES = 128, /* of the partial sums of a row, the same for all instruction sets */
    PART_VECTORS = PARTS_BYTES / VECTOR_BYTES,
    ROWS_AT_ONCE = 8 / PART_VECTORS, /* whose partial sums are in registers */
    LINE_ROWS = 64,                  /* whose partial sums are in the nearest cache */
    BLOCK_ROWS = 512,                /* at most */
    MOST_BYTES = 8,                  /* of a number */
};

#define TEMPLATE "gemv_block.h"
#include "per_number.h"

typedef void sum_rows_function(const gemm *g, int64_t n, const void *a, const void *x, void *sums);
typedef void put_sums_function(int64_t n, const void *sums, bool adds, void *y);

static sum_rows_function *const sum_rows[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = sum_rows_uint8,     [LEGO_INT32] = sum_rows_int32,
    [LEGO_INT64] = sum_rows_int64,     [LEGO_FLOAT32] = sum_rows_float32,
    [LEGO_FLOAT64] = sum_rows_float64,
};

static put_sums_function *const put_sums[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = put_sums_uint8,     [LEGO_INT32] = put_sums_int32,
    [LEGO_INT64] = put_sums_int64,     [LEGO_FLOAT32] = put_sums_float32,
    [LEGO_FLOAT64] = put_sums_float64,
};

/* The rows of a pair are cut into blocks. */
typedef struct gemv_blocking {
    const gemm *g;
    int64_t rows;
    int64_t blocks; /* of a pair */
} gemv_blocking;

/* Where the matrices of a pair begin, in numbers. */
static void pair_at(const gemm *g, int64_t pair, int64_t *a, int64_t *x) {
    *a = 0;
    *x = 0;
    for (int axis = 0; axis < g->batch_rank; axis++) {
        int64_t coordinate = pair % g->batch_shape[axis];
        pair /= g->batch_shape[axis];
        *a += coordinate * g->a.batch_strides[axis];
        *x += coordinate * g->b.batch_strides[axis];
    }
}

static void run_block(const gemm *g, int64_t pair, int64_t row, int64_t n) {
    _Alignas(CACHE_LINE) char sums[BLOCK_ROWS * MOST_BYTES];
    int64_t size = (int64_t)lego_dtype_size(g->dtype);
    int64_t a;
    int64_t x;
    pair_at(g, pair, &a, &x);
    a += row * g->a.row_stride;
    sum_rows[g->dtype](g, n, (const char *)g->a.data + a * size, (const char *)g->b.data + x * size,
                       sums);
    char *y = sums;
    if (!g->end || g->end->is_stored) {
        y = (char *)g->y + (pair * g->rows + row) * size;
        put_sums[g->dtype](n, sums, g->adds, y);
    }
    if (g->end) {
        result_block done = {.row = row, .rows = n, .columns = 1, .data = y, .row_stride = 1};
        g->end->run(g->end->context, &done);
    }
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    const gemv_blocking *c = work;
    for (int64_t i = begin; i < end; i++) {
        int64_t row = i % c->blocks * c->rows;
        run_block(c->g, i / c->blocks, row, smaller(c->rows, c->g->rows - row));
    }
}

void gemv_run(const gemm *g) {
    gemv_blocking c = {.g = g, .rows = BLOCK_ROWS};
    int64_t pairs = 1;
    for (int axis = 0; axis < g->batch_rank; axis++) {
        pairs *= g->batch_shape[axis];
    }
    c.rows = smaller(BLOCK_ROWS, round_up(threads_grain(g->depth / 8 + 1), LINE_ROWS));
    c.blocks = divide_up(g->rows, c.rows);
    threads_run(pairs * c.blocks, threads_grain(c.rows * (g->depth / 8 + 1)), run_blocks, &c);
}
