/* Gradients that the caller computes: a part of the contract of lego.h, which cffi reads as well.
 */
#ifndef LEGO_TENSOR_CUSTOM_GRADIENT_H
#define LEGO_TENSOR_CUSTOM_GRADIENT_H

#include "../lego.h"

/* The numbers of `value` as a function of inputs[count], whose gradients the caller computes: the
 * backward pass asks whom lego_set_gradient_caller() has set. Nothing flows back to the value. The
 * owner is a number of the caller's, as in lego_tensor_wrap(): it is among those that
 * lego_released_owners() returns when no history asks for it any more. NULL on failure. */
lego_tensor *lego_with_gradient(lego_tensor *value, lego_tensor *const *inputs, int count,
                                int64_t owner);

/* Sets who computes these gradients, in the thread of the backward pass, by applying bricks: dx[i],
 * a new reference of the shape and dtype of inputs[i], for each that is wanted; NULL means zero. dy
 * is borrowed. A status other than LEGO_OK ends the backward pass. NULL: nobody. */
void lego_set_gradient_caller(lego_status (*compute)(int64_t owner, lego_tensor *dy,
                                                     const bool *wanted, int count,
                                                     lego_tensor **dx));

#endif
