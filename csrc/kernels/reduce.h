/* Reductions: sums, products, means and extremes of an array over any of its axes. */
#ifndef LEGO_KERNELS_REDUCE_H
#define LEGO_KERNELS_REDUCE_H

#include "../core/array.h"
#include "reducer.h"

#define reduce       FOR_ISA(reduce)
#define total_finish FOR_ISA(total_finish)

/* Joins x along the axes that are marked and writes what is left to y, which is contiguous. Floats
 * are summed and multiplied as doubles; integers wrap around. */
lego_status reduce(reduce_operation operation, const lego_array *x, const bool *is_reduced,
                   const lego_array *y);

/* ---- totals: a long dense run, fed piece by piece -------------------------------------------- */

/* The same bits as reduce() gives for the whole run: each chunk of it has a total, made in lanes of
 * one column, and these are joined in order at the end. */

/* Numbers of a chunk, of n in all. */
static inline int64_t total_chunk(int64_t n) {
    return reduce_chunk(n, 1, CHUNK_WORK);
}

/* Joins the chunks' totals (TOTAL_ROOM bytes apart; the first is written) and writes the result for
 * n numbers to y. */
void total_finish(reduce_operation operation, lego_dtype dtype, void *totals, int64_t chunks,
                  int64_t n, const lego_array *y);

#endif
