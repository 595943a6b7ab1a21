/* Sizes: arithmetic of counts and lengths, and the caches for which blocks are cut.
 *
 * Counts are not negative and divisors are positive. All of it is inlined: where the arguments are
 * constants, so is the result. */
#ifndef LEGO_CORE_SIZES_H
#define LEGO_CORE_SIZES_H

#include <stdint.h>

/* The caches of one core that blocks are made to fit into. They are not asked of the machine: the
 * same blocks everywhere give the same bits everywhere. Processors of the last ten years have at
 * least 32 KB of L1 and most have 512 KB to 2 MB of L2 (Intel's and AMD's optimization guides,
 * Arm's technical reference manuals). A block takes a fraction of a cache, written L2_BYTES / 4,
 * because whatever else its loop reads passes through the same cache. */
enum {
    CACHE_LINE = 64, /* bytes */
    L1_BYTES = 32 << 10,
    L2_BYTES = 1 << 20
};

static inline int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* count / size rounded up: how many blocks of that size hold all of them. No sum overflows. */
static inline int64_t divide_up(int64_t count, int64_t size) {
    return count / size + (count % size != 0);
}

/* The smallest multiple of `size` that is not below `count`. */
static inline int64_t round_up(int64_t count, int64_t size) {
    return divide_up(count, size) * size;
}

#endif
