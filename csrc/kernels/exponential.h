/* exp, expm1, sigmoid and tanh without a call or a branch, so that loops over them are vectorized:
 * two to ten times as fast as loops over the C library's functions. Those of float32 end with f, as
 * in C. x is split into k ln 2 + r with |r| <= ln(2) / 2, so that e^x = 2^k e^r; the polynomials of
 * r are minimax for the relative error. Results are within 1.1 units in the last place. */
#ifndef LEGO_KERNELS_EXPONENTIAL_H
#define LEGO_KERNELS_EXPONENTIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- float32 --------------------------------------------------------------------------------- */

/* 2^k for -126 <= k <= 127, by writing the exponent's bits. */
static inline float power_of_two(int32_t k) {
    int32_t bits = (int32_t)((uint32_t)(k + 127) << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* x = k ln 2 + r with |r| <= ln(2) / 2, so that e^x = 2^k e^r; for |x| <= 104. */
typedef struct exp_parts {
    int32_t k;
    float r;
} exp_parts;

static inline exp_parts exp_parts_of(float x) {
    const float rounder = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    const int32_t rounder_bits = 0x4B400000;
    const float ln2_high = 0.693145752f, ln2_low = 1.42860677e-6f; /* k * ln2_high is exact */

    float shifted = x * 1.44269504f + rounder;
    float k = shifted - rounder;
    int32_t shifted_bits;
    memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
    return (exp_parts){shifted_bits - rounder_bits, (x - k * ln2_high) - k * ln2_low};
}

/* e^r - 1 = r + r^2 p(r) for |r| <= ln(2) / 2. */
static inline float expm1_of_rest(float r) {
    float p = 0.0013814467f;
    p = p * r + 0.0083687808f;
    p = p * r + 0.041668393f;
    p = p * r + 0.16666520f;
    p = p * r + 0.49999994f;
    return p * (r * r) + r;
}

/* e^x = 2^k (1 + (e^r - 1)). */
static inline float fast_expf(float x) {
    x = x > 89 ? 89 : x; /* beyond these limits e^x is infinite or 0; NaN stays */
    x = x < -104 ? -104 : x;
    exp_parts e = exp_parts_of(x);
    float y = expm1_of_rest(e.r) + 1;
    int32_t half = e.k >> 1; /* 2^k itself may be too large or too small for a float */
    return y * power_of_two(half) * power_of_two(e.k - half);
}

/* e^x - 1 = 2^k ((1 - 2^-k) + (e^r - 1)), with e^r - 1 = r + r^2 p(r) and h = 1 - 2^-k. p has more
 * digits than in exp. The rounding error of h + r is added with the last term. Below -18 the result
 * is -1. */
static inline float fast_expm1f(float x) {
    float bounded = x > 89 ? 89 : x;
    bounded = bounded < -18 ? -18 : bounded;
    exp_parts e = exp_parts_of(bounded);
    float r = e.r;

    float p = 0.000198458853f;
    p = p * r + 0.001394072f;
    p = p * r + 0.00833338957f;
    p = p * r + 0.0416663598f;
    p = p * r + 0.166666664f;
    p = p * r + 0.5f;
    float h = 1 - power_of_two(e.k < 126 ? -e.k : -126);
    float sum = h + r;
    float y = sum + (p * (r * r) + (r - (sum - h)));
    int32_t half = e.k >> 1;
    return copysignf(y * power_of_two(half) * power_of_two(e.k - half), x);
}

/* 1 / (1 + e^a) = 2^-k / (2^-k + e^r) for a >= 0. The quotient q is corrected by the rounding error
 * of the sum; 2^k q is near enough to 1 / sum for this. From 88 on the result is 0. */
static inline float sigmoid_of_minus(float a) {
    exp_parts e = exp_parts_of(a > 88 ? 88 : a);
    float power = power_of_two(-e.k);
    float t = expm1_of_rest(e.r);
    float h = 1 + power;
    float sum = h + t;
    float lost = (t - (sum - h)) + (power - (h - 1));
    float q = power / sum;
    return q - q * (lost * (q * power_of_two(e.k)));
}

/* 1 / (1 + e^-x), by way of |x|: no power overflows, and small results keep their digits. */
static inline float fast_sigmoidf(float x) {
    float q = sigmoid_of_minus(fabsf(x));
    return x < 0 ? q : 1 - q;
}

/* tanh x = x + x^3 p(x^2) near 0, where the other formula would cancel; else 1 - 2 / (1 + e^2x). */
static inline float fast_tanhf(float x) {
    float z = x * x;
    float p = -0.0057049869f;
    p = p * z + 0.020639088f;
    p = p * z - 0.053739715f;
    p = p * z + 0.13331442f;
    p = p * z - 0.33333281f;
    float near = x + x * z * p;
    float far = 1 - 2 * sigmoid_of_minus(2 * fabsf(x));
    return copysignf(fabsf(x) < 0.625f ? near : far, x);
}

/* ---- float64 --------------------------------------------------------------------------------- */

static inline uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = k ln 2 + r. `shifted` is k + 1.5 * 2^52: its last bits are those of k, for there is no
 * instruction before AVX-512 that makes integers of 64 bits. */
typedef struct exp_parts64 {
    double shifted;
    double k;
    double r;
} exp_parts64;

static inline exp_parts64 exp_parts64_of(double x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    const double ln2_high = 0x1.62e42fefa3p-1, ln2_low = 0x1.3de6af278ece6p-42;

    double shifted = x * 1.4426950408889634 + rounder;
    double k = shifted - rounder; /* k * ln2_high is exact */
    return (exp_parts64){shifted, k, (x - k * ln2_high) - k * ln2_low};
}

/* x 2^k where x, x 2^k are normal, by adding k to the bits of the exponent. */
static inline double times_power_of_two(double x, double shifted_k) {
    return of_bits(bits_of(x) + (bits_of(shifted_k) << 52));
}

/* e^r - 1 = r + r^2 p(r) for |r| <= ln(2) / 2. */
static inline double expm1_rest64(double r) {
    double p = 2.5000058878116688e-8;
    p = p * r + 2.7630248415177856e-7;
    p = p * r + 2.7557586382096294e-6;
    p = p * r + 2.4801493098807194e-5;
    p = p * r + 0.0001984126950656992;
    p = p * r + 0.0013888888943630203;
    p = p * r + 0.0083333333334944655;
    p = p * r + 0.041666666666530158;
    p = p * r + 0.16666666666666413;
    p = p * r + 0.50000000000000106;
    return p * (r * r) + r;
}

/* What e^x is beyond the limits of float64: y between them. NaN stays, for both y and x are. */
static inline double exp_within_limits(double x, double y) {
    const double most = 709.78271289338397, least = -708.39641853226408;
    y = x <= most ? y : x + INFINITY;
    return x < least ? 0 : y; /* a number too small to be normal counts as 0 */
}

static inline double fast_exp(double x) {
    exp_parts64 e = exp_parts64_of(x);
    return exp_within_limits(x, times_power_of_two(expm1_rest64(e.r) + 1, e.shifted));
}

/* As for float32. Below -38 the result is -1; where 2^-k is far below 1, its exponent is bounded.
 */
static inline double fast_expm1(double x) {
    const double rounder_and_1000 = 6755399441056744.0;
    double bounded = x < -38 ? -38 : x;
    exp_parts64 e = exp_parts64_of(bounded);
    double r = e.r;

    double p = 1.768772006835049e-9;
    p = p * r + 2.5105194222142735e-8;
    p = p * r + 2.7567927204360698e-7;
    p = p * r + 2.7557255461778065e-6;
    p = p * r + 2.4801574538071196e-5;
    p = p * r + 0.00019841269874765161;
    p = p * r + 0.0013888888895597143;
    p = p * r + 0.0083333333333261536;
    p = p * r + 0.041666666666652289;
    p = p * r + 0.16666666666666671;
    p = p * r + 0.5;
    double capped = e.shifted > rounder_and_1000 ? rounder_and_1000 : e.shifted;
    double h = 1 - of_bits(bits_of(1) - (bits_of(capped) << 52)); /* 1 - 2^-k */
    double sum = h + r;
    double y = sum + (p * (r * r) + (r - (sum - h)));
    y = copysign(times_power_of_two(y, e.shifted), x);
    return x <= 709.78271289338397 ? y : x + INFINITY;
}

#endif
