/* Angles of any size modulo a quarter turn (Payne and Hanek: "Radian reduction for trigonometric
 * functions", SIGNUM Newsletter 18, 1983).
 *
 * x = m 2^e with an integer m below 2^53. Of the bits of 2/pi, those before weight 2^(1-e) add
 * multiples of four quarter turns to x 2/pi; they are left out. The next 192 bits are multiplied by
 * m. Of the product modulo 2^192, two bits are the quarter turns, and 126 more are taken as the
 * fraction of one. No double is nearer to a multiple of pi/2 than 2^-62, so 64 bits of the fraction
 * are right at least. Integers do this one number at a time; that fractions become radians is
 * vectorized. */
#include "angle.h"

#include "exact_products.h"

__extension__ typedef unsigned __int128 uint128;

/* The bits of 2/pi, after 64 that are 0. */
static const uint64_t two_over_pi[] = {
    0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041,
    0xFE5163ABDEBBC561, 0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E,
    0xE88235F52EBB4484, 0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B,
    0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D,
    0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB,
    0xF0CFBC209AF4361D,
};

/* 64 bits of it, from bit `begin` on. */
static inline uint64_t bits_of_two_over_pi(int begin) {
    const uint64_t *words = two_over_pi + begin / 64;
    int shift = begin % 64;
    return words[0] << shift | words[1] >> 1 >> (63 - shift);
}

/* x 2/pi is q + (high 2^64 + low) 2^-126, high a signed number, -2^61 <= high < 2^61. */
typedef struct turns {
    uint64_t quarters, high, low;
} turns;

static inline turns turns_of(double x) {
    const uint64_t bits = bits_of(x);
    int exponent = (int)(bits >> 52 & 0x7FF);
    exponent = exponent < 0x7FF ? exponent : 0x7FE; /* of infinity; it is NaN later */
    uint64_t m = (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000;
    int begin = exponent - 1075 + 62; /* where bit e - 1 of 2/pi is, of which the first is bit 1 */

    uint128 last = (uint128)m * bits_of_two_over_pi(begin + 128);
    uint128 middle = (uint128)m * bits_of_two_over_pi(begin + 64) + (uint64_t)(last >> 64);
    uint64_t high = m * bits_of_two_over_pi(begin) + (uint64_t)(middle >> 64);
    uint64_t quarters = (high + (UINT64_C(1) << 61)) >> 62; /* to the nearest */
    high -= quarters << 62;

    /* All bits set if x < 0: ~a is -a but for the last bit, (q ^ s) - s is -q. A branch would be
     * taken at random. */
    const uint64_t sign = -(bits >> 63);
    return (turns){(quarters ^ sign) - sign, high ^ sign, (uint64_t)middle ^ sign};
}

/* An integer below 2^32 as a double, without an instruction for it: the last bits of 2^52. */
static inline double of_word(uint64_t word) {
    const uint64_t bits_of_two_52 = 0x4330000000000000;
    return of_bits(bits_of_two_52 | (word & 0xFFFFFFFF)) - 0x1p52;
}

/* The fraction of a quarter turn is the sum of its four words of 32 bits, f + f_low with f rounded
 * to a double; the product with pi/2 = p + p_low is exact but for f_low p_low (Dekker: "A
 * floating-point technique for extending the available precision", 1971). */
static inline angle in_radians(turns t) {
    const double p = 0x1.921fb54442d18p-62, p_low = 0x1.1a62633145c07p-116; /* pi/2 2^-62 */
    const double p1 = 0x1.921fb50000000p-62, p2 = 0x1.110b460000000p-88;    /* p = p1 + p2 */

    double first = (of_word((t.high ^ UINT64_C(1) << 63) >> 32) - 0x1p31) * 0x1p32;
    double second = of_word(t.high), third = of_word(t.low >> 32) * 0x1p-32;
    double sum = first + second;
    double sum_low = (first - sum) + second;
    double f = sum + third;
    double f_low = ((sum - f) + third) + (sum_low + of_word(t.low) * 0x1p-64);

    double f1 = leading_bits(f), f2 = f - f1;
    double high = f * p;
    double low = (((f1 * p1 - high) + f1 * p2) + f2 * p1) + f2 * p2;
    return (angle){t.quarters, high, low + (f * p_low + f_low * p)};
}

void reduce_angles(int64_t n, const double *xs, angles made) {
    enum { BLOCK = 64 };
    turns reduced[BLOCK];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        for (int64_t i = 0; i < count; i++) {
            reduced[i] = turns_of(xs[begin + i]);
        }
        _Pragma("omp simd") for (int64_t i = 0; i < count; i++) {
            angle a = in_radians(reduced[i]);
            double x = xs[begin + i];
            made.quarters[begin + i] = a.quarters;
            made.high[begin + i] = a.high + (x - x); /* NaN for infinity */
            made.low[begin + i] = a.low;
        }
    }
}
