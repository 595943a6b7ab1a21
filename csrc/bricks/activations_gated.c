/* Gated activations y = x g(x): gelu, tanh_gelu, silu, mish, each with its slope, and the gates of
 * gelu. The gate g(x) increases from 0 to 1: the normal distribution function, or a sigmoid.
 *
 * A gradient is dy times the slope; the slope's own gradient is written with other bricks. There x
 * is clipped to -1000 <= x <= 1000, since for infinite x its terms are infinity times 0. Beyond
 * these limits g(x) is 0 or 1 and its derivatives are 0, to the last bit of a double. */
#include "../kernels/gated.h"

#include "../kernels/long_loop.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* x clipped to -1000 <= x <= 1000. */
static lego_tensor *clipped_to_1000(gradient_context *g, lego_tensor *x) {
    lego_tensor *all[] = {x, number(g, -1000, x), number(g, 1000, x)};
    return context_apply(g, "clip", all, 3, NULL);
}

/* a + x b */
static lego_tensor *plus_scaled(gradient_context *g, double a, lego_tensor *x, double b) {
    return plus(g, number(g, a, x), scaled(g, x, b));
}

static void times_slope(gradient_context *g, const char *slope) {
    g->dx[0] = times(g, g->dy[0], apply1(g, slope, g->x[0]));
}

/* ---- normal_cdf: y = P(X <= x) for normal X, accurate for small y too ----------------------- */

FLOAT_LOOPS(LONG_LOOP, normal_cdf, fast_normal_cdff(x), fast_normal_cdf(x))

/* 1 / sqrt(2 pi) e^(-x^2 / 2) */
static lego_tensor *normal_density(gradient_context *g, lego_tensor *square) {
    lego_tensor *gaussian = apply1(g, "exp", scaled(g, square, -0.5));
    return scaled(g, gaussian, ONE_OVER_SQRT_TWO_PI);
}

static void normal_cdf_gradient(gradient_context *g) {
    lego_tensor *square = apply1(g, "square", clipped_to_1000(g, g->x[0]));
    g->dx[0] = times(g, g->dy[0], normal_density(g, square));
}

/* ---- tanh_normal_cdf: y = (1 + tanh(u / 2)) / 2 = 1 / (1 + e^-u) ----------------------------- */

/* It approximates normal_cdf, with u = sqrt(8 / pi) (x + 0.044715 x^3). */

FLOAT_LOOPS(LONG_LOOP, tanh_normal_cdf, fast_tanh_normal_cdff(x), fast_tanh_normal_cdf(x))

/* u' = sqrt(8 / pi) (1 + 3 0.044715 x^2) */
static lego_tensor *logit_slope(gradient_context *g, lego_tensor *x) {
    lego_tensor *square = apply1(g, "square", x);
    return plus_scaled(g, NORMAL_LOGIT, square, 3 * NORMAL_LOGIT * NORMAL_LOGIT_BEND);
}

/* dx = dy y (1 - y) u' */
static void tanh_normal_cdf_gradient(gradient_context *g) {
    lego_tensor *y = g->y[0];
    lego_tensor *slope = logit_slope(g, clipped_to_1000(g, g->x[0]));
    g->dx[0] = times(g, times(g, g->dy[0], slope), times(g, y, one_minus(g, y)));
}

/* ---- gelu: y = x P(X <= x) for normal X ------------------------------------------------------ */

FLOAT_LOOPS(LONG_LOOP, gelu, fast_geluf(x), fast_gelu(x))
FLOAT_LOOPS(LONG_LOOP, gelu_slope, fast_gelu_slopef(x), fast_gelu_slope(x))

static void gelu_gradient(gradient_context *g) {
    times_slope(g, "gelu_slope");
}

/* dx = dy (2 - x^2) 1 / sqrt(2 pi) e^(-x^2 / 2) */
static void gelu_slope_gradient(gradient_context *g) {
    lego_tensor *square = apply1(g, "square", clipped_to_1000(g, g->x[0]));
    lego_tensor *bend = times(g, plus_scaled(g, 2, square, -1), normal_density(g, square));
    g->dx[0] = times(g, g->dy[0], bend);
}

/* ---- tanh_gelu: y = x tanh_normal_cdf(x) ----------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, tanh_gelu, fast_tanh_geluf(x), fast_tanh_gelu(x))
FLOAT_LOOPS(LONG_LOOP, tanh_gelu_slope, fast_tanh_gelu_slopef(x), fast_tanh_gelu_slope(x))

static void tanh_gelu_gradient(gradient_context *g) {
    times_slope(g, "tanh_gelu_slope");
}

/* With g' = g (1 - g) u', the slope's derivative 2 g' + x g'' is
 *
 *     g (1 - g) (2 u' + x ((1 - 2 g) u'^2 + u'')),  u'' = sqrt(8 / pi) 6 0.044715 x */
static void tanh_gelu_slope_gradient(gradient_context *g) {
    lego_tensor *x = clipped_to_1000(g, g->x[0]);
    lego_tensor *gate = apply1(g, "tanh_normal_cdf", x);
    lego_tensor *slope = logit_slope(g, x);
    lego_tensor *bend = scaled(g, x, 6 * NORMAL_LOGIT * NORMAL_LOGIT_BEND);
    lego_tensor *tilt = times(g, plus_scaled(g, 1, gate, -2), apply1(g, "square", slope));
    lego_tensor *sum = plus(g, scaled(g, slope, 2), times(g, x, plus(g, tilt, bend)));
    g->dx[0] = times(g, g->dy[0], times(g, times(g, gate, one_minus(g, gate)), sum));
}

/* ---- silu: y = x / (1 + e^-x) ---------------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, silu, fast_siluf(x), fast_silu(x))
FLOAT_LOOPS(LONG_LOOP, silu_slope, fast_silu_slopef(x), fast_silu_slope(x))

static void silu_gradient(gradient_context *g) {
    times_slope(g, "silu_slope");
}

/* dx = dy g (1 - g) (2 + x (1 - 2 g)) with g = 1 / (1 + e^-x) */
static void silu_slope_gradient(gradient_context *g) {
    lego_tensor *x = clipped_to_1000(g, g->x[0]);
    lego_tensor *gate = apply1(g, "sigmoid", x);
    lego_tensor *sum = plus(g, number(g, 2, x), times(g, x, plus_scaled(g, 1, gate, -2)));
    g->dx[0] = times(g, g->dy[0], times(g, times(g, gate, one_minus(g, gate)), sum));
}

/* ---- mish: y = x tanh(softplus(x)) ----------------------------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, mish, fast_mishf(x), fast_mish(x))
FLOAT_LOOPS(LONG_LOOP, mish_slope, fast_mish_slopef(x), fast_mish_slope(x))

static void mish_gradient(gradient_context *g) {
    times_slope(g, "mish_slope");
}

/* With g = tanh(softplus(x)), s = sigmoid(x) and g' = (1 - g^2) s, the slope's derivative
 * 2 g' + x g'' is g' (2 + x (1 - s - 2 g s)). */
static void mish_slope_gradient(gradient_context *g) {
    lego_tensor *x = clipped_to_1000(g, g->x[0]);
    lego_tensor *gate = apply1(g, "tanh", apply1(g, "softplus", x));
    lego_tensor *s = apply1(g, "sigmoid", x);
    lego_tensor *gate_slope = times(g, one_minus(g, apply1(g, "square", gate)), s);
    lego_tensor *tilt = minus(g, one_minus(g, s), scaled(g, times(g, gate, s), 2));
    lego_tensor *sum = plus(g, number(g, 2, x), times(g, x, tilt));
    g->dx[0] = times(g, g->dy[0], times(g, gate_slope, sum));
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick activations_gated_bricks[] = {
    {
        .name = "normal_cdf",
        .formula = "y = P(X <= x) for normal X",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = normal_cdf_gradient,
        .loops = normal_cdf_loops,
    },
    {
        .name = "tanh_normal_cdf",
        .formula = "y = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = tanh_normal_cdf_gradient,
        .loops = tanh_normal_cdf_loops,
    },
    {
        .name = "gelu",
        .formula = "y = x P(X <= x) for normal X",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = gelu_gradient,
        .loops = gelu_loops,
    },
    {
        .name = "gelu_slope",
        .formula = "y = d/dx x P(X <= x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = gelu_slope_gradient,
        .loops = gelu_slope_loops,
    },
    {
        .name = "tanh_gelu",
        .formula = "y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = tanh_gelu_gradient,
        .loops = tanh_gelu_loops,
    },
    {
        .name = "tanh_gelu_slope",
        .formula = "y = d/dx tanh_gelu(x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = tanh_gelu_slope_gradient,
        .loops = tanh_gelu_slope_loops,
    },
    {
        .name = "silu",
        .formula = "y = x / (1 + e^-x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = silu_gradient,
        .loops = silu_loops,
    },
    {
        .name = "silu_slope",
        .formula = "y = d/dx x / (1 + e^-x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = silu_slope_gradient,
        .loops = silu_slope_loops,
    },
    {
        .name = "mish",
        .formula = "y = x tanh(ln(1 + e^x))",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = mish_gradient,
        .loops = mish_loops,
    },
    {
        .name = "mish_slope",
        .formula = "y = d/dx x tanh(ln(1 + e^x))",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = mish_slope_gradient,
        .loops = mish_slope_loops,
    },
    {.name = NULL},
};
