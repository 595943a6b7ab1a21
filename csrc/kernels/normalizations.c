/* Normalizations: what stands behind a convolution of a network for pictures, in one loop that
 * keeps all intermediate numbers in registers. The bits are those of the bricks one by one: the
 * order of operations is the same, and no product is joined with its sum (-ffp-contract=off).
 *
 * Which ops become which loop, and the order of x: passes/patterns/normalization.c. */
#include "normalizations.h"

#include "elements.h"

#define VECTOR(type, index) ((const type *)x[index])[i]

/* (a - mean) scale + shift, where these three are x[1] to x[3] */
#define NORMALIZED(type, a) (((a) - VECTOR(type, 1)) * VECTOR(type, 2) + VECTOR(type, 3))
#define BIASED(type, at)    (VECTOR(type, 0) + VECTOR(type, at))
#define RELU(a)             ((a) <= 0 ? 0 : (a)) /* NaN stays */

/* y[0] = RESULT of v, the normalized number */
#define NORMALIZATION_LOOP(name, type, of, result)                                                 \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            const type v = NORMALIZED(type, of);                                                   \
            out[i] = result;                                                                       \
        }                                                                                          \
    }

#define RELU_LOOP(name, type)      NORMALIZATION_LOOP(name, type, VECTOR(type, 0), RELU(v))
#define BIAS_RELU_LOOP(name, type) NORMALIZATION_LOOP(name, type, BIASED(type, 4), RELU(v))

/* A residual connection: what goes past the convolution is added. */
#define SUM_RELU(type, a, past) RELU((a) + VECTOR(type, past))
#define ADD_RELU_LOOP(name, type)                                                                  \
    NORMALIZATION_LOOP(name, type, VECTOR(type, 0), SUM_RELU(type, v, 4))
#define BIAS_ADD_RELU_LOOP(name, type)                                                             \
    NORMALIZATION_LOOP(name, type, BIASED(type, 4), SUM_RELU(type, v, 5))

/* Up to a number, x[at]. */
#define UP_TO_LOOP(name, type, value, at)                                                          \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type most = *(const type *)x[at];                                                    \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            const type v = value, r = RELU(v);                                                     \
            out[i] = SMALLER(r, most);                                                             \
        }                                                                                          \
    }

#define RELU6_LOOP(name, type) UP_TO_LOOP(name, type, NORMALIZED(type, VECTOR(type, 0)), 4)

/* The normalization is folded into the kernel: only the bias, x[1], is left of it. */
#define FOLDED_RELU6_LOOP(name, type) UP_TO_LOOP(name, type, BIASED(type, 1), 2)
#define FOLDED_ADD_RELU_LOOP(name, type)                                                           \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            const type v = BIASED(type, 1) + VECTOR(type, 2);                                      \
            out[i] = RELU(v);                                                                      \
        }                                                                                          \
    }

/* A scale, x[1], and a shift, x[2], without anything else. */
#define SCALE_LOOP(name, type)                                                                     \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            out[i] = VECTOR(type, 0) * VECTOR(type, 1) + VECTOR(type, 2);                          \
        }                                                                                          \
    }

/* The table, and both loops of each row: LOOP(name, type). */
#define NORMALIZATIONS(LOOP)                                                                       \
    LOOP(RELU6_LOOP, normalization_relu6)                                                          \
    LOOP(BIAS_ADD_RELU_LOOP, normalization_bias_add_relu)                                          \
    LOOP(ADD_RELU_LOOP, normalization_add_relu)                                                    \
    LOOP(BIAS_RELU_LOOP, normalization_bias_relu)                                                  \
    LOOP(RELU_LOOP, normalization_relu)                                                            \
    LOOP(FOLDED_RELU6_LOOP, bias_relu6)                                                            \
    LOOP(FOLDED_ADD_RELU_LOOP, bias_add_relu)                                                      \
    LOOP(SCALE_LOOP, scale_and_shift)

#define BOTH_LOOPS(LOOP, name) LOOP(name##_float32, float) LOOP(name##_float64, double)
NORMALIZATIONS(BOTH_LOOPS)

#define ROW(LOOP, name) {#name, {[LEGO_FLOAT32] = name##_float32, [LEGO_FLOAT64] = name##_float64}},
const pattern_kernel normalization_loops[] = {NORMALIZATIONS(ROW){.name = NULL}};
