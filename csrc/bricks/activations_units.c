/* Activations without a gate: hard_sigmoid, hard_silu, relu6, leaky_relu, elu, celu, selu, softsign
 * and log_sigmoid. Most are made of straight lines and exponentials that meet at corners. */
#include <math.h>

#include "../kernels/long_loop.h"
#include "../kernels/softplus.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

#define UNARY(name, type, expression)  UNARY_LOOP(name, type, type, expression)
#define BINARY(name, type, expression) BINARY_LOOP(name, type, type, expression)

#define BETWEEN(x, low, high) SMALLER(LARGER(x, low), high)

/* max(x, 0), where NaN and -0 stay, by the bits: of a selection whose result is compared again GCC
 * makes one of both conditions, with more instructions than the two. */
static inline float rectified_float32(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= -(int32_t)!(x < 0);
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double rectified_float64(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= -(int64_t)!(x < 0);
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 0 where |x| > most, else dy. */
static lego_tensor *kept_within(gradient_context *g, lego_tensor *dy, double most) {
    lego_tensor *x = g->x[0];
    lego_tensor *is_outside = apply2(g, "greater", apply1(g, "absolute", x), number(g, most, x));
    return select_where(g, is_outside, number(g, 0, dy), dy);
}

/* min(x, 0): exponentials of large x would be infinite, and infinity times 0 is NaN. */
static lego_tensor *below_0(gradient_context *g) {
    return apply2(g, "minimum", g->x[0], number(g, 0, g->x[0]));
}

/* dy times 1 above 0, and times `slope` elsewhere. */
static lego_tensor *times_below_0(gradient_context *g, lego_tensor *slope) {
    lego_tensor *x = g->x[0], *dy = g->dy[0];
    lego_tensor *is_above = apply2(g, "greater", x, number(g, 0, x));
    return select_where(g, is_above, dy, times(g, dy, slope));
}

/* ---- relu6: y = min(max(x, 0), 6) ------------------------------------------------------------ */

FLOAT_LOOPS(UNARY, relu6, SMALLER(rectified_float32(x), 6), SMALLER(rectified_float64(x), 6))

/* dx = dy where 0 <= x <= 6 (or NaN), else 0 */
static void relu6_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0], *zero = number(g, 0, x);
    lego_tensor *is_below = apply2(g, "less", x, zero);
    lego_tensor *is_above = apply2(g, "greater", x, number(g, 6, x));
    g->dx[0] = select_where(g, apply2(g, "logical_or", is_below, is_above), zero, g->dy[0]);
}

/* ---- hard_sigmoid: y = relu6(x + 3) / 6 ------------------------------------------------------ */

#define HARD_SIGMOID(x, rectified) (SMALLER(rectified((x) + 3), 6) / 6)

FLOAT_LOOPS(UNARY, hard_sigmoid, HARD_SIGMOID(x, rectified_float32),
            HARD_SIGMOID(x, rectified_float64))

/* dx = dy / 6 where |x| <= 3, else 0 */
static void hard_sigmoid_gradient(gradient_context *g) {
    g->dx[0] = kept_within(g, scaled(g, g->dy[0], 1.0 / 6), 3);
}

/* ---- hard_silu: y = x hard_sigmoid(x) -------------------------------------------------------- */

/* Minus infinity times 0 would be NaN. */
#define HARD_SILU(x, rectified) ((x < -1000 ? -1000 : x) * HARD_SIGMOID(x, rectified))

FLOAT_LOOPS(UNARY, hard_silu, HARD_SILU(x, rectified_float32), HARD_SILU(x, rectified_float64))

static void hard_silu_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "hard_silu_slope", g->x[0]));
}

/* y = 0, (2 x + 3) / 6 or 1 */
#define HARD_SILU_SLOPE(x) (x < -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6)

FLOAT_LOOPS(UNARY, hard_silu_slope, HARD_SILU_SLOPE(x), HARD_SILU_SLOPE(x))

/* dx = dy / 3 where |x| <= 3, else 0 */
static void hard_silu_slope_gradient(gradient_context *g) {
    g->dx[0] = kept_within(g, scaled(g, g->dy[0], 1.0 / 3), 3);
}

/* ---- leaky_relu: y = a for a >= 0, else a b -------------------------------------------------- */

FLOAT_LOOPS(BINARY, leaky_relu, a < 0 ? a * b : a, a < 0 ? a * b : a)

/* da = dy or dy b, db = dy min(a, 0) */
static void leaky_relu_gradient(gradient_context *g) {
    lego_tensor *a = g->x[0], *dy = g->dy[0];
    if (g->wanted[0]) {
        lego_tensor *is_below = apply2(g, "less", a, number(g, 0, a));
        g->dx[0] = select_where(g, is_below, times(g, dy, g->x[1]), dy);
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, dy, below_0(g));
    }
}

/* ---- elu: y = a for a > 0, else b (e^a - 1) -------------------------------------------------- */

static inline float elu_of(float a, float b) {
    float below = b * fast_expm1f(a);
    return a > 0 ? a : below;
}

static inline double elu64_of(double a, double b) {
    double below = b * fast_expm1(a);
    return a > 0 ? a : below;
}

FLOAT_LOOPS(LONG_BINARY_LOOP, elu, elu_of(a, b), elu64_of(a, b))

/* da = dy or dy b e^a, db = dy (e^min(a, 0) - 1) */
static void elu_gradient(gradient_context *g) {
    lego_tensor *below = below_0(g);
    if (g->wanted[0]) {
        g->dx[0] = times_below_0(g, times(g, g->x[1], apply1(g, "exp", below)));
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, g->dy[0], apply1(g, "expm1", below));
    }
}

/* ---- celu: y = a for a > 0, else b (e^(a / b) - 1) ------------------------------------------- */

static inline float celu_of(float a, float b) {
    float below = b * fast_expm1f(a / b);
    return a > 0 ? a : below;
}

static inline double celu64_of(double a, double b) {
    double below = b * fast_expm1(a / b);
    return a > 0 ? a : below;
}

FLOAT_LOOPS(LONG_BINARY_LOOP, celu, celu_of(a, b), celu64_of(a, b))

/* da = dy or dy e^(a / b), db = dy ((e^c - 1) - c e^c) with c = min(a, 0) / b */
static void celu_gradient(gradient_context *g) {
    lego_tensor *share = over(g, below_0(g), g->x[1]);
    lego_tensor *power = apply1(g, "exp", share);
    if (g->wanted[0]) {
        g->dx[0] = times_below_0(g, power);
    }
    if (g->wanted[1]) {
        lego_tensor *slope = minus(g, apply1(g, "expm1", share), times(g, share, power));
        g->dx[1] = times(g, g->dy[0], slope);
    }
}

/* ---- selu: y = 1.0507 elu(x, 1.6733) --------------------------------------------------------- */

/* Klambauer et al., "Self-normalizing neural networks", NIPS 2017: outputs keep mean 0, variance 1.
 */
#define SELU_ALPHA 1.6732632423543772
#define SELU_SCALE 1.0507009873554805

FLOAT_LOOPS(LONG_LOOP, selu, (float)SELU_SCALE *(x > 0 ? x : (float)SELU_ALPHA * fast_expm1f(x)),
            SELU_SCALE *(x > 0 ? x : SELU_ALPHA * fast_expm1(x)))

/* dx = 1.0507 dy, or 1.0507 dy 1.6733 e^x */
static void selu_gradient(gradient_context *g) {
    lego_tensor *slope = scaled(g, apply1(g, "exp", below_0(g)), SELU_ALPHA);
    g->dx[0] = scaled(g, times_below_0(g, slope), SELU_SCALE);
}

/* ---- softsign: y = x / (1 + |x|) ------------------------------------------------------------- */

/* Infinity over infinity would be NaN. */
FLOAT_LOOPS(UNARY, softsign, BETWEEN(x, -1e30f, 1e30f) / (1 + fabsf(BETWEEN(x, -1e30f, 1e30f))),
            BETWEEN(x, -1e30, 1e30) / (1 + fabs(BETWEEN(x, -1e30, 1e30))))

/* dx = dy / (1 + |x|)^2 */
static void softsign_gradient(gradient_context *g) {
    lego_tensor *size = apply1(g, "absolute", g->x[0]);
    lego_tensor *share = apply1(g, "reciprocal", plus(g, number(g, 1, size), size));
    g->dx[0] = times(g, g->dy[0], apply1(g, "square", share));
}

/* ---- log_sigmoid: y = ln(1 / (1 + e^-x)) = -softplus(-x) ------------------------------------- */

FLOAT_LOOPS(LONG_LOOP, log_sigmoid, -fast_softplusf(-x), -fast_softplus(-x))

/* dx = dy / (1 + e^x) */
static void log_sigmoid_gradient(gradient_context *g) {
    g->dx[0] = times(g, g->dy[0], apply1(g, "sigmoid", negated(g, g->x[0])));
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick activations_units_bricks[] = {
    {
        .name = "relu6",
        .formula = "y = min(max(x, 0), 6)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = relu6_gradient,
        .loops = relu6_loops,
    },
    {
        .name = "hard_sigmoid",
        .formula = "y = min(max(x + 3, 0), 6) / 6",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = hard_sigmoid_gradient,
        .loops = hard_sigmoid_loops,
    },
    {
        .name = "hard_silu",
        .formula = "y = x min(max(x + 3, 0), 6) / 6",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = hard_silu_gradient,
        .loops = hard_silu_loops,
    },
    {
        .name = "hard_silu_slope",
        .formula = "y = 0, (2 x + 3) / 6 or 1",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = hard_silu_slope_gradient,
        .loops = hard_silu_slope_loops,
    },
    {
        .name = "leaky_relu",
        .formula = "y = a for a >= 0, else a b",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = leaky_relu_gradient,
        .loops = leaky_relu_loops,
    },
    {
        .name = "elu",
        .formula = "y = a for a > 0, else b (e^a - 1)",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = elu_gradient,
        .loops = elu_loops,
    },
    {
        .name = "celu",
        .formula = "y = a for a > 0, else b (e^(a / b) - 1)",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = celu_gradient,
        .loops = celu_loops,
    },
    {
        .name = "selu",
        .formula = "y = 1.0507 x for x > 0, else 1.7581 (e^x - 1)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = selu_gradient,
        .loops = selu_loops,
    },
    {
        .name = "softsign",
        .formula = "y = x / (1 + |x|)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = softsign_gradient,
        .loops = softsign_loops,
    },
    {
        .name = "log_sigmoid",
        .formula = "y = -ln(1 + e^-x)",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = log_sigmoid_gradient,
        .loops = log_sigmoid_loops,
    },
    {.name = NULL},
};
