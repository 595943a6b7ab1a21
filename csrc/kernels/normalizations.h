/* Normalizations: batch normalization at inference with what stands around it, as whole loops. */
#ifndef LEGO_KERNELS_NORMALIZATIONS_H
#define LEGO_KERNELS_NORMALIZATIONS_H

#include "../core/element_loops.h"
#include "../core/isa.h"

#define normalization_loops   FOR_ISA(normalization_loops)
#define normalize_block_loops FOR_ISA(normalize_block_loops)

/* For float32 and float64; the registry leads to the table of each instruction set. */
extern const pattern_kernel normalization_loops[];

/* Of the brick `normalize`: y = (x - mean) scale + shift. */
extern block_loop *const normalize_block_loops[LEGO_DTYPE_COUNT];

#endif
