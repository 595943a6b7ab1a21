/* Copies of a whole tensor side by side, copies of each element, and elements shifted round. */
#ifndef LEGO_KERNELS_REPEATS_H
#define LEGO_KERNELS_REPEATS_H

#include "../core/array.h"
#include "../core/isa.h"

#define repeat_elements FOR_ISA(repeat_elements)
#define tile_elements   FOR_ISA(tile_elements)
#define roll_elements   FOR_ISA(roll_elements)

/* Along each axis of length n, y has count * n elements: y[i] = x[i / count] or y[i] = x[i % n]. x
 * has any strides, y is contiguous. */
void repeat_elements(const lego_array *x, const int64_t *counts, const lego_array *y);
void tile_elements(const lego_array *x, const int64_t *counts, const lego_array *y);

/* y[(i + shift) % n] = x[i] along each axis of length n, for 0 <= shift < n (or 0, if n is 0). */
void roll_elements(const lego_array *x, const int64_t *shifts, const lego_array *y);

#endif
