/* The total of a long dense run of numbers, fed piece by piece: the same bits as reduce() gives for
 * the whole of it. The run is cut into chunks, each chunk has a total of its own, and at the end
 * these are joined in order. */
#ifndef LEGO_KERNELS_TOTAL_H
#define LEGO_KERNELS_TOTAL_H

#include "lanes.h"

#define total_finish FOR_ISA(total_finish)

enum { CHUNK_WORK = 65536, MOST_CHUNKS = 256 };

/* Numbers of a chunk, of n in all: there are at most MOST_CHUNKS. */
static inline int64_t total_chunk(int64_t n) {
    int64_t few = n / MOST_CHUNKS + (n % MOST_CHUNKS != 0);
    return few > CHUNK_WORK ? few : CHUNK_WORK;
}

/* Joins the chunks' totals (8 bytes apart; the first is written) and writes the result for n
 * numbers to y. */
void total_finish(reduce_operation operation, lego_dtype dtype, void *totals, int64_t chunks,
                  int64_t n, const lego_array *y);

#endif
