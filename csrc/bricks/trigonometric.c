/* Trigonometric functions of one tensor, element by element. In the formulas of gradients, y is the
 * result of the forward pass, which is still in memory. */
#include <math.h>
#include <stdbool.h>

#include "../kernels/elements.h"
#include "../kernels/trigonometric.h"
#include "families.h"
#include "grad_ops.h"
#include "shape_rules.h"

#define TEMPLATE "../kernels/angle_blocks.h"
#include "../kernels/per_float.h"

/* A loop for angles of one type: `near` for those near 0, `far` for the others. */
#define ANGLES(name, type, number, near, far)                                                      \
    static void near_##name(int64_t n, const number *xs, number *ys) {                             \
        EACH_ELEMENT {                                                                             \
            ys[i] = near(xs[i]);                                                                   \
        }                                                                                          \
    }                                                                                              \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        run_angles_##type(near_##name, far, n, inputs[0], steps[0], output);                       \
    }

#define ANGLE_LOOPS(name)                                                                          \
    ANGLES(name##_float32, float32, float, fast_##name##f, far_##name##f)                          \
    ANGLES(name##_float64, float64, double, fast_##name, far_##name)                               \
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
