/* Updates of single rows: a step of gradient descent on the rows of a table that were read. */
#ifndef LEGO_KERNELS_ROW_UPDATES_H
#define LEGO_KERNELS_ROW_UPDATES_H

#include "../core/array.h"
#include "../core/isa.h"

#define subtract_from_rows FOR_ISA(subtract_from_rows)

/* y[d, b] = x[d, b] - rate times the sum of updates[i, b] over all i with indices[i] = d, in the
 * order of i; the sum is 0 if there is none. All arrays are contiguous, of one float dtype; x and y
 * may be the same memory. Negative indices count from the end. *fits tells whether all of them fit:
 * if not, nothing is written.
 *
 * Where x and y are the same memory, only rows with an index are touched: the others would lose
 * +0. A rate that is negative, infinite or NaN changes all of them (-0 - (-0) = +0). */
lego_status subtract_from_rows(const lego_array *x, const lego_array *rate,
                               const lego_array *indices, const lego_array *updates,
                               const lego_array *y, bool *fits);

#endif
