/* Updates: the steps of optimizers as whole loops. */
#ifndef LEGO_KERNELS_UPDATES_H
#define LEGO_KERNELS_UPDATES_H

#include "../core/element_loops.h"
#include "../core/isa.h"

#define update_loops FOR_ISA(update_loops)

/* For float32 and float64; the registry leads to the table of each instruction set. */
extern const pattern_kernel update_loops[];

#endif
