/* A tile of attention: the scores of a block of queries and a block of keys, of one head. What
 * attention and its gradient share; the loops over a row of a tile are in attention_rows.h. */
#ifndef LEGO_KERNELS_ATTENTION_TILE_H
#define LEGO_KERNELS_ATTENTION_TILE_H

#include <string.h>

#include "../core/sizes.h"
#include "attention.h"
#include "elements.h"
#include "exponential.h"
#include "gemm.h"
#include "random.h"
#include "sigmoid.h"
#include "unroll.h"

/* The score of a key that does not count. It is finite: where none counts, all count the same. */
#define FAR_BELOW (-0x1.6p127) /* in float32 as well */

enum { MOST_QUERIES = 128, MOST_KEYS = 256 }; /* of a tile */

typedef struct attention_tile {
    int64_t batch;
    int64_t head;
    int64_t query; /* the first, and how many */
    int64_t queries;
    int64_t key;
    int64_t keys;
    int64_t row; /* how far apart in memory the rows of scores begin */
} attention_tile;

/* Rows lie an odd number of lines apart: columns of a tile that lay a power of two apart would
 * share lines of the cache. */
static inline int64_t tile_row(lego_dtype dtype, int64_t keys) {
    const int64_t line = CACHE_LINE / (int64_t)lego_dtype_size(dtype);
    return (divide_up(keys, line) | 1) * line;
}

/* ---- matrices of one head -------------------------------------------------------------------- */

/* The rows of x from a step on, as a matrix: (step, number). */
static NEVER_INLINE gemm_operand steps_from(lego_dtype dtype, const attention_operand *x,
                                            int64_t batch, int64_t step, int64_t head) {
    int64_t offset = batch * x->strides[0] + step * x->strides[1] + head * x->strides[2];
    return (gemm_operand){
        .data = (const char *)x->data + offset * (int64_t)lego_dtype_size(dtype),
        .row_stride = x->strides[1],
        .column_stride = x->strides[3],
    };
}

/* An array of shape (batch, steps, heads, size) in row-major order. */
static inline attention_operand row_major(const void *data, int64_t steps, int64_t heads,
                                          int64_t size) {
    return (attention_operand){data, {steps * heads * size, heads * size, size, 1}};
}

static inline gemm_operand transposed(gemm_operand x) {
    return (gemm_operand){
        .data = x.data,
        .row_stride = x.column_stride,
        .column_stride = x.row_stride,
    };
}

/* y (+)= a b for a (rows, depth) and b (depth, columns). */
static NEVER_INLINE void multiply(lego_dtype dtype, int64_t rows, int64_t depth, int64_t columns,
                                  gemm_operand a, gemm_operand b, void *y, int64_t y_row,
                                  bool adds) {
    gemm g = {
        .dtype = dtype,
        .rows = rows,
        .columns = columns,
        .depth = depth,
        .a = a,
        .b = b,
        .y = y,
        .adds = adds,
    };
    gemm_run_here(&g, y_row);
}

/* The products of a tile's queries and keys. */
static inline void multiply_keys(const attention *a, const attention_tile *t, void *scores) {
    int64_t group = t->head / (a->heads / a->groups);
    gemm_operand q = steps_from(a->dtype, &a->query, t->batch, t->query, t->head);
    gemm_operand k = steps_from(a->dtype, &a->key, t->batch, t->key, group);
    multiply(a->dtype, t->queries, a->size, t->keys, q, transposed(k), scores, t->row, false);
}

/* ---- blocks of queries ----------------------------------------------------------------------- */

/* Queries are cut into blocks of about the same length. */
typedef struct query_blocks {
    int64_t count;
    int64_t length;
} query_blocks;

/* A causal mask hides more of lower tiles. */
static inline query_blocks cut_queries(const attention *a) {
    int64_t count = divide_up(a->queries, a->is_causal ? MOST_QUERIES / 2 : MOST_QUERIES);
    return (query_blocks){count, count > 0 ? divide_up(a->queries, count) : 0};
}

/* How many keys the queries before `end` see. */
static inline int64_t keys_seen(const attention *a, int64_t end) {
    return a->is_causal ? smaller(a->keys, end) : a->keys;
}

/* ---- for the loops over rows ------------------------------------------------------------------
 */

enum { WORDS_OF_BLOCK = 4, WORDS_OF_LINE = 16 };

#define LANES (CACHE_LINE / (int)sizeof(NUMBER))

/* For each number x[line + j] of a row of n. */
#define EACH_LINE for (int64_t line = 0; line < n; line += LANES)
#define EACH_LANE _Pragma("omp simd") for (int j = 0; j < LANES; j++)

#define exp_float32  fast_expf
#define exp_float64  fast_exp
#define tanh_float32 fast_tanhf
#define tanh_float64 fast_tanh

typedef struct tile_words {
    uint32_t numbers[MOST_KEYS + 2 * WORDS_OF_BLOCK];
} tile_words;

/* The words of row i of a tile. They come in blocks of four: it may begin in the middle of one. */
static NEVER_INLINE const uint32_t *words_of(const attention *a, const attention_tile *t, int64_t i,
                                             tile_words *words) {
    uint64_t row = (uint64_t)((t->batch * a->heads + t->head) * a->queries + t->query + i);
    uint64_t first = row * (uint64_t)a->keys + (uint64_t)t->key;
    int64_t before = (int64_t)(first % WORDS_OF_BLOCK);
    int64_t count = before + round_up(t->keys, WORDS_OF_LINE);
    random_words(a->draw, first / WORDS_OF_BLOCK, divide_up(count, WORDS_OF_BLOCK), words->numbers);
    return words->numbers + before;
}

/* Row i of a tile in a mask or a bias, whose elements have so many bytes: where it lies, or copied
 * to `room` if its elements are not adjacent. */
static NEVER_INLINE const void *dense_row(const attention_operand *x, const attention_tile *t,
                                          int64_t i, size_t bytes, void *room) {
    int64_t offset = t->batch * x->strides[0] + t->head * x->strides[1] +
                     (t->query + i) * x->strides[2] + t->key * x->strides[3];
    const char *row = (const char *)x->data + offset * (int64_t)bytes;
    if (x->strides[3] == 1) {
        return row;
    }
    for (int64_t j = 0; j < t->keys; j++) {
        memcpy((char *)room + j * (int64_t)bytes, row, bytes);
        row += x->strides[3] * (int64_t)bytes;
    }
    return room;
}

/* What a score costs in simple operations: products in registers are some 32 times as fast. */
static inline int64_t score_work(int64_t depth) {
    const int64_t exponential = 8;
    return exponential + depth / 32;
}

#endif
