/* Conversion between dtypes that are only stored and those that kernels compute in. */
#ifndef LEGO_KERNELS_CONVERT_NARROW_H
#define LEGO_KERNELS_CONVERT_NARROW_H

#include "../core/element_loops.h"
#include "../core/isa.h"

#define convert_narrow_loop FOR_ISA(convert_narrow_loop)

/* The loop that sets y = x as convert_loop() promises; NULL: there is none in one step. */
element_loop *convert_narrow_loop(lego_dtype from, lego_dtype to);

#endif
