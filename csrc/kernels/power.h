/* a^b = e^(b ln a) without a call or a branch, so that loops over it are vectorized. b ln a may be
 * as large as 709, and its absolute error is the relative error of the result: so ln a needs ten
 * bits more than the result has. For float32 a double has them; for float64 ln a is the sum of two
 * doubles, after the pow of Sun's fdlibm (1993). Results are within 0.51 (float32) and 1.9
 * (float64) units in the last place. */
#ifndef LEGO_KERNELS_POWER_H
#define LEGO_KERNELS_POWER_H

#include <stdbool.h>
#include <tgmath.h>

#include "../core/element_loops.h"
#include "../core/isa.h"
#include "exact_products.h"
#include "fused.h"
#include "logarithm.h"

#define power_loops FOR_ISA(power_loops)

extern element_loop *const power_loops[LEGO_DTYPE_COUNT];

#define LEAST_NORMAL(type) ((type)(sizeof(type) == 4 ? 0x1p-126 : 0x1p-1022))

/* ---- float32: |a|^b in double ---------------------------------------------------------------- */

/* log2(size) for normal, finite `size`: for size = 2^k (1 + f) and s = f / (2 + f) it is k + s
 * p(s^2). Terms are added in pairs, which do not wait for each other. */
static inline double log2_of_float32(float size) {
    log_parts l = log_parts_of(size);
    double f = l.f;
    double s = f / (2 + f);
    double z = s * s, z2 = z * z;
    double low = fused_float64(0.9617966827944552, z, 2.8853900817779268);
    double high = fused_float64(0.41175244787387144, z, 0.5770820902800781);
    high = fused_float64(0.3393760090954922, z2, high);
    return fused_float64(s, fused_float64(high, z2, low), l.k);
}

/* x, or 200 with its sign if it is more: 2^x is infinite or 0 in float32 then. */
static inline double bounded_exponent(double x) {
    double size = fabs(x);
    return copysign(size < 200 ? size : 200, x);
}

/* 2^x for |x| <= 200 */
static inline float exp2_to_float32(double x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    double shifted = x + rounder;
    double r = x - (shifted - rounder), r2 = r * r;
    double low = fused_float64(0.6931471805599453, r, 1);
    double middle = fused_float64(0.05550410600817663, r, 0.2402265102109065);
    double high = fused_float64(0.001333382013765701, r, 0.009618043301766006);
    double highest = fused_float64(1.5213583170366582e-05, r, 0.0001546538315859534);
    high = fused_float64(highest, r2, high);
    middle = fused_float64(high, r2, middle);
    return (float)times_power_of_two(fused_float64(middle, r2, low), shifted);
}

/* ---- float64: |a|^b with a logarithm of two doubles ------------------------------------------ */

#define THREE_HALVES_LN2 1.0397207708399179
#define LN2_HEAD         0x1.0a2b23f3ba8p+0 /* of 3/2 ln 2: k times it is exact */
#define LN2_TAIL         0x1.b9b40d76ac6b2p-43

typedef struct two_doubles {
    double head;
    double tail;
} two_doubles;

/* a b as a number and what its rounding lost, to which `rest` is added. */
static inline two_doubles product_of(double a, double b, double rest) {
    double head = a * b;
    return (two_doubles){head, rest - rest_of_product(head, a, b)};
}

/* 3/2 ln x for x = 2^k (1 + f): with s = f / (2 + f) and z = s^2, 3/2 ln(1 + f) is s (3 + z + z^2
 * q(z)), whose factors are sums of a head and a tail. q is minimax, to 69 bits of the whole. */
static inline two_doubles log_three_halves(double x) {
    log_parts64 l = log_parts64_of(x);
    double f = l.f, d = 2 + f, d_tail = f - (d - 2);
    double reciprocal = 1 / d;
    double s = f * reciprocal;
    double s_tail = reciprocal * fused_float64(-s, d_tail, rest_of_product(f, s, d));

    double z = s * s, z_tail = fused_float64(2 * s, s_tail, -rest_of_product(z, s, s));
    double z2 = z * z, z4 = z2 * z2;
    double low = fused_float64(0.42857142856369569, z, 0.60000000000000876);
    double middle = fused_float64(0.27272695647556663, z, 0.3333333356107941);
    double high = fused_float64(0.19905341516587074, z, 0.23079262803203108);
    high = fused_float64(0.1961023548784832, z2, high);
    double q = fused_float64(high, z4, fused_float64(middle, z2, low));
    double rest = fused_float64(z2, q, z_tail);
    double t = 3 + (z + rest), t_tail = rest - ((t - 3) - z);

    two_doubles product = product_of(s, t, fused_float64(s, t_tail, s_tail * t));
    double whole = l.k * LN2_HEAD;
    double head = whole + product.head;
    double tail = fused_float64(l.k, LN2_TAIL, product.tail) + (product.head - (head - whole));
    return (two_doubles){head, tail};
}

/* e^(2/3 b (log.head + log.tail)); infinity or 0 beyond the limits. */
static inline double power_of_log(two_doubles log, double b) {
    const double rounder = 6755399441055744.0, most = 1064.7, least = -1062.5946277983962;
    two_doubles x = product_of(log.head, b, log.tail * b);
    double shifted = fused_float64(x.head, 1 / THREE_HALVES_LN2, rounder);
    double k = shifted - rounder;
    double r = fused_float64(-k, LN2_TAIL, fused_float64(-k, LN2_HEAD, x.head)) + x.tail;
    double e = expm1_rest64(r * (2.0 / 3)) + 1;
    double y = times_power_of_two(e, shifted);
    double top = e >= 1 ? INFINITY : y;
    y = k == 1024 ? top : y;
    y = x.head <= most ? y : INFINITY;
    return x.head < least ? 0 : y;
}

/* ---- both, with signs and special values ----------------------------------------------------- */

#define TEMPLATE "power_special.h"
#include "per_float.h"

#endif
