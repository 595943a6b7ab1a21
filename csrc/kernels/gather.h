/* Gather: rows or elements of x, copied from where indices point. */
#ifndef LEGO_KERNELS_GATHER_H
#define LEGO_KERNELS_GATHER_H

#include "../core/array.h"
#include "../core/isa.h"

#define gather_rows  FOR_ISA(gather_rows)
#define gather_along FOR_ISA(gather_along)

/* y[a, i, b] = x[a, indices[i], b], where a stands for the axes before `axis`, i for those of the
 * indices, and b for those after it. y and the indices (int64) are contiguous, x has any strides.
 * Negative indices count from the end. *fits tells whether all of them fit: if not, y is not
 * complete. */
lego_status gather_rows(const lego_array *x, const lego_array *indices, int axis,
                        const lego_array *y, bool *fits);

/* y[a, i, b] = x[a, indices[a, i, b], b]. y is contiguous; x and the indices have any strides, and
 * y's shape but for x's length of the axis. False if an index does not fit. */
bool gather_along(const lego_array *x, const lego_array *indices, int axis, const lego_array *y);

#endif
