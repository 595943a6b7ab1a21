/* Squares of elements, transposed in vectors: row i becomes column i.
 *
 * A number of log2(n) bits says where an element is in its row, another one in which row it is. One
 * round changes a bit of the one for the same bit of the other, in pairs of rows whose numbers
 * differ in that bit only (of words, 4 bytes each; d = 1):
 *
 *     a0 a1 a2 a3        a0 b0 a2 b2
 *     b0 b1 b2 b3   ->   a1 b1 a3 b3
 *
 * After a round for each bit, rows and columns have changed places (J. O. Eklundh, "A Fast Computer
 * Method for Matrix Transposing", 1972). Each round is a blend or a shuffle of two vectors;
 * shuffles across the halves of a vector, the slowest, are in the last round alone. */
#ifndef LEGO_KERNELS_SQUARE_H
#define LEGO_KERNELS_SQUARE_H

#include <stdint.h>

#include "unroll.h"

#ifdef __clang__
#define SHUFFLE(type, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(type, a, b, ...) __builtin_shuffle(a, b, (type){__VA_ARGS__})
#endif

/* The upper and the lower row of a pair after the round for the distance d, in vectors of n words.
 */
#define UPPER_4_1 0, 4, 2, 6
#define LOWER_4_1 1, 5, 3, 7
#define UPPER_4_2 0, 1, 4, 5
#define LOWER_4_2 2, 3, 6, 7
#define UPPER_8_1 0, 8, 2, 10, 4, 12, 6, 14
#define LOWER_8_1 1, 9, 3, 11, 5, 13, 7, 15
#define UPPER_8_2 0, 1, 8, 9, 4, 5, 12, 13
#define LOWER_8_2 2, 3, 10, 11, 6, 7, 14, 15
#define UPPER_8_4 0, 1, 2, 3, 8, 9, 10, 11
#define LOWER_8_4 4, 5, 6, 7, 12, 13, 14, 15

#define SQUARE_ROUND(type, n, d, rows, bit)                                                        \
    UNROLL                                                                                         \
    for (int i = 0; i < (rows); i++) {                                                             \
        if (!(i & (bit))) {                                                                        \
            type a = row[i];                                                                       \
            type b = row[i + (bit)];                                                               \
            row[i] = SHUFFLE(type, a, b, UPPER_##n##_##d);                                         \
            row[i + (bit)] = SHUFFLE(type, a, b, LOWER_##n##_##d);                                 \
        }                                                                                          \
    }

#define SQUARE_LOAD(type, rows, x, x_step)                                                         \
    type row[rows];                                                                                \
    UNROLL                                                                                         \
    for (int i = 0; i < (rows); i++) {                                                             \
        row[i] = *(const loose_##type *)((x) + i * (x_step));                                      \
    }

#define SQUARE_STORE(type, rows, y, y_step)                                                        \
    UNROLL                                                                                         \
    for (int i = 0; i < (rows); i++) {                                                             \
        *(loose_##type *)((y) + i * (y_step)) = row[i];                                            \
    }

typedef uint32_t words_4 __attribute__((vector_size(16)));
typedef uint32_t words_8 __attribute__((vector_size(32)));
typedef uint8_t bytes_16 __attribute__((vector_size(16)));
typedef uint32_t loose_words_4 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint32_t loose_words_8 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t loose_pair __attribute__((aligned(1), may_alias));
typedef uint8_t loose_bytes_16 __attribute__((vector_size(16), aligned(1), may_alias));

/* y[j][i] = x[i][j] for squares of 4 x 4 and 8 x 8 words. Rows of x and y are so many bytes apart.
 */
static ALWAYS_INLINE void square_4x4_of_4(const char *x, int64_t x_step, char *y, int64_t y_step) {
    SQUARE_LOAD(words_4, 4, x, x_step)
    SQUARE_ROUND(words_4, 4, 1, 4, 1)
    SQUARE_ROUND(words_4, 4, 2, 4, 2)
    SQUARE_STORE(words_4, 4, y, y_step)
}

static ALWAYS_INLINE void square_8x8_of_4(const char *x, int64_t x_step, char *y, int64_t y_step) {
    SQUARE_LOAD(words_8, 8, x, x_step)
    SQUARE_ROUND(words_8, 8, 1, 8, 1)
    SQUARE_ROUND(words_8, 8, 2, 8, 2)
    SQUARE_ROUND(words_8, 8, 4, 8, 4)
    SQUARE_STORE(words_8, 8, y, y_step)
}

/* Elements of 8 bytes: two loads fill half a vector, so that nothing is left to shuffle. With
 * constants, compilers make vectors of the stores. */
static ALWAYS_INLINE void square_of_8(int side, const char *x, int64_t x_step, char *y,
                                      int64_t y_step) {
    UNROLL
    for (int i = 0; i < side; i++) {
        uint64_t row[4];
        UNROLL
        for (int j = 0; j < side; j++) {
            row[j] = *(const loose_pair *)(x + j * x_step + i * (int64_t)sizeof row[j]);
        }
        UNROLL
        for (int j = 0; j < side; j++) {
            *(loose_pair *)(y + i * y_step + j * (int64_t)sizeof row[j]) = row[j];
        }
    }
}

static ALWAYS_INLINE void square_2x2_of_8(const char *x, int64_t x_step, char *y, int64_t y_step) {
    square_of_8(2, x, x_step, y, y_step);
}

static ALWAYS_INLINE void square_4x4_of_8(const char *x, int64_t x_step, char *y, int64_t y_step) {
    square_of_8(4, x, x_step, y, y_step);
}

/* Bytes are interleaved instead, row i with row i + 8, which every instruction set does in one
 * instruction: after four rounds the bits of the two numbers have gone round. */
static ALWAYS_INLINE void square_16x16_of_1(const char *x, int64_t x_step, char *y,
                                            int64_t y_step) {
    SQUARE_LOAD(bytes_16, 16, x, x_step)
    UNROLL
    for (int round = 0; round < 4; round++) {
        bytes_16 next[16];
        UNROLL
        for (int i = 0; i < 8; i++) {
            next[2 * i] = SHUFFLE(bytes_16, row[i], row[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20,
                                  5, 21, 6, 22, 7, 23);
            next[2 * i + 1] = SHUFFLE(bytes_16, row[i], row[i + 8], 8, 24, 9, 25, 10, 26, 11, 27,
                                      12, 28, 13, 29, 14, 30, 15, 31);
        }
        UNROLL
        for (int i = 0; i < 16; i++) {
            row[i] = next[i];
        }
    }
    SQUARE_STORE(bytes_16, 16, y, y_step)
}

#endif
