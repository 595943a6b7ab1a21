/* Elementwise work: the walk of a loop over broadcast arrays. */
#ifndef LEGO_KERNELS_MAP_ELEMENTS_H
#define LEGO_KERNELS_MAP_ELEMENTS_H

#include "../core/array.h"
#include "../core/element_loops.h"
#include "../core/isa.h"

#define map_elements FOR_ISA(map_elements)

/* y = loop(x...) for all elements: every x[i] is broadcast to y's shape; y is dense, in any order
 * of its axes. LEGO_NO_MEMORY: there is none for a copy of an input that lies across. */
lego_status map_elements(element_loop *loop, const lego_array *const *x, int count,
                         const lego_array *y);

#endif
