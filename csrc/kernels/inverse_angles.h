/* arcsin, arccos, arctan and arctan2 without a call or a branch, so that loops over them are
 * vectorized; inverse_angles_block.h has the formulas, for float32 and float64 alike. Here are what
 * differs: the constants, and the polynomials, which are minimax for the relative error of the
 * function; after each coefficient was rounded, the others were found anew. Results are within 1.4
 * units in the last place, those of arctan2 within 1.7. */
#ifndef LEGO_KERNELS_INVERSE_ANGLES_H
#define LEGO_KERNELS_INVERSE_ANGLES_H

#include <stdbool.h>
#include <tgmath.h>

#include "fused.h"

/* pi and its quarter are twice and half of it; the second part is what the first loses. 3/4 pi is
 * 3/2 of it, where a product is rounded. */
#define HALF_PI_float32        0x1.921fb6p+0f
#define HALF_PI_LOW_float32    -0x1.777a5cp-25f
#define LOST_OF_3_4_PI_float32 0x1p-24f
#define HALF_PI_float64        0x1.921fb54442d18p+0
#define HALF_PI_LOW_float64    0x1.1a62633145c07p-54
#define LOST_OF_3_4_PI_float64 0

/* Two numbers of which one is larger are scaled, so that their sum does not overflow. */
#define MUCH_float32 0x1p100f
#define MUCH_float64 0x1p1000

/* (arcsin s - s) / s^3 for z = s^2 <= 1/4, to 27 and 57 bits. */
static inline float arcsin_bend_float32(float z) {
    float p = 0.04215809f;
    p = fused_float32(p, z, 0.024184844f);
    p = fused_float32(p, z, 0.045469142f);
    p = fused_float32(p, z, 0.074953094f);
    return fused_float32(p, z, 0.16666752f);
}

static inline double arcsin_bend_float64(double z) {
    double p = 0.03263061673483;
    p = fused_float64(p, z, -0.02100001272977477);
    p = fused_float64(p, z, 0.02170701239120648);
    p = fused_float64(p, z, 0.003706915449091366);
    p = fused_float64(p, z, 0.010780050459659036);
    p = fused_float64(p, z, 0.011398958893324254);
    p = fused_float64(p, z, 0.013980813642184398);
    p = fused_float64(p, z, 0.017351612688240838);
    p = fused_float64(p, z, 0.02237221494399987);
    p = fused_float64(p, z, 0.03038194270961281);
    p = fused_float64(p, z, 0.04464285717456522);
    p = fused_float64(p, z, 0.07499999999970863);
    return fused_float64(p, z, 0.1666666666666676);
}

/* (arctan t - t) / t^3 for z = t^2 and |t| <= tan(1/2), to 29 and 58 bits. */
static inline float arctan_bend_float32(float z) {
    float p = 0.034141615f;
    p = fused_float32(p, z, -0.076447286f);
    p = fused_float32(p, z, 0.108479835f);
    p = fused_float32(p, z, -0.1426059f);
    p = fused_float32(p, z, 0.19998877f);
    return fused_float32(p, z, -0.33333316f);
}

static inline double arctan_bend_float64(double z) {
    double p = -0.006410650947121458;
    p = fused_float64(p, z, 0.020330393239384518);
    p = fused_float64(p, z, -0.03461720892626162);
    p = fused_float64(p, z, 0.04479859791731813);
    p = fused_float64(p, z, -0.05199064655306149);
    p = fused_float64(p, z, 0.058719149562318176);
    p = fused_float64(p, z, -0.06665455143386827);
    p = fused_float64(p, z, 0.07692209128141611);
    p = fused_float64(p, z, -0.0909090364170526);
    p = fused_float64(p, z, 0.1111111091671101);
    p = fused_float64(p, z, -0.14285714281611525);
    p = fused_float64(p, z, 0.19999999999956303);
    return fused_float64(p, z, -0.3333333333333317);
}

#define TEMPLATE "inverse_angles_block.h"
#include "per_float.h"

#endif
