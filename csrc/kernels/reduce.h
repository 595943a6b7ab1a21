/* Reductions: sums, products, means and extremes of an array over any of its axes. */
#ifndef LEGO_KERNELS_REDUCE_H
#define LEGO_KERNELS_REDUCE_H

#include "../core/array.h"
#include "reducer.h"

#define reduce         FOR_ISA(reduce)
#define total_finish   FOR_ISA(total_finish)
#define reduce_lines   FOR_ISA(reduce_lines)
#define columns_chunk  FOR_ISA(columns_chunk)
#define columns_finish FOR_ISA(columns_finish)

/* Reduces x along the axes that are marked and writes the result to y, which is contiguous. Floats
 * are summed and multiplied in double; integers wrap around. */
lego_status reduce(reduce_operation operation, const lego_array *x, const bool *is_reduced,
                   const lego_array *y);

/* ---- lines, some at a time --------------------------------------------------------------------
 */

/* reduce() cuts no line of at most so many numbers into chunks, however few lines there are: each
 * result depends on its line alone. */
enum { WHOLE_LINE = CHUNK_WORK / 8 };

/* y[count] = the dense lines of x[count][n], each reduced to one number, 1 < n <= WHOLE_LINE: the
 * bits of reduce() for any number of lines. */
void reduce_lines(reduce_operation operation, lego_dtype dtype, const void *x, int64_t count,
                  int64_t n, lego_dtype y_dtype, void *y);

/* ---- totals: a long dense run, block by block ------------------------------------------------ */

/* A fused loop computes the numbers of a run block by block and reduces them without storing them.
 * The bits are those of reduce() for the whole run: each chunk has a total, computed in lanes of
 * one column, and the totals are combined in order at the end. */

/* The size of a chunk in a run of n numbers. */
static inline int64_t total_chunk(int64_t n) {
    return reduce_chunk(n, 1, CHUNK_WORK);
}

/* Combines the totals of the chunks (TOTAL_ROOM bytes apart) into the first one and writes the
 * result for n numbers to y. */
void total_finish(reduce_operation operation, lego_dtype dtype, void *totals, int64_t chunks,
                  int64_t n, const lego_array *y);

/* ---- columns: dense matrices, some rows at a time (reduce_columns.h) ---------------------------
 */

/* Whether reduce() walks columns of such matrices: a column that is alone in its tile is a line. */
static inline bool columns_are_walked(int64_t columns) {
    return columns % REDUCE_TILE != 1;
}

/* How many rows of a matrix share totals. */
int64_t columns_chunk(int64_t matrices, int64_t rows, int64_t columns);

/* Combines the totals of the chunks of each matrix, totals[matrices][chunks][columns], into those
 * of the first chunk and writes the results for all rows to y. A chunk has room for columns *
 * TOTAL_ROOM bytes. */
void columns_finish(reduce_operation operation, const lego_array *x, char *totals, int64_t chunks,
                    int64_t rows, int64_t columns, const lego_array *y);

#endif
