/* Random numbers: y is filled with a draw, each number a function of the key and its own place.
 *
 * Of the draw's words (core/random.h), element i has number i, or the two from number 2 i on where
 * it takes 64 bits: float64 and all integers do. */
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

/* float32 or float64, low <= y < high (low where they are equal). */
void fill_uniform(random_key key, double low, double high, const lego_array *y);

/* The same from 0 to 1, and each row of y has a key: keys[row] is a seed and a draw. */
void fill_uniform_rows(const int64_t (*keys)[2], const lego_array *y);

/* float32 or float64, mean + stddev z with z from the standard normal distribution. */
void fill_normal(random_key key, double mean, double stddev, const lego_array *y);

/* The same, given that -2 <= z <= 2. */
void fill_truncated_normal(random_key key, double mean, double stddev, const lego_array *y);

/* uint8, int32 or int64, low <= y < low + range. */
void fill_integers(random_key key, int64_t low, uint64_t range, const lego_array *y);

/* float32 or float64: 0 with probability `rate`, else 1 / (1 - rate). The two dtypes have their
 * zeros at the same places. */
void fill_keep_factors(random_key key, double rate, const lego_array *y);

#endif
