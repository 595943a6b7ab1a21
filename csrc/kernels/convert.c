/* Conversion of elements from any dtype to any other. */
#include "convert.h"

#include "elements.h"

/* In C, converting a float outside of the integer's range is undefined, so it is limited to the
 * range first: NaN becomes 0. The limits are selections one after another, for GCC vectorizes no
 * branches. */
#define WITHIN(low, x, high) ((x) > (low) ? (x) < (high) ? (x) : (high) : (low))

/* By way of int32: there are vector instructions for that. */
#define TO_UINT8(x) ((uint8_t)(int32_t)WITHIN(0, x, 255))

static inline int32_t float_to_int32(float x) {
    int32_t y = (int32_t)WITHIN(-0x1p31f, x, 0x1.fffffep30f);
    y = x >= 0x1p31f ? INT32_MAX : y;
    return x != x ? 0 : y;
}

static inline int32_t double_to_int32(double x) {
    double inside = WITHIN(-0x1p31, x, 2147483647.0);
    return (int32_t)(x != x ? 0 : inside);
}

/* The upper limit is compared as a double, where INT64_MAX becomes 2^63, the first number that is
 * too large. */
static inline int64_t double_to_int64(double x) {
    return x != x                       ? 0
           : x >= 9223372036854775807.0 ? INT64_MAX
           : x < -9223372036854775808.0 ? INT64_MIN
                                        : (int64_t)x;
}

UNARY_LOOP(uint8_to_bool, uint8_t, bool, x != 0)
UNARY_LOOP(uint8_to_uint8, uint8_t, uint8_t, x)
UNARY_LOOP(uint8_to_int32, uint8_t, int32_t, x)
UNARY_LOOP(uint8_to_int64, uint8_t, int64_t, x)
UNARY_LOOP(uint8_to_float32, uint8_t, float, x)
UNARY_LOOP(uint8_to_float64, uint8_t, double, x)

UNARY_LOOP(int32_to_bool, int32_t, bool, x != 0)
UNARY_LOOP(int32_to_uint8, int32_t, uint8_t, x)
UNARY_LOOP(int32_to_int32, int32_t, int32_t, x)
UNARY_LOOP(int32_to_int64, int32_t, int64_t, x)
UNARY_LOOP(int32_to_float32, int32_t, float, x)
UNARY_LOOP(int32_to_float64, int32_t, double, x)

UNARY_LOOP(int64_to_bool, int64_t, bool, x != 0)
UNARY_LOOP(int64_to_uint8, int64_t, uint8_t, x)
UNARY_LOOP(int64_to_int32, int64_t, int32_t, x)
UNARY_LOOP(int64_to_int64, int64_t, int64_t, x)
UNARY_LOOP(int64_to_float32, int64_t, float, x)
UNARY_LOOP(int64_to_float64, int64_t, double, x)

UNARY_LOOP(float32_to_bool, float, bool, x != 0)
UNARY_LOOP(float32_to_uint8, float, uint8_t, TO_UINT8(x))
UNARY_LOOP(float32_to_int32, float, int32_t, float_to_int32(x))
UNARY_LOOP(float32_to_int64, float, int64_t, double_to_int64(x))
UNARY_LOOP(float32_to_float32, float, float, x)
UNARY_LOOP(float32_to_float64, float, double, x)

UNARY_LOOP(float64_to_bool, double, bool, x != 0)
UNARY_LOOP(float64_to_uint8, double, uint8_t, TO_UINT8(x))
UNARY_LOOP(float64_to_int32, double, int32_t, double_to_int32(x))
UNARY_LOOP(float64_to_int64, double, int64_t, double_to_int64(x))
UNARY_LOOP(float64_to_float32, double, float, x)
UNARY_LOOP(float64_to_float64, double, double, x)

/* loops[from][to], both in the order of lego_dtype. Bools are read as bytes of 0 or 1. */
static element_loop *const loops[LEGO_DTYPE_COUNT][LEGO_DTYPE_COUNT] = {
    {uint8_to_uint8, uint8_to_uint8, uint8_to_int32, uint8_to_int64, uint8_to_float32,
     uint8_to_float64},
    {uint8_to_bool, uint8_to_uint8, uint8_to_int32, uint8_to_int64, uint8_to_float32,
     uint8_to_float64},
    {int32_to_bool, int32_to_uint8, int32_to_int32, int32_to_int64, int32_to_float32,
     int32_to_float64},
    {int64_to_bool, int64_to_uint8, int64_to_int32, int64_to_int64, int64_to_float32,
     int64_to_float64},
    {float32_to_bool, float32_to_uint8, float32_to_int32, float32_to_int64, float32_to_float32,
     float32_to_float64},
    {float64_to_bool, float64_to_uint8, float64_to_int32, float64_to_int64, float64_to_float32,
     float64_to_float64},
};

element_loop *convert_loop(lego_dtype from, lego_dtype to) {
    return loops[from][to];
}
