/* Loops of the bricks floor_divide and mod. Signs of zeros are NumPy's.
 *
 * For floats let n be the whole number nearest to a / b. If it has few bits, n b is exact, and so
 * is the rest a - n b: it is a multiple of the last bit of a or of b, and not larger than b. One
 * division and a few multiplications give both results then, exactly, as vectors. All other numbers
 * (a quotient with many bits, infinities, NaN, b = 0) are left to fmod() of the C library. */
#include "division.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/sizes.h"
#include "elements.h"
#include "exponential.h"

enum {
    DIVISION_BLOCK = 128, /* elements that are divided together */
    DENSE_STEP = 16       /* of whole vectors */
};

/* ---- integers -------------------------------------------------------------------------------- */

/* Integers have no infinity: a / 0 is 0, as in NumPy. The smallest integer divided by -1 does not
 * fit into 64 bits and would trap, so it wraps around. */
static inline int64_t integer_floor_divide(int64_t a, int64_t b) {
    if (b == 0) {
        return 0;
    }
    if (b == -1) {
        return (int64_t)(0 - (uint64_t)a);
    }
    bool rounds_up = a % b != 0 && (a < 0) != (b < 0);
    return a / b - rounds_up;
}

static inline int64_t integer_mod(int64_t a, int64_t b) {
    if (b == 0 || b == -1) {
        return 0;
    }
    int64_t remainder = a % b;
    return remainder != 0 && (a < 0) != (b < 0) ? remainder + b : remainder;
}

#define INTEGER_LOOPS(name)                                                                        \
    BINARY_LOOP(name##_uint8, uint8_t, uint8_t, integer_##name(a, b))                              \
    BINARY_LOOP(name##_int32, int32_t, int32_t, integer_##name(a, b))                              \
    BINARY_LOOP(name##_int64, int64_t, int64_t, integer_##name(a, b))

INTEGER_LOOPS(floor_divide)
INTEGER_LOOPS(mod)

/* ---- floats, one by one ---------------------------------------------------------------------- */

/* a = whole b + rest */
typedef struct division {
    double whole;
    double rest;
} division;

/* From a rest of any sign to one of b's sign. */
static inline division floored(double a, double b, division d) {
    double forward = b < 0 ? -d.rest : d.rest;
    double rest = forward < 0 ? d.rest + b : d.rest;
    double whole = forward < 0 ? d.whole - 1 : d.whole;
    return (division){copysign(whole, a / b), rest == 0 ? copysign(rest, b) : rest};
}

/* The whole number is computed of the exact rest, because a / b may be rounded up to it. */
static division divided_by_fmod(double a, double b) {
    double rest = fmod(a, b);
    division d = floored(a, b, (division){rint((a - rest) / b), rest});
    d.whole = b == 0 ? a / b : d.whole;
    return d;
}

/* ---- floats, as vectors ---------------------------------------------------------------------- */

/* For |n| <= 2^51. */
static inline double nearest_whole(double x) {
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    return (x + rounder) - rounder;
}

/* n of 28 bits times b of 24 bits is exact in double. */
static inline bool is_plain_float32(double a, double b) {
    return (fabs(a) < 0x1p28 * fabs(b)) & (fabs(b) < (double)INFINITY);
}

static inline division divided_float32(double a, double b) {
    double n = nearest_whole(a / b);
    return floored(a, b, (division){n, a - n * b});
}

/* n of 24 bits times the first or the last 26 bits of b is exact; nothing overflows, and nothing is
 * too small to be normal. */
static inline bool is_plain_float64(double a, double b) {
    return (fabs(a) < 0x1p24 * fabs(b)) & (fabs(b) < 0x1p960) & (fabs(b) > 0x1p-900);
}

static inline division divided_float64(double a, double b) {
    double n = nearest_whole(a / b);
    double head = of_bits(bits_of(b) & ~(uint64_t)0x7FFFFFF);
    return floored(a, b, (division){n, (a - n * head) - n * (b - head)});
}

#define TEMPLATE "dense.h"
#include "per_float.h"

#define TEMPLATE "division_floats.h"
#include "per_float.h"

/* ---- the tables ------------------------------------------------------------------------------ */

element_loop *const floor_divide_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = floor_divide_uint8,     [LEGO_INT32] = floor_divide_int32,
    [LEGO_INT64] = floor_divide_int64,     [LEGO_FLOAT32] = floor_divide_float32,
    [LEGO_FLOAT64] = floor_divide_float64,
};

element_loop *const mod_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = mod_uint8,     [LEGO_INT32] = mod_int32,     [LEGO_INT64] = mod_int64,
    [LEGO_FLOAT32] = mod_float32, [LEGO_FLOAT64] = mod_float64,
};
