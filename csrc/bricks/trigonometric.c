/* Trigonometric functions of one tensor, element by element. In the formulas of gradients, y is the
 * result of the forward pass, which is still in memory. */
#include <math.h>
#include <stdbool.h>

#include "../kernels/elements.h"
#include "../kernels/trigonometric.h"
#include "families.h"
#include "grad_ops.h"
#include "shape_rules.h"

enum { ANGLES_IN_BLOCK = 256 };

typedef void far_loop(int64_t n, angles xs, double *ys);

#define TEMPLATE "../kernels/angle_blocks.h"
#include "../kernels/per_float.h"

/* The loops of one type: `function` is right for angles near 0. */
#define ANGLE_LOOP(name, type, number, function)                                                   \
    static void near_##name##_##type(int64_t n, const number *xs, number *ys) {                    \
        EACH_ELEMENT {                                                                             \
            ys[i] = function(xs[i]);                                                               \
        }                                                                                          \
    }                                                                                              \
    static void name##_##type(int64_t n, const void *const *inputs, const int64_t *steps,          \
                              void *output) {                                                      \
        run_angles_##type(near_##name##_##type, far_##name, n, inputs[0], steps[0], output);       \
    }

/* The loops of sin, by fast_sinf, fast_sin and sin_of_angle. */
#define ANGLE_LOOPS(name)                                                                          \
    static void far_##name(int64_t n, angles xs, double *ys) {                                     \
        EACH_ELEMENT {                                                                             \
            ys[i] = name##_of_angle((angle){xs.quarters[i], xs.high[i], xs.low[i]});               \
        }                                                                                          \
    }                                                                                              \
    ANGLE_LOOP(name, float32, float, fast_##name##f)                                               \
    ANGLE_LOOP(name, float64, double, fast_##name)                                                 \
    static element_loop *const name##_loops[LEGO_DTYPE_COUNT] = {                                  \
        [LEGO_FLOAT32] = name##_float32,                                                           \
        [LEGO_FLOAT64] = name##_float64,                                                           \
    };

/* ---- sin, cos, tan --------------------------------------------------------------------------- */

ANGLE_LOOPS(sin)
ANGLE_LOOPS(cos)
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
    {.name = NULL},
};
