/* A tile of attention: the scores of a block of queries and a block of keys, of one head. What
 * attention and its gradient share; the loops over a row of a tile are in attention_rows.c. */
#ifndef LEGO_KERNELS_ATTENTION_TILE_H
#define LEGO_KERNELS_ATTENTION_TILE_H

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "attention.h"
#include "exponential.h"
#include "product.h"
#include "random.h"
#include "unroll.h"

#define steps_from               FOR_ISA(steps_from)
#define attention_multiply       FOR_ISA(attention_multiply)
#define words_of                 FOR_ISA(words_of)
#define attention_scale_float32  FOR_ISA(attention_scale_float32)
#define attention_scale_float64  FOR_ISA(attention_scale_float64)
#define attention_powers_float32 FOR_ISA(attention_powers_float32)
#define attention_powers_float64 FOR_ISA(attention_powers_float64)
#define attention_drop_float32   FOR_ISA(attention_drop_float32)
#define attention_drop_float64   FOR_ISA(attention_drop_float64)
#define attention_hide_float32   FOR_ISA(attention_hide_float32)
#define attention_hide_float64   FOR_ISA(attention_hide_float64)
#define attention_dot_float32    FOR_ISA(attention_dot_float32)
#define attention_dot_float64    FOR_ISA(attention_dot_float64)
#define attention_score_float32  FOR_ISA(attention_score_float32)
#define attention_score_float64  FOR_ISA(attention_score_float64)

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
gemm_operand steps_from(lego_dtype dtype, const attention_operand *x, int64_t batch, int64_t step,
                        int64_t head);

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
void attention_multiply(lego_dtype dtype, int64_t rows, int64_t depth, int64_t columns,
                        gemm_operand a, gemm_operand b, void *y, int64_t y_row, bool adds);

/* The products of a tile's queries and keys. */
static inline void multiply_keys(const attention *a, const attention_tile *t, void *scores) {
    int64_t group = t->head / (a->heads / a->groups);
    gemm_operand q = steps_from(a->dtype, &a->query, t->batch, t->query, t->head);
    gemm_operand k = steps_from(a->dtype, &a->key, t->batch, t->key, group);
    attention_multiply(a->dtype, t->queries, a->size, t->keys, q, transposed(k), scores, t->row,
                       false);
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

/* ---- rows: whole lines of the cache, with powers of 0 behind the last key -------------------- */

enum { WORDS_OF_BLOCK = 4, WORDS_OF_LINE = 16 };

#define exp_float32 fast_expf
#define exp_float64 fast_exp

/* The number that scores are compared with: the largest, unless all are -infinity. */
#define FINITE(largest) ((largest) == -(NUMBER)INFINITY ? 0 : (largest))

#define LANES (CACHE_LINE / (int)sizeof(NUMBER))

/* For each number x[line + j] of a row of n. */
#define EACH_LINE for (int64_t line = 0; line < n; line += LANES)
#define EACH_LANE _Pragma("omp simd") for (int j = 0; j < LANES; j++)

typedef struct tile_words {
    uint32_t numbers[MOST_KEYS + 2 * WORDS_OF_BLOCK];
} tile_words;

/* The words of row i of a tile. They come in blocks of four: it may begin in the middle of one. */
const uint32_t *words_of(const attention *a, const attention_tile *t, int64_t i, tile_words *words);

/* Row i of a tile, of products, becomes scores; slopes are those of the soft cap. */
void attention_score_float32(const attention *a, const attention_tile *t, int64_t i, float *x,
                             float *slopes);
void attention_score_float64(const attention *a, const attention_tile *t, int64_t i, double *x,
                             double *slopes);

/* x = other where key j of row i does not count. */
void attention_hide_float32(const attention *a, const attention_tile *t, int64_t i, float other,
                            float *x);
void attention_hide_float64(const attention *a, const attention_tile *t, int64_t i, double other,
                            double *x);

/* x = factor e^(x - most); returns their sum. */
float attention_powers_float32(int64_t n, float most, float factor, float *x);
double attention_powers_float64(int64_t n, double most, double factor, double *x);

/* x = 0 where a share is dropped; what is left is larger for it. */
void attention_drop_float32(int64_t n, const uint32_t *words, double rate, float *x);
void attention_drop_float64(int64_t n, const uint32_t *words, double rate, double *x);

/* The sum of a b, whose elements lie so far apart. */
float attention_dot_float32(int64_t n, const float *a, int64_t a_step, const float *b,
                            int64_t b_step);
double attention_dot_float64(int64_t n, const double *a, int64_t a_step, const double *b,
                             int64_t b_step);

/* x = factor x */
void attention_scale_float32(int64_t n, float factor, float *x);
void attention_scale_float64(int64_t n, double factor, double *x);

/* What a score costs in simple operations: products in registers are some 32 times as fast. */
static inline int64_t score_work(int64_t depth) {
    const int64_t exponential = 8;
    return exponential + depth / 32;
}

#endif
