/* Random numbers by counting: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011). Element i of a draw is a function of (key, i) alone, so any
 * thread can make any element and the bits are the same. */
#ifndef LEGO_CORE_RANDOM_H
#define LEGO_CORE_RANDOM_H

#include <stdint.h>

/* The address of a draw: a seed, and the number of the draw for that seed. */
typedef struct random_key {
    uint64_t seed;
    uint64_t draw;
} random_key;

#define PHILOX_ROUNDS   10
#define PHILOX_FACTOR_0 0xD2511F53u
#define PHILOX_FACTOR_1 0xCD9E8D57u
#define PHILOX_STEP_0   0x9E3779B9u
#define PHILOX_STEP_1   0xBB67AE85u

/* Four words for block number `block` of the draw. Element i has word i % 4 of block i / 4; where
 * it takes 64 bits, words 2 (i % 2) (the lower half) and 2 (i % 2) + 1 of block i / 2. */
static inline void random_block(random_key key, uint64_t block, uint32_t words[4]) {
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
    uint32_t c2 = (uint32_t)key.draw, c3 = (uint32_t)(key.draw >> 32);
    uint32_t k0 = (uint32_t)key.seed, k1 = (uint32_t)(key.seed >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)PHILOX_FACTOR_0 * c0;
        uint64_t p1 = (uint64_t)PHILOX_FACTOR_1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_STEP_0;
        k1 += PHILOX_STEP_1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
}

#endif
