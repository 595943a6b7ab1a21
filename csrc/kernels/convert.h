/* Conversion of elements from any dtype to any other. */
#ifndef LEGO_KERNELS_CONVERT_H
#define LEGO_KERNELS_CONVERT_H

#include "../core/element_loops.h"
#include "../core/isa.h"

#define convert_loop FOR_ISA(convert_loop)

/* The loop that sets y = x. To bool: x != 0, which is true for NaN. From floats to integers:
 * rounded toward zero; a number out of range becomes the nearest one in range, NaN becomes 0. From
 * integers to integers: the lower bits. To a float: rounded once, to the nearest. */
element_loop *convert_loop(lego_dtype from, lego_dtype to);

#endif
