/* Where along an axis the largest or the smallest number lies. */
#ifndef LEGO_KERNELS_ARGMAX_H
#define LEGO_KERNELS_ARGMAX_H

#include "../core/isa.h"
#include "lines.h"

#define argmax_lines FOR_ISA(argmax_lines)
#define argmin_lines FOR_ISA(argmin_lines)

/* y[outer][inner] = place of the first largest (or smallest) number of each line of x; the first
 * NaN of a line counts as the extreme. Lines are not empty. */
void argmax_lines(lego_dtype dtype, const void *x, lines l, int32_t *y);
void argmin_lines(lego_dtype dtype, const void *x, lines l, int32_t *y);

#endif
