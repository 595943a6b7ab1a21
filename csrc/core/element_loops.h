/* The types of loops over elements: what elementwise bricks offer to fused loops and to epilogues.
 *
 * One brick has an element_loop for each dtype. What several bricks compute together is a
 * pattern_loop, and a block_loop where it is applied to blocks of a matrix. The loops themselves
 * lie in kernels/, once for each instruction set. */
#ifndef LEGO_CORE_ELEMENT_LOOPS_H
#define LEGO_CORE_ELEMENT_LOOPS_H

#include "register_steps.h"

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

#endif
