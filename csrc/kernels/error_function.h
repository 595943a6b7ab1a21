/* erf of float32 without a call or a branch, so that loops over it are vectorized. The polynomials
 * are minimax for the relative error of erf; results are within 1.5 units in the last place. */
#ifndef LEGO_KERNELS_ERROR_FUNCTION_H
#define LEGO_KERNELS_ERROR_FUNCTION_H

#include "exponential.h"

/* erf x = x + x p(x^2) for |x| < 1; else 1 - e^q(|x|), where q is the logarithm of 1 - erf. From
 * 3.95 on it is 1. */
static inline float fast_erff(float x) {
    float z = x * x;
    float p = 7.85386124e-05f;
    p = p * z - 0.000801019359f;
    p = p * z + 0.00518832768f;
    p = p * z - 0.0268538119f;
    p = p * z + 0.112835851f;
    p = p * z - 0.376126258f;
    p = p * z + 0.128379166f;
    float least = x * 1.12837917f; /* where x p would be flushed to 0 */
    float near = fabsf(x) < 1e-18f ? least : x + x * p;

    float a = fabsf(x) > 3.95f ? 3.95f : fabsf(x);
    float q = 0.000186379193f;
    q = q * a - 0.00294765831f;
    q = q * a + 0.0218380641f;
    q = q * a - 0.103106755f;
    q = q * a - 0.638144833f;
    q = q * a - 1.12708919f;
    q = q * a - 0.000341523038f;
    float far = copysignf(1 - fast_expf(q), x);
    return fabsf(x) < 1 ? near : far;
}

#endif
