/* Axes: the one planner of walks over strided arrays. */
#include "axes.h"

static bool goes_on(const walk_axes *a, int64_t length, const int64_t *strides) {
    bool merges = a->rank > 0;
    for (int i = 0; i < a->arrays && merges; i++) {
        merges = a->strides[a->rank - 1][i] == length * strides[i];
    }
    return merges;
}

/* Arrays that are not there have the stride 0, for axes_move(). */
static void set_strides(walk_axes *a, int axis, const int64_t *strides) {
    for (int i = 0; i < MOST_WALKED; i++) {
        a->strides[axis][i] = i < a->arrays ? strides[i] : 0;
    }
}

void axes_add(walk_axes *a, int64_t length, const int64_t *strides) {
    if (length == 1) {
        return;
    }
    bool merges = goes_on(a, length, strides);
    int last = merges ? a->rank - 1 : a->rank++;
    a->shape[last] = merges ? a->shape[last] * length : length;
    set_strides(a, last, strides);
}

void axes_add_row(walk_axes *a) {
    if (a->rank > 0) {
        return;
    }
    const int64_t ones[MOST_WALKED] = {1, 1, 1, 1};
    a->shape[a->rank++] = 1;
    set_strides(a, 0, ones);
}

/* x's stride along an axis of `whole`: 0 where x is broadcast. */
static int64_t broadcast_stride(const lego_array *x, const lego_array *whole, int axis) {
    int own_axis = axis - (whole->rank - x->rank);
    return own_axis < 0 || x->shape[own_axis] == 1 ? 0 : x->strides[own_axis];
}

static walk_axes broadcast_in_order(const lego_array *whole, const int *order,
                                    const lego_array *const *x, int count) {
    walk_axes a; /* not cleared, which would take longer than what follows */
    int64_t strides[MOST_WALKED];
    a.rank = 0;
    a.arrays = count;
    for (int to = 0; to < whole->rank; to++) {
        for (int i = 0; i < count; i++) {
            strides[i] = broadcast_stride(x[i], whole, order[to]);
        }
        axes_add(&a, whole->shape[order[to]], strides);
    }
    axes_add_row(&a);
    return a;
}

walk_axes axes_broadcast(const lego_array *whole, const lego_array *const *x, int count) {
    static const int in_turn[LEGO_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
    return broadcast_in_order(whole, in_turn, x, count);
}

walk_axes axes_broadcast_in_memory(const lego_array *whole, const lego_array *const *x, int count) {
    int order[LEGO_MAX_RANK];
    axes_by_stride(whole, order);
    return broadcast_in_order(whole, order, x, count);
}

void axes_remove(walk_axes *a, int axis) {
    a->rank--;
    for (int to = axis; to < a->rank; to++) {
        a->shape[to] = a->shape[to + 1];
        for (int i = 0; i < a->arrays; i++) {
            a->strides[to][i] = a->strides[to + 1][i];
        }
    }
}

int64_t axes_size(const walk_axes *a) {
    int64_t size = 1;
    for (int axis = 0; axis < a->rank; axis++) {
        size *= a->shape[axis];
    }
    return size;
}
