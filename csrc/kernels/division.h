/* Loops of the bricks floor_divide and mod: a = floor(a / b) b + mod, and mod has b's sign. */
#ifndef LEGO_KERNELS_DIVISION_H
#define LEGO_KERNELS_DIVISION_H

#include "../core/element_loops.h"
#include "../core/isa.h"

#define floor_divide_loops FOR_ISA(floor_divide_loops)
#define mod_loops          FOR_ISA(mod_loops)

extern element_loop *const floor_divide_loops[LEGO_DTYPE_COUNT];
extern element_loop *const mod_loops[LEGO_DTYPE_COUNT];

#endif
