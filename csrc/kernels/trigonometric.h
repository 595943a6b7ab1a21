/* sin, cos and tan without a call or a branch for |x| below a limit, so that loops over them are
 * vectorized; beyond it angles are reduced one at a time first (angle.h). x is taken modulo pi or
 * pi/2 by subtracting k times that number, which is the sum of parts of so few bits that k times a
 * part is exact (Cody and Waite: "Software Manual for the Elementary Functions", 1980). The
 * polynomials and quotients are minimax for the relative error, by Remez's algorithm; after each
 * coefficient of float64 was rounded, the others were found anew.
 *
 * Results of float32, which end with f, are computed in float64, and are within 0.51 units in the
 * last place; those of float64 within 0.8. */
#ifndef LEGO_KERNELS_TRIGONOMETRIC_H
#define LEGO_KERNELS_TRIGONOMETRIC_H

#include "angle.h"
#include "exact_products.h"
#include "fused.h"

/* The limits: k has no more bits than a part of pi leaves. */
#define NEAR_LIMIT_float32 0x1p20f
#define NEAR_LIMIT_float64 (IS_FUSED ? 0x1p27 : 0x1p14)

/* ---- float32 --------------------------------------------------------------------------------- */

/* sin r for |r| <= pi/2, to 35 bits. */
static inline double sin_of_half_turn(double r) {
    double z = r * r;
    double p = -2.3868228473405952e-08;
    p = fused_float64(p, z, 2.752396435860101e-06);
    p = fused_float64(p, z, -0.00019840832690393064);
    p = fused_float64(p, z, 0.008333330719492596);
    p = fused_float64(p, z, -0.16666666608796418);
    return r * fused_float64(p, z, 0.9999999999788359);
}

/* sin x = (-1)^k sin r for x = k pi + r, where `shifted` ends with the bits of k. */
static inline double sin_by_half_turns(double x, double k, double shifted) {
    const double pi_high = 0x1.921fb544p+1, pi_low = 0x1.0b4611a626331p-33; /* 32 and 53 bits */
    double y = sin_of_half_turn(fused_float64(-k, pi_low, fused_float64(-k, pi_high, x)));
    return of_bits(bits_of(y) ^ bits_of(shifted) << 63);
}

static inline float fast_sinf(float x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    double shifted = fused_float64(x, 0.31830988618379067, rounder);
    return (float)sin_by_half_turns(x, shifted - rounder, shifted);
}

/* cos x = sin(x + pi/2) = (-1)^k sin r for x = (k - 1/2) pi + r */
static inline float fast_cosf(float x) {
    const double rounder = 6755399441055744.0;
    double shifted = fused_float64(x, 0.31830988618379067, 0.5) + rounder;
    return (float)sin_by_half_turns(x, (shifted - rounder) - 0.5, shifted);
}

/* tan(q pi/2 + r) for |r| <= pi/4: r P(r^2) / Q(r^2), to 35 bits, or -1 by it where q is odd. */
static inline double tan_of_quarter_turn(uint64_t quarters, double r) {
    double z = r * r;
    double p = fused_float64(0.0010751564137886597, z, -0.11136146470755165);
    p = r * fused_float64(p, z, 1.000000000022097);
    double q = fused_float64(0.01597340191921642, z, -0.4446947963783547);
    q = fused_float64(q, z, 1);
    bool is_odd = quarters & 1;
    return (is_odd ? q : p) / (is_odd ? -p : q);
}

/* x = q pi/2 + rest, where `quarters` ends with the bits of q. */
typedef struct quarter_turns {
    uint64_t quarters;
    double rest;
} quarter_turns;

static inline quarter_turns quarter_turns_of(float x) {
    const double rounder = 6755399441055744.0;
    const double half_pi_high = 0x1.921fb544p+0, half_pi_low = 0x1.0b4611a626331p-34;

    double shifted = fused_float64(x, 0.63661977236758134, rounder);
    double k = shifted - rounder;
    double r = fused_float64(-k, half_pi_low, fused_float64(-k, half_pi_high, x));
    return (quarter_turns){bits_of(shifted), r};
}

/* ---- float64 --------------------------------------------------------------------------------- */

/* x - k part as a number and what is lost where it is rounded, for a product without an error. With
 * a = x and b = k part, the difference a - b is rounded to s and loses (a - s) - b: either |a| is
 * not below |b|, or s is exact. */
typedef struct difference {
    double rounded, lost;
} difference;

static inline difference difference_of(double x, double k, double part) {
    double rounded = fused_float64(-k, part, x);
    return (difference){rounded, fused_float64(-k, part, x - rounded)};
}

/* For |x| below the limit. Next to a multiple of pi/2 the first bits of x cancel, and 144 bits of
 * pi/2 are needed. k times a part is exact for k < 2^27, but the first, which is exact where it is
 * fused, and for k < 2^14. */
static inline angle near_angle(double x) {
    const double rounder = 6755399441055744.0;
    const double half_pi_1 = 0x1.921fb54440000p+0; /* 39 bits */
    const double half_pi_2 = 0x1.68c2348000000p-39, half_pi_3 = 0x1.13198a0000000p-65;
    const double half_pi_4 = 0x1.701b839a25205p-92;

    double shifted = fused_float64(x, 0.63661977236758134, rounder);
    double k = shifted - rounder;
    difference second = difference_of(fused_float64(-k, half_pi_1, x), k, half_pi_2);
    difference third = difference_of(second.rounded, k, half_pi_3);
    double low = fused_float64(-k, half_pi_4, second.lost + third.lost);
    return (angle){bits_of(shifted), third.rounded, low};
}

/* The sine of an angle. With r = high + low, z = high^2 and w = 1 - z / 2,
 *     sin r = high + (high z S(z) + low w)          to 2^-58
 *     cos r = w + (1 - z / 2 - w + z^2 C(z) - high low)   to 2^-64 */
static inline double sin_of_angle(angle a) {
    double z = a.high * a.high;
    double s = fused_float64(1.5895461650233278e-10, z, -2.505073458791373e-08);
    s = fused_float64(s, z, 2.7557313538734026e-06);
    s = fused_float64(s, z, -0.00019841269829358528);
    s = fused_float64(s, z, 0.00833333333332184);
    s = fused_float64(s, z, -0.1666666666666663);
    double c = fused_float64(-1.1358741024508977e-11, z, 2.0875705255741376e-09);
    c = fused_float64(c, z, -2.7557314216170085e-07);
    c = fused_float64(c, z, 2.4801587288999782e-05);
    c = fused_float64(c, z, -0.001388888888887334);
    c = fused_float64(c, z, 0.041666666666666595);

    double w = fused_float64(-0.5, z, 1), lost = fused_float64(-0.5, z, 1 - w);
    double sine = a.high + fused_float64(a.high * z, s, a.low * w);
    double cosine = w + fused_float64(z * z, c, fused_float64(-a.high, a.low, lost));
    double y = a.quarters & 1 ? cosine : sine;
    return of_bits(bits_of(y) ^ (a.quarters & 2) << 62);
}

static inline double cos_of_angle(angle a) {
    return sin_of_angle((angle){a.quarters + 1, a.high, a.low});
}

static inline double fast_sin(double x) {
    double y = sin_of_angle(near_angle(x));
    return x == 0 ? x : y; /* -0 stays */
}

static inline double fast_cos(double x) {
    return cos_of_angle(near_angle(x));
}

/* (a + a_low) / (b + b_low), to an error of about half a unit: the quotient is corrected by what is
 * left of a. */
static inline double exact_quotient(double a, double a_low, double b, double b_low) {
    double inverse = 1 / b;
    double q = a * inverse;
    double left = rest_of_product(a, q, b) + a_low;
    return fused_float64(fused_float64(-q, b_low, left), inverse, q);
}

/* The tangent of an angle, by t = tan(r / 2) = high + low: tan r = 2 t / (1 - t^2), and -1 by it a
 * quarter turn further. With h = high / 2, tan h = h + h h^2 T(h^2), to 2^-58. */
static inline double tan_of_angle(angle a) {
    double h = 0.5 * a.high, z = h * h;
    double z2 = z * z, z4 = z2 * z2;
    double t0 = fused_float64(0.13333333333289155, z, 0.33333333333333504);
    double t2 = fused_float64(0.021869486814235017, z, 0.053968254007679045);
    double t4 = fused_float64(0.00359149852379662, z, 0.008863277971794497);
    double t6 = fused_float64(0.0005591188966776815, z, 0.0014615512710386466);
    t6 = fused_float64(0.00032873337077602105, z2, t6);
    t4 = fused_float64(t6, z2, t4);
    double t = fused_float64(t4, z4, fused_float64(t2, z2, t0));
    double low_half = 0.5 * a.low;
    double rest = fused_float64(h * z, t, fused_float64(low_half, z, low_half));
    double high = h + rest, low = (h - high) + rest;

    double twice = 2 * high, twice_low = 2 * low;
    double below = fused_float64(-high, high, 1);
    double below_low = fused_float64(-twice, low, fused_float64(-high, high, 1 - below));
    bool is_odd = a.quarters & 1;
    double y = exact_quotient(is_odd ? below : twice, is_odd ? below_low : twice_low,
                              is_odd ? twice : below, is_odd ? twice_low : below_low);
    return of_bits(bits_of(y) ^ (a.quarters & 1) << 63);
}

static inline double fast_tan(double x) {
    double y = tan_of_angle(near_angle(x));
    return fabs(x) < 0x1p-500 ? x : y; /* -0 stays, and what has no half */
}

#endif
