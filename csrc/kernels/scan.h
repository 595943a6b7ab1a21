/* Scans along an axis: running sums, and the place of the largest or the smallest number. */
#ifndef LEGO_KERNELS_SCAN_H
#define LEGO_KERNELS_SCAN_H

#include "../core/isa.h"
#include "lines.h"

#define cumsum_lines FOR_ISA(cumsum_lines)
#define argmax_lines FOR_ISA(argmax_lines)
#define argmin_lines FOR_ISA(argmin_lines)

/* y[outer][i][inner] = sum of x[outer][j][inner] over j <= i, or over j >= i in reverse. y is int32
 * for bools and has x's dtype else; floats are summed as doubles. */
void cumsum_lines(lego_dtype dtype, const void *x, lines l, bool reverse, void *y);

/* y[outer][inner] = place of the first largest (or smallest) number of each line of x; the first
 * NaN of a line counts as the extreme. Lines are not empty. */
void argmax_lines(lego_dtype dtype, const void *x, lines l, int32_t *y);
void argmin_lines(lego_dtype dtype, const void *x, lines l, int32_t *y);

#endif
