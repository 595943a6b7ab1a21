/* Trigonometric functions and their inverses, element by element. In the formulas of gradients, y
 * is the result of the forward pass, which is still in memory. */
#include "../kernels/selections.h" /* first, for it changes what follows */

#include <math.h>
#include <stdbool.h>

#include "../kernels/inverse_angles.h"
#include "../kernels/long_loop.h"
#include "../kernels/trigonometric.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

enum {
    ANGLES_IN_BLOCK = 256,
    ANGLES_IN_CHUNK = 2048,
    POINTS = 128,    /* of arctan2, in a block */
    DENSE_STEP = 16, /* of whole vectors */
};

typedef uint32_t bits_float32;
typedef uint64_t bits_float64;

typedef void far_loop(int64_t n, angles xs, double *ys);

#define TEMPLATE "../kernels/angle_blocks.h"
#include "../kernels/per_float.h"

/* The loop of one type: `function` is right for angles near 0. */
#define NEAR_LOOP(name, type, number, function)                                                    \
    static void near_##name##_##type(int64_t n, const number *xs, number *ys) {                    \
        EACH_ELEMENT {                                                                             \
            ys[i] = function(xs[i]);                                                               \
        }                                                                                          \
    }

#define ANGLE_LOOP(name, type)                                                                     \
    static void name##_##type(int64_t n, const void *const *inputs, const int64_t *steps,          \
                              void *output) {                                                      \
        run_angles_##type(near_##name##_##type, far_##name, n, inputs[0], steps[0], output);       \
    }

/* The loops of sin, by near_sin_float32, near_sin_float64 and sin_of_angle. */
#define ANGLE_LOOPS(name)                                                                          \
    static void far_##name(int64_t n, angles xs, double *ys) {                                     \
        EACH_ELEMENT {                                                                             \
            ys[i] = name##_of_angle((angle){xs.quarters[i], xs.high[i], xs.low[i]});               \
        }                                                                                          \
    }                                                                                              \
    ANGLE_LOOP(name, float32)                                                                      \
    ANGLE_LOOP(name, float64)                                                                      \
    TABLE_OF_FLOATS(name)

/* ---- sin, cos, tan --------------------------------------------------------------------------- */

NEAR_LOOP(sin, float32, float, fast_sinf)
NEAR_LOOP(sin, float64, double, fast_sin)
ANGLE_LOOPS(sin)

NEAR_LOOP(cos, float32, float, fast_cosf)
NEAR_LOOP(cos, float64, double, fast_cos)
ANGLE_LOOPS(cos)

/* In two loops, because one chain of so many operations would wait for itself: a processor looks
 * ahead by about a hundred operations. */
static void near_tan_float32(int64_t n, const float *xs, float *ys) {
    uint64_t quarters[ANGLES_IN_BLOCK];
    double rests[ANGLES_IN_BLOCK];
    for (; n > 0; n -= ANGLES_IN_BLOCK, xs += ANGLES_IN_BLOCK, ys += ANGLES_IN_BLOCK) {
        const int count = n < ANGLES_IN_BLOCK ? (int)n : ANGLES_IN_BLOCK;
        _Pragma("omp simd") for (int i = 0; i < count; i++) {
            const quarter_turns turns = quarter_turns_of(xs[i]);
            quarters[i] = turns.quarters;
            rests[i] = turns.rest;
        }
        _Pragma("omp simd") for (int i = 0; i < count; i++) {
            ys[i] = (float)tan_of_quarter_turn(quarters[i], rests[i]);
        }
    }
}

NEAR_LOOP(tan, float64, double, fast_tan)
ANGLE_LOOPS(tan)

/* dx = dy cos x */
static void sin_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "cos", g->x[0]));
}

/* dx = -dy sin x */
static void cos_gradient(gradient_context *g) {
    g->dx[0] = negated(g, times(g, g->dy[0], apply1(g, "sin", g->x[0])));
}

/* dx = dy / cos(x)^2 = dy (1 + y^2) */
static void tan_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    g->dx[0] = times(g, g->dy[0], plus(g, number(g, 1, y), apply1(g, "square", y)));
}

/* ---- arcsin: from -pi/2 to pi/2; NaN beyond 1 ------------------------------------------------ */

FLOAT_LOOPS(LONG_LOOP, arcsin, fast_arcsin_float32(x), fast_arcsin_float64(x))

/* 1 / sqrt(1 - x^2); the product of 1 - x and 1 + x keeps digits near 1 */
static lego_tensor *slope_of_arcsin(gradient_context *g) {
    lego_tensor *x = g->x[0], *one = number(g, 1, x);
    return apply1(g, "rsqrt", times(g, minus(g, one, x), plus(g, one, x)));
}

/* dx = dy / sqrt(1 - x^2) */
static void arcsin_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], slope_of_arcsin(g));
}

/* ---- arccos: from 0 to pi; NaN beyond 1 ------------------------------------------------------ */

FLOAT_LOOPS(LONG_LOOP, arccos, fast_arccos_float32(x), fast_arccos_float64(x))

/* dx = -dy / sqrt(1 - x^2) */
static void arccos_gradient(gradient_context *g) {
    g->dx[0] = negated(g, times(g, g->dy[0], slope_of_arcsin(g)));
}

/* ---- arctan: from -pi/2 to pi/2 -------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, arctan, fast_arctan_float32(x), fast_arctan_float64(x))

/* dx = dy / (1 + x^2) */
static void arctan_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0];
    g->dx[0] = over(g, g->dy[0], plus(g, number(g, 1, x), apply1(g, "square", x)));
}

/* ---- arctan2: the angle of the point (b, a), from -pi to pi ---------------------------------- */

#define TEMPLATE "../kernels/dense.h"
#include "../kernels/per_float.h"

/* In two loops, as STAGED_LOOP has them: to the tangent, and from there. y may be a or b. */
#define ARCTAN2_LOOP(type, number)                                                                 \
    static void arctan2_##type(int64_t count, const void *const *inputs, const int64_t *steps,     \
                               void *output) {                                                     \
        const number *as = inputs[0], *bs = inputs[1];                                             \
        number *ys = output, a_block[POINTS], b_block[POINTS], results[POINTS];                    \
        number begins[POINTS], ts[POINTS];                                                         \
        for (int64_t begin = 0; begin < count; begin += POINTS) {                                  \
            const int64_t m = count - begin < POINTS ? count - begin : POINTS;                     \
            const int64_t n = (m + DENSE_STEP - 1) / DENSE_STEP * DENSE_STEP;                      \
            const number *a = dense_##type(as + begin * steps[0], steps[0], m, a_block);           \
            const number *b = dense_##type(bs + begin * steps[1], steps[1], m, b_block);           \
            EACH_ELEMENT {                                                                         \
                const arc_##type arc = arc_to_##type(a[i], b[i]);                                  \
                begins[i] = arc.begin;                                                             \
                ts[i] = arc.t;                                                                     \
            }                                                                                      \
            EACH_ELEMENT {                                                                         \
                const arc_##type arc = {begins[i], ts[i]};                                         \
                results[i] = copysign(angle_to_##type(arc), a[i]);                                 \
            }                                                                                      \
            memcpy(ys + begin, results, (size_t)m * sizeof(number));                               \
        }                                                                                          \
    }

ARCTAN2_LOOP(float32, float)
ARCTAN2_LOOP(float64, double)
TABLE_OF_FLOATS(arctan2)

/* da = dy b / (a^2 + b^2), db = -dy a / (a^2 + b^2) */
static void arctan2_gradient(gradient_context *g) {
    lego_tensor *a = g->x[0], *b = g->x[1];
    lego_tensor *squares = plus(g, apply1(g, "square", a), apply1(g, "square", b));
    lego_tensor *share = over(g, g->dy[0], squares);
    if (g->wanted[0]) {
        g->dx[0] = times(g, share, b);
    }
    if (g->wanted[1]) {
        g->dx[1] = negated(g, times(g, share, a));
    }
}

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick trigonometric_bricks[] = {
    {
        .name = "sin",
        .formula = "y = sin(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = sin_gradient,
        .loops = sin_loops,
    },
    {
        .name = "cos",
        .formula = "y = cos(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = cos_gradient,
        .loops = cos_loops,
    },
    {
        .name = "tan",
        .formula = "y = sin(x) / cos(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = tan_gradient,
        .loops = tan_loops,
    },
    {
        .name = "arcsin",
        .formula = "y = arcsin(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = arcsin_gradient,
        .loops = arcsin_loops,
    },
    {
        .name = "arccos",
        .formula = "y = arccos(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = arccos_gradient,
        .loops = arccos_loops,
    },
    {
        .name = "arctan",
        .formula = "y = arctan(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = arctan_gradient,
        .loops = arctan_loops,
    },
    {
        .name = "arctan2",
        .formula = "y = the angle of the point (b, a)",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = arctan2_gradient,
        .loops = arctan2_loops,
    },
    {.name = NULL},
};
