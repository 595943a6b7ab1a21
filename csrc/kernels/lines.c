/* Lines: an array with one axis moved to the end, so that each line along it is dense. */
#include "lines.h"

#include "../core/memory.h"
#include "move.h"

static lego_array with_axis_last(const lego_array *x, int last) {
    lego_array y = *x;
    for (int axis = 0; axis < x->rank; axis++) {
        int to = axis == last ? x->rank - 1 : axis - (axis > last);
        y.shape[to] = x->shape[axis];
        y.strides[to] = x->strides[axis];
    }
    return y;
}

/* The other axes are inner ones until as many numbers lie behind each of theirs as between two of a
 * line; those that are left are outer ones. */
bool lines_in_memory(const lego_array *x, int64_t axis, lines *l) {
    const int along = axis_from_first(axis, x->rank);
    int64_t *count = &l->inner, behind = 1;
    *l = (lines){1, x->shape[along], 1};
    for (int i = x->rank - 1; i >= 0; i--) {
        if (i == along || x->shape[i] == 1) {
            continue;
        }
        if (x->strides[i] != behind && x->strides[along] == behind) {
            count = &l->outer;
            behind *= l->length;
        }
        if (x->strides[i] != behind) {
            return false;
        }
        *count *= x->shape[i];
        behind *= x->shape[i];
    }
    return count == &l->outer || l->length == 1 || x->strides[along] == behind;
}

lego_status dense_lines_open(dense_lines *l, const lego_array *x, int64_t axis) {
    *l = (dense_lines){.array = with_axis_last(x, axis_from_first(axis, x->rank)), .count = 1};
    for (int i = 0; i < x->rank - 1; i++) {
        l->count *= l->array.shape[i];
    }
    l->n = l->array.shape[x->rank - 1];
    l->dense = l->array;
    if (array_is_contiguous(&l->array)) {
        return LEGO_OK;
    }
    l->bytes = (size_t)(l->count * l->n) * lego_dtype_size(x->dtype);
    l->scratch = memory_take(l->bytes);
    array_set(&l->dense, x->dtype, x->rank, l->array.shape);
    l->dense.data = l->scratch;
    return l->scratch ? LEGO_OK : LEGO_NO_MEMORY;
}

void dense_lines_load(const dense_lines *l) {
    if (l->scratch) {
        move_elements(&l->array, &l->dense);
    }
}

void dense_lines_close(dense_lines *l) {
    memory_give(l->scratch, l->bytes);
}
