/* The normal distribution function of float32 without a call or a branch, so that loops over it are
 * vectorized. Powers of x need more digits than a float has, so they are computed in double.
 * Results are within 0.7 units in the last place, far below 0 too. */
#ifndef LEGO_KERNELS_NORMAL_H
#define LEGO_KERNELS_NORMAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* e^x = 2^k e^r for -700 <= x <= 0, with |r| <= ln(2) / 2 and e^r = 1 + r + r^2 p(r), where p is
 * minimax for the relative error, to 28 bits. */
static inline double exp_below_0(double x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    const double log2_e = 1.4426950408889634, ln2 = 0.69314718055994531;

    double shifted = x * log2_e + rounder;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52; /* k is in the last bits; it becomes the exponent of 2^k */
    double power;
    memcpy(&power, &bits, sizeof power);
    double r = x - (shifted - rounder) * ln2;

    double p = 0.0013814467;
    p = p * r + 0.0083687808;
    p = p * r + 0.041668393;
    p = p * r + 0.16666520;
    p = p * r + 0.49999994;
    return power * (p * (r * r) + r + 1);
}

/* P(X <= -a) / e^(-a^2 / 2) for a >= 0: a quotient of polynomials that is minimax for the relative
 * error, to 27 bits. */
static inline double normal_tail_share(double a) {
    double p = 0.00401967261;
    p = p * a + 0.0399806797;
    p = p * a + 0.181296385;
    p = p * a + 0.435672285;
    p = p * a + 0.500000002;
    double q = 0.0100756817;
    q = q * a + 0.100224089;
    q = q * a + 0.464352947;
    q = q * a + 1.19444108;
    q = q * a + 1.66922949;
    q = q * a + 1;
    return p / q;
}

/* P(X <= x) for normal X: the tail below -|x|, or 1 minus the tail. For |x| >= 15 the result is 0
 * or 1. */
static inline float fast_normal_cdff(float x) {
    double a = fabsf(x) > 15 ? 15 : fabsf(x);
    double tail = exp_below_0(-0.5 * (a * a)) * normal_tail_share(a);
    return (float)(x < 0 ? tail : 1 - tail);
}

/* The approximation of P(X <= x) that gelu with tanh uses: 1 / (1 + e^-u) with
 *
 *     u = sqrt(8 / pi) (x + 0.044715 x^3) */
#define NORMAL_LOGIT      1.5957691216057308
#define NORMAL_LOGIT_BEND 0.044715

static inline double normal_logit(double x) {
    return NORMAL_LOGIT * x * (1 + NORMAL_LOGIT_BEND * (x * x));
}

static inline float fast_tanh_normal_cdff(float x) {
    double a = fabsf(x) > 15 ? 15 : fabsf(x);
    double power = exp_below_0(-normal_logit(a));
    return (float)((x < 0 ? power : 1) / (1 + power));
}

#endif
