/* The normal distribution function without a call or a branch, so that loops over it are
 * vectorized. Those of float32 end with f, as in C; powers of x need more digits than a float has,
 * so they are computed in double. Results are within 0.7 (float32) and 4 (float64) units in the
 * last place, far below 0 too. */
#ifndef LEGO_KERNELS_NORMAL_H
#define LEGO_KERNELS_NORMAL_H

#include <stdbool.h>

#include "exponential.h"
#include "fused.h"

/* ---- P(X <= x) for normal X: the tail below -|x|, or 1 minus the tail -------------------------
 */

/* 2^x for -1000 <= x <= 0, with x = k + f and |f| <= 1/2: 2^f is a polynomial that is minimax for
 * the relative error, to 28 bits. */
static inline double exp2_below_0(double x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    double shifted = x + rounder;
    double f = x - (shifted - rounder);
    double p = fused_float64(0.000155947178472886115, f, 0.00134066592216306525);
    p = fused_float64(p, f, 0.00961769279153484343);
    p = fused_float64(p, f, 0.0555031050889036729);
    p = fused_float64(p, f, 0.240226527841904042);
    p = fused_float64(p, f, 0.693147214989711271);
    return times_power_of_two(fused_float64(p, f, 1), shifted);
}

/* P(X <= -a) / e^(-a^2 / 2) for a >= 0: a quotient of polynomials that is minimax for the relative
 * error, to 27 bits. */
static inline double normal_tail_sharef(double a) {
    double p = fused_float64(0.00401967261, a, 0.0399806797);
    p = fused_float64(p, a, 0.181296385);
    p = fused_float64(p, a, 0.435672285);
    p = fused_float64(p, a, 0.500000002);
    double q = fused_float64(0.0100756817, a, 0.100224089);
    q = fused_float64(q, a, 0.464352947);
    q = fused_float64(q, a, 1.19444108);
    q = fused_float64(q, a, 1.66922949);
    q = fused_float64(q, a, 1);
    return p / q;
}

/* |x|, or 15 where it is more or NaN. Integers, because the minimum of floats, which keeps NaN, is
 * not one instruction in GCC's loops: it would compute what follows for 15 apart, and select. */
static inline float size_to_15(float x) {
    const int32_t sign = INT32_MIN, fifteen = 0x41700000;
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= ~sign;
    bits = bits < fifteen ? bits : fifteen;
    memcpy(&x, &bits, sizeof x);
    return x;
}

typedef struct normal_tails {
    double power; /* e^(-x^2 / 2) */
    double tail;  /* P(X <= -|x|) */
} normal_tails;

/* From 15 on both are those of 15, too small for a float; for NaN, too. */
static inline normal_tails normal_tails_off(float x) {
    const double minus_half_log2_e = -0.72134752044448170;
    double a = size_to_15(x);
    double power = exp2_below_0(minus_half_log2_e * (a * a));
    return (normal_tails){power, power * normal_tail_sharef(a)};
}

static inline float fast_normal_cdff(float x) {
    double tail = normal_tails_off(x).tail;
    float y = (float)(x < 0 ? tail : 1 - tail);
    return x != x ? x : y;
}

/* The same to 56 bits, for a <= 38.6. */
static inline double normal_tail_share(double a) {
    double p = fused_float64(1.72658903611578517e-7, a, 5.6070889851400602e-6);
    p = fused_float64(p, a, 8.87139919282355134e-5);
    p = fused_float64(p, a, 0.000891892444302411384);
    p = fused_float64(p, a, 0.00627427818377369694);
    p = fused_float64(p, a, 0.0321772585186134237);
    p = fused_float64(p, a, 0.121759803406986755);
    p = fused_float64(p, a, 0.336321496640119639);
    p = fused_float64(p, a, 0.652307385238202242);
    p = fused_float64(p, a, 0.81039132974595655);
    p = fused_float64(p, a, 0.5);
    double q = fused_float64(4.32791689659127991e-7, a, 1.40548877886192942e-5);
    q = fused_float64(q, a, 0.000222805792203074982);
    q = fused_float64(q, a, 0.00224969770715630046);
    q = fused_float64(q, a, 0.0159487904932416414);
    q = fused_float64(q, a, 0.0828639597052939359);
    q = fused_float64(q, a, 0.320493416009264433);
    q = fused_float64(q, a, 0.919358929249453995);
    q = fused_float64(q, a, 1.91103198137453185);
    q = fused_float64(q, a, 2.73443200326959083);
    q = fused_float64(q, a, 2.41866722029477846);
    q = fused_float64(q, a, 1);
    return p / q;
}

/* a^2 is the exact square of a's first 26 bits, and a rest. From 37.52 on the tail is too small to
 * be a normal number, and both count as 0. */
static inline normal_tails normal_tails_of(double x) {
    double a = fabs(x) > 38.5 ? 38.5 : fabs(x);
    double head = of_bits(bits_of(a) & ~(uint64_t)0x7FFFFFF);
    double rest = -0.5 * ((a - head) * (a + head));
    exp_parts64 e = exp_parts64_of(-0.5 * (head * head));
    double root = expm1_rest64(e.r + rest) + 1;
    double power = times_power_of_two(root, e.shifted);
    double tail = times_power_of_two(root * normal_tail_share(a), e.shifted);
    bool is_none = a > 37.519379347;
    return (normal_tails){is_none ? 0 : power, is_none ? 0 : tail};
}

static inline double fast_normal_cdf(double x) {
    double tail = normal_tails_of(x).tail;
    return x < 0 ? tail : 1 - tail;
}

/* ---- the approximation of P(X <= x) that gelu with tanh uses: 1 / (1 + e^-u) with -------------
 *
 *     u = sqrt(8 / pi) (x + 0.044715 x^3) */
#define NORMAL_LOGIT      1.5957691216057308
#define NORMAL_LOGIT_BEND 0.044715

static inline double normal_logit(double x) {
    return NORMAL_LOGIT * x * (1 + NORMAL_LOGIT_BEND * (x * x));
}

/* e^-|u|, for float32: from |x| = 15 on it is that of 15, too small for a float. */
static inline double logit_powerf(float x) {
    const double minus_log2_e = -1.4426950408889634;
    double a = fabsf(x) > 15 ? 15 : fabsf(x);
    return exp2_below_0(minus_log2_e * normal_logit(a));
}

static inline float fast_tanh_normal_cdff(float x) {
    double power = logit_powerf(x);
    return (float)((x < 0 ? power : 1) / (1 + power));
}

/* From |x| = 22 on it is 0. */
static inline double logit_power(double x) {
    double a = fabs(x) > 22 ? 22 : fabs(x);
    return fast_exp(-normal_logit(a));
}

static inline double fast_tanh_normal_cdf(double x) {
    double power = logit_power(x);
    return (x < 0 ? power : 1) / (1 + power);
}

#endif
