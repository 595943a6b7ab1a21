/* One axis brought to the end, so that each of its lines lies densely in memory. */
#include "last_axis.h"

#include "../core/memory.h"
#include "move.h"

static void move_axis(lego_array *to, const lego_array *x, int64_t last) {
    *to = *x;
    for (int axis = 0; axis < x->rank; axis++) {
        int place = axis == last ? x->rank - 1 : axis - (axis > last);
        to->shape[place] = x->shape[axis];
        to->strides[place] = x->strides[axis];
    }
}

lego_status last_axis_open(last_axis *l, const lego_array *x, int64_t axis) {
    *l = (last_axis){.count = 1};
    move_axis(&l->array, x, axis < 0 ? axis + x->rank : axis);
    for (int i = 0; i < x->rank - 1; i++) {
        l->count *= l->array.shape[i];
    }
    l->n = l->array.shape[x->rank - 1];
    l->lines = l->array;
    if (array_is_contiguous(&l->array)) {
        return LEGO_OK;
    }
    l->bytes = (size_t)(l->count * l->n) * lego_dtype_size(x->dtype);
    l->scratch = memory_take(l->bytes);
    array_set(&l->lines, x->dtype, x->rank, l->array.shape);
    l->lines.data = l->scratch;
    return l->scratch ? LEGO_OK : LEGO_NO_MEMORY;
}

void last_axis_close(last_axis *l) {
    memory_give(l->scratch, l->bytes);
}

void last_axis_load(const last_axis *l) {
    if (l->scratch) {
        move_elements(&l->array, &l->lines);
    }
}

void last_axis_store(const last_axis *l) {
    if (l->scratch) {
        move_elements(&l->lines, &l->array);
    }
}
