/* Arrays: a dtype, a shape, strides and the address of the memory. */
#include "array.h"

#include <stdio.h>
#include <string.h>

#include "dtype.h"
#include "error.h"
#include "memory.h"

int64_t array_size(const lego_array *x) {
    int64_t size = 1;
    for (int axis = 0; axis < x->rank; axis++) {
        size *= x->shape[axis];
    }
    return size;
}

bool array_is_contiguous(const lego_array *x) {
    int64_t expected = 1;
    if (array_size(x) == 0) {
        return true;
    }
    for (int axis = x->rank - 1; axis >= 0; axis--) {
        if (x->shape[axis] != 1 && x->strides[axis] != expected) {
            return false;
        }
        expected *= x->shape[axis];
    }
    return true;
}

static int64_t distance(int64_t stride) {
    return stride < 0 ? -stride : stride;
}

void axes_by_stride(const lego_array *x, int *order) {
    for (int axis = 0; axis < x->rank; axis++) {
        int place = axis;
        for (; place > 0; place--) {
            if (distance(x->strides[order[place - 1]]) >= distance(x->strides[axis])) {
                break;
            }
            order[place] = order[place - 1];
        }
        order[place] = axis;
    }
}

/* Sets the strides of an array that is dense in that order of its axes. */
static void strides_in_order(const int *order, lego_array *x) {
    int64_t stride = 1;
    for (int i = x->rank - 1; i >= 0; i--) {
        x->strides[order[i]] = stride;
        stride *= x->shape[order[i]] > 0 ? x->shape[order[i]] : 1;
    }
}

static bool same_strides(const lego_array *a, const lego_array *b) {
    for (int axis = 0; axis < a->rank; axis++) {
        if (a->shape[axis] != 1 && a->strides[axis] != b->strides[axis]) {
            return false;
        }
    }
    return true;
}

/* The strides of a dense array whose axes have the order of x's. */
static lego_array dense_like(const lego_array *x) {
    int order[LEGO_MAX_RANK];
    lego_array dense = *x;
    axes_by_stride(x, order);
    strides_in_order(order, &dense);
    return dense;
}

bool array_is_dense(const lego_array *x) {
    lego_array dense = dense_like(x);
    return array_size(x) == 0 || same_strides(x, &dense);
}

static bool is_broadcast(const lego_array *x) {
    for (int axis = 0; axis < x->rank; axis++) {
        if (x->shape[axis] != 1 && x->strides[axis] == 0) {
            return true;
        }
    }
    return false;
}

void array_lay_like(lego_array *y, const lego_array *const *x, int count) {
    lego_array layout = *y;
    bool any = false;
    for (int i = 0; i < count; i++) {
        if (!array_same_shape(x[i], y) || is_broadcast(x[i])) {
            continue;
        }
        if (array_is_contiguous(x[i])) {
            return;
        }
        lego_array own = dense_like(x[i]);
        if (any ? !same_strides(&own, &layout) : same_strides(&own, y)) {
            return;
        }
        layout = own;
        any = true;
    }
    memcpy(y->strides, layout.strides, sizeof y->strides);
}

bool array_same_shape(const lego_array *a, const lego_array *b) {
    return a->rank == b->rank && memcmp(a->shape, b->shape, sizeof(int64_t) * (size_t)a->rank) == 0;
}

void array_set(lego_array *x, lego_dtype dtype, int rank, const int64_t *shape) {
    x->dtype = dtype;
    x->rank = rank;
    int64_t stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
        x->shape[axis] = shape[axis];
        x->strides[axis] = stride;
        stride *= shape[axis] > 0 ? shape[axis] : 1;
    }
}

lego_status array_check(const char *who, lego_dtype dtype, int rank, const int64_t *shape) {
    if (!dtype_is_valid((int64_t)dtype)) {
        return fail(LEGO_BAD_DTYPE, "%s: %d is not a dtype", who, (int)dtype);
    }
    if (rank < 0 || rank > LEGO_MAX_RANK) {
        return fail(LEGO_BAD_SHAPE, "%s: a tensor has at most %d axes, got %d", who, LEGO_MAX_RANK,
                    rank);
    }
    /* An axis of length 0 counts as 1, so that the strides of an empty tensor cannot overflow, too.
     */
    int64_t bytes = (int64_t)lego_dtype_size(dtype);
    for (int axis = 0; axis < rank; axis++) {
        if (shape[axis] < 0) {
            return fail(LEGO_BAD_SHAPE, "%s: axis %d of shape %s is negative", who, axis,
                        shape_text(rank, shape));
        }
        if (!size_multiply(bytes, shape[axis] > 0 ? shape[axis] : 1, &bytes)) {
            return fail(LEGO_NO_MEMORY, "%s: no memory for shape %s: its size overflows 64 bits",
                        who, shape_text(rank, shape));
        }
    }
    return LEGO_OK;
}

const char *shape_text(int rank, const int64_t *shape) {
    enum { BUFFERS = 4, ROOM = LEGO_MAX_RANK * 22 + 8 };
    static _Thread_local char buffers[BUFFERS][ROOM];
    static _Thread_local int next;
    char *text = buffers[next];
    next = (next + 1) % BUFFERS;
    int used = snprintf(text, ROOM, "(");
    for (int axis = 0; axis < rank && axis < LEGO_MAX_RANK; axis++) {
        const char *separator = axis ? ", " : "";
        used += snprintf(text + used, (size_t)(ROOM - used), "%s%lld", separator,
                         (long long)shape[axis]);
    }
    snprintf(text + used, (size_t)(ROOM - used), rank == 1 ? ",)" : ")");
    return text;
}

const char *array_text(const lego_array *x) {
    return shape_text(x->rank, x->shape);
}

const char *index_text(const lego_array *x, int64_t index) {
    int64_t coordinates[LEGO_MAX_RANK];
    for (int axis = x->rank - 1; axis >= 0; axis--) {
        coordinates[axis] = index % x->shape[axis];
        index /= x->shape[axis];
    }
    return shape_text(x->rank, coordinates);
}

lego_status axis_normalize(const char *who, int rank, int64_t *axis) {
    if (*axis < -rank || *axis >= rank) {
        return fail(LEGO_BAD_SHAPE, "%s: axis %lld does not exist in a tensor of %d axes", who,
                    (long long)*axis, rank);
    }
    *axis += *axis < 0 ? rank : 0;
    return LEGO_OK;
}
