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
