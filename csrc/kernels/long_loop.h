/* Elementwise loops of long expressions: the code of each exists once.
 *
 * UNARY_LOOP and BINARY_LOOP write their expression three and five times: over whole vectors, for
 * the last vector, one by one for a few numbers, and again where an input is one number for all.
 * For a short expression that is the fastest way. A long one would fill the library, and few
 * numbers take as long one by one as a whole vector of them. */
#ifndef LEGO_KERNELS_LONG_LOOP_H
#define LEGO_KERNELS_LONG_LOOP_H

#include "elements.h"

#define run_long_loop        FOR_ISA(run_long_loop)
#define run_long_binary_loop FOR_ISA(run_long_binary_loop)

/* Run a loop for n > 0 floats or doubles, of so many bytes each. The loop counts whole vectors of
 * 64 bytes, of which an input whose step is 0 has one: all its numbers are equal. */
void run_long_loop(element_loop *by_vectors, int64_t bytes, int64_t n, const void *const *x,
                   const int64_t *steps, void *y);
void run_long_binary_loop(element_loop *by_vectors, int64_t bytes, int64_t n, const void *const *x,
                          const int64_t *steps, void *y);

/* LONG_LOOP(tanh_float64, double, tanh(x)) makes the function tanh_float64 for y = tanh(x). */
#define LONG_LOOP(name, type, expression)                                                          \
    static void name##_vectors(int64_t vectors, const void *const *inputs, const int64_t *steps,   \
                               void *output) {                                                     \
        const int64_t n = vectors * LAST_NUMBERS(type, type);                                      \
        const type *xs = inputs[0];                                                                \
        type *ys = output;                                                                         \
        (void)steps;                                                                               \
        UNARY_BRANCH(n, type, type, expression, xs[i], ys)                                         \
    }                                                                                              \
    static void name(int64_t n, const void *const *x, const int64_t *steps, void *y) {             \
        run_long_loop(name##_vectors, sizeof(type), n, x, steps, y);                               \
    }

/* The same for y = expression of a and b. */
#define LONG_BINARY_LOOP(name, type, expression)                                                   \
    static void name##_vectors(int64_t vectors, const void *const *inputs, const int64_t *steps,   \
                               void *output) {                                                     \
        enum { COUNT = LAST_NUMBERS(type, type) };                                                 \
        const type *as = inputs[0], *bs = inputs[1];                                               \
        type *ys = output;                                                                         \
        for (; vectors > 0; vectors--) {                                                           \
            BINARY_BRANCH(COUNT, type, type, expression, as[i], bs[i], ys)                         \
            as += steps[0] * COUNT;                                                                \
            bs += steps[1] * COUNT;                                                                \
            ys += COUNT;                                                                           \
        }                                                                                          \
    }                                                                                              \
    static void name(int64_t n, const void *const *x, const int64_t *steps, void *y) {             \
        run_long_binary_loop(name##_vectors, sizeof(type), n, x, steps, y);                        \
    }

#endif
