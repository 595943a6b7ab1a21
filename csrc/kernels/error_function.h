/* erf without a call or a branch, so that loops over it are vectorized; that of float32 ends with
 * f, as in C. The polynomials are minimax for the relative error of erf; results are within 1.5
 * units in the last place. */
#ifndef LEGO_KERNELS_ERROR_FUNCTION_H
#define LEGO_KERNELS_ERROR_FUNCTION_H

#include "exponential.h"
#include "fused.h"

/* erf x = x + x p(x^2) for |x| < 1; else 1 - e^q(|x|), where q is the logarithm of 1 - erf. From
 * 3.95 on the result is 1. */
static inline float fast_erff(float x) {
    float z = x * x;
    float p = fused_float32(7.82057242e-05f, z, -0.000800089331f);
    p = fused_float32(p, z, 0.00518735915f);
    p = fused_float32(p, z, -0.0268533503f);
    p = fused_float32(p, z, 0.112835753f);
    p = fused_float32(p, z, -0.376126251f);
    p = fused_float32(p, z, 0.128379166f);
    float scaled = 16 * x; /* because x p may be subnormal */
    float near = fused_float32(scaled, p, scaled) * 0.0625f;

    float a = fabsf(x) > 3.95f ? 3.95f : fabsf(x);
    float q = fused_float32(-0.00115723342f, a, 0.0148319466f);
    q = fused_float32(q, a, -0.0888000447f);
    q = fused_float32(q, a, -0.654239556f);
    q = fused_float32(q, a, -1.11762165f);
    q = fused_float32(q, a, -0.00261905975f);
    exp_parts e = exp_parts_of(q);
    float power = times_power_of_twof(expm1_of_rest(e.r) + 1, e.k);
    float far = copysignf(1 - power, x);
    return fabsf(x) >= 1 ? far : near; /* NaN is near */
}

/* The same near 0, and else 1 - e^(-x^2) p(|x|) / q(|x|), a quotient of polynomials. From 6 on the
 * result is 1. So long a function is not inlined, and its loop not vectorized, unless it must. */
static inline __attribute__((always_inline)) double fast_erf(double x) {
    double z = x * x;
    double p = fused_float64(-7.77946848895985299e-10, z, 1.37109803980285611e-8);
    p = fused_float64(p, z, -1.62063137584932148e-7);
    p = fused_float64(p, z, 1.64471315712790022e-6);
    p = fused_float64(p, z, -1.49247123020098629e-5);
    p = fused_float64(p, z, 0.000120552935769006263);
    p = fused_float64(p, z, -0.000854832592931449025);
    p = fused_float64(p, z, 0.00522397760611847331);
    p = fused_float64(p, z, -0.026866170643111467);
    p = fused_float64(p, z, 0.112837916709441847);
    p = fused_float64(p, z, -0.376126389031835195);
    p = fused_float64(p, z, 0.128379167095512566);
    double scaled = 16 * x;
    double near = fused_float64(scaled, p, scaled) * 0.0625;

    double a = fabs(x) > 6 ? 6 : fabs(x);
    double above = fused_float64(0.00103332489972527069, a, 0.0136354110164191953);
    above = fused_float64(above, a, 0.08862255798139131);
    above = fused_float64(above, a, 0.357098314226765218);
    above = fused_float64(above, a, 0.953914569988495193);
    above = fused_float64(above, a, 1.68840488280650239);
    above = fused_float64(above, a, 1.85064322630101371);
    above = fused_float64(above, a, 0.999999990766293625);
    double below = fused_float64(0.00183152071298936177, a, 0.0241681358103555217);
    below = fused_float64(below, a, 0.157995182888984862);
    below = fused_float64(below, a, 0.645023817867911239);
    below = fused_float64(below, a, 1.76840058314933967);
    below = fused_float64(below, a, 3.29693461845344712);
    below = fused_float64(below, a, 4.04987209644237696);
    below = fused_float64(below, a, 2.9790222936140408);
    below = fused_float64(below, a, 1);
    exp_parts64 e = exp_parts64_of(-a * a);
    double power = times_power_of_two(expm1_rest64(e.r) + 1, e.shifted);
    double far = copysign(1 - power * (above / below), x);
    return fabs(x) >= 1 ? far : near;
}

#endif
