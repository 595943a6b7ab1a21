/* Gradients of activations, and what a gate leaves, each in one loop. The bits are those of the
 * bricks one by one: the order of operations is the same, and no product is joined with its sum
 * (-ffp-contract=off).
 *
 * Which ops become which loop, and the order of x: passes/patterns/slopes.c. */
#include "slopes.h"

#include "elements.h"

/* y[0] = an expression of a and b, the numbers of x[0] and x[1], with the number x[2] */
#define SLOPE_LOOP(name, type, expression)                                                         \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type *as = x[0], *bs = x[1];                                                         \
        const type unit = *(const type *)x[2];                                                     \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            const type a = as[i], b = bs[i];                                                       \
            out[i] = expression;                                                                   \
        }                                                                                          \
    }
#define SIGMOID_LOOP(name, type) SLOPE_LOOP(name, type, a *(b * (unit - b)))
#define TANH_LOOP(name, type)    SLOPE_LOOP(name, type, a *(unit - b * b))

#define REST_LOOP(name, type)                                                                      \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type *a = x[0], *b = x[1], *f = x[2];                                                \
        const type unit = *(const type *)x[3];                                                     \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            out[i] = a[i] + (unit - f[i]) * b[i];                                                  \
        }                                                                                          \
    }

#define GATE_LOOP(name, type)                                                                      \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type *a = x[0], *b = x[1], *c = x[2], *d = x[3];                                     \
        type *out = y[0];                                                                          \
        EACH_ELEMENT {                                                                             \
            out[i] = -(a[i] * b[i]) + c[i] * d[i];                                                 \
        }                                                                                          \
    }

/* The table, and both loops of each row: LOOP(name, type). */
#define SLOPES(LOOP)                                                                               \
    LOOP(SIGMOID_LOOP, sigmoid_gradient)                                                           \
    LOOP(TANH_LOOP, tanh_gradient)                                                                 \
    LOOP(REST_LOOP, gate_rest)                                                                     \
    LOOP(GATE_LOOP, gate_gradient)

#define BOTH_LOOPS(LOOP, name) LOOP(name##_float32, float) LOOP(name##_float64, double)
SLOPES(BOTH_LOOPS)

#define ROW(LOOP, loop)                                                                            \
    {.name = #loop, .loops = {[LEGO_FLOAT32] = loop##_float32, [LEGO_FLOAT64] = loop##_float64}},
const pattern_kernel slope_loops[] = {SLOPES(ROW){.name = NULL}};
