/* sigmoid and tanh without a call or a branch, so that loops over them are vectorized. Those of
 * float32 end with f, as in C. Results are within 1.1 (float32) and 1.4 (float64) units in the last
 * place where products are fused. */
#ifndef LEGO_KERNELS_SIGMOID_H
#define LEGO_KERNELS_SIGMOID_H

#include "exponential.h"
#include "fused.h"

/* ---- sigmoid: 1 / (1 + e^-x) ----------------------------------------------------------------- */

/* 1 / (1 + e^a) = 2^-k / (2^-k + e^r) for a >= 0. The quotient is corrected by the rounding error
 * of the sum, and by its own where that costs one operation. From 88 on the result is 0. */
static inline float sigmoid_of_minusf(float a) {
    exp_parts e = exp_parts_of(a > 88 ? 88 : a);
    float power = power_of_two(-e.k);
    float t = expm1_of_rest(e.r);
    float h = 1 + power;
    float sum = h + t;
    float lost = (t - (sum - h)) + (power - (h - 1));
    float q = 1 / sum, left = IS_FUSED ? fused_float32(-sum, q, 1) : 0;
    return power * fused_float32(q, fused_float32(-lost, q, left), q);
}

/* By way of |x|: no power overflows, and small results keep their digits. */
static inline float fast_sigmoidf(float x) {
    float q = sigmoid_of_minusf(fabsf(x));
    return x < 0 ? q : 1 - q;
}

/* 2^-k; 0 for k = 1023. */
static inline double power_of_minus(exp_parts64 e) {
    const uint64_t bias = 1023;
    return of_bits((bias - bits_of(e.shifted)) << 52);
}

static inline double sigmoid_of_minus(double a) {
    exp_parts64 e = exp_parts64_of(a > 709 ? 709 : a);
    double power = power_of_minus(e);
    double t = expm1_rest64(e.r);
    double h = 1 + power;
    double sum = h + t;
    double lost = (t - (sum - h)) + (power - (h - 1));
    double q = 1 / sum, left = IS_FUSED ? fused_float64(-sum, q, 1) : 0;
    return power * fused_float64(q, fused_float64(-lost, q, left), q);
}

static inline double fast_sigmoid(double x) {
    double q = sigmoid_of_minus(fabs(x));
    return x < 0 ? q : 1 - q;
}

/* ---- tanh ------------------------------------------------------------------------------------ */

/* 1 + e^2a for 0.8 <= a <= 10, as far as tanh needs it: e^2a = 2^k e^2r with a = k ln(2) / 2 + r,
 * and the polynomial of 2 r is that of exp. */
static inline float one_and_exp_of_twicef(float a) {
    const float rounder = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    const int32_t rounder_bits = 0x4B400000;
    float shifted = fused_float32(a, 2.88539008f, rounder);
    float r = fused_float32(shifted - rounder, -0.346573591f, a), r2 = r * r;
    float low = fused_float32(8 * 0.16666520f, r, 4 * 0.49999994f);
    float high = fused_float32(32 * 0.0083687808f, r, 16 * 0.041668393f);
    high = fused_float32(64 * 0.0013814467f, r2, high);
    float expm1 = fused_float32(fused_float32(high, r2, low), r2, r + r);
    int32_t shifted_bits;
    memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
    float power = power_of_two(shifted_bits - rounder_bits);
    return fused_float32(power, expm1, power + 1);
}

/* tanh x = x + x^3 p(x^2) near 0, where the other formula would cancel; else 1 - 2 / (1 + e^2x),
 * which is 1 from 9.02 on. */
static inline float fast_tanhf(float x) {
    float z = x * x;
    float p = fused_float32(0.0015870454f, z, -0.007414177f);
    p = fused_float32(p, z, 0.021306528f);
    p = fused_float32(p, z, -0.053853597f);
    p = fused_float32(p, z, 0.13332242f);
    p = fused_float32(p, z, -0.333333f);
    float near = fused_float32(x * z, p, x);

    float a = fabsf(x);
    float far = 1 - 2 / one_and_exp_of_twicef(a > 10 ? 10 : a);
    return copysignf(a < 0.8f ? near : far, x);
}

/* tanh a = (e^2a - 1) / (e^2a + 1) for a >= 0. With e^2a = 2^k e^r and t = e^r - 1, both are
 * divided by 2^k: (1 - 2^-k + t) / (1 + 2^-k + t), where 1 - 2^-k and 1 + 2^-k are exact. The
 * quotient q is corrected by the rounding errors of r, t and the two sums; 1.69 - 0.55 d is near
 * enough to 1 / d for this. From 22 on the result is 1. */
static inline double fast_tanh(double x) {
    double a = 2 * fabs(x);
    a = a > 44 ? 44 : a;
    exp_parts64 e = exp_parts64_of(a);
    double power = power_of_minus(e);
    double bend = expm1_bend64(e.r);
    double t = e.r + bend;
    double above = 1 - power, below = 1 + power;
    double n = above + t, d = below + t;
    double lost = exp_lost64(a, e) + (bend - (t - e.r));
    double n_lost = t - (n - above) + lost, d_lost = t - (d - below) + lost;
    double q = n / d;
    double left = fused_float64(-q, d_lost, n_lost);
    return copysign(fused_float64(left, fused_float64(-0.55, d, 1.69), q), x);
}

#endif
