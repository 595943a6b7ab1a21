/* Pad: a tensor in the middle of a larger one. */
#ifndef LEGO_KERNELS_PAD_H
#define LEGO_KERNELS_PAD_H

#include "../core/array.h"
#include "../core/isa.h"

#define pad_elements FOR_ISA(pad_elements)

/* y[begin + i] = x[i] for every index i of x, and `value`, converted to y's dtype, elsewhere. x has
 * any strides, y is contiguous and has x's dtype. */
void pad_elements(const lego_array *x, const lego_array *y, const int64_t *begin, double value);

#endif
