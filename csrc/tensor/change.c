/* Variables that are changed where they lie. */
#include "change.h"

#include "../core/denormals.h"
#include "brick.h"
#include "dtypes_of_call.h"
#include "recorder.h"
#include "tape.h"
#include "tensor.h"

/* Whether the brick reads the numbers as they are, and nobody else wants to know of it. */
static bool may_change(const lego_tensor *x, const lego_brick *brick, lego_tensor *const *inputs) {
    const lego_tensor *value = inputs[1];
    bool is_itself = value == x && !(brick->flags & LEGO_WRITES);
    bool is_apart = is_itself || value->storage != x->storage;
    bool takes_both = brick->inputs == 2 && brick->outputs == 1 && !brick->attributes[0].name;
    return x->is_variable && x->storage && value->storage && is_apart && takes_both &&
           x->array.dtype == value->array.dtype && !recorder_now() && !tape_wants(brick, inputs, 2);
}

bool tensor_change(lego_tensor *variable, const lego_brick *brick, lego_tensor *value) {
    lego_tensor *inputs[] = {variable, value};
    if (!may_change(variable, brick, inputs)) {
        return false;
    }
    const lego_array *x[] = {&variable->array, &value->array};
    const int64_t no_attributes = 0;
    lego_array y = {0};
    lego_view view = {0};
    const lego_call call = {
        .brick = brick,
        .attributes = &no_attributes,
        .x = x,
        .input_count = 2,
        .y = &y,
        .output_count = 1,
        .views = &view,
    };
    bool fits = brick->shape(&call) == LEGO_OK && array_same_shape(&y, &variable->array) &&
                y.dtype == variable->array.dtype && !call_is_too_narrow(&call) && brick_loop(&call);
    if (!fits) {
        return false;
    }
    y = variable->array; /* loops may write where they read: number by number */
    uint64_t former = denormals_flush();
    lego_status status = brick->kernel(&call);
    denormals_restore(former);
    atomic_fetch_add(&variable->storage->version, 1);
    return status == LEGO_OK;
}
