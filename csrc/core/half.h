/* float16 and bfloat16, bit by bit: the same on every machine, whether it has instructions for them
 * or not, and where denormals are flushed. Compilers make vectors of these functions.
 *
 *   float16    1 bit sign, 5 bits exponent (15 stands for 2^0), 10 bits fraction
 *   bfloat16   1 bit sign, 8 bits exponent, 7 bits fraction: the upper half of a float32
 *
 * Numbers are rounded to the nearest, and a tie to the even one (IEEE 754). A NaN keeps its sign
 * and the upper bits of its fraction, so each of the 65,536 patterns survives the way to float32
 * and back. */
#ifndef LEGO_CORE_HALF_H
#define LEGO_CORE_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t float_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A normal number has its exponent moved from the bias 15 to 127, an infinity or NaN from 31 to
 * 255; what is below 2^-14 has a fixed exponent: its fraction counts 2^-24. */
static inline float float16_to_float(uint16_t x) {
    const uint32_t magnitude = x & 0x7fffu;
    const uint32_t sign = (uint32_t)(x & 0x8000u) << 16;
    const uint32_t small = float_bits((float)(int32_t)magnitude * 0x1p-24f);
    const uint32_t bias = magnitude < 0x7c00u ? 112u << 23 : 224u << 23;
    const uint32_t bits = magnitude < 0x0400u ? small : (magnitude << 13) + bias;
    return float_of_bits(sign | bits);
}

/* What is below 2^-14 is added to 1/2, whose last bit counts 2^-24: the sum rounds it. From 65520
 * on, numbers round to infinity. */
static inline uint16_t float16_of_float(float x) {
    const uint32_t bits = float_bits(x);
    const uint32_t magnitude = bits & 0x7fffffffu;
    const uint32_t sign = bits >> 16 & 0x8000u;
    const uint32_t payload = magnitude >> 13 & 0x03ffu;
    const uint32_t nan = 0x7c00u | payload | (payload == 0 ? 0x0200u : 0u);
    const uint32_t normal = (magnitude - (112u << 23) + 0x0fffu + (magnitude >> 13 & 1u)) >> 13;
    const uint32_t small = float_bits(float_of_bits(magnitude) + 0.5f) - 0x3f000000u;
    const uint32_t finite = magnitude < 0x38800000u ? small : normal;
    const uint32_t large = magnitude > 0x7f800000u ? nan : 0x7c00u;
    return (uint16_t)(sign | (magnitude < 0x477ff000u ? finite : large));
}

static inline float bfloat16_to_float(uint16_t x) {
    return float_of_bits((uint32_t)x << 16);
}

static inline uint16_t bfloat16_of_float(float x) {
    const uint32_t bits = float_bits(x);
    const uint32_t nan = bits >> 16 | ((bits & 0x007f0000u) == 0 ? 0x0040u : 0u);
    const uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded);
}

/* x rounded to odd: toward zero, and the last bit is set where anything was lost. What is rounded
 * to the nearest afterwards, to at least two bits less, is what x itself would round to (Boldo and
 * Melquiond, "Emulation of a FMA and correctly rounded sums", 2008). */
static inline float float_to_odd(double x) {
    const float nearest = (float)x;
    const double back = (double)nearest;
    const double distance = x < 0 ? -x : x;
    const double reached = back < 0 ? -back : back;
    const uint32_t bits = float_bits(nearest);
    const uint32_t toward_zero = reached > distance ? bits - 1 : bits;
    return float_of_bits(reached != distance && x == x ? toward_zero | 1u : bits);
}

/* The same for an integer, which then is exact as a double. */
static inline double double_to_odd(int64_t x) {
    const int64_t most = INT64_C(1) << 53;
    const int64_t low = x & 0x7ff;
    const int64_t odd = x - low + (low != 0 ? 0x400 : 0);
    return (double)(x > -most && x < most ? x : odd);
}

#endif
