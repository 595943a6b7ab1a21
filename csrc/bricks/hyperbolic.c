/* Hyperbolic functions and their inverses, element by element; tanh stands beside sigmoid
 * (elementwise.c). In the formulas of gradients, y is the result of the forward pass. */
#include "../kernels/selections.h" /* first, for it changes what follows */

#include "../kernels/hyperbolic.h"
#include "../kernels/long_loop.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* The loops of a function of x and of its `excess`. */
#define EXCESS_LOOPS(name)                                                                         \
    STAGED_LOOP(name##_float32, float, name##_excess_float32(x), name##_of_excess_float32(x, v))   \
    STAGED_LOOP(name##_float64, double, name##_excess_float64(x), name##_of_excess_float64(x, v))  \
    TABLE_OF_FLOATS(name)

/* ---- sinh: y = (e^x - e^-x) / 2 -------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, sinh, fast_sinh_float32(x), fast_sinh_float64(x))

/* dx = dy cosh x */
static void sinh_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "cosh", g->x[0]));
}

/* ---- cosh: y = (e^x + e^-x) / 2 -------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, cosh, fast_cosh_float32(x), fast_cosh_float64(x))

/* dx = dy sinh x */
static void cosh_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "sinh", g->x[0]));
}

/* ---- arcsinh: y = ln(x + sqrt(x^2 + 1)) ------------------------------------------------------ */

EXCESS_LOOPS(arcsinh)

/* dx = dy / sqrt(x^2 + 1) */
static void arcsinh_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0];
    lego_tensor *square = plus(g, apply1(g, "square", x), number(g, 1, x));
    g->dx[0] = times(g, g->dy[0], apply1(g, "rsqrt", square));
}

/* ---- arccosh: y = ln(x + sqrt(x^2 - 1)), NaN below 1 ----------------------------------------- */

EXCESS_LOOPS(arccosh)

/* dx = dy / sqrt((x - 1) (x + 1)), which is infinite at 1 */
static void arccosh_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0], *one = number(g, 1, x);
    lego_tensor *square = times(g, minus(g, x, one), plus(g, x, one));
    g->dx[0] = times(g, g->dy[0], apply1(g, "rsqrt", square));
}

/* ---- arctanh: y = ln((1 + x) / (1 - x)) / 2, infinite at 1 and NaN beyond -------------------- */

FLOAT_LOOPS(LONG_LOOP, arctanh, fast_arctanh_float32(x), fast_arctanh_float64(x))

/* dx = dy / ((1 - x) (1 + x)) */
static void arctanh_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0], *one = number(g, 1, x);
    g->dx[0] = over(g, g->dy[0], times(g, minus(g, one, x), plus(g, one, x)));
}

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick hyperbolic_bricks[] = {
    {
        .name = "sinh",
        .formula = "y = (e^x - e^-x) / 2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = sinh_gradient,
        .loops = sinh_loops,
    },
    {
        .name = "cosh",
        .formula = "y = (e^x + e^-x) / 2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = cosh_gradient,
        .loops = cosh_loops,
    },
    {
        .name = "arcsinh",
        .formula = "y = ln(x + sqrt(x^2 + 1))",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = arcsinh_gradient,
        .loops = arcsinh_loops,
    },
    {
        .name = "arccosh",
        .formula = "y = ln(x + sqrt(x^2 - 1))",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = arccosh_gradient,
        .loops = arccosh_loops,
    },
    {
        .name = "arctanh",
        .formula = "y = ln((1 + x) / (1 - x)) / 2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = arctanh_gradient,
        .loops = arctanh_loops,
    },
    {.name = NULL},
};
