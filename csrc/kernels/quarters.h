/* Vectors made of parts of 16 bytes that lie apart in memory. A load puts a part where it belongs,
 * which is cheaper than to move it there afterwards. Included by gemv.c. */
#ifndef LEGO_KERNELS_QUARTERS_H
#define LEGO_KERNELS_QUARTERS_H

#include "registers.h"
#include "square.h"

enum { QUARTERS = VECTOR_BYTES / 16 };

typedef uint32_t word_vector __attribute__((vector_size(VECTOR_BYTES)));

/* Two vectors behind one another. GCC before 12 shuffles to vectors of the same length only. */
#if defined(__clang__) || __GNUC__ >= 12
#define JOIN_4(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)
#define JOIN_8(a, b)                                                                               \
    __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#else
#define JOIN_4(a, b) ((words_8){a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]})
#define JOIN_8(a, b)                                                                               \
    ((word_vector){a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], b[0], b[1], b[2], b[3], b[4],   \
                   b[5], b[6], b[7]})
#endif

/* The rounds of square.h within quarters, of some rows, for words or for pairs of them. */
#define UPPER_16_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define LOWER_16_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define UPPER_16_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define LOWER_16_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#if defined(__AVX512F__)
#define ROUND_OF_WORDS(rows, bit) SQUARE_ROUND(word_vector, 16, 1, rows, bit)
#define ROUND_OF_PAIRS(rows, bit) SQUARE_ROUND(word_vector, 16, 2, rows, bit)
#elif defined(__AVX2__)
#define ROUND_OF_WORDS(rows, bit) SQUARE_ROUND(word_vector, 8, 1, rows, bit)
#define ROUND_OF_PAIRS(rows, bit) SQUARE_ROUND(word_vector, 8, 2, rows, bit)
#else
#define ROUND_OF_WORDS(rows, bit) SQUARE_ROUND(word_vector, 4, 1, rows, bit)
#define ROUND_OF_PAIRS(rows, bit) SQUARE_ROUND(word_vector, 4, 2, rows, bit)
#endif

static ALWAYS_INLINE word_vector join_quarters(const void *const from[QUARTERS]) {
    const loose_words_4 *const *parts = (const loose_words_4 *const *)from;
#if defined(__AVX512F__)
    const words_8 lower = JOIN_4(*parts[0], *parts[1]), upper = JOIN_4(*parts[2], *parts[3]);
    return JOIN_8(lower, upper);
#elif defined(__AVX2__)
    return JOIN_4(*parts[0], *parts[1]);
#else
    return *parts[0];
#endif
}

#endif
