/* Angles as quarter turns and a rest: x = q pi/2 + high + low with |high| <= pi/4. Functions of
 * angles near 0 do it with a few multiplications (trigonometric.h); here is what is right for every
 * x, one at a time. */
#ifndef LEGO_KERNELS_ANGLE_H
#define LEGO_KERNELS_ANGLE_H

#include "../core/isa.h"
#include "exponential.h"

#define reduce_angles FOR_ISA(reduce_angles)

/* low is what is lost where the rest is rounded to high. */
typedef struct angle {
    uint64_t quarters; /* q modulo 4, in the two last bits; what is before them has no meaning */
    double high;
    double low;
} angle;

/* The same of many numbers, each part in an array. */
typedef struct angles {
    uint64_t *quarters;
    double *high, *low;
} angles;

/* Of n numbers x with |x| >= 2^14. The rest is NaN for an infinite x. */
void reduce_angles(int64_t n, const double *xs, angles made);

#endif
