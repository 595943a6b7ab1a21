/* Join: tensors one after another along an axis. */
#ifndef LEGO_KERNELS_JOIN_H
#define LEGO_KERNELS_JOIN_H

#include "../core/array.h"
#include "../core/isa.h"

#define join_elements  FOR_ISA(join_elements)
#define stack_elements FOR_ISA(stack_elements)

/* x with a new axis of that length inserted before `axis`. */
static inline lego_array with_axis(const lego_array *x, int axis, int64_t length) {
    lego_array y = *x;
    y.rank = x->rank + 1;
    for (int i = x->rank; i > axis; i--) {
        y.shape[i] = x->shape[i - 1];
        y.strides[i] = x->strides[i - 1];
    }
    y.shape[axis] = length;
    y.strides[axis] = 0;
    return y;
}

/* y = x[0], x[1], ... along an axis that they have. x have any strides, y is contiguous. */
void join_elements(const lego_array *const *x, int count, int axis, const lego_array *y);

/* The same along an axis of y that x do not have. */
void stack_elements(const lego_array *const *x, int count, int axis, const lego_array *y);

#endif
