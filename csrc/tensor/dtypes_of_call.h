/* Which dtypes a brick's inputs are cast to, and whether its kernel knows them. */
#ifndef LEGO_TENSOR_DTYPES_OF_CALL_H
#define LEGO_TENSOR_DTYPES_OF_CALL_H

#include "brick.h"

/* The dtype that all p and f inputs are cast to. */
lego_dtype call_common_dtype(const lego_brick *brick, lego_tensor *const *inputs, int count);

/* Sets the dtype that an input of dtype `given` is cast to, or refuses it. */
lego_status call_wanted_dtype(const lego_brick *brick, int input, lego_dtype given,
                              lego_dtype common, lego_dtype *wanted);

/* The slot of the attribute that says the dtype of y; -1: none does. */
int brick_dtype_slot(const lego_brick *brick);

/* Whether an input is narrow, or an attribute asks for it. (Sums of uint8 are uint32, and kernels
 * make them themselves.) The shape face has run. */
bool call_has_narrow(const lego_call *call);

/* Whether the kernel does not know the dtypes of this call. */
static inline bool call_is_too_narrow(const lego_call *call) {
    return !(call->brick->flags & LEGO_ANY_DTYPE) && call_has_narrow(call);
}

#endif
