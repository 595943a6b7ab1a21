/* Gated activations y = x g(x) and their slopes y' = g + x g', without a call or a branch, so that
 * loops over them are vectorized. Those of float32 end with f, as in C. The gate g increases from 0
 * to 1.
 *
 * For infinite x, x g or x g' is infinity times 0, which is NaN. So x is limited in these products,
 * where g is 0 or 1 and g' is 0 to the last bit. Results are within 0.6 (gelu, mish) and 2.9 (silu)
 * units in the last place for float32, far below 0 too. */
#ifndef LEGO_KERNELS_GATED_H
#define LEGO_KERNELS_GATED_H

#include "normal.h"
#include "sigmoid.h"

static inline double limited(double x, double most) {
    x = x > most ? most : x;
    return x < -most ? -most : x;
}

static inline float limitedf(float x, float most) {
    x = x > most ? most : x;
    return x < -most ? -most : x;
}

/* ---- gelu: x P(X <= x) for normal X ---------------------------------------------------------- */

/* The larger one of x and 0, minus |x| P(X <= -|x|). */
static inline float fast_geluf(float x) {
    double above = x < 0 ? 0 : x; /* NaN stays */
    double a = size_to_15(x);
    return (float)fused_float64(-a, normal_tails_off(x).tail, above);
}

static inline double fast_gelu(double x) {
    return (x < -1000 ? -1000 : x) * fast_normal_cdf(x);
}

#define ONE_OVER_SQRT_TWO_PI 0.3989422804014327

/* P(X <= x) + x e^(-x^2 / 2) / sqrt(2 pi) */
static inline float fast_gelu_slopef(float x) {
    normal_tails t = normal_tails_off(x);
    double density = t.power * ONE_OVER_SQRT_TWO_PI;
    return (float)((x < 0 ? t.tail : 1 - t.tail) + limited(x, 15) * density);
}

static inline double fast_gelu_slope(double x) {
    normal_tails t = normal_tails_of(x);
    double density = t.power * ONE_OVER_SQRT_TWO_PI;
    return (x < 0 ? t.tail : 1 - t.tail) + limited(x, 1000) * density;
}

/* ---- tanh_gelu: the gate is 1 / (1 + e^-u), u = sqrt(8 / pi) (x + 0.044715 x^3) ---------------
 */

static inline float fast_tanh_geluf(float x) {
    double power = logit_powerf(x);
    double below = x < -15 ? -15 : x;
    return (float)(below * (x < 0 ? power : 1) / (1 + power));
}

static inline double fast_tanh_gelu(double x) {
    return (x < -1000 ? -1000 : x) * fast_tanh_normal_cdf(x);
}

/* g + x g (1 - g) u'. With p = e^-|u|, g (1 - g) is p / (1 + p)^2. */
static inline double tanh_gelu_slope_of(double x, double power) {
    double share = 1 / (1 + power);
    double logit_slope = NORMAL_LOGIT * (1 + 3 * NORMAL_LOGIT_BEND * (x * x));
    return (x < 0 ? power : 1) * share + x * logit_slope * (power * share * share);
}

static inline float fast_tanh_gelu_slopef(float x) {
    return (float)tanh_gelu_slope_of(limited(x, 15), logit_powerf(x));
}

static inline double fast_tanh_gelu_slope(double x) {
    return tanh_gelu_slope_of(limited(x, 1000), logit_power(x));
}

/* ---- silu: the gate is 1 / (1 + e^-x) -------------------------------------------------------- */

static inline float fast_siluf(float x) {
    return (x < -1000 ? -1000 : x) * fast_sigmoidf(x);
}

static inline double fast_silu(double x) {
    return (x < -1000 ? -1000 : x) * fast_sigmoid(x);
}

/* g (1 + x (1 - g)) */
static inline float fast_silu_slopef(float x) {
    float q = sigmoid_of_minusf(fabsf(x));
    float gate = x < 0 ? q : 1 - q, rest = x < 0 ? 1 - q : q;
    return gate * (1 + limitedf(x, 1000) * rest);
}

static inline double fast_silu_slope(double x) {
    double q = sigmoid_of_minus(fabs(x));
    double gate = x < 0 ? q : 1 - q, rest = x < 0 ? 1 - q : q;
    return gate * (1 + limited(x, 1000) * rest);
}

/* ---- mish: the gate is tanh(ln(1 + e^x)) = n / (n + 2) with e = e^x, n = e (e + 2) ------------
 */

/* In double. With p = e^-|x|, n / (n + 2) is (p^2 + 2 p) / (p^2 + 2 p + 2) for x < 0, else (1 + 2
 * p) / (1 + 2 p + 2 p^2). Below -104 the result is 0. */
static inline float fast_mishf(float x) {
    const double minus_log2_e = -1.4426950408889634;
    double below = x < -110 ? -110 : x, a = fabsf(x) > 110 ? 110 : fabsf(x);
    double p = exp2_below_0(minus_log2_e * a), square = p * p;
    double above = (x < 0 ? square : 1) + 2 * p;
    return (float)(below * above / (above + 2 * (x < 0 ? 1 : square)));
}

/* From x = 40, for float32 from 20 on, the gate is 1. */
static inline double fast_mish(double x) {
    double e = fast_exp(x > 40 ? 40 : x);
    double n = e * (e + 2);
    return (x < -1000 ? -1000 : x) * (n / (n + 2));
}

/* g + x 4 e (1 + e) / (n + 2)^2 */
static inline float fast_mish_slopef(float x) {
    float e = fast_expf(x > 20 ? 20 : x);
    float n = e * (e + 2);
    float share = 1 / (n + 2);
    return share * (n + limitedf(x, 1000) * (4 * e * (1 + e)) * share);
}

static inline double fast_mish_slope(double x) {
    double e = fast_exp(x > 40 ? 40 : x);
    double n = e * (e + 2);
    double share = 1 / (n + 2);
    return share * (n + limited(x, 1000) * (4 * e * (1 + e)) * share);
}

#endif
