/* What the loops over a row of a tile need (attention_rows.h): functions by their dtypes, and the
 * random words of a row. */
#ifndef LEGO_KERNELS_ATTENTION_ROW_H
#define LEGO_KERNELS_ATTENTION_ROW_H

#include "attention_tile.h"
#include "elements.h"
#include "exponential.h"
#include "random.h"
#include "sigmoid.h"
#include "unroll.h"

enum { ROW_LANES = 16, WORDS_OF_BLOCK = 4 };

#define exp_float32  fast_expf
#define exp_float64  fast_exp
#define tanh_float32 fast_tanhf
#define tanh_float64 fast_tanh

typedef struct tile_words {
    uint32_t numbers[MOST_KEYS + 2 * WORDS_OF_BLOCK];
} tile_words;

/* The words of row i of a tile. They come in blocks of four: it may begin in the middle of one. */
static inline const uint32_t *words_of(const attention *a, const attention_tile *t, int64_t i,
                                       tile_words *words) {
    uint64_t row = (uint64_t)((t->batch * a->heads + t->head) * a->queries + t->query + i);
    uint64_t first = row * (uint64_t)a->keys + (uint64_t)t->key;
    int64_t before = (int64_t)(first % WORDS_OF_BLOCK);
    random_words(a->draw, first / WORDS_OF_BLOCK, divide_up(before + t->keys, WORDS_OF_BLOCK),
                 words->numbers);
    return words->numbers + before;
}

/* What a score costs in simple operations: products in registers are some 32 times as fast. */
static inline int64_t score_work(int64_t depth) {
    const int64_t exponential = 8;
    return exponential + depth / 32;
}

#endif
