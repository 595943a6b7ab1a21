/* Copies of a whole tensor side by side, copies of each element, and elements shifted round: each
 * is one copy, or a few, between arrays of other strides. */
#include "repeats.h"

#include "move.h"

/* ---- repeat and tile ------------------------------------------------------------------------ */

/* Whether the copies of an element are next to each other, or those of a whole axis. */
typedef enum repeat_order { OF_ELEMENTS, OF_AXES } repeat_order;

/* Appends an axis. */
static void append(lego_array *x, int64_t length, int64_t stride) {
    x->shape[x->rank] = length;
    x->strides[x->rank] = stride;
    x->rank++;
}

/* x with an axis of stride 0 beside each one that is repeated: the same elements as y, in the same
 * order. */
static lego_array with_copies(const lego_array *x, const int64_t *counts, repeat_order order) {
    lego_array whole = {.dtype = x->dtype, .data = x->data};
    for (int axis = 0; axis < x->rank; axis++) {
        if (counts[axis] != 1 && order == OF_AXES) {
            append(&whole, counts[axis], 0);
        }
        append(&whole, x->shape[axis], x->strides[axis]);
        if (counts[axis] != 1 && order == OF_ELEMENTS) {
            append(&whole, counts[axis], 0);
        }
    }
    return whole;
}

static bool has_room(const lego_array *x, const int64_t *counts) {
    int rank = x->rank;
    for (int axis = 0; axis < x->rank; axis++) {
        rank += counts[axis] != 1;
    }
    return rank <= LEGO_MAX_RANK;
}

/* x[index] along the first axis, and the axes after it. */
static lego_array part_of(const lego_array *x, int64_t index) {
    lego_array part = {.dtype = x->dtype, .rank = x->rank - 1};
    memcpy(part.shape, x->shape + 1, sizeof(int64_t) * (size_t)part.rank);
    memcpy(part.strides, x->strides + 1, sizeof(int64_t) * (size_t)part.rank);
    part.data = (char *)x->data + index * x->strides[0] * (int64_t)lego_dtype_size(x->dtype);
    return part;
}

/* Where axes and their copies are too many for one copy, the first axis is walked here. */
static void lay_copies(const lego_array *x, const int64_t *counts, repeat_order order,
                       const lego_array *y) {
    if (array_size(y) == 0) {
        return;
    }
    if (has_room(x, counts)) {
        lego_array from = with_copies(x, counts, order);
        lego_array to;
        array_set(&to, y->dtype, from.rank, from.shape);
        to.data = y->data;
        move_elements(&from, &to);
        return;
    }
    for (int64_t i = 0; i < y->shape[0]; i++) {
        lego_array from = part_of(x, order == OF_ELEMENTS ? i / counts[0] : i % x->shape[0]);
        lego_array to = part_of(y, i);
        lay_copies(&from, counts + 1, order, &to);
    }
}

void repeat_elements(const lego_array *x, const int64_t *counts, const lego_array *y) {
    lay_copies(x, counts, OF_ELEMENTS, y);
}

void tile_elements(const lego_array *x, const int64_t *counts, const lego_array *y) {
    lay_copies(x, counts, OF_AXES, y);
}

/* ---- roll ----------------------------------------------------------------------------------- */

/* x without its elements outside of begin <= i < begin + length along an axis. */
static lego_array stretch_of(const lego_array *x, int axis, int64_t begin, int64_t length) {
    lego_array part = *x;
    part.shape[axis] = length;
    part.data = (char *)x->data + begin * x->strides[axis] * (int64_t)lego_dtype_size(x->dtype);
    return part;
}

/* The last `shift` elements come first, the others after them: two parts for each axis that is
 * shifted. */
static void roll_from(int axis, const lego_array *x, const int64_t *shifts, const lego_array *y) {
    while (axis < x->rank && shifts[axis] == 0) {
        axis++;
    }
    if (axis == x->rank) {
        move_elements(x, y);
        return;
    }
    int64_t shift = shifts[axis];
    int64_t rest = x->shape[axis] - shift;
    lego_array from = stretch_of(x, axis, rest, shift);
    lego_array to = stretch_of(y, axis, 0, shift);
    roll_from(axis + 1, &from, shifts, &to);
    from = stretch_of(x, axis, 0, rest);
    to = stretch_of(y, axis, shift, rest);
    roll_from(axis + 1, &from, shifts, &to);
}

void roll_elements(const lego_array *x, const int64_t *shifts, const lego_array *y) {
    roll_from(0, x, shifts, y);
}
