/* sin, cos and tan without a call or a branch for |x| below a limit, so that loops over them are
 * vectorized; beyond it angles are reduced one at a time first (angle.h). x is taken modulo pi or
 * pi/2 by subtracting k times that number, which is the sum of parts of so few bits that k times a
 * part is exact (Cody and Waite: "Software Manual for the Elementary Functions", 1980). The
 * polynomials and quotients are minimax for the relative error, by Remez's algorithm; after each
 * coefficient of float64 was rounded, the others were found anew.
 *
 * Results of float32, which end with f, are computed in float64, and are within 0.51 units in the
 * last place; those of float64 within 0.8, of tan 0.82. */
#ifndef LEGO_KERNELS_TRIGONOMETRIC_H
#define LEGO_KERNELS_TRIGONOMETRIC_H

#include "angle.h"

/* The limits: k has no more bits than a part of pi leaves. */
#define NEAR_LIMIT_float32 0x1p20f
#define NEAR_LIMIT_float64 0x1p14

/* ---- float32 --------------------------------------------------------------------------------- */

/* sin r for |r| <= pi/2, to 35 bits. */
static inline double sin_of_half_turn(double r) {
    double z = r * r, z2 = z * z;
    double first = 0.9999999999788359 - 0.16666666608796418 * z;
    double second = 0.008333330719492596 - 0.00019840832690393064 * z;
    double third = 2.752396435860101e-06 - 2.3868228473405952e-08 * z;
    return r * (first + z2 * (second + z2 * third));
}

/* sin x = (-1)^k sin r for x = k pi + r, where `shifted` ends with the bits of k. */
static inline double sin_by_half_turns(double x, double k, double shifted) {
    const double pi_high = 0x1.921fb544p+1, pi_low = 0x1.0b4611a626331p-33; /* 32 and 53 bits */
    double y = sin_of_half_turn((x - k * pi_high) - k * pi_low);
    return of_bits(bits_of(y) ^ bits_of(shifted) << 63);
}

static inline float fast_sinf(float x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    double shifted = x * 0.31830988618379067 + rounder;
    return (float)sin_by_half_turns(x, shifted - rounder, shifted);
}

/* cos x = sin(x + pi/2) = (-1)^k sin r for x = (k - 1/2) pi + r */
static inline float fast_cosf(float x) {
    const double rounder = 6755399441055744.0;
    double shifted = (x * 0.31830988618379067 + 0.5) + rounder;
    return (float)sin_by_half_turns(x, (shifted - rounder) - 0.5, shifted);
}

/* tan(q pi/2 + r) for |r| <= pi/4: r P(r^2) / Q(r^2), to 35 bits, or -1 by it where q is odd. */
static inline double tan_of_quarter_turn(uint64_t quarters, double r) {
    double z = r * r;
    double p = 0.0010751564137886597;
    p = p * z - 0.11136146470755165;
    p = p * z + 1.000000000022097;
    p *= r;
    double q = 0.01597340191921642;
    q = q * z - 0.4446947963783547;
    q = q * z + 1;
    return quarters & 1 ? -q / p : p / q;
}

static inline float fast_tanf(float x) {
    const double rounder = 6755399441055744.0;
    const double half_pi_high = 0x1.921fb544p+0, half_pi_low = 0x1.0b4611a626331p-34;

    double shifted = x * 0.63661977236758134 + rounder;
    double k = shifted - rounder;
    double r = (x - k * half_pi_high) - k * half_pi_low;
    return (float)tan_of_quarter_turn(bits_of(shifted), r);
}

/* ---- float64 --------------------------------------------------------------------------------- */

/* For |x| < 2^14. Next to a multiple of pi/2 the first bits of x cancel, and 131 bits of pi/2 are
 * needed. The second difference a - b is rounded to s and loses (a - s) - b: either |a| is not
 * below |b|, or s is exact. */
static inline angle near_angle(double x) {
    const double rounder = 6755399441055744.0;
    const double half_pi_1 = 0x1.921fb54440000p+0; /* 39 bits */
    const double half_pi_2 = 0x1.68c234c4c4000p-39, half_pi_3 = 0x1.3145c06e0e689p-78;

    double shifted = x * 0.63661977236758134 + rounder;
    double k = shifted - rounder;
    double first = x - k * half_pi_1;
    double second = first - k * half_pi_2;
    double low = ((first - second) - k * half_pi_2) - k * half_pi_3;
    double high = second + low;
    return (angle){bits_of(shifted), high, (second - high) + low};
}

/* The sine of an angle. With r = high + low, z = high^2 and w = 1 - z / 2,
 *     sin r = high + (high z S(z) + low w)          to 2^-58
 *     cos r = w + (1 - z / 2 - w + z^2 C(z) - high low)   to 2^-64
 * The polynomials are summed in pairs: fewer operations wait for others. */
static inline double sin_of_angle(angle a) {
    double z = a.high * a.high, z2 = z * z;
    double s = (2.7557313538734026e-06 - 2.505073458791373e-08 * z) + z2 * 1.5895461650233278e-10;
    s = (0.00833333333332184 - 0.00019841269829358528 * z) + z2 * s;
    s = -0.1666666666666663 + z * s;
    double c = (-2.7557314216170085e-07 + 2.0875705255741376e-09 * z) - z2 * 1.1358741024508977e-11;
    c = (-0.001388888888887334 + 2.4801587288999782e-05 * z) + z2 * c;
    c = 0.041666666666666595 + z * c;

    double half = 0.5 * z, w = 1 - half;
    double sine = a.high + (a.high * (z * s) + a.low * w);
    double cosine = w + (((1 - w) - half) + (z2 * c - a.high * a.low));
    double y = a.quarters & 1 ? cosine : sine;
    return of_bits(bits_of(y) ^ (a.quarters & 2) << 62);
}

static inline double cos_of_angle(angle a) {
    return sin_of_angle((angle){a.quarters + 1, a.high, a.low});
}

static inline double fast_sin(double x) {
    double y = sin_of_angle(near_angle(x));
    return fabs(x) < 0x1p-500 ? x : y; /* -0 stays, and what is so small that z is 0 */
}

static inline double fast_cos(double x) {
    return cos_of_angle(near_angle(x));
}

/* (a + a_low) / (b + b_low), to an error of about half a unit: the quotient is corrected by what is
 * left of a after it is multiplied by b, in parts of 26 bits (Dekker: "A floating-point technique
 * for extending the available precision", 1971). */
static inline double exact_quotient(double a, double a_low, double b, double b_low) {
    double inverse = 1 / b;
    double q = a * inverse;
    double q1 = leading_bits(q), q2 = q - q1;
    double b1 = leading_bits(b), b2 = b - b1;
    double left = (((a - q1 * b1) - q1 * b2) - q2 * b1) - q2 * b2;
    return q + ((left + a_low) - q * b_low) * inverse;
}

/* The tangent of an angle, by t = tan(r / 2) = high + low: tan r = 2 t / (1 - t^2), and -1 by it a
 * quarter turn further. With h = high / 2, tan h = h + h h^2 T(h^2), to 2^-58. */
static inline double tan_of_angle(angle a) {
    double h = 0.5 * a.high, z = h * h;
    double t = 0.00032873337077602105;
    t = t * z + 0.0005591188966776815;
    t = t * z + 0.0014615512710386466;
    t = t * z + 0.00359149852379662;
    t = t * z + 0.008863277971794497;
    t = t * z + 0.021869486814235017;
    t = t * z + 0.053968254007679045;
    t = t * z + 0.13333333333289155;
    t = t * z + 0.33333333333333504;
    double rest = h * (z * t) + 0.5 * a.low * (1 + z);
    double high = h + rest, low = (h - high) + rest;

    double square = high * high;
    double below = 1 - square;
    double below_low = ((1 - below) - square) - 2 * high * low;
    bool is_odd = a.quarters & 1;
    double p = is_odd ? -below : 2 * high, p_low = is_odd ? -below_low : 2 * low;
    double q = is_odd ? 2 * high : below, q_low = is_odd ? 2 * low : below_low;
    return exact_quotient(p, p_low, q, q_low);
}

static inline double fast_tan(double x) {
    double y = tan_of_angle(near_angle(x));
    return fabs(x) < 0x1p-500 ? x : y;
}

#endif
