/* Running sums along an axis. */
#ifndef LEGO_KERNELS_SCAN_H
#define LEGO_KERNELS_SCAN_H

#include "../core/isa.h"
#include "lines.h"

#define cumsum_lines FOR_ISA(cumsum_lines)

/* y[outer][i][inner] = sum of x[outer][j][inner] over j <= i, or over j >= i in reverse. y is int32
 * for bools and has x's dtype else; floats are summed as doubles. */
void cumsum_lines(lego_dtype dtype, const void *x, lines l, bool reverse, void *y);

#endif
