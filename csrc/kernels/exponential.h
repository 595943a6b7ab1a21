/* exp, tanh and log1p of float32 without a call or a branch, so that loops over them are vectorized
 * and run two to ten times as fast as over the C library's. The polynomials are minimax for the
 * relative error (Remez's exchange); results are within 1.5 units in the last place. */
#ifndef LEGO_KERNELS_EXPONENTIAL_H
#define LEGO_KERNELS_EXPONENTIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* 2^k for -126 <= k <= 127, by writing the exponent's bits. */
static inline float power_of_two(int32_t k) {
    int32_t bits = (int32_t)((uint32_t)(k + 127) << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* e^x = 2^k e^r with k = round(x / ln 2), |r| <= ln(2) / 2, and e^r = 1 + r + r^2 p(r). */
static inline float fast_expf(float x) {
    const float rounder = 12582912.0f; /* 1.5 * 2^23: what is added to it is rounded to integers */
    const int32_t rounder_bits = 0x4B400000;
    const float ln2_high = 0.693145752f, ln2_low = 1.42860677e-6f; /* k * ln2_high is exact */

    x = x > 89 ? 89 : x; /* beyond lie infinity and 0; NaN stays */
    x = x < -104 ? -104 : x;
    float shifted = x * 1.44269504f + rounder;
    int32_t shifted_bits;
    memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
    int32_t k = shifted_bits - rounder_bits;
    float r = (x - (shifted - rounder) * ln2_high) - (shifted - rounder) * ln2_low;

    float p = 0.0013814467f;
    p = p * r + 0.0083687808f;
    p = p * r + 0.041668393f;
    p = p * r + 0.16666520f;
    p = p * r + 0.49999994f;
    float y = p * (r * r) + r + 1;
    int32_t half = k >> 1; /* 2^k itself may be too large or too small for a float */
    return y * power_of_two(half) * power_of_two(k - half);
}

/* tanh x = x + x^3 p(x^2) near 0, where the other would cancel; else 1 - 2 / (e^2x + 1). */
static inline float fast_tanhf(float x) {
    float z = x * x;
    float p = -0.0057049869f;
    p = p * z + 0.020639088f;
    p = p * z - 0.053739715f;
    p = p * z + 0.13331442f;
    p = p * z - 0.33333281f;
    float near = x + x * z * p;
    float far = copysignf(1 - 2 / (fast_expf(2 * fabsf(x)) + 1), x);
    return fabsf(x) < 0.625f ? near : far;
}

/* ln(1 + x) for 0 <= x <= 1: with s = x / (2 + x) it is 2 artanh s = 2 s + s^3 p(s^2).
 * 2 s is taken as x - s x, where the rounding of s hardly counts. */
static inline float fast_log1pf(float x) {
    float s = x / (2 + x);
    float z = s * s;
    float p = 0.28011987f;
    p = p * z + 0.28001806f;
    p = p * z + 0.40021527f;
    p = p * z + 0.66666418f;
    return x - s * (x - z * p);
}

#endif
