/* Axes: the one planner of walks over strided arrays.
 *
 * Arrays of one shape are walked together, in row-major order. Before the walk begins, axes of
 * length 1 are left out, and an axis is merged with the one before it where it goes on inside of it
 * in every array:
 *
 *     stride of the outer axis = length * stride of the inner axis
 *
 * So dense arrays become one long axis, a bias added to an image becomes two, and few and long rows
 * are left for the loops. The last axis is the row: a loop takes it whole, or a part of it. */
#ifndef LEGO_KERNELS_AXES_H
#define LEGO_KERNELS_AXES_H

#include "../core/array.h"
#include "../core/isa.h"
#include "../core/sizes.h"

#define axes_broadcast           FOR_ISA(axes_broadcast)
#define axes_broadcast_in_memory FOR_ISA(axes_broadcast_in_memory)
#define axes_add                 FOR_ISA(axes_add)
#define axes_add_row             FOR_ISA(axes_add_row)
#define axes_remove              FOR_ISA(axes_remove)
#define axes_size                FOR_ISA(axes_size)

enum { MOST_WALKED = 4 };

typedef struct walk_axes {
    int rank;
    int arrays;
    int64_t shape[LEGO_MAX_RANK];
    int64_t strides[LEGO_MAX_RANK][MOST_WALKED]; /* of each array, in elements */
} walk_axes;

/* The axes of x[count] as they are broadcast to the shape of `whole`; at least one. */
walk_axes axes_broadcast(const lego_array *whole, const lego_array *const *x, int count);

/* The same in the order in which the elements of `whole` lie in memory. */
walk_axes axes_broadcast_in_memory(const lego_array *whole, const lego_array *const *x, int count);

/* Adds an axis behind the others: merged with the last one where it goes on inside of it. */
void axes_add(walk_axes *a, int64_t length, const int64_t *strides);

/* Adds a row of one element where there is no axis: a walk needs a row. */
void axes_add_row(walk_axes *a);

void axes_remove(walk_axes *a, int axis);

int64_t axes_size(const walk_axes *a);

/* A place in the walk: the coordinates, and how many elements behind its first one each array is.
 */
typedef struct walk_position {
    int64_t coordinates[LEGO_MAX_RANK];
    int64_t offsets[MOST_WALKED];
} walk_position;

/* Where element `index` lies, counted in row-major order; there must be one. */
static inline walk_position axes_at(const walk_axes *a, int64_t index) {
    walk_position at = {.coordinates = {0}};
    for (int axis = a->rank - 1; axis >= 0; axis--) {
        int64_t coordinate = index % a->shape[axis];
        index /= a->shape[axis];
        at.coordinates[axis] = coordinate;
        for (int i = 0; i < a->arrays; i++) {
            at.offsets[i] += coordinate * a->strides[axis][i];
        }
    }
    return at;
}

/* The same for the first array alone. */
static inline int64_t axes_offset(const walk_axes *a, int64_t index) {
    int64_t offset = 0;
    for (int axis = a->rank - 1; axis >= 0; axis--) {
        offset += index % a->shape[axis] * a->strides[axis][0];
        index /= a->shape[axis];
    }
    return offset;
}

/* How many of the next n elements lie in the same row. */
static inline int64_t axes_in_row(const walk_axes *a, const walk_position *at, int64_t n) {
    return smaller(n, a->shape[a->rank - 1] - at->coordinates[a->rank - 1]);
}

/* All MOST_WALKED offsets are moved, whether or not there are so many arrays: that is one vector.
 */
static inline void axes_move(const walk_axes *a, walk_position *at, int axis, int64_t by) {
    at->coordinates[axis] += by;
    for (int i = 0; i < MOST_WALKED; i++) {
        at->offsets[i] += by * a->strides[axis][i];
    }
}

/* One step on along an axis; axes that are at their end start again. It does not divide, for rows
 * may be short and many, and mostly moves once. */
static inline void axes_next(const walk_axes *a, walk_position *at, int axis) {
    for (; axis >= 0; axis--) {
        axes_move(a, at, axis, 1);
        if (at->coordinates[axis] < a->shape[axis]) {
            return;
        }
        axes_move(a, at, axis, -a->shape[axis]);
    }
}

/* To the start of the row that follows. */
static inline void axes_next_row(const walk_axes *a, walk_position *at) {
    int last = a->rank - 1;
    if (at->coordinates[last] > 0) { /* the walk began within a row */
        axes_move(a, at, last, -at->coordinates[last]);
    }
    axes_next(a, at, last - 1);
}

#endif
