/* Random numbers: each is a function of the key and of its index in y alone, so that the bits do
 * not depend on the number of threads.
 *
 * The key gives a sequence of 32-bit words (core/random.h). Element i takes word i. An element of
 * float64 or of an integer dtype takes 64 bits: words 2 i and 2 i + 1. */
#ifndef LEGO_KERNELS_RANDOM_H
#define LEGO_KERNELS_RANDOM_H

#include "../core/array.h"
#include "../core/isa.h"
#include "../core/random.h"

#define fill_uniform          FOR_ISA(fill_uniform)
#define fill_normal           FOR_ISA(fill_normal)
#define fill_truncated_normal FOR_ISA(fill_truncated_normal)
#define fill_integers         FOR_ISA(fill_integers)
#define fill_keep_factors     FOR_ISA(fill_keep_factors)
#define fill_uniform_rows     FOR_ISA(fill_uniform_rows)
#define random_words          FOR_ISA(random_words)

/* The words of n blocks from `first` on: elements 4 first <= i < 4 (first + n). */
void random_words(random_key key, uint64_t first, int64_t n, uint32_t *words);

/* float32 or float64, low <= y < high; y = low if they are equal. */
void fill_uniform(random_key key, double low, double high, const lego_array *y);

/* 0 <= y < 1, with a key for each row of y: keys[row] is the seed and the number of the draw. */
void fill_uniform_rows(const int64_t (*keys)[2], const lego_array *y);

/* float32 or float64, mean + stddev z with z from the standard normal distribution. */
void fill_normal(random_key key, double mean, double stddev, const lego_array *y);

/* The same, given that -2 <= z <= 2. */
void fill_truncated_normal(random_key key, double mean, double stddev, const lego_array *y);

/* uint8, int32 or int64, low <= y < low + range. */
void fill_integers(random_key key, int64_t low, uint64_t range, const lego_array *y);

/* Dropout: an element whose word is below the threshold is dropped, any other is multiplied by the
 * factor. The threshold of rate 1 is 2^32, which 32 bits do not hold: there the factor is 0. */
static inline double keep_factor(double rate) {
    return rate < 1 ? 1 / (1 - rate) : 0;
}

static inline uint32_t keep_threshold(double rate) {
    return rate < 1 ? (uint32_t)(rate * 0x1p32) : 0;
}

/* Dropout factors, float32 or float64: 0 with probability `rate`, else 1 / (1 - rate). Both dtypes
 * have their zeros at the same indices. */
void fill_keep_factors(random_key key, double rate, const lego_array *y);

#endif
