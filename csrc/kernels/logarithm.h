/* log of float32 without a call or a branch, so that loops over it are vectorized. The polynomial
 * is minimax for the relative error; results are within 1.5 units in the last place. */
#ifndef LEGO_KERNELS_LOGARITHM_H
#define LEGO_KERNELS_LOGARITHM_H

#include <stdint.h>
#include <string.h>

/* ln x for a normal x > 0; NaN stays. x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), and with
 * s = f / (2 + f) it is ln(1 + f) = 2 artanh s = 2 s + s^3 p(s^2), where 2 s is f - s f. */
static inline float fast_logf(float x) {
    const int32_t root_half = 0x3F3504F3, mantissa = 0x007FFFFF;   /* sqrt(1/2) in bits */
    const float ln2_high = 0.693145752f, ln2_low = 1.42860677e-6f; /* k * ln2_high is exact */

    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits -= root_half;
    float k = (float)(bits >> 23);
    bits = (bits & mantissa) + root_half;
    float m;
    memcpy(&m, &bits, sizeof m);

    float f = m - 1;
    float s = f / (2 + f);
    float z = s * s;
    float p = 0.298710629f;
    p = p * z + 0.399775697f;
    p = p * z + 0.666667761f;
    float y = k * ln2_high + (f - (s * (f - z * p) - k * ln2_low));
    return x == x ? y : x;
}

#endif
