/* Elementwise work: the macros that write its loops, one for each dtype. A macro takes the
 * expression, so that the mathematics of a brick stands in the brick's file. map_elements.h runs a
 * loop over arrays. Code of which only the type varies is a template instead (per_float.h). */
#ifndef LEGO_KERNELS_ELEMENTS_H
#define LEGO_KERNELS_ELEMENTS_H

#include <string.h>

#include "../core/array.h"
#include "../core/isa.h"

#ifdef __clang__ /* it warns of loops that stay scalar because they call the C library */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

/* ---- one loop: a function for one dtype ------------------------------------------------------ */

/* Each iteration reads and writes its own elements only. The pragma promises this, so that the
 * compiler vectorizes although pointers might overlap. */
#define EACH_ELEMENT _Pragma("omp simd") for (int64_t i = 0; i < n; i++)

/* Numbers at the end of a loop that are computed at once. */
enum { LAST = 8 };

/* A function that is one short loop begins at a cache line: how fast it is must not depend on the
 * code that the linker puts before it. Some processors take up to 40% longer where a jump ends at a
 * multiple of 32 bytes (Intel: "Mitigations for Jump Conditional Code Erratum", 2019). */
#define ALIGNED_LOOP __attribute__((aligned(64)))

/* UNARY_LOOP(tanh_float64, double, double, tanh(x)) makes the function tanh_float64 for y =
 * tanh(x). The last numbers are a vector of their own, some of which are computed twice: so what is
 * left beside whole vectors needs no loops of narrower ones. It is computed first, because y may
 * take the place of x. Few numbers, and equal ones (step 0), are computed one by one; they are
 * volatile, or compilers would copy a long expression for vectors of all widths there, too: that
 * was half of all code. */
#define UNARY_LOOP(name, in, out, expression)                                                      \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const in *xs = inputs[0];                                                                  \
        out *ys = output;                                                                          \
        const int64_t step = steps[0];                                                             \
        if (step == 1 && n >= LAST) {                                                              \
            const int64_t before = (n - 1) / LAST * LAST;                                          \
            out last[LAST];                                                                        \
            UNARY_BRANCH(LAST, in, out, expression, xs[n - LAST + i], last)                        \
            UNARY_BRANCH(before, in, out, expression, xs[i], ys)                                   \
            memcpy(ys + n - LAST, last, sizeof last);                                              \
            return;                                                                                \
        }                                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const in x = *(const volatile in *)(xs + i * step);                                    \
            ys[i] = (out)(expression);                                                             \
        }                                                                                          \
    }

#define UNARY_BRANCH(count, in, out, expression, x_of_i, results)                                  \
    _Pragma("omp simd") for (int64_t i = 0; i < (count); i++) {                                    \
        const in x = x_of_i;                                                                       \
        (results)[i] = (out)(expression);                                                          \
    }

/* The same for y = expression of a and b. Each input may be one number for all elements (step 0),
 * which is read before the loop. */
#define BINARY_LOOP(name, in, out, expression)                                                     \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const in *as = inputs[0], *bs = inputs[1];                                                 \
        out *ys = output;                                                                          \
        const int64_t step_a = steps[0], step_b = steps[1];                                        \
        const in a0 = as[0], b0 = bs[0];                                                           \
        if (step_a == 1 && step_b == 1) {                                                          \
            BINARY_BRANCH(in, out, expression, as[i], bs[i])                                       \
        } else if (step_a == 1 && step_b == 0) {                                                   \
            BINARY_BRANCH(in, out, expression, as[i], b0)                                          \
        } else if (step_a == 0 && step_b == 1) {                                                   \
            BINARY_BRANCH(in, out, expression, a0, bs[i])                                          \
        } else {                                                                                   \
            BINARY_BRANCH(in, out, expression, as[i * step_a], bs[i * step_b])                     \
        }                                                                                          \
    }

#define BINARY_BRANCH(in, out, expression, a_of_i, b_of_i)                                         \
    EACH_ELEMENT {                                                                                 \
        const in a = a_of_i, b = b_of_i;                                                           \
        ys[i] = (out)(expression);                                                                 \
    }

/* The same for a, b and c. a has another type; b and c may be one number for all elements. */
#define TERNARY_LOOP(name, first, in, out, expression)                                             \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const first *as = inputs[0];                                                               \
        const in *bs = inputs[1], *cs = inputs[2];                                                 \
        out *ys = output;                                                                          \
        const int64_t step_a = steps[0], step_b = steps[1], step_c = steps[2];                     \
        const in b0 = bs[0], c0 = cs[0];                                                           \
        if (step_a == 1 && step_b == 1 && step_c == 1) {                                           \
            TERNARY_BRANCH(first, in, out, expression, as[i], bs[i], cs[i])                        \
        } else if (step_a == 1 && step_b == 0 && step_c == 1) {                                    \
            TERNARY_BRANCH(first, in, out, expression, as[i], b0, cs[i])                           \
        } else if (step_a == 1 && step_b == 1 && step_c == 0) {                                    \
            TERNARY_BRANCH(first, in, out, expression, as[i], bs[i], c0)                           \
        } else if (step_a == 1 && step_b == 0 && step_c == 0) {                                    \
            TERNARY_BRANCH(first, in, out, expression, as[i], b0, c0)                              \
        } else {                                                                                   \
            TERNARY_BRANCH(first, in, out, expression, as[i * step_a], bs[i * step_b],             \
                           cs[i * step_c])                                                         \
        }                                                                                          \
    }

#define TERNARY_BRANCH(first, in, out, expression, a_of_i, b_of_i, c_of_i)                         \
    EACH_ELEMENT {                                                                                 \
        const first a = a_of_i;                                                                    \
        const in b = b_of_i, c = c_of_i;                                                           \
        ys[i] = (out)(expression);                                                                 \
    }

/* The same for a, b, c and d. The vectorized branches are those where b, c and d all have a number
 * per element, and where all of them are one number for all elements. */
#define QUATERNARY_LOOP(name, type, expression)                                                    \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const type *as = inputs[0], *bs = inputs[1], *cs = inputs[2], *ds = inputs[3];             \
        type *ys = output;                                                                         \
        const int64_t step_a = steps[0], step_b = steps[1], step_c = steps[2], step_d = steps[3];  \
        const type b0 = bs[0], c0 = cs[0], d0 = ds[0];                                             \
        if (step_a == 1 && step_b == 1 && step_c == 1 && step_d == 1) {                            \
            QUATERNARY_BRANCH(type, expression, as[i], bs[i], cs[i], ds[i])                        \
        } else if (step_a == 1 && step_b == 0 && step_c == 0 && step_d == 0) {                     \
            QUATERNARY_BRANCH(type, expression, as[i], b0, c0, d0)                                 \
        } else {                                                                                   \
            QUATERNARY_BRANCH(type, expression, as[i * step_a], bs[i * step_b], cs[i * step_c],    \
                              ds[i * step_d])                                                      \
        }                                                                                          \
    }

#define QUATERNARY_BRANCH(type, expression, a_of_i, b_of_i, c_of_i, d_of_i)                        \
    EACH_ELEMENT {                                                                                 \
        const type a = a_of_i, b = b_of_i, c = c_of_i, d = d_of_i;                                 \
        ys[i] = (type)(expression);                                                                \
    }

/* ---- a family of loops: one per dtype, and the table of them --------------------------------- */

/* LOOP(name, type, expression) is one of the macros above with its types filled in. Then
 * NUMBER_LOOPS(LOOP, add, either_bool, a + b, a + b) makes add_uint8 ... add_float64, and the table
 * add_loops that a brick points to. `on_bools` is the name of the loop for bool, or NULL. */
#define NUMBER_LOOPS(LOOP, name, on_bools, on_integers, on_floats)                                 \
    LOOP(name##_uint8, uint8_t, on_integers)                                                       \
    LOOP(name##_int32, int32_t, on_integers)                                                       \
    LOOP(name##_int64, int64_t, on_integers)                                                       \
    LOOP(name##_float32, float, on_floats)                                                         \
    LOOP(name##_float64, double, on_floats)                                                        \
    static element_loop *const name##_loops[LEGO_DTYPE_COUNT] = {                                  \
        [LEGO_BOOL] = on_bools,          [LEGO_UINT8] = name##_uint8,                              \
        [LEGO_INT32] = name##_int32,     [LEGO_INT64] = name##_int64,                              \
        [LEGO_FLOAT32] = name##_float32, [LEGO_FLOAT64] = name##_float64,                          \
    };

/* The same expression for every dtype; bools are read as bytes of 0 or 1. */
#define EVERY_LOOP(LOOP, name, expression)                                                         \
    NUMBER_LOOPS(LOOP, name, name##_uint8, expression, expression)

/* For floats only. */
#define FLOAT_LOOPS(LOOP, name, on_float32, on_float64)                                            \
    LOOP(name##_float32, float, on_float32)                                                        \
    LOOP(name##_float64, double, on_float64)                                                       \
    static element_loop *const name##_loops[LEGO_DTYPE_COUNT] = {                                  \
        [LEGO_FLOAT32] = name##_float32,                                                           \
        [LEGO_FLOAT64] = name##_float64,                                                           \
    };

/* For bool only, read as bytes of 0 or 1. */
#define BOOL_LOOPS(LOOP, name, expression)                                                         \
    LOOP(name##_bool, uint8_t, expression)                                                         \
    static element_loop *const name##_loops[LEGO_DTYPE_COUNT] = {[LEGO_BOOL] = name##_bool};

/* The larger and the smaller of two numbers; NaN if one of them is NaN. */
#define LARGER(a, b)  ((a) < (b) || (b) != (b) ? (b) : (a))
#define SMALLER(a, b) ((a) > (b) || (b) != (b) ? (b) : (a))

#endif
