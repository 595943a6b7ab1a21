/* Elementwise loops of a long expression of one number: its code exists once.
 *
 * UNARY_LOOP writes its expression three times: over whole vectors, for the last vector, and one by
 * one for a few numbers. For a short expression that is the fastest way. A long one would fill the
 * library, and few numbers take as long one by one as a whole vector of them. */
#ifndef LEGO_KERNELS_LONG_LOOP_H
#define LEGO_KERNELS_LONG_LOOP_H

#include "elements.h"

#define run_long_loop FOR_ISA(run_long_loop)

/* Reads and writes whole vectors of 64 bytes. y may take the place of x. */
typedef void vectors_loop(int64_t vectors, const void *x, void *y);

/* Runs the loop for n floats or doubles, of so many bytes each, `step` (0 or 1) apart. */
void run_long_loop(vectors_loop *loop, int64_t bytes, int64_t n, const void *x, int64_t step,
                   void *y);

/* LONG_LOOP(tanh_float64, double, tanh(x)) makes the function tanh_float64 for y = tanh(x). */
#define LONG_LOOP(name, type, expression)                                                          \
    static void name##_vectors(int64_t vectors, const void *x_data, void *y_data) {                \
        const type *xs = x_data;                                                                   \
        type *ys = y_data;                                                                         \
        UNARY_BRANCH(vectors * LAST_NUMBERS(type, type), type, type, expression, xs[i], ys)        \
    }                                                                                              \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        run_long_loop(name##_vectors, sizeof(type), n, inputs[0], steps[0], output);               \
    }

#endif
