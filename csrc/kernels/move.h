/* Moving elements between strided places: they are carried as bytes, whatever they mean. */
#ifndef LEGO_KERNELS_MOVE_H
#define LEGO_KERNELS_MOVE_H

#include "../core/array.h"
#include "../core/isa.h"

#define move_elements FOR_ISA(move_elements)
#define move_into     FOR_ISA(move_into)
#define fill_elements FOR_ISA(fill_elements)
#define move_plan_set FOR_ISA(move_plan_set)
#define move_planned  FOR_ISA(move_planned)

/* y = x: both of the same dtype and shape, with any strides; their memory must not overlap. */
void move_elements(const lego_array *x, const lego_array *y);

/* y[begin + i * step] = x[i] for every index i of x; the rest of y stays as it is. */
void move_into(const lego_array *x, const lego_array *y, const int64_t *begin, const int64_t *step);

/* y = value, converted to its dtype; y is contiguous. */
void fill_elements(const lego_array *y, double value);

/* How elements of one shape are walked in two memories: axes of length 1 left out, axes that go on
 * in each other in both memories merged, steps in bytes. There is always at least one axis. */
typedef struct move_plan {
    size_t bytes; /* of an element */
    int rank;
    int64_t shape[LEGO_MAX_RANK];
    int64_t x_steps[LEGO_MAX_RANK];
    int64_t y_steps[LEGO_MAX_RANK];
} move_plan;

/* The plan for shape[rank], given the strides in elements. */
void move_plan_set(move_plan *plan, size_t bytes, int rank, const int64_t *shape,
                   const int64_t *x_strides, const int64_t *y_strides);

/* Moves elements begin <= i < end, counted in row-major order, on this thread; x and y are where
 * element 0 lies. */
void move_planned(const move_plan *plan, const char *x, char *y, int64_t begin, int64_t end);

#endif
