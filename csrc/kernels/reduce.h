/* Reductions: sums, products, means and extremes of an array over any of its axes. */
#ifndef LEGO_KERNELS_REDUCE_H
#define LEGO_KERNELS_REDUCE_H

#include "../core/array.h"
#include "reducer.h"

#define reduce FOR_ISA(reduce)

/* Joins x along the axes that are marked and writes what is left to y, which is contiguous. Floats
 * are summed and multiplied as doubles; integers wrap around. */
lego_status reduce(reduce_operation operation, const lego_array *x, const bool *is_reduced,
                   const lego_array *y);

#endif
