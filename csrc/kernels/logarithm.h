/* log, log2, log10 and log1p without a call or a branch, so that loops over them are vectorized.
 * Those of float32 end with f, as in C. The polynomials are minimax for the relative error; results
 * are within 1 unit in the last place. */
#ifndef LEGO_KERNELS_LOGARITHM_H
#define LEGO_KERNELS_LOGARITHM_H

#include "exponential.h"
#include "fused.h"

/* ---- float32 --------------------------------------------------------------------------------- */

/* x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for a normal x > 0. */
typedef struct log_parts {
    float k;
    float f;
} log_parts;

static inline log_parts log_parts_of(float x) {
    const int32_t root_half = 0x3F3504F3, mantissa = 0x007FFFFF; /* sqrt(1/2) in bits */
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits -= root_half;
    float k = (float)(bits >> 23);
    bits = (bits & mantissa) + root_half;
    float m;
    memcpy(&m, &bits, sizeof m);
    return (log_parts){k, m - 1};
}

/* f - ln(1 + f). With s = f / (2 + f), ln(1 + f) is 2 artanh s = 2 s + s^3 p(s^2), and 2 s is f - s
 * f. */
static inline float log_bend(float f) {
    float s = f / (2 + f);
    float z = s * s;
    float p = 0.298710629f;
    p = fused_float32(p, z, 0.399775697f);
    p = fused_float32(p, z, 0.666667761f);
    return s * fused_float32(-z, p, f);
}

/* k ln 2 + ln(1 + f) + rest, where rest is small. */
static inline float log_of_parts(log_parts l, float rest) {
    const float ln2_high = 0.693145752f, ln2_low = 1.42860677e-6f; /* k * ln2_high is exact */
    float low = fused_float32(l.k, ln2_low, rest);
    return fused_float32(l.k, ln2_high, l.f - (log_bend(l.f) - low));
}

/* The logarithm of any x: y for a finite x > 0, and the special values for the others. A number too
 * small to be normal counts as 0. */
static inline float log_special(float x, float y) {
    const float least_normal = 0x1p-126f;
    y = x < INFINITY ? y : x; /* infinity and NaN stay */
    y = x < least_normal ? -INFINITY : y;
    return x <= -least_normal ? NAN : y;
}

static inline float fast_logf(float x) {
    return log_special(x, log_of_parts(log_parts_of(x), 0));
}

/* ln(1 + f) times the logarithm of e to another base, + rest. Both factors are sums of a head and a
 * tail: where the product of the heads is rounded before it is added, they have 12 bits each. */
static inline float scaled_log1pf(float f, float e_head, float e_tail, float rest) {
    float bend = log_bend(f), whole = f - bend, head = whole;
    if (!IS_FUSED) {
        uint32_t bits;
        memcpy(&bits, &head, sizeof bits);
        bits &= 0xFFFFF000;
        memcpy(&head, &bits, sizeof head);
    }
    float tail = (f - head) - bend;
    float low = fused_float32(whole, e_tail, fused_float32(tail, e_head, rest));
    return fused_float32(head, e_head, low);
}

static inline float fast_log2f(float x) {
    log_parts l = log_parts_of(x);
    return log_special(x, l.k + scaled_log1pf(l.f, 0x1.716p+0f, -0x1.7135a8p-13f, 0));
}

static inline float fast_log10f(float x) {
    const float two_high = 0x1.3442p-2f, two_low = -3.0243555e-6f; /* k * two_high is exact */
    log_parts l = log_parts_of(x);
    float y = scaled_log1pf(l.f, 0x1.bccp-2f, -0x1.09d5b2p-15f, l.k * two_low);
    return log_special(x, fused_float32(l.k, two_high, y));
}

/* With u = 1 + x, ln(1 + x) = ln u + c / u, where c is the rounding error of u. If k is 0, f is x
 * itself, without an error. */
static inline float fast_log1pf(float x) {
    float u = 1 + x;
    log_parts l = log_parts_of(u);
    float lost = l.k > 1 ? 1 - (u - x) : x - (u - 1);
    float rest = l.k == 0 ? 0 : lost / u;
    l.f = l.k == 0 ? x : l.f;
    float y = log_special(u, log_of_parts(l, rest));
    return x == 0 ? x : y; /* -0 stays */
}

/* ---- float64: the same formulas -------------------------------------------------------------- */

typedef struct log_parts64 {
    double k;
    double f;
} log_parts64;

/* There is no instruction before AVX-512 that makes a double of an integer of 64 bits: the biased
 * exponent is written into the last bits of 2^52 instead. */
static inline log_parts64 log_parts64_of(double x) {
    const uint64_t root_half = 0x3FE6A09E667F3BCD, one = 0x3FF0000000000000;
    const uint64_t mantissa = 0x000FFFFFFFFFFFFF, two_52 = 0x4330000000000000;
    uint64_t bits = bits_of(x) + (one - root_half);
    double k = of_bits(bits >> 52 | two_52) - 4503599627371519.0; /* 2^52 + 1023 */
    return (log_parts64){k, of_bits((bits & mantissa) + root_half) - 1};
}

static inline double log_bend64(double f) {
    double s = f / (2 + f);
    double z = s * s;
    double p = fused_float64(0.1474667575252774, z, 0.15319014638834059);
    p = fused_float64(p, z, 0.18183368417013363);
    p = fused_float64(p, z, 0.22222202389265808);
    p = fused_float64(p, z, 0.28571428704576605);
    p = fused_float64(p, z, 0.39999999999588955);
    p = fused_float64(p, z, 0.6666666666666707);
    return s * fused_float64(-z, p, f);
}

static inline double log_of_parts64(log_parts64 l, double rest) {
    double low = fused_float64(l.k, LN2_LOW, rest);
    return fused_float64(l.k, LN2_HIGH, l.f - (log_bend64(l.f) - low));
}

static inline double log_special64(double x, double y) {
    const double least_normal = 0x1p-1022;
    y = x < INFINITY ? y : x;
    y = x < least_normal ? -INFINITY : y;
    return x <= -least_normal ? NAN : y;
}

static inline double fast_log(double x) {
    return log_special64(x, log_of_parts64(log_parts64_of(x), 0));
}

/* Heads of 26 bits. */
static inline double scaled_log1p64(double f, double e_head, double e_tail, double rest) {
    double bend = log_bend64(f), whole = f - bend;
    double head = IS_FUSED ? whole : of_bits(bits_of(whole) & ~(uint64_t)0x7FFFFFF);
    double tail = (f - head) - bend;
    double low = fused_float64(whole, e_tail, fused_float64(tail, e_head, rest));
    return fused_float64(head, e_head, low);
}

static inline double fast_log2(double x) {
    log_parts64 l = log_parts64_of(x);
    double y = scaled_log1p64(l.f, 0x1.7154768p+0, -0x1.6a3e80f444178p-27, 0);
    return log_special64(x, l.k + y);
}

static inline double fast_log10(double x) {
    const double two_high = 0x1.34413509f78p-2, two_low = 0x1.fef311f12b358p-46;
    log_parts64 l = log_parts64_of(x);
    double y = scaled_log1p64(l.f, 0x1.bcb7b18p-2, -0x1.6c8d78e6acaa4p-29, l.k * two_low);
    return log_special64(x, fused_float64(l.k, two_high, y));
}

static inline double fast_log1p(double x) {
    double u = 1 + x;
    log_parts64 l = log_parts64_of(u);
    double lost = l.k > 1 ? 1 - (u - x) : x - (u - 1);
    double rest = l.k == 0 ? 0 : lost / u;
    l.f = l.k == 0 ? x : l.f;
    double y = log_special64(u, log_of_parts64(l, rest));
    return x == 0 ? x : y;
}

#endif
