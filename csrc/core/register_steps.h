/* Register steps: elementwise ops that hand their numbers on in registers.
 *
 * A stage of a fused loop loads its numbers from the first-level cache and stores its results
 * there. Where an op is a single instruction, that takes most of its time. So cheap ops that follow
 * each other are run as steps on a few vectors: each step is a function that is given the vectors
 * in registers and ends with a jump to the next one (threaded code: Bell, CACM 16, 1973). Only what
 * a later stage reads again is stored. The bits are those of the ops' loops. */
#ifndef LEGO_CORE_REGISTER_STEPS_H
#define LEGO_CORE_REGISTER_STEPS_H

#include "../lego.h"

/* A step's function. Its parameters are vectors, which differ between dtypes and instruction sets:
 * only the kernels know its true type. */
typedef void register_function(void);

typedef struct register_step {
    register_function *run;
    int slot;      /* of a fused loop: whose numbers it reads or writes, if any */
    int64_t bytes; /* from the numbers of one block to those of the next */
} register_step;

/* What surrounds the ops. A block is what the registers hold. */
typedef struct register_frame {
    int64_t block_bytes;
    register_function *load;       /* v = a number for each element */
    register_function *load_equal; /* v = one number for all */
    register_function *store;
    register_function *end;

    /* Runs the steps on blocks begin <= i < end. data[slot]: where a slot's numbers begin. */
    void (*run)(const register_step *steps, void *const *data, int64_t begin, int64_t end);
} register_frame;

/* An op's functions for one of two dtypes, float32 and float64: v is what the step before made. Of
 * one input: v = f(v). Of two, the other one comes from memory, a number for each element or one
 * number for all:
 *
 *     each, equal                     v = f(v, b)
 *     reversed_each, reversed_equal   v = f(a, v) */
typedef struct register_ops {
    const register_frame *frame;
    register_function *unary; /* NULL: two inputs */
    register_function *each;
    register_function *equal;
    register_function *reversed_each;
    register_function *reversed_equal;
} register_ops;

enum { REGISTER_DTYPES = 2 };

/* The row of a table for a dtype. NULL: none, or no table. */
static inline const register_ops *register_ops_for(const register_ops *table, lego_dtype dtype) {
    bool has_row = table && (dtype == LEGO_FLOAT32 || dtype == LEGO_FLOAT64);
    return has_row ? &table[dtype == LEGO_FLOAT64] : NULL;
}

#endif
