/* Gradients of activations, and what a gate leaves, as whole loops. */
#ifndef LEGO_KERNELS_SLOPES_H
#define LEGO_KERNELS_SLOPES_H

#include "../core/element_loops.h"
#include "../core/isa.h"

#define slope_loops FOR_ISA(slope_loops)

/* For float32 and float64; the registry leads to the table of each instruction set. */
extern const pattern_kernel slope_loops[];

#endif
