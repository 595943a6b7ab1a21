/* softplus without a call or a branch, so that loops over it are vectorized; that of float32 ends
 * with f, as in C. The polynomials are minimax for the relative error; results are within 1.4 units
 * in the last place. */
#ifndef LEGO_KERNELS_SOFTPLUS_H
#define LEGO_KERNELS_SOFTPLUS_H

#include "exponential.h"
#include "fused.h"

/* ln(1 + e^x) = max(x, 0) + ln(1 + p) with p = e^-|x|: no power overflows, and below -88 the result
 * is 0. ln(1 + p) = 2 half ln 2 + ln(1 + f), where half is 1/2 if p > 1/2, else 0. With s = f / (2
 * + f), ln(1 + f) is 2 s + s^3 q(s^2), and 2 s is f - s f. A rounding error of p changes ln(1 + p)
 * by 1 / (1 + p) times the error; 3/4 is near enough. */
static inline float fast_softplusf(float x) {
    const float two_ln2 = 1.38629436f;
    float below = -fabsf(x);
    exp_parts e = exp_parts_of(below < -88 ? -88 : below);
    float power = power_of_two(e.k);
    float t = expm1_of_rest(e.r);
    float sum = 1 + t;
    float p = power * sum;
    float lost = power * (t - (sum - 1));

    float half = p > 0.5f ? 0.5f : 0;
    float f = p * (1 - half) - half;
    float s = f / (2 + f);
    float z = s * s;
    float q = 0.303591607f;
    q = fused_float32(q, z, 0.399579049f);
    q = fused_float32(q, z, 0.666669464f);
    float logarithm =
        fused_float32(half, two_ln2, f - fused_float32(s, fused_float32(-z, q, f), -0.75f * lost));
    return (x <= 0 ? 0 : x) + logarithm;
}

static inline double fast_softplus(double x) {
    const double two_ln2 = 1.3862943611198906;
    double below = -fabs(x);
    exp_parts64 e = exp_parts64_of(below < -709 ? -709 : below);
    double power = times_power_of_two(1, e.shifted);
    double t = expm1_rest64(e.r);
    double sum = 1 + t;
    double p = power * sum;
    double lost = power * (t - (sum - 1));

    double half = p > 0.5 ? 0.5 : 0;
    double f = p * (1 - half) - half;
    double s = f / (2 + f);
    double z = s * s;
    double q = 0.137832895254483718;
    q = fused_float64(q, z, 0.131830188373796583);
    q = fused_float64(q, z, 0.153905096783843839);
    q = fused_float64(q, z, 0.181816858776984699);
    q = fused_float64(q, z, 0.222222239300215426);
    q = fused_float64(q, z, 0.285714285594423053);
    q = fused_float64(q, z, 0.400000000000395746);
    q = fused_float64(q, z, 0.666666666666666244);
    double logarithm =
        fused_float64(half, two_ln2, f - fused_float64(s, fused_float64(-z, q, f), -0.75 * lost));
    return (x <= 0 ? 0 : x) + logarithm;
}

#endif
