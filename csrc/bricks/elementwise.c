/* Functions of one tensor, element by element: signs, powers, exponentials and logarithms,
 * activations, rounding. In the formulas of gradients, y is the result of
 * the forward pass, which is still in memory. */
#include <math.h>

#include "../kernels/error_function.h"
#include "../kernels/exponential.h"
#include "../kernels/logarithm.h"
#include "../kernels/long_loop.h"
#include "../kernels/register_steps.h"
#include "../kernels/sigmoid.h"
#include "../kernels/softplus.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* A loop for x of one type, with a result of that type. */
#define UNARY(name, type, expression) UNARY_LOOP(name, type, type, expression)

/* ---- negative: y = -x ------------------------------------------------------------------------ */

NUMBER_LOOPS(UNARY, negative, NULL, -x, -x)

static void negative_gradient(gradient_context *g) {
    g->dx[0] = negated(g, g->dy[0]);
}

/* ---- absolute: y = |x| ----------------------------------------------------------------------- */

UNARY(absolute_bool, bool, x)
NUMBER_LOOPS(UNARY, absolute, absolute_bool, x > 0 ? x : -x, fabs(x))

/* dx = dy sign(x), which is 0 at 0 */
static void absolute_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "sign", g->x[0]));
}

/* ---- sign: y = -1, 0 or 1; NaN stays --------------------------------------------------------- */

NUMBER_LOOPS(UNARY, sign, NULL, x > 0 ? 1 : x == 0 ? 0 : -1, x > 0 ? 1 : x < 0 ? -1 : x)

/* ---- square: y = x^2 ------------------------------------------------------------------------- */

NUMBER_LOOPS(UNARY, square, NULL, (x * x), (x * x))

/* dx = 2 x dy */
static void square_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], scaled(g, g->x[0], 2));
}

/* ---- sqrt: y = x^(1/2) ----------------------------------------------------------------------- */

FLOAT_LOOPS(UNARY, sqrt, sqrtf(x), sqrt(x))

/* dx = dy / (2 y), which is infinite at 0 */
static void sqrt_gradient(gradient_context *g) {
    g->dx[0] = over(g, scaled(g, g->dy[0], 0.5), g->y[0]);
}

/* ---- rsqrt: y = x^(-1/2) --------------------------------------------------------------------- */

FLOAT_LOOPS(UNARY, rsqrt, 1 / sqrtf(x), 1 / sqrt(x))

/* dx = -1/2 x^(-3/2) dy = -1/2 y^3 dy */
static void rsqrt_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    lego_tensor *cube = times(g, y, apply1(g, "square", y));
    g->dx[0] = times(g, g->dy[0], scaled(g, cube, -0.5));
}

/* ---- reciprocal: y = 1 / x ------------------------------------------------------------------- */

FLOAT_LOOPS(UNARY, reciprocal, 1 / x, 1 / x)

/* dx = -dy / x^2 = -dy y^2 */
static void reciprocal_gradient(gradient_context *g) {
    g->dx[0] = negated(g, times(g, g->dy[0], apply1(g, "square", g->y[0])));
}

/* ---- exp: y = e^x ---------------------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, exp, fast_expf(x), fast_exp(x))

/* dx = dy y */
static void exp_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], g->y[0]);
}

/* ---- exp2: y = 2^x --------------------------------------------------------------------------- */

#define LN_2 0.69314718055994531

FLOAT_LOOPS(LONG_LOOP, exp2, fast_exp2f(x), fast_exp2(x))

/* dx = dy y ln 2 */
static void exp2_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], scaled(g, g->y[0], LN_2));
}

/* ---- expm1: y = e^x - 1, exact near 0 -------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, expm1, fast_expm1f(x), fast_expm1(x))

/* dx = dy e^x. It is not computed as dy (y + 1), which would be 0 for x far below 0. */
static void expm1_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "exp", g->x[0]));
}

/* ---- log: y = ln x --------------------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, log, fast_logf(x), fast_log(x))

/* dx = dy / x, which is infinite at 0 */
static void log_gradient(gradient_context *g) {
    g->dx[0] = over(g, g->dy[0], g->x[0]);
}

/* ---- log2, log10: y = ln x / ln 2, ln x / ln 10 ---------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, log2, fast_log2f(x), fast_log2(x))
FLOAT_LOOPS(LONG_LOOP, log10, fast_log10f(x), fast_log10(x))

/* dx = dy / (x ln 2) */
static void log2_gradient(gradient_context *g) {
    g->dx[0] = over(g, g->dy[0], scaled(g, g->x[0], LN_2));
}

/* dx = dy / (x ln 10) */
static void log10_gradient(gradient_context *g) {
    g->dx[0] = over(g, g->dy[0], scaled(g, g->x[0], 2.3025850929940457));
}

/* ---- log1p: y = ln(1 + x), exact near 0 ------------------------------------------------------ */

FLOAT_LOOPS(LONG_LOOP, log1p, fast_log1pf(x), fast_log1p(x))

/* dx = dy / (1 + x) */
static void log1p_gradient(gradient_context *g) {
    g->dx[0] = over(g, g->dy[0], plus(g, number(g, 1, g->x[0]), g->x[0]));
}

/* ---- tanh: y = (e^x - e^-x) / (e^x + e^-x) --------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, tanh, fast_tanhf(x), fast_tanh(x))

/* dx = dy (1 - y^2) */
static void tanh_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], one_minus(g, apply1(g, "square", g->y[0])));
}

/* ---- sigmoid: y = 1 / (1 + e^-x) ------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, sigmoid, fast_sigmoidf(x), fast_sigmoid(x))

/* dx = dy y (1 - y) */
static void sigmoid_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    g->dx[0] = times(g, g->dy[0], times(g, y, one_minus(g, y)));
}

/* ---- softplus: y = ln(1 + e^x) --------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, softplus, fast_softplusf(x), fast_softplus(x))

/* dx = dy / (1 + e^-x) */
static void softplus_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "sigmoid", g->x[0]));
}

/* ---- relu: y = max(x, 0); NaN stays ---------------------------------------------------------- */

NUMBER_LOOPS(UNARY, relu, NULL, x <= 0 ? 0 : x, x <= 0 ? 0 : x)

/* dx = dy where y > 0 (or NaN), else 0 */
static void relu_gradient(gradient_context *g) {
    lego_tensor *zero = number(g, 0, g->dy[0]);
    lego_tensor *is_zero = apply2(g, "less_equal", g->y[0], zero);
    g->dx[0] = select_where(g, is_zero, zero, g->dy[0]);
}

/* ---- erf: y = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x ------------------------ */

FLOAT_LOOPS(LONG_LOOP, erf, fast_erff(x), fast_erf(x))

/* dx = dy 2 / sqrt(pi) e^(-x^2) */
static void erf_gradient(gradient_context *g) {
    const double two_over_sqrt_pi = 1.1283791670955126;
    lego_tensor *gaussian = apply1(g, "exp", negated(g, apply1(g, "square", g->x[0])));
    g->dx[0] = times(g, g->dy[0], scaled(g, gaussian, two_over_sqrt_pi));
}

/* ---- floor, ceil, round (half to even) ------------------------------------------------------- */

FLOAT_LOOPS(UNARY, floor, floorf(x), floor(x))
FLOAT_LOOPS(UNARY, ceil, ceilf(x), ceil(x))
NUMBER_LOOPS(UNARY, round, NULL, x, rint(x))

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick elementwise_bricks[] = {
    {
        .name = "negative",
        .formula = "y = -x",
        .inputs = 1,
        .outputs = 1,
        .types = "p",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = negative_gradient,
        .loops = negative_loops,
        .in_registers = negative_in_registers,
    },
    {
        .name = "absolute",
        .formula = "y = |x|",
        .inputs = 1,
        .outputs = 1,
        .types = "p",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = absolute_gradient,
        .loops = absolute_loops,
        .in_registers = absolute_in_registers,
    },
    {
        .name = "sign",
        .formula = "y = x / |x|, 0 at 0",
        .inputs = 1,
        .outputs = 1,
        .types = "p",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = sign_loops,
    },
    {
        .name = "square",
        .formula = "y = x^2",
        .inputs = 1,
        .outputs = 1,
        .types = "w",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = square_gradient,
        .loops = square_loops,
        .in_registers = square_in_registers,
    },
    {
        .name = "sqrt",
        .formula = "y = x^(1/2)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = sqrt_gradient,
        .loops = sqrt_loops,
        .in_registers = sqrt_in_registers,
    },
    {
        .name = "rsqrt",
        .formula = "y = x^(-1/2)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = rsqrt_gradient,
        .loops = rsqrt_loops,
        .in_registers = rsqrt_in_registers,
    },
    {
        .name = "reciprocal",
        .formula = "y = 1 / x",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = reciprocal_gradient,
        .loops = reciprocal_loops,
        .in_registers = reciprocal_in_registers,
    },
    {
        .name = "exp",
        .formula = "y = e^x",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = exp_gradient,
        .loops = exp_loops,
    },
    {
        .name = "exp2",
        .formula = "y = 2^x",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = exp2_gradient,
        .loops = exp2_loops,
    },
    {
        .name = "expm1",
        .formula = "y = e^x - 1",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = expm1_gradient,
        .loops = expm1_loops,
    },
    {
        .name = "log",
        .formula = "y = ln(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = log_gradient,
        .loops = log_loops,
    },
    {
        .name = "log2",
        .formula = "y = ln(x) / ln(2)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = log2_gradient,
        .loops = log2_loops,
    },
    {
        .name = "log10",
        .formula = "y = ln(x) / ln(10)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = log10_gradient,
        .loops = log10_loops,
    },
    {
        .name = "log1p",
        .formula = "y = ln(1 + x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = log1p_gradient,
        .loops = log1p_loops,
    },
    {
        .name = "tanh",
        .formula = "y = (e^x - e^-x) / (e^x + e^-x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = tanh_gradient,
        .loops = tanh_loops,
    },
    {
        .name = "sigmoid",
        .formula = "y = 1 / (1 + e^-x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = sigmoid_gradient,
        .loops = sigmoid_loops,
    },
    {
        .name = "softplus",
        .formula = "y = ln(1 + e^x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = softplus_gradient,
        .loops = softplus_loops,
    },
    {
        .name = "relu",
        .formula = "y = max(x, 0)",
        .inputs = 1,
        .outputs = 1,
        .types = "w",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = relu_gradient,
        .loops = relu_loops,
        .in_registers = relu_in_registers,
    },
    {
        .name = "erf",
        .formula = "y = 2 / sqrt(pi) integral(e^(-t^2), t = 0..x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = erf_gradient,
        .loops = erf_loops,
    },
    {
        .name = "floor",
        .formula = "y = the greatest integer <= x",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = floor_loops,
    },
    {
        .name = "ceil",
        .formula = "y = the least integer >= x",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = ceil_loops,
    },
    {
        .name = "round",
        .formula = "y = the nearest integer to x, the even one of two",
        .inputs = 1,
        .outputs = 1,
        .types = "p",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = round_loops,
    },
    {.name = NULL},
};
