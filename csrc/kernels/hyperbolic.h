/* sinh, cosh, arcsinh, arccosh and arctanh without a call or a branch, so that loops over them are
 * vectorized; hyperbolic_block.h has the formulas, for float32 and float64 alike. Here is what
 * differs: polynomials, which are minimax for the relative error of the function, and how powers of
 * two are made and taken apart. Results are within 1.5 units in the last place, those of arcsinh
 * and arccosh within 2. */
#ifndef LEGO_KERNELS_HYPERBOLIC_H
#define LEGO_KERNELS_HYPERBOLIC_H

#include <stdbool.h>
#include <tgmath.h>

#include "fused.h"
#include "logarithm.h"

/* ln 2 is the sum of the two; k times the first is exact. */
#define LN2_float32     0.693145752f
#define LN2_LOW_float32 1.42860677e-6f
#define LN2_float64     LN2_HIGH
#define LN2_LOW_float64 LN2_LOW

/* ---- float32 --------------------------------------------------------------------------------- */

/* (sinh r - r) / r^3 for z = r^2 <= 1, to 31 bits. */
static inline float sinh_bend_float32(float z) {
    float p = 2.7822136e-06f;
    p = fused_float32(p, z, 0.00019842896f);
    p = fused_float32(p, z, 0.0083333105f);
    return fused_float32(p, z, 0.16666667f);
}

/* (cosh r - 1) / r^2 for z = r^2 and |r| <= ln(2) / 2, to 33 bits. */
static inline float cosh_bend_float32(float z) {
    float p = 0.0013935453f;
    p = fused_float32(p, z, 0.04166646f);
    return fused_float32(p, z, 0.5f);
}

/* (arctanh s - s) / s^3 for z = s^2 <= 0.08, to 30 bits. */
static inline float arctanh_bend_float32(float z) {
    float p = 0.13108987f;
    p = fused_float32(p, z, 0.14145654f);
    p = fused_float32(p, z, 0.20003799f);
    return fused_float32(p, z, 0.33333302f);
}

/* e^a / 4 = above e^r and e^-a / 4 = below e^-r for a >= 0, with |r| <= ln(2) / 2. From 89.5 on
 * both e^a / 2 and what is made of it are infinite. */
typedef struct exp_pair_float32 {
    float above, below, r;
} exp_pair_float32;

static inline exp_pair_float32 exp_pair_of_float32(float a) {
    const float rounder = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    const int32_t rounder_bits = 0x4B400000;
    float bounded = a > 89.5f ? 89.5f : a;
    float shifted = fused_float32(bounded, 1.44269504f, rounder);
    float k = shifted - rounder;
    float r = fused_float32(-k, LN2_float32, bounded);
    int32_t shifted_bits;
    memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
    int32_t whole = shifted_bits - rounder_bits, least = whole < 125 ? whole : 125;
    return (exp_pair_float32){power_of_two(whole - 2), power_of_two(-2 - least),
                              fused_float32(-k, LN2_LOW_float32, r)};
}

/* u = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for u >= 1. */
typedef struct log_split_float32 {
    float k, f, inverse_power; /* 2^-k; large powers do not matter */
} log_split_float32;

static inline log_split_float32 log_split_of_float32(float u) {
    log_parts l = log_parts_of(u);
    int32_t k = (int32_t)l.k;
    return (log_split_float32){l.k, l.f, power_of_two(k < 126 ? -k : -126)};
}

/* A whole power of two 2^k near to a / b for a >= b > 0. The bits of a number are its logarithm to
 * the base 2, up to 0.09: so k is between log2(a / b) - 0.84 and log2(a / b) + 0.34, and 0 as long
 * as it can. */
typedef struct ratio_float32 {
    float k, power;
} ratio_float32;

static inline ratio_float32 ratio_of_float32(float a, float b) {
    int32_t a_bits, b_bits;
    memcpy(&a_bits, &a, sizeof a);
    memcpy(&b_bits, &b, sizeof b);
    int32_t k = (a_bits - b_bits + 0x00200000) >> 23;
    return (ratio_float32){(float)k, power_of_two(k)};
}

#define ABOVE_ONE_float32 0x1p14f /* of whose square 1 is not part */

/* ---- float64 --------------------------------------------------------------------------------- */

static inline double sinh_bend_float64(double z) {
    double p = 7.776958324120743e-13;
    p = fused_float64(p, z, 1.6056651917920088e-10);
    p = fused_float64(p, z, 2.505213104276968e-08);
    p = fused_float64(p, z, 2.7557319106684492e-06);
    p = fused_float64(p, z, 0.00019841269841593416);
    p = fused_float64(p, z, 0.008333333333332912);
    return fused_float64(p, z, 0.16666666666666669);
}

static inline double cosh_bend_float64(double z) {
    double p = 2.7631033967943957e-07;
    p = fused_float64(p, z, 2.48014907115227e-05);
    p = fused_float64(p, z, 0.001388888894617779);
    p = fused_float64(p, z, 0.0416666666665191);
    return fused_float64(p, z, 0.5000000000000012);
}

static inline double arctanh_bend_float64(double z) {
    double p = 0.07617437882480188;
    p = fused_float64(p, z, 0.054580509318858474);
    p = fused_float64(p, z, 0.06707477790408707);
    p = fused_float64(p, z, 0.07689974471454969);
    p = fused_float64(p, z, 0.09090990712036774);
    p = fused_float64(p, z, 0.11111109393551374);
    p = fused_float64(p, z, 0.14285714306104544);
    p = fused_float64(p, z, 0.19999999999881513);
    return fused_float64(p, z, 0.3333333333333357);
}

typedef struct exp_pair_float64 {
    double above, below, r;
} exp_pair_float64;

/* From 710.6 on e^a / 2 is infinite. */
static inline exp_pair_float64 exp_pair_of_float64(double a) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52 */
    double bounded = a > 710.6 ? 710.6 : a;
    double shifted = fused_float64(bounded, 1.4426950408889634, rounder);
    double k = shifted - rounder;
    double r = fused_float64(-k, LN2_float64, bounded);
    double capped = shifted > rounder + 1000 ? rounder + 1000 : shifted;
    return (exp_pair_float64){of_bits((bits_of(shifted) + 1021) << 52),
                              of_bits((1021 - bits_of(capped)) << 52),
                              fused_float64(-k, LN2_LOW_float64, r)};
}

typedef struct log_split_float64 {
    double k, f, inverse_power;
} log_split_float64;

static inline log_split_float64 log_split_of_float64(double u) {
    log_parts64 l = log_parts64_of(u);
    double k = l.k > 1000 ? 1000 : l.k;
    return (log_split_float64){l.k, l.f, of_bits((1023 - bits_of(k + 0x1p52)) << 52)};
}

typedef struct ratio_float64 {
    double k, power;
} ratio_float64;

static inline ratio_float64 ratio_of_float64(double a, double b) {
    const uint64_t quarter = 0x0004000000000000, two_52 = 0x4330000000000000;
    uint64_t k = (bits_of(a) - bits_of(b) + quarter) >> 52;
    return (ratio_float64){of_bits(k | two_52) - 0x1p52, of_bits((k + 1023) << 52)};
}

#define ABOVE_ONE_float64 0x1p28

#define TEMPLATE "hyperbolic_block.h"
#include "per_float.h"

#endif
