/* What the rounding of a product loses, for functions that need more digits than a double has. */
#ifndef LEGO_KERNELS_EXACT_PRODUCTS_H
#define LEGO_KERNELS_EXACT_PRODUCTS_H

#include "exponential.h"
#include "fused.h"

/* x without its 27 last bits: the product of two such numbers is exact. */
static inline double leading_bits(double x) {
    return of_bits(bits_of(x) & 0xFFFFFFFFF8000000);
}

/* c - a b without an error, where c is near to a b; without fused operations in parts of 26 bits
 * (Dekker: "A floating-point technique for extending the available precision", 1971). */
static inline double rest_of_product(double c, double a, double b) {
    if (IS_FUSED) {
        return fused_float64(-a, b, c);
    }
    double a1 = leading_bits(a), a2 = a - a1;
    double b1 = leading_bits(b), b2 = b - b1;
    return (((c - a1 * b1) - a1 * b2) - a2 * b1) - a2 * b2;
}

#endif
