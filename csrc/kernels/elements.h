/* Elementwise work: the macros that write its loops, one for each dtype. A macro takes the
 * expression, so that the mathematics of a brick stands in the brick's file. map_elements.h runs a
 * loop over arrays. Code of which only the type varies is a template instead (per_float.h). */
#ifndef LEGO_KERNELS_ELEMENTS_H
#define LEGO_KERNELS_ELEMENTS_H

#include <string.h>

#include "../core/element_loops.h"
#include "../core/isa.h"

#ifdef __clang__ /* it warns of loops that stay scalar because they call the C library */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

/* ---- one loop: a function for one dtype ------------------------------------------------------ */

/* Each iteration reads and writes its own elements only. The pragma promises this, so that the
 * compiler vectorizes although pointers might overlap. */
#define EACH_ELEMENT _Pragma("omp simd") for (int64_t i = 0; i < n; i++)

/* How many numbers at the end of a loop are computed at once: as many as compilers compute in one
 * iteration of vectors of 64 bytes, where the narrowest type decides. */
#define LAST_NUMBERS(type, other)                                                                  \
    ((int)(64 / (sizeof(type) < sizeof(other) ? sizeof(type) : sizeof(other))))

/* A function that is one short loop begins at a cache line: how fast it is must not depend on the
 * code that the linker puts before it. Some processors take up to 40% longer where a jump ends at a
 * multiple of 32 bytes (Intel: "Mitigations for Jump Conditional Code Erratum", 2019). */
#define ALIGNED_LOOP __attribute__((aligned(64)))

/* xs[i], for a loop that is not vectorized. */
#define ONE_OF(type, xs, i) (*(const volatile type *)((xs) + (i)))

/* The last numbers of n: where they lie, or copies of the one number for all elements. */
#define LAST_OF(type, last, xs, step)                                                              \
    const type *last = (xs) + n - LAST;                                                            \
    type last##_copies[LAST];                                                                      \
    if ((step) == 0) {                                                                             \
        for (int i = 0; i < LAST; i++) {                                                           \
            last##_copies[i] = (xs)[0];                                                            \
        }                                                                                          \
        last = last##_copies;                                                                      \
    }

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
        enum { LAST = LAST_NUMBERS(in, out) };                                                     \
        if (step == 1 && n >= LAST) {                                                              \
            const int64_t before = (n - 1) / LAST * LAST;                                          \
            out last[LAST];                                                                        \
            UNARY_BRANCH(LAST, in, out, expression, xs[n - LAST + i], last)                        \
            UNARY_BRANCH(before, in, out, expression, xs[i], ys)                                   \
            memcpy(ys + n - LAST, last, sizeof last);                                              \
            return;                                                                                \
        }                                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const in x = ONE_OF(in, xs, i * step);                                                 \
            ys[i] = (out)(expression);                                                             \
        }                                                                                          \
    }

#define UNARY_BRANCH(count, in, out, expression, x_of_i, results)                                  \
    _Pragma("omp simd") for (int64_t i = 0; i < (count); i++) {                                    \
        const in x = x_of_i;                                                                       \
        (results)[i] = (out)(expression);                                                          \
    }

/* STAGED_LOOP(name, type, first, second) makes the same of two expressions, v of x and y of x and
 * v, in two loops: one chain of so many operations would wait for itself, for a processor looks
 * ahead by about a hundred. Numbers that fill no vectors are copied first. */
#define STAGED_LOOP(name, type, first, second)                                                     \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const type *xs = inputs[0];                                                                \
        type *ys = output;                                                                         \
        enum { STAGED = 128, LAST = LAST_NUMBERS(type, type) };                                    \
        type copies[STAGED], vs[STAGED], results[STAGED];                                          \
        for (int64_t begin = 0; begin < n; begin += STAGED) {                                      \
            const int m = n - begin < STAGED ? (int)(n - begin) : STAGED;                          \
            const int whole = (m + LAST - 1) / LAST * LAST;                                        \
            const type *some = xs + begin * steps[0];                                              \
            if (steps[0] != 1 || m < whole) {                                                      \
                for (int i = 0; i < whole; i++) {                                                  \
                    copies[i] = some[i < m ? i * steps[0] : 0];                                    \
                }                                                                                  \
                some = copies;                                                                     \
            }                                                                                      \
            UNARY_BRANCH(whole, type, type, first, some[i], vs)                                    \
            BINARY_STAGE(whole, type, second, some[i], vs[i], results)                             \
            memcpy(ys + begin, results, (size_t)m * sizeof(type));                                 \
        }                                                                                          \
    }

#define BINARY_STAGE(count, type, expression, x_of_i, v_of_i, results)                             \
    _Pragma("omp simd") for (int64_t i = 0; i < (count); i++) {                                    \
        const type x = x_of_i, v = v_of_i;                                                         \
        (results)[i] = (type)(expression);                                                         \
    }

/* The same for y = expression of a and b. Each input may be one number for all elements (step 0),
 * which is read before the loop. */
#define BINARY_LOOP(name, in, out, expression)                                                     \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const in *as = inputs[0], *bs = inputs[1];                                                 \
        out *ys = output;                                                                          \
        const int64_t step_a = steps[0], step_b = steps[1];                                        \
        enum { LAST = LAST_NUMBERS(in, out) };                                                     \
        if (n < LAST || step_a + step_b == 0) {                                                    \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const in a = ONE_OF(in, as, i * step_a), b = ONE_OF(in, bs, i * step_b);           \
                ys[i] = (out)(expression);                                                         \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        const in a0 = as[0], b0 = bs[0];                                                           \
        const int64_t before = (n - 1) / LAST * LAST;                                              \
        LAST_OF(in, last_as, as, step_a)                                                           \
        LAST_OF(in, last_bs, bs, step_b)                                                           \
        out last[LAST];                                                                            \
        BINARY_BRANCH(LAST, in, out, expression, last_as[i], last_bs[i], last)                     \
        if (step_a == step_b) {                                                                    \
            BINARY_BRANCH(before, in, out, expression, as[i], bs[i], ys)                           \
        } else if (step_a == 1) {                                                                  \
            BINARY_BRANCH(before, in, out, expression, as[i], b0, ys)                              \
        } else {                                                                                   \
            BINARY_BRANCH(before, in, out, expression, a0, bs[i], ys)                              \
        }                                                                                          \
        memcpy(ys + n - LAST, last, sizeof last);                                                  \
    }

#define BINARY_BRANCH(count, in, out, expression, a_of_i, b_of_i, results)                         \
    _Pragma("omp simd") for (int64_t i = 0; i < (count); i++) {                                    \
        const in a = a_of_i, b = b_of_i;                                                           \
        (results)[i] = (out)(expression);                                                          \
    }

/* The same for a, b and c. a has another type; b and c may be one number for all elements. */
#define TERNARY_LOOP(name, first, in, out, expression)                                             \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const first *as = inputs[0];                                                               \
        const in *bs = inputs[1], *cs = inputs[2];                                                 \
        out *ys = output;                                                                          \
        const int64_t step_a = steps[0], step_b = steps[1], step_c = steps[2];                     \
        enum { LAST = LAST_NUMBERS(first, out) };                                                  \
        if (n < LAST || step_a == 0) {                                                             \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const first a = ONE_OF(first, as, i * step_a);                                     \
                const in b = ONE_OF(in, bs, i * step_b), c = ONE_OF(in, cs, i * step_c);           \
                ys[i] = (out)(expression);                                                         \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        const in b0 = bs[0], c0 = cs[0];                                                           \
        const int64_t before = (n - 1) / LAST * LAST;                                              \
        LAST_OF(first, last_as, as, step_a)                                                        \
        LAST_OF(in, last_bs, bs, step_b)                                                           \
        LAST_OF(in, last_cs, cs, step_c)                                                           \
        out last[LAST];                                                                            \
        TERNARY_BRANCH(LAST, first, in, out, expression, last_as[i], last_bs[i], last_cs[i], last) \
        if (step_b == 1 && step_c == 1) {                                                          \
            TERNARY_BRANCH(before, first, in, out, expression, as[i], bs[i], cs[i], ys)            \
        } else if (step_c == 1) {                                                                  \
            TERNARY_BRANCH(before, first, in, out, expression, as[i], b0, cs[i], ys)               \
        } else if (step_b == 1) {                                                                  \
            TERNARY_BRANCH(before, first, in, out, expression, as[i], bs[i], c0, ys)               \
        } else {                                                                                   \
            TERNARY_BRANCH(before, first, in, out, expression, as[i], b0, c0, ys)                  \
        }                                                                                          \
        memcpy(ys + n - LAST, last, sizeof last);                                                  \
    }

#define TERNARY_BRANCH(count, first, in, out, expression, a_of_i, b_of_i, c_of_i, results)         \
    _Pragma("omp simd") for (int64_t i = 0; i < (count); i++) {                                    \
        const first a = a_of_i;                                                                    \
        const in b = b_of_i, c = c_of_i;                                                           \
        (results)[i] = (out)(expression);                                                          \
    }

/* The same for a, b, c and d. The vectorized branches are those where b, c and d all have a number
 * per element, and where all of them are one number for all elements. */
#define QUATERNARY_LOOP(name, type, expression)                                                    \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const type *as = inputs[0], *bs = inputs[1], *cs = inputs[2], *ds = inputs[3];             \
        type *ys = output;                                                                         \
        const int64_t step_a = steps[0], step_b = steps[1], step_c = steps[2], step_d = steps[3];  \
        enum { LAST = LAST_NUMBERS(type, type) };                                                  \
        if (n < LAST || step_a == 0 || step_b != step_c || step_c != step_d) {                     \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type a = ONE_OF(type, as, i * step_a), b = ONE_OF(type, bs, i * step_b);     \
                const type c = ONE_OF(type, cs, i * step_c), d = ONE_OF(type, ds, i * step_d);     \
                ys[i] = (type)(expression);                                                        \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        const type b0 = bs[0], c0 = cs[0], d0 = ds[0];                                             \
        const int64_t before = (n - 1) / LAST * LAST;                                              \
        const int64_t end = n - LAST;                                                              \
        type last[LAST];                                                                           \
        if (step_b == 1) {                                                                         \
            QUATERNARY_BRANCH(LAST, type, expression, as[end + i], bs[end + i], cs[end + i],       \
                              ds[end + i], last)                                                   \
            QUATERNARY_BRANCH(before, type, expression, as[i], bs[i], cs[i], ds[i], ys)            \
        } else {                                                                                   \
            QUATERNARY_BRANCH(LAST, type, expression, as[end + i], b0, c0, d0, last)               \
            QUATERNARY_BRANCH(before, type, expression, as[i], b0, c0, d0, ys)                     \
        }                                                                                          \
        memcpy(ys + end, last, sizeof last);                                                       \
    }

#define QUATERNARY_BRANCH(count, type, expression, a_of_i, b_of_i, c_of_i, d_of_i, results)        \
    _Pragma("omp simd") for (int64_t i = 0; i < (count); i++) {                                    \
        const type a = a_of_i, b = b_of_i, c = c_of_i, d = d_of_i;                                 \
        (results)[i] = (type)(expression);                                                         \
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
    TABLE_OF_FLOATS(name)

#define TABLE_OF_FLOATS(name)                                                                      \
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
