/* Views without a brick: an array over the storage of another tensor. */
#include "view.h"

#include "recorder.h"
#include "tensor.h"

/* A variable's view is a copy; a recording and a tape note what is applied. */
static bool needs_brick(const lego_tensor *x) {
    bool has_numbers = x->storage && !x->storage->symbolic_in;
    return !has_numbers || x->is_variable || x->node || x->is_asked || recorder_now();
}

lego_tensor *tensor_view(lego_tensor *x, int64_t offset, int rank, const int64_t *shape,
                         const int64_t *strides) {
    if (needs_brick(x)) {
        return NULL;
    }
    lego_array y;
    array_set(&y, x->array.dtype, rank, shape);
    for (int axis = 0; axis < rank; axis++) {
        y.strides[axis] = shape[axis] == 1 ? y.strides[axis] : strides[axis];
    }
    y.data = (char *)x->array.data + offset * (int64_t)lego_dtype_size(y.dtype);
    return tensor_over(&y, x->storage, NULL, 0);
}
