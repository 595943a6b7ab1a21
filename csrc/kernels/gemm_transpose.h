/* Square blocks of 4-byte words, transposed in registers: how the columns of a row-major matrix
 * become a panel. Included by gemm.c and conv_tile.c. */
#include "square.h"

enum { WORDS = VECTOR_BYTES / 4 };

typedef uint32_t word_vector __attribute__((vector_size(VECTOR_BYTES)));
typedef uint32_t loose_word_vector
    __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

/* The words of two vectors one by one in turn: those of the lower halves, of the upper halves. */
#if defined(__AVX512F__)
#define LOWER_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define UPPER_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif defined(__AVX2__)
#define LOWER_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define UPPER_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOWER_HALVES 0, 4, 1, 5
#define UPPER_HALVES 2, 6, 3, 7
#endif

/* The first words of a row; what lies beyond `end` is not read. */
static ALWAYS_INLINE word_vector load_words(const uint32_t *row, const uint32_t *end) {
    if (end - row >= WORDS) {
        return *(const loose_word_vector *)row;
    }
    word_vector words = {0};
    for (int i = 0; i < end - row; i++) {
        words[i] = row[i];
    }
    return words;
}

/* Row i becomes column i. Each round of interleaving row i with row i + WORDS / 2 moves one bit of
 * a word's row number to its column number; after log2(WORDS) rounds the two have changed places.
 */
static ALWAYS_INLINE void transpose_square(word_vector x[WORDS]) {
    word_vector next[WORDS];
    UNROLL
    for (int round = 1; round < WORDS; round *= 2) {
        UNROLL
        for (int i = 0; i < WORDS / 2; i++) {
            next[2 * i] = SHUFFLE(word_vector, x[i], x[i + WORDS / 2], LOWER_HALVES);
            next[2 * i + 1] = SHUFFLE(word_vector, x[i], x[i + WORDS / 2], UPPER_HALVES);
        }
        UNROLL
        for (int i = 0; i < WORDS; i++) {
            x[i] = next[i];
        }
    }
}

/* A square that may be cut off below and on the right. */
static NEVER_INLINE void transpose_edge(const uint32_t *from, int64_t from_stride,
                                        const uint32_t *end, int rows, int columns, uint32_t *to,
                                        int64_t to_stride) {
    word_vector x[WORDS];
    UNROLL
    for (int i = 0; i < WORDS; i++) {
        x[i] = i < rows ? load_words(from + i * from_stride, end) : (word_vector){0};
    }
    transpose_square(x);
    for (int j = 0; j < columns; j++) {
        *(loose_word_vector *)(to + j * to_stride) = x[j];
    }
}

/* to[j][i] = from[i][j] for i < rows and j < columns; a row of `to` is written WORDS wide, with
 * zeros behind the last, where there are fewer rows. */
static NEVER_INLINE void transpose_words(const uint32_t *from, int64_t from_stride,
                                         const uint32_t *end, int rows, int64_t columns,
                                         uint32_t *to, int64_t to_stride) {
    for (; rows >= WORDS && columns >= WORDS; columns -= WORDS) {
        word_vector x[WORDS];
        UNROLL
        for (int i = 0; i < WORDS; i++) {
            x[i] = *(const loose_word_vector *)(from + i * from_stride);
        }
        transpose_square(x);
        UNROLL
        for (int j = 0; j < WORDS; j++) {
            *(loose_word_vector *)(to + j * to_stride) = x[j];
        }
        from += WORDS;
        to += WORDS * to_stride;
    }
    for (; columns > 0; columns -= WORDS) {
        int n = columns < WORDS ? (int)columns : WORDS;
        transpose_edge(from, from_stride, end, rows, n, to, to_stride);
        from += WORDS;
        to += WORDS * to_stride;
    }
}
