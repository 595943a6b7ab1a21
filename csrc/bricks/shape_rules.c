/* Faces that several families share. */
#include "shape_rules.h"

#include "../core/error.h"
#include "../kernels/elements.h"

/* An elementwise brick's loop goes by its last input: the first of `where` is always bool. */
static lego_dtype loop_dtype(const lego_call *call) {
    return call->x[call->input_count - 1]->dtype;
}

static lego_status check_loop(const lego_call *call) {
    const lego_brick *brick = call->brick;
    lego_dtype dtype = loop_dtype(call);
    if (brick->loops && !brick->loops[dtype]) {
        return fail(LEGO_BAD_DTYPE, "%s does not work on %s: cast to a number type first",
                    brick->name, lego_dtype_name(dtype));
    }
    return LEGO_OK;
}

lego_status same_shape(const lego_call *call) {
    const lego_array *x = call->x[0];
    array_set(&call->y[0], x->dtype, x->rank, x->shape);
    return check_loop(call);
}

/* Broadcasts shape against x's; false when an axis has two lengths, neither of them 1. */
static bool broadcast_with(int *rank, int64_t *shape, const lego_array *x) {
    int grown = x->rank > *rank ? x->rank : *rank;
    for (int back = 1; back <= grown; back++) {
        int64_t have = back <= *rank ? shape[*rank - back] : 1;
        int64_t want = back <= x->rank ? x->shape[x->rank - back] : 1;
        if (have != want && have != 1 && want != 1) {
            return false;
        }
    }
    int64_t result[LEGO_MAX_RANK];
    for (int back = 1; back <= grown; back++) {
        int64_t have = back <= *rank ? shape[*rank - back] : 1;
        int64_t want = back <= x->rank ? x->shape[x->rank - back] : 1;
        result[grown - back] = have == 1 ? want : have;
    }
    *rank = grown;
    for (int axis = 0; axis < grown; axis++) {
        shape[axis] = result[axis];
    }
    return true;
}

lego_status broadcast_all(const lego_call *call, int *rank, int64_t *shape) {
    *rank = 0;
    for (int i = 0; i < call->input_count; i++) {
        if (!broadcast_with(rank, shape, call->x[i])) {
            return fail(LEGO_BAD_SHAPE,
                        "%s: shapes %s and %s do not fit: counted from the last axis, each pair of "
                        "lengths must be equal or hold a 1",
                        call->brick->name, shape_text(*rank, shape), array_text(call->x[i]));
        }
    }
    return LEGO_OK;
}

static lego_status broadcast_to_dtype(const lego_call *call, lego_dtype dtype) {
    int rank;
    int64_t shape[LEGO_MAX_RANK];
    lego_status status = broadcast_all(call, &rank, shape);
    if (status) {
        return status;
    }
    array_set(&call->y[0], dtype, rank, shape);
    return check_loop(call);
}

lego_status broadcast_shape(const lego_call *call) {
    return broadcast_to_dtype(call, loop_dtype(call));
}

lego_status broadcast_to_bool_shape(const lego_call *call) {
    return broadcast_to_dtype(call, LEGO_BOOL);
}

lego_status elementwise_kernel(const lego_call *call) {
    map_elements(brick_loop(call), call->x, call->input_count, &call->y[0]);
    return LEGO_OK;
}

lego_status view_kernel(const lego_call *call) {
    (void)call;
    return LEGO_OK;
}

void zero_gradient(gradient_context *step) {
    (void)step;
}
