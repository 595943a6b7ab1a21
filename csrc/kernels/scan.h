/* Scans along an axis: running sums, and the index of the largest or the smallest number. */
#ifndef LEGO_KERNELS_SCAN_H
#define LEGO_KERNELS_SCAN_H

#include "../core/isa.h"
#include "lines.h"

#define cumsum_lines FOR_ISA(cumsum_lines)
#define argmax_lines FOR_ISA(argmax_lines)
#define argmin_lines FOR_ISA(argmin_lines)

/* y[outer][i][inner] = sum of x[outer][j][inner] over j <= i, or over j >= i in reverse. y is int32
 * if x is bool, else it has x's dtype; floats are summed in double. */
void cumsum_lines(lego_dtype dtype, lines l, const void *x, bool reverse, void *y);

/* y[outer][inner], of int32, = index of the first largest (or smallest) number of each line of x.
 * If a line has NaNs, the first NaN is the extreme. Lines are not empty. */
void argmax_lines(lego_dtype dtype, lines l, const void *x, void *y);
void argmin_lines(lego_dtype dtype, lines l, const void *x, void *y);

#endif
