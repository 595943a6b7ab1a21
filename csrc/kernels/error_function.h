/* erf of float32 without a call or a branch, so that loops over it are vectorized. The polynomials
 * are minimax for the relative error of erf; results are within 1.4 units in the last place. */
#ifndef LEGO_KERNELS_ERROR_FUNCTION_H
#define LEGO_KERNELS_ERROR_FUNCTION_H

#include "exponential.h"

/* erf x = x + x p(x^2) for |x| < 1; else 1 - e^q(|x|), where q is the logarithm of 1 - erf. From
 * 3.95 on the result is 1. */
static inline float fast_erff(float x) {
    float z = x * x;
    float p = 7.82057242e-05f;
    p = p * z - 0.000800089331f;
    p = p * z + 0.00518735915f;
    p = p * z - 0.0268533503f;
    p = p * z + 0.112835753f;
    p = p * z - 0.376126251f;
    p = p * z + 0.128379166f;
    float scaled = 16 * x; /* because x p may be subnormal */
    float near = (scaled + scaled * p) * 0.0625f;

    float a = fabsf(x) > 3.95f ? 3.95f : fabsf(x);
    float q = -0.00115723342f;
    q = q * a + 0.0148319466f;
    q = q * a - 0.0888000447f;
    q = q * a - 0.654239556f;
    q = q * a - 1.11762165f;
    q = q * a - 0.00261905975f;
    float far = copysignf(1 - fast_expf(q), x);
    return fabsf(x) < 1 ? near : far;
}

#endif
