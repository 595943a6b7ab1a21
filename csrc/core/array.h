/* Arrays: a dtype, a shape, strides and the address of the memory. Kernels and the faces of bricks
 * work on arrays; which storage owns the memory does not concern them. */
#ifndef LEGO_CORE_ARRAY_H
#define LEGO_CORE_ARRAY_H

#include "../lego.h"

typedef struct lego_array {
    lego_dtype dtype;
    int rank;
    int64_t shape[LEGO_MAX_RANK];
    int64_t strides[LEGO_MAX_RANK]; /* in elements; 0 where an axis is broadcast */
    void *data;                     /* element (0, ..., 0); NULL while only shapes are known */
} lego_array;

/* The product of the shape; it cannot overflow once array_check() has passed. */
int64_t array_size(const lego_array *x);

/* Whether the elements are adjacent, in row-major order. */
bool array_is_contiguous(const lego_array *x);

/* x's axes, the one with the widest stride first: where the order of a walk is free, memory is read
 * in its own order. */
void axes_by_stride(const lego_array *x, int *order);

/* Whether the elements are adjacent, in any order of the axes. */
bool array_is_dense(const lego_array *x);

/* Lays y, which is in row-major order, in the order of the inputs' axes in memory: of all inputs
 * that have y's shape and are not broadcast. If they differ, y stays as it is. */
void array_lay_like(lego_array *y, const lego_array *const *x, int count);

bool array_same_shape(const lego_array *a, const lego_array *b);

/* Sets dtype and shape, and the strides of row-major order. */
void array_set(lego_array *x, lego_dtype dtype, int rank, const int64_t *shape);

/* Refuses more than LEGO_MAX_RANK axes, negative ones, and sizes whose bytes overflow. The
 * sentence begins with `who`. */
lego_status array_check(const char *who, lego_dtype dtype, int rank, const int64_t *shape);

/* "(3, 4)", in a buffer of this thread; the fourth call after this one overwrites it. */
const char *shape_text(int rank, const int64_t *shape);
const char *array_text(const lego_array *x);

/* The coordinates of element `index`, counted in row-major order: "(2, 1)" in such a buffer. */
const char *index_text(const lego_array *x, int64_t index);

/* Brings -rank <= axis < rank to 0 <= *axis; refuses others with a sentence that begins with `who`.
 */
lego_status axis_normalize(const char *who, int rank, int64_t *axis);

/* The same for an axis that has been checked before. */
static inline int axis_from_first(int64_t axis, int rank) {
    return (int)(axis < 0 ? axis + rank : axis);
}

#endif
