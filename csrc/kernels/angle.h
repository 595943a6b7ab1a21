/* Angles as quarter turns and a rest: x = q pi/2 + high + low with |high| <= pi/4. Functions of
 * angles near 0 do it with a few multiplications (trigonometric.h); here is what is right for every
 * x, one at a time. */
#ifndef LEGO_KERNELS_ANGLE_H
#define LEGO_KERNELS_ANGLE_H

#include <stdint.h>

#include "../core/isa.h"

#define reduced_angle FOR_ISA(reduced_angle)

/* low is what is lost where the rest is rounded to high. */
typedef struct angle {
    uint64_t quarters; /* q modulo 4, in the two last bits; what is before them has no meaning */
    double high;
    double low;
} angle;

/* For any x of 2^14 and more, or -2^14 and less. The rest is NaN for an infinite x. */
angle reduced_angle(double x);

#endif
