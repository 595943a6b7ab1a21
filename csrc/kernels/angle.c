/* Angles of any size modulo a quarter turn (Payne and Hanek: "Radian reduction for trigonometric
 * functions", SIGNUM Newsletter 18, 1983).
 *
 * x = m 2^e with an integer m below 2^53. Of the bits of 2/pi, those before weight 2^(1-e) add
 * multiples of four quarter turns to x 2/pi; they are left out. The next 192 bits are multiplied by
 * m. Of the product modulo 2^192, two bits are the quarter turns, and the others are the fraction,
 * to an error of 2^-137. No double is nearer to a multiple of pi/2 than 2^-62, so 75 bits of the
 * fraction are right at least. */
#include "angle.h"

#include <string.h>

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
static uint64_t bits_of_two_over_pi(int begin) {
    const uint64_t *words = two_over_pi + begin / 64;
    int shift = begin % 64;
    return shift == 0 ? words[0] : words[0] << shift | words[1] >> (64 - shift);
}

/* The fraction (high 2^64 + low) 2^-126 of a quarter turn in radians, with that sign bit: its 64
 * leading bits times pi/2, as a sum of two doubles. */
static angle in_radians(uint64_t high, uint64_t low, uint64_t sign) {
    const uint64_t half_pi = 0xC90FDAA22168C235; /* pi/2 2^63 */
    int shift = high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll(low | 1);
    uint128 leading = ((uint128)high << 64 | low) << shift;
    int64_t radians = (int64_t)((uint128)(uint64_t)(leading >> 64) * half_pi >> 65);

    uint64_t scale_bits = sign | (uint64_t)(1023 - 60 - shift) << 52; /* +-2^(-60 - shift) */
    double scale;
    memcpy(&scale, &scale_bits, sizeof scale);
    double rounded = (double)radians;
    return (angle){0, rounded * scale, (double)(radians - (int64_t)rounded) * scale};
}

angle reduced_angle(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7FF);
    if (exponent == 0x7FF) {
        return (angle){0, x - x, 0};
    }
    uint64_t m = (bits & 0xFFFFFFFFFFFFF) | 0x10000000000000;
    int begin = exponent - 1075 + 62; /* where bit e - 1 of 2/pi is, of which the first is bit 1 */

    uint128 last = (uint128)m * bits_of_two_over_pi(begin + 128);
    uint128 middle = (uint128)m * bits_of_two_over_pi(begin + 64) + (uint64_t)(last >> 64);
    uint64_t high = m * bits_of_two_over_pi(begin) + (uint64_t)(middle >> 64);
    uint64_t low = (uint64_t)middle;

    uint64_t quarters = (high + (UINT64_C(1) << 61)) >> 62; /* to the nearest */
    high -= quarters << 62;
    /* All bits set if the rest is below 0, or x: ~a is -a but for 1, and (q ^ s) - s is q or -q. A
     * branch would be taken at random. */
    const uint64_t below = -(high >> 63), negative = -(bits >> 63);
    angle a = in_radians(high ^ below, low ^ below, (below ^ negative) << 63);
    a.quarters = (quarters ^ negative) - negative;
    return a;
}
