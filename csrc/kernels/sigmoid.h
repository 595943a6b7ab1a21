/* sigmoid and tanh without a call or a branch, so that loops over them are vectorized. Those of
 * float32 end with f, as in C. Results of sigmoid are within 2.0 (float32) and 1.5 (float64) units
 * in the last place, those of tanh within 1.2 and 1.9. */
#ifndef LEGO_KERNELS_SIGMOID_H
#define LEGO_KERNELS_SIGMOID_H

#include "exponential.h"

/* ---- sigmoid: 1 / (1 + e^-x) ----------------------------------------------------------------- */

/* 1 / (1 + e^a) = 2^-k / (1 + 2^-k + t) for a >= 0, with e^a = 2^k e^r and t = e^r - 1. The two
 * small ones are added first. From 88 on the result is 0. */
static inline float sigmoid_of_minusf(float a) {
    exp_parts e = exp_parts_of(a > 88 ? 88 : a);
    float power = power_of_two(-e.k);
    float t = expm1_of_rest(e.r);
    return power / ((t + power) + 1);
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
    double q = 1 / sum;
    return power * (q - q * (lost * q));
}

static inline double fast_sigmoid(double x) {
    double q = sigmoid_of_minus(fabs(x));
    return x < 0 ? q : 1 - q;
}

/* ---- tanh ------------------------------------------------------------------------------------ */

/* tanh x = x + x^3 p(x^2) near 0, where the other formula would cancel; else 1 - 2 / (1 + e^2x). */
static inline float fast_tanhf(float x) {
    float z = x * x;
    float p = -0.0057049869f;
    p = p * z + 0.020639088f;
    p = p * z - 0.053739715f;
    p = p * z + 0.13331442f;
    p = p * z - 0.33333281f;
    float near = x + x * z * p;
    float far = 1 - 2 * sigmoid_of_minusf(2 * fabsf(x));
    return copysignf(fabsf(x) < 0.625f ? near : far, x);
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
    return copysign(q + (n_lost - q * d_lost) * (1.69 - 0.55 * d), x);
}

#endif
