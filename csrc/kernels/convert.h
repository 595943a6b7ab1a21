/* Conversion of elements from each dtype to each. */
#ifndef LEGO_KERNELS_CONVERT_H
#define LEGO_KERNELS_CONVERT_H

#include "../core/array.h"
#include "../core/isa.h"

#define convert_loop FOR_ISA(convert_loop)

/* The loop that sets y = x. To bool: whether x is not 0 (NaN is not). From floats to integers:
 * toward zero; a number out of range becomes the nearest in range, NaN becomes 0. */
element_loop *convert_loop(lego_dtype from, lego_dtype to);

#endif
