/* Several blocks of random words side by side (core/random.h), each in a lane of 64 bits: its words
 * are the lower halves, and the upper halves are whatever is left there. Philox multiplies words
 * and takes both halves of the products. Processors have an instruction that reads the lower halves
 * and writes whole products; loops over words, or over lanes, become three times as many. */
#ifndef LEGO_KERNELS_RANDOM_LANES_H
#define LEGO_KERNELS_RANDOM_LANES_H

#include <string.h>

#include "../core/random.h"

#ifndef __has_builtin
#define __has_builtin(name) 0
#endif

/* How many, or not defined: there is no such instruction, or no name for it. */
#if defined(__AVX512F__) && __has_builtin(__builtin_ia32_pmuludq512_mask)
#define LANES_OF_BLOCKS 8
#elif defined(__AVX2__) && __has_builtin(__builtin_ia32_pmuludq256)
#define LANES_OF_BLOCKS 4
#endif

#ifdef LANES_OF_BLOCKS

typedef uint64_t lanes __attribute__((vector_size(LANES_OF_BLOCKS * sizeof(uint64_t))));
typedef long long signed_lanes __attribute__((vector_size(LANES_OF_BLOCKS * sizeof(uint64_t))));
typedef int lane_words __attribute__((vector_size(LANES_OF_BLOCKS * sizeof(uint64_t))));

/* The products of the lower halves. */
static inline lanes word_products(lanes a, lanes b) {
#if LANES_OF_BLOCKS == 8
    return (lanes)__builtin_ia32_pmuludq512_mask((lane_words)a, (lane_words)b, (signed_lanes){0},
                                                 -1);
#else
    return (lanes)__builtin_ia32_pmuludq256((lane_words)a, (lane_words)b);
#endif
}

/* random_block() of `first` and of those behind it. */
static inline void random_lanes(random_key key, uint64_t first, uint32_t *words) {
    const lanes zero = {0}, word = zero + UINT32_MAX;
    lanes c0 = zero + first;
    for (int i = 0; i < LANES_OF_BLOCKS; i++) {
        c0[i] += (uint64_t)i;
    }
    lanes c1 = c0 >> 32, c2 = zero + (uint32_t)key.draw, c3 = zero + (key.draw >> 32);
    uint32_t k0 = (uint32_t)key.seed, k1 = (uint32_t)(key.seed >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        lanes p0 = word_products(c0, zero + PHILOX_FACTOR_0);
        lanes p1 = word_products(c2, zero + PHILOX_FACTOR_1);
        c0 = (p1 >> 32) ^ c1 ^ k0;
        c1 = p1;
        c2 = (p0 >> 32) ^ c3 ^ k1;
        c3 = p0;
        k0 += PHILOX_STEP_0;
        k1 += PHILOX_STEP_1;
    }
    lanes first_two = (c0 & word) | c1 << 32, last_two = (c2 & word) | c3 << 32;
    uint64_t pairs[2 * LANES_OF_BLOCKS];
    for (int i = 0; i < LANES_OF_BLOCKS; i++) {
        pairs[2 * i] = first_two[i];
        pairs[2 * i + 1] = last_two[i];
    }
    memcpy(words, pairs, sizeof pairs);
}

#endif

#endif
