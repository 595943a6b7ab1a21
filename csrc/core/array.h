/* Arrays: a dtype, a shape, strides and the address of the memory. Kernels and the faces of bricks
 * work on arrays; which storage owns the memory does not concern them. */
#ifndef LEGO_CORE_ARRAY_H
#define LEGO_CORE_ARRAY_H

#include "register_steps.h"

typedef struct lego_array {
    lego_dtype dtype;
    int rank;
    int64_t shape[LEGO_MAX_RANK];
    int64_t strides[LEGO_MAX_RANK]; /* in elements; 0 where an axis is broadcast */
    void *data;                     /* element (0, ..., 0); NULL while only shapes are known */
} lego_array;

/* Elementwise work on n elements: x[i] advances by steps[i] elements (0 for a number that all
 * elements share), and y by 1. y may be the same memory as an x whose step is 1. */
typedef void element_loop(int64_t n, const void *const *x, const int64_t *steps, void *y);

/* The work of several elementwise bricks on n elements: each x[i] is either a number for each
 * element or one number for all, as the loop knows; each y[k] has a number for each element, and
 * may be the same memory as such an x. */
typedef void pattern_loop(int64_t n, const void *const *x, void *const *y);
enum { MOST_PATTERN_INPUTS = 12, MOST_PATTERN_RESULTS = 4, MOST_REGISTER_OPS = 2 };

/* A block of a matrix: rows x columns numbers of y, and what each of them is made of. The columns
 * are a multiple of BLOCK_LANES. x_steps and y_step are the bytes from row to row. An x of step 0
 * has a number for each column, which is the same in all rows, or one number for all, as the loop
 * knows. y may be the same memory as an x of the same step. */
enum { BLOCK_LANES = 8 };
typedef struct element_block {
    int64_t rows;
    int64_t columns;
    const void *x[MOST_PATTERN_INPUTS]; /* the first row */
    int64_t x_steps[MOST_PATTERN_INPUTS];
    void *y;
    int64_t y_step;
} element_block;

/* The work of a pattern_loop, or of one brick, on a block. What columns have in common is read once
 * for all rows. */
typedef void block_loop(const element_block *b);

/* A row of a table of such loops; the table ends with NULL as a name. */
typedef struct pattern_kernel {
    const char *name;                          /* of the pattern: passes/patterns/ */
    pattern_loop *loops[LEGO_DTYPE_COUNT];     /* for the dtype of all operands; NULL: none */
    block_loop *block_loops[LEGO_DTYPE_COUNT]; /* the same; NULL: blocks are walked row by row */
    int channels; /* x[1] to x[channels] of a block loop have a number for each column */
    const register_ops *in_registers[MOST_REGISTER_OPS]; /* the same as steps; or NULL */
} pattern_kernel;

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
