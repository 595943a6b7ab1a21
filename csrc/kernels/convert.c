/* Conversion of elements from any dtype to any other. */
#include "convert.h"

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "convert_narrow.h"
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
UNARY_LOOP(any_float32_to_int32, float, int32_t, float_to_int32(x))
UNARY_LOOP(fitting_float32_to_int32, float, int32_t, (int32_t)x)
UNARY_LOOP(float32_to_int64, float, int64_t, double_to_int64(x))
UNARY_LOOP(float32_to_float32, float, float, x)
UNARY_LOOP(float32_to_float64, float, double, x)

UNARY_LOOP(float64_to_bool, double, bool, x != 0)
UNARY_LOOP(float64_to_uint8, double, uint8_t, TO_UINT8(x))
UNARY_LOOP(float64_to_int32, double, int32_t, double_to_int32(x))
UNARY_LOOP(float64_to_int64, double, int64_t, double_to_int64(x))
UNARY_LOOP(float64_to_float32, double, float, x)
UNARY_LOOP(float64_to_float64, double, double, x)

/* Whether no number is out of range, or NaN: by their bits but the sign, which are in the order of
 * the numbers, and of which the largest is found faster. */
static bool all_fit(int64_t n, const float *xs) {
    const int32_t limit = 0x4F000000; /* 2^31 in bits */
    int32_t most = 0;
    _Pragma("omp simd reduction(max : most)") for (int64_t i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, &xs[i], sizeof bits);
        bits &= INT32_MAX;
        most = bits > most ? bits : most;
    }
    return most < limit;
}

/* Most numbers fit, and are converted by one instruction: to ask before costs less than what limits
 * each of them. */
static void float32_to_int32(int64_t n, const void *const *inputs, const int64_t *steps, void *y) {
    enum { PART = 1024 }; /* numbers that stay in L1 */
    for (int64_t i = 0; i < n; i += PART) {
        const int64_t count = smaller(PART, n - i);
        const float *xs = (const float *)inputs[0] + i * steps[0];
        const void *part = xs;
        const bool fits = steps[0] == 1 && all_fit(count, xs);
        element_loop *loop = fits ? fitting_float32_to_int32 : any_float32_to_int32;
        loop(count, &part, steps, (int32_t *)y + i);
    }
}

UNARY_LOOP(copy_2_bytes, uint16_t, uint16_t, x)

/* ---- two steps ------------------------------------------------------------------------------- */

/* From a narrow dtype by way of the one that it is computed in, which holds all of its numbers; to
 * a narrow one by way of one that convert_narrow.h converts. Each pair has a function, since a loop
 * is handed nothing but memory. */
static void by_way_of(lego_dtype way, lego_dtype from, lego_dtype to, int64_t n,
                      const void *const *inputs, const int64_t *steps, void *output) {
    enum { PART = 512 };
    element_loop *first = convert_loop(from, way), *second = convert_loop(way, to);
    const int64_t x_bytes = steps[0] * (int64_t)lego_dtype_size(from), dense = 1;
    const int64_t y_bytes = (int64_t)lego_dtype_size(to);
    _Alignas(64) char numbers[PART * sizeof(int64_t)];
    for (int64_t i = 0; i < n; i += PART) {
        const void *x = (const char *)inputs[0] + i * x_bytes, *between = numbers;
        first(smaller(PART, n - i), &x, steps, numbers);
        second(smaller(PART, n - i), &between, &dense, (char *)output + i * y_bytes);
    }
}

#define BY_WAY(way, from, to)                                                                      \
    static void from##_to_##to(int64_t n, const void *const *x, const int64_t *steps, void *y) {   \
        by_way_of(LEGO_##way, LEGO_##from, LEGO_##to, n, x, steps, y);                             \
    }

#define BY_WAY_TO_NARROW(way, from)                                                                \
    BY_WAY(way, from, INT8)                                                                        \
    BY_WAY(way, from, INT16)                                                                       \
    BY_WAY(way, from, UINT16)                                                                      \
    BY_WAY(way, from, UINT32)                                                                      \
    BY_WAY(way, from, FLOAT16)                                                                     \
    BY_WAY(way, from, BFLOAT16)

#define BY_WAY_TO_ALL(way, from)                                                                   \
    BY_WAY(way, from, BOOL)                                                                        \
    BY_WAY(way, from, UINT8)                                                                       \
    BY_WAY(way, from, INT32)                                                                       \
    BY_WAY(way, from, INT64)                                                                       \
    BY_WAY(way, from, FLOAT32)                                                                     \
    BY_WAY(way, from, FLOAT64)                                                                     \
    BY_WAY_TO_NARROW(way, from)

BY_WAY_TO_NARROW(INT32, BOOL)
BY_WAY_TO_NARROW(INT32, UINT8)
BY_WAY(FLOAT32, INT32, FLOAT16)
BY_WAY(FLOAT32, INT64, FLOAT16)
BY_WAY_TO_ALL(INT32, INT8)
BY_WAY_TO_ALL(INT32, INT16)
BY_WAY_TO_ALL(INT32, UINT16)
BY_WAY_TO_ALL(INT64, UINT32)
BY_WAY_TO_ALL(FLOAT32, FLOAT16)
BY_WAY_TO_ALL(FLOAT32, BFLOAT16)

#define TO(from, to) [LEGO_##to] = from##_to_##to
#define TO_NARROW(from)                                                                            \
    TO(from, INT8), TO(from, INT16), TO(from, UINT16), TO(from, UINT32), TO(from, FLOAT16),        \
        TO(from, BFLOAT16)
#define TO_ALL(from)                                                                               \
    TO(from, BOOL), TO(from, UINT8), TO(from, INT32), TO(from, INT64), TO(from, FLOAT32),          \
        TO(from, FLOAT64), TO_NARROW(from)

static element_loop *const in_two_steps[LEGO_DTYPE_COUNT][LEGO_DTYPE_COUNT] = {
    [LEGO_BOOL] = {TO_NARROW(BOOL)},     [LEGO_UINT8] = {TO_NARROW(UINT8)},
    [LEGO_INT32] = {TO(INT32, FLOAT16)}, [LEGO_INT64] = {TO(INT64, FLOAT16)},
    [LEGO_INT8] = {TO_ALL(INT8)},        [LEGO_INT16] = {TO_ALL(INT16)},
    [LEGO_UINT16] = {TO_ALL(UINT16)},    [LEGO_UINT32] = {TO_ALL(UINT32)},
    [LEGO_FLOAT16] = {TO_ALL(FLOAT16)},  [LEGO_BFLOAT16] = {TO_ALL(BFLOAT16)},
};

/* ---- the table ------------------------------------------------------------------------------- */

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

static element_loop *copy_of_size(size_t bytes) {
    return bytes == 1 ? uint8_to_uint8 : bytes == 2 ? copy_2_bytes : int32_to_int32;
}

element_loop *convert_loop(lego_dtype from, lego_dtype to) {
    if (!dtype_is_narrow(from) && !dtype_is_narrow(to)) {
        return loops[from][to];
    }
    if (from == to) {
        return copy_of_size(lego_dtype_size(from));
    }
    element_loop *direct = convert_narrow_loop(from, to);
    return direct ? direct : in_two_steps[from][to];
}
