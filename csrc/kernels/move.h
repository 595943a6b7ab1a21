/* Copies between strided arrays. Elements are copied as bytes, so only their size matters. */
#ifndef LEGO_KERNELS_MOVE_H
#define LEGO_KERNELS_MOVE_H

#include "axes.h"

#define move_elements FOR_ISA(move_elements)
#define move_into     FOR_ISA(move_into)
#define move_walked   FOR_ISA(move_walked)
#define fill_elements FOR_ISA(fill_elements)

/* y = x. Both have the same dtype and shape, and any strides; their memory must not overlap. */
void move_elements(const lego_array *x, const lego_array *y);

/* y[begin + i * step] = x[i] for every index i of x; the rest of y stays as it is. */
void move_into(const lego_array *x, const lego_array *y, const int64_t *begin, const int64_t *step);

/* y = x for elements begin <= i < end of a walk through x and y, on this thread. `bytes` is the
 * size of an element. */
void move_walked(const walk_axes *a, size_t bytes, const char *x, char *y, int64_t begin,
                 int64_t end);

/* y = value, converted to its dtype; y is contiguous. */
void fill_elements(const lego_array *y, double value);

#endif
