/* Shape rules, kernels and gradients that several families share. */
#include "shape_rules.h"

#include "../core/dtype.h"
#include "../core/error.h"
#include "../kernels/map_elements.h"

/* The loop of an elementwise brick is chosen by the dtype of its last input, because the first
 * input of `where` is always bool. */
static lego_dtype loop_dtype(const lego_call *call) {
    return call->x[call->input_count - 1]->dtype;
}

static lego_status check_loop(const lego_call *call) {
    const lego_brick *brick = call->brick;
    lego_dtype dtype = loop_dtype(call);
    if (brick->loops && !brick->loops[dtype_rows[dtype].computes_in]) {
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

/* Broadcasts *shape with the shape of x. Returns false if an axis has two different lengths,
 * neither of them 1. */
static bool broadcast_with(int *rank, int64_t *shape, const lego_array *x) {
    int new_rank = x->rank > *rank ? x->rank : *rank;
    for (int back = 1; back <= new_rank; back++) {
        int64_t own = back <= *rank ? shape[*rank - back] : 1;
        int64_t other = back <= x->rank ? x->shape[x->rank - back] : 1;
        if (own != other && own != 1 && other != 1) {
            return false;
        }
    }
    int64_t result[LEGO_MAX_RANK];
    for (int back = 1; back <= new_rank; back++) {
        int64_t own = back <= *rank ? shape[*rank - back] : 1;
        int64_t other = back <= x->rank ? x->shape[x->rank - back] : 1;
        result[new_rank - back] = own == 1 ? other : own;
    }
    *rank = new_rank;
    for (int axis = 0; axis < new_rank; axis++) {
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
    return map_elements(brick_loop(call), call->x, call->input_count, &call->y[0]);
}

lego_status view_kernel(const lego_call *call) {
    (void)call;
    return LEGO_OK;
}

void zero_gradient(gradient_context *step) {
    (void)step;
}
