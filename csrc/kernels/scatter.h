/* Scatter: rows or elements of x, added up where indices point. */
#ifndef LEGO_KERNELS_SCATTER_H
#define LEGO_KERNELS_SCATTER_H

#include "../core/array.h"
#include "../core/isa.h"

#define scatter_rows  FOR_ISA(scatter_rows)
#define scatter_along FOR_ISA(scatter_along)
#define scatter_sum   FOR_ISA(scatter_sum)

/* y[j] = sum over k < count of x[order[k] * row_size + j], for 0 <= j < width. */
typedef void sum_loop(const int64_t *order, int64_t count, const void *x, int64_t row_size,
                      int64_t width, void *y);

/* The sums that scatter_rows() makes of numbers of that dtype (not bool). */
sum_loop *scatter_sum(lego_dtype dtype);

/* y[a, d, b] = the sum of x[a, i, b] over all i with indices[i] = d, in the order of i, and 0 if
 * there is none, where a stands for the axes before `axis` and b for those after it. All arrays are
 * contiguous, x and y of one dtype (not bool); floats are summed in double. Negative indices count
 * from the end. *fits tells whether all of them fit: if not, y is not complete. */
lego_status scatter_rows(const lego_array *x, const lego_array *indices, int axis,
                         const lego_array *y, bool *fits);

/* y[a, d, b] = the sum of x[a, i, b] over all i with indices[a, i, b] = d, likewise. */
lego_status scatter_along(const lego_array *x, const lego_array *indices, int axis,
                          const lego_array *y, bool *fits);

#endif
