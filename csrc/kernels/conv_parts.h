/* Sums that were made in parts, each part on its own, and are joined in the end. */
#ifndef LEGO_KERNELS_CONV_PARTS_H
#define LEGO_KERNELS_CONV_PARTS_H

#include "../core/isa.h"
#include "../lego.h"

#define conv_parts_join FOR_ISA(conv_parts_join)

/* y[n] = sums[0][n] + sums[1][n] + ..., of floats, part by part in that order. y and sums do not
 * overlap. */
void conv_parts_join(lego_dtype dtype, int64_t n, int64_t parts, const void *sums, void *y);

#endif
