/* a^b = e^(b ln a) without a call or a branch, so that loops over it are vectorized. b ln a may be
 * as large as 709, and its absolute error is the relative error of the result: so ln a needs ten
 * bits more than the result has. For float32 a double has them; for float64 ln a is the sum of two
 * doubles, after the pow of Sun's fdlibm (1993). Results are within 0.51 (float32) and 1.9
 * (float64) units in the last place. */
#ifndef LEGO_KERNELS_POWER_H
#define LEGO_KERNELS_POWER_H

#include <stdbool.h>
#include <tgmath.h>

#include "../core/array.h"
#include "../core/isa.h"
#include "fused.h"
#include "logarithm.h"

#define power_loops FOR_ISA(power_loops)

extern element_loop *const power_loops[LEGO_DTYPE_COUNT];

#define LEAST_NORMAL(type) ((type)(sizeof(type) == 4 ? 0x1p-126 : 0x1p-1022))

/* ---- float32: |a|^b in double ---------------------------------------------------------------- */

/* For normal, finite `size` and finite b: 2^x with x = b log2(size). For size = 2^k (1 + f) and s =
 * f / (2 + f), the logarithm is k + s p(s^2). */
static inline float positive_power_float32(float size, float b) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    log_parts l = log_parts_of(size);
    double f = l.f;
    double s = f / (2 + f);
    double z = s * s;
    double p = fused_float64(0.3393760090954922, z, 0.41175244787387144);
    p = fused_float64(p, z, 0.5770820902800781);
    p = fused_float64(p, z, 0.9617966827944552);
    p = fused_float64(p, z, 2.8853900817779268);
    double x = b * fused_float64(s, p, l.k);

    double shifted = x + rounder;
    double r = x - (shifted - rounder);
    double q = fused_float64(1.5213583170366582e-05, r, 0.0001546538315859534);
    q = fused_float64(q, r, 0.001333382013765701);
    q = fused_float64(q, r, 0.009618043301766006);
    q = fused_float64(q, r, 0.05550410600817663);
    q = fused_float64(q, r, 0.2402265102109065);
    q = fused_float64(q, r, 0.6931471805599453);
    double y = times_power_of_two(fused_float64(q, r, 1), shifted);
    y = x > 200 ? INFINITY : y; /* beyond these limits a float is infinite or 0 */
    return (float)(x < -200 ? 0 : y);
}

/* ---- float64: |a|^b with a logarithm of two doubles ------------------------------------------ */

/* The first 26 bits of x: the product of two such numbers is exact. */
static inline double head_of(double x) {
    return of_bits(bits_of(x) & ~(uint64_t)0x7FFFFFF);
}

#define THREE_HALVES_LN2 1.0397207708399179
#define LN2_HEAD         0x1.0a2b23f3ba8p+0 /* of 3/2 ln 2: k times it is exact */
#define LN2_TAIL         0x1.b9b40d76ac6b2p-43

typedef struct two_doubles {
    double head; /* of 26 bits */
    double tail;
} two_doubles;

/* 3/2 ln x for x = 2^k (1 + f): with s = f / (2 + f) and z = s^2, 3/2 ln(1 + f) is s (3 + z + z^2
 * q(z)), whose factors are sums of a head and a tail. q is minimax, to 69 bits of the whole. */
static inline two_doubles log_three_halves(double x) {
    log_parts64 l = log_parts64_of(x);
    double f = l.f, d = 2 + f;
    double d_head = head_of(d), d_tail = f - (d_head - 2);
    double reciprocal = 1 / d;
    double s = f * reciprocal, s_head = head_of(s);
    double s_tail = reciprocal * ((f - s_head * d_head) - s_head * d_tail);

    double z = s * s, z_head = s_head * s_head;
    double q = fused_float64(0.1961023548784832, z, 0.19905341516587074);
    q = fused_float64(q, z, 0.23079262803203108);
    q = fused_float64(q, z, 0.27272695647556663);
    q = fused_float64(q, z, 0.3333333356107941);
    q = fused_float64(q, z, 0.42857142856369569);
    q = fused_float64(q, z, 0.60000000000000876);
    double rest = z * z * q + s_tail * (s_head + s);
    double t_head = head_of(3 + z_head + rest), t_tail = rest - ((t_head - 3) - z_head);

    double product = s_head * t_head, whole = l.k * LN2_HEAD;
    double tail = s_tail * t_head + t_tail * s + l.k * LN2_TAIL;
    double head = head_of(product + tail + whole);
    return (two_doubles){head, tail - ((head - whole) - product)};
}

/* e^(2/3 (head + tail)), or infinity or 0. NaN becomes NaN or `beyond`, what is beyond the limits.
 */
static inline double exp_two_thirds(double head, double tail, double beyond) {
    const double rounder = 6755399441055744.0, most = 1064.7, least = -1062.5946277983962;
    double x = head + tail;
    double shifted = x * (1 / THREE_HALVES_LN2) + rounder;
    double k = shifted - rounder;
    double r = ((head - k * LN2_HEAD) - k * LN2_TAIL + tail) * (2.0 / 3);
    double e = expm1_rest64(r) + 1;
    double y = times_power_of_two(e, shifted);
    double top = e >= 1 ? INFINITY : y;
    y = k == 1024 ? top : y;
    y = x <= most ? y : beyond;
    return x < least ? beyond : y;
}

/* For normal, finite `size` and finite b. */
static inline double positive_power_float64(double size, double b) {
    two_doubles l = log_three_halves(size);
    double b_head = head_of(b);
    double grows = b < 0 ? 0 : INFINITY, shrinks = b < 0 ? INFINITY : 0;
    return exp_two_thirds(b_head * l.head, (b - b_head) * l.head + b * l.tail,
                          size < 1 ? shrinks : grows);
}

/* ---- both, with signs and special values ----------------------------------------------------- */

#define TEMPLATE "power_special.h"
#include "per_float.h"

#endif
