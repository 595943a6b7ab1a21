/* Tensors without their history: gradients stop at them. */
#include "tensor.h"

/* A variable is copied, so that no other tensor shows what is assigned to it later. */
static lego_tensor *copy_of_variable(lego_tensor *x) {
    lego_tensor *copy = NULL;
    int count = 0;
    lego_taping former = lego_tape(LEGO_TAPE_PAUSED);
    lego_apply(lego_brick_find("copy"), &x, 1, NULL, &copy, 1, &count);
    lego_tape(former);
    return copy;
}

lego_tensor *lego_tensor_detach(lego_tensor *x) {
    return x->is_variable ? copy_of_variable(x) : tensor_over(&x->array, x->storage, NULL, 0);
}
