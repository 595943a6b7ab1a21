/* Gather and scatter: rows copied from the indices of a list, and rows added at the indices of a
 * list. */
#ifndef LEGO_KERNELS_GATHER_H
#define LEGO_KERNELS_GATHER_H

#include "../core/array.h"
#include "../core/isa.h"

#define gather_rows  FOR_ISA(gather_rows)
#define scatter_rows FOR_ISA(scatter_rows)

/* Indices along one axis, all from 0 to its length - 1. */
typedef struct index_list {
    int axis;
    int64_t count;
    int64_t *indices;
} index_list;

/* y[a, i, b] = x[a, indices[i], b], where a stands for the axes before `axis` and b for those after
 * it. y is contiguous, x has any strides. */
void gather_rows(const lego_array *x, const index_list *list, const lego_array *y);

/* y[a, d, b] = the sum of x[a, i, b] over all i with indices[i] = d, in the order of i, and 0 if
 * there is none. x and y are contiguous and of one dtype (not bool); a and b are y's axes before
 * and after `axis`. Floats are summed in double. */
lego_status scatter_rows(const lego_array *x, const index_list *list, const lego_array *y);

#endif
