/* exp, exp2 and expm1 without a call or a branch, so that loops over them are vectorized:
 * two to ten times as fast as loops over the C library's functions. Those of float32 end with f, as
 * in C. x is split into k ln 2 + r with |r| <= ln(2) / 2, so that e^x = 2^k e^r; the polynomials of
 * r are minimax for the relative error. Results are within 1.1 units in the last place. */
#ifndef LEGO_KERNELS_EXPONENTIAL_H
#define LEGO_KERNELS_EXPONENTIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "fused.h"

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

    float shifted = fused_float32(x, 1.44269504f, rounder);
    float k = shifted - rounder;
    float r = fused_float32(-k, ln2_low, fused_float32(-k, ln2_high, x));
    int32_t shifted_bits;
    memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
    return (exp_parts){shifted_bits - rounder_bits, r};
}

/* e^r - 1 = r + r^2 p(r) for |r| <= ln(2) / 2. The terms are added in pairs: one after another,
 * each would wait for the one before. */
static inline float expm1_of_rest(float r) {
    float r2 = r * r;
    float low = fused_float32(0.16666520f, r, 0.49999994f);
    float high = fused_float32(0.0083687808f, r, 0.041668393f);
    high = fused_float32(0.0013814467f, r2, high);
    return fused_float32(fused_float32(high, r2, low), r2, r);
}

/* x 2^k where x and x 2^k are normal, by adding k to the bits of the exponent. */
static inline float times_power_of_twof(float x, int32_t k) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += (uint32_t)k << 23;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* e^x = 2^k (1 + (e^r - 1)). A number too small to be normal counts as 0; NaN stays, for y may be
 * anything then. */
static inline float fast_expf(float x) {
    const float most = 88.7228317f, least = -87.3365402f;
    exp_parts e = exp_parts_of(x);
    float y = times_power_of_twof(expm1_of_rest(e.r) + 1, e.k);
    y = x <= most ? y : x + INFINITY;
    return x < least ? 0 : y;
}

/* 2^x = 2^k e^r with x = k + f and r = f ln 2. */
static inline float fast_exp2f(float x) {
    const float rounder = 12582912.0f, ln2 = 0.693147182f;
    const int32_t rounder_bits = 0x4B400000;
    float shifted = x + rounder;
    float r = (x - (shifted - rounder)) * ln2;
    int32_t shifted_bits;
    memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
    float y = times_power_of_twof(expm1_of_rest(r) + 1, shifted_bits - rounder_bits);
    y = x < 128 ? y : x + INFINITY;
    return x < -126 ? 0 : y;
}

/* e^x - 1 = 2^k ((1 - 2^-k) + (e^r - 1)), with e^r - 1 = r + r^2 p(r) and h = 1 - 2^-k. p has more
 * digits than in exp. The rounding error of h + r is added with the last term. Below -18 the result
 * is -1. */
static inline float fast_expm1f(float x) {
    const float most = 88.7228317f;
    exp_parts e = exp_parts_of(x);
    float r = e.r;

    float p = fused_float32(0.000198458853f, r, 0.001394072f);
    p = fused_float32(p, r, 0.00833338957f);
    p = fused_float32(p, r, 0.0416663598f);
    p = fused_float32(p, r, 0.166666664f);
    p = fused_float32(p, r, 0.5f);
    float h = 1 - power_of_two(e.k < 126 ? -e.k : -126);
    float sum = h + r;
    float y = sum + fused_float32(p, r * r, r - (sum - h));
    y = copysignf(times_power_of_twof(y, e.k), x);
    y = x <= most ? y : x + INFINITY;
    return x < -18 ? -1 : y;
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

#define LN2_HIGH 0x1.62e42fefa3p-1
#define LN2_LOW  0x1.3de6af278ece6p-42

static inline exp_parts64 exp_parts64_of(double x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */

    double shifted = fused_float64(x, 1.4426950408889634, rounder);
    double k = shifted - rounder; /* k * LN2_HIGH is exact */
    double r = fused_float64(-k, LN2_LOW, fused_float64(-k, LN2_HIGH, x));
    return (exp_parts64){shifted, k, r};
}

/* The same for float64. */
static inline double times_power_of_two(double x, double shifted_k) {
    return of_bits(bits_of(x) + (bits_of(shifted_k) << 52));
}

/* The rounding error of e.r. */
static inline double exp_lost64(double x, exp_parts64 e) {
    return fused_float64(-e.k, LN2_LOW, fused_float64(-e.k, LN2_HIGH, x) - e.r);
}

/* e^r - 1 - r = r^2 p(r) for |r| <= ln(2) / 2; terms in pairs, too. */
static inline double expm1_bend64(double r) {
    double r2 = r * r, r4 = r2 * r2;
    double p0 = fused_float64(0.16666666666666413, r, 0.50000000000000106);
    double p2 = fused_float64(0.0083333333334944655, r, 0.041666666666530158);
    double p4 = fused_float64(0.0001984126950656992, r, 0.0013888888943630203);
    double p6 = fused_float64(2.7557586382096294e-6, r, 2.4801493098807194e-5);
    double p8 = fused_float64(2.5000058878116688e-8, r, 2.7630248415177856e-7);
    double low = fused_float64(p2, r2, p0), high = fused_float64(p6, r2, p4);
    high = fused_float64(p8, r4, high);
    return fused_float64(high, r4, low) * r2;
}

static inline double expm1_rest64(double r) {
    return expm1_bend64(r) + r;
}

static inline double fast_exp(double x) {
    const double most = 709.78271289338397, least = -708.39641853226408;
    exp_parts64 e = exp_parts64_of(x);
    double y = times_power_of_two(expm1_rest64(e.r) + 1, e.shifted);
    y = x <= most ? y : x + INFINITY;
    return x < least ? 0 : y;
}

static inline double fast_exp2(double x) {
    const double rounder = 6755399441055744.0, ln2 = 0.69314718055994531;
    double shifted = x + rounder;
    double r = (x - (shifted - rounder)) * ln2;
    double y = times_power_of_two(expm1_rest64(r) + 1, shifted);
    y = x < 1024 ? y : x + INFINITY;
    return x < -1022 ? 0 : y;
}

/* As for float32. Below -38 the result is -1; where 2^-k is far below 1, its exponent is bounded.
 */
static inline double fast_expm1(double x) {
    const double rounder_and_1000 = 6755399441056744.0;
    exp_parts64 e = exp_parts64_of(x);
    double r = e.r;

    double p = fused_float64(1.768772006835049e-9, r, 2.5105194222142735e-8);
    p = fused_float64(p, r, 2.7567927204360698e-7);
    p = fused_float64(p, r, 2.7557255461778065e-6);
    p = fused_float64(p, r, 2.4801574538071196e-5);
    p = fused_float64(p, r, 0.00019841269874765161);
    p = fused_float64(p, r, 0.0013888888895597143);
    p = fused_float64(p, r, 0.0083333333333261536);
    p = fused_float64(p, r, 0.041666666666652289);
    p = fused_float64(p, r, 0.16666666666666671);
    p = fused_float64(p, r, 0.5);
    double capped = e.shifted > rounder_and_1000 ? rounder_and_1000 : e.shifted;
    double h = 1 - of_bits(bits_of(1) - (bits_of(capped) << 52)); /* 1 - 2^-k */
    double sum = h + r;
    double y = sum + fused_float64(p, r * r, r - (sum - h));
    y = copysign(times_power_of_two(y, e.shifted), x);
    y = x <= 709.78271289338397 ? y : x + INFINITY;
    return x < -38 ? -1 : y;
}

#endif
