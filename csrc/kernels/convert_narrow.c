/* Conversion between dtypes that are only stored (int8, int16, uint16, uint32, float16, bfloat16)
 * and those that kernels compute in.
 *
 * Only pairs where one step is needed stand here: out of each narrow dtype into the one that it is
 * computed in; and into it from integers (the lower bits stay), from floats (the nearest in range),
 * and for the narrow floats from all from which two steps would round twice. */
#include "convert_narrow.h"

#include "../core/half.h"
#include "elements.h"

/* ---- out of narrow dtypes -------------------------------------------------------------------- */

UNARY_LOOP(int8_to_int32, int8_t, int32_t, x)
UNARY_LOOP(int16_to_int32, int16_t, int32_t, x)
UNARY_LOOP(uint16_to_int32, uint16_t, int32_t, x)
UNARY_LOOP(uint32_to_int64, uint32_t, int64_t, x)
UNARY_LOOP(float16_to_float32, uint16_t, float, float16_to_float(x))
UNARY_LOOP(bfloat16_to_float32, uint16_t, float, bfloat16_to_float(x))

/* ---- integers from integers ------------------------------------------------------------------ */

UNARY_LOOP(int32_to_int8, int32_t, int8_t, x)
UNARY_LOOP(int32_to_int16, int32_t, int16_t, x)
UNARY_LOOP(int32_to_uint32, int32_t, uint32_t, x)
UNARY_LOOP(int64_to_int8, int64_t, int8_t, x)
UNARY_LOOP(int64_to_int16, int64_t, int16_t, x)
UNARY_LOOP(int64_to_uint32, int64_t, uint32_t, x)

/* ---- integers from floats -------------------------------------------------------------------- */

/* As in convert.c: limited first, by selections; NaN becomes 0. */
#define WITHIN(low, x, high)    ((x) > (low) ? (x) < (high) ? (x) : (high) : (low))
#define TO_SIGNED(x, low, high) (int32_t)(x != x ? 0 : WITHIN(low, x, high))
#define TO_UINT16(x)            (uint16_t)(int32_t)WITHIN(0, x, 65535)

/* The largest float32 below 2^32 is not the largest uint32. */
static inline uint32_t float_to_uint32(float x) {
    const uint32_t inside = (uint32_t)(int64_t)WITHIN(0, x, 0x1.fffffep31f);
    return x >= 0x1p32f ? UINT32_MAX : inside;
}

UNARY_LOOP(float32_to_int8, float, int8_t, TO_SIGNED(x, -128, 127))
UNARY_LOOP(float32_to_int16, float, int16_t, TO_SIGNED(x, -32768, 32767))
UNARY_LOOP(float32_to_uint16, float, uint16_t, TO_UINT16(x))
UNARY_LOOP(float32_to_uint32, float, uint32_t, float_to_uint32(x))
UNARY_LOOP(float64_to_int8, double, int8_t, TO_SIGNED(x, -128, 127))
UNARY_LOOP(float64_to_int16, double, int16_t, TO_SIGNED(x, -32768, 32767))
UNARY_LOOP(float64_to_uint16, double, uint16_t, TO_UINT16(x))
UNARY_LOOP(float64_to_uint32, double, uint32_t, (int64_t)WITHIN(0, x, 4294967295.0))

/* ---- floats ---------------------------------------------------------------------------------- */

/* An integer that is not exact as a float32 is infinite as a float16, so that has two steps. */
UNARY_LOOP(float32_to_float16, float, uint16_t, float16_of_float(x))
UNARY_LOOP(float64_to_float16, double, uint16_t, float16_of_float(float_to_odd(x)))
UNARY_LOOP(float32_to_bfloat16, float, uint16_t, bfloat16_of_float(x))
UNARY_LOOP(float64_to_bfloat16, double, uint16_t, bfloat16_of_float(float_to_odd(x)))
UNARY_LOOP(int32_to_bfloat16, int32_t, uint16_t, bfloat16_of_float(float_to_odd((double)x)))
UNARY_LOOP(int64_to_bfloat16, int64_t, uint16_t, bfloat16_of_float(float_to_odd(double_to_odd(x))))

/* ---- the table ------------------------------------------------------------------------------- */

static element_loop *const loops[LEGO_DTYPE_COUNT][LEGO_DTYPE_COUNT] = {
    [LEGO_INT8] = {[LEGO_INT32] = int8_to_int32},
    [LEGO_INT16] = {[LEGO_INT32] = int16_to_int32},
    [LEGO_UINT16] = {[LEGO_INT32] = uint16_to_int32},
    [LEGO_UINT32] = {[LEGO_INT64] = uint32_to_int64},
    [LEGO_FLOAT16] = {[LEGO_FLOAT32] = float16_to_float32},
    [LEGO_BFLOAT16] = {[LEGO_FLOAT32] = bfloat16_to_float32},
    [LEGO_INT32] = {[LEGO_INT8] = int32_to_int8,
                    [LEGO_INT16] = int32_to_int16,
                    [LEGO_UINT16] = int32_to_int16,
                    [LEGO_UINT32] = int32_to_uint32,
                    [LEGO_BFLOAT16] = int32_to_bfloat16},
    [LEGO_INT64] = {[LEGO_INT8] = int64_to_int8,
                    [LEGO_INT16] = int64_to_int16,
                    [LEGO_UINT16] = int64_to_int16,
                    [LEGO_UINT32] = int64_to_uint32,
                    [LEGO_BFLOAT16] = int64_to_bfloat16},
    [LEGO_FLOAT32] = {[LEGO_INT8] = float32_to_int8,
                      [LEGO_INT16] = float32_to_int16,
                      [LEGO_UINT16] = float32_to_uint16,
                      [LEGO_UINT32] = float32_to_uint32,
                      [LEGO_FLOAT16] = float32_to_float16,
                      [LEGO_BFLOAT16] = float32_to_bfloat16},
    [LEGO_FLOAT64] = {[LEGO_INT8] = float64_to_int8,
                      [LEGO_INT16] = float64_to_int16,
                      [LEGO_UINT16] = float64_to_uint16,
                      [LEGO_UINT32] = float64_to_uint32,
                      [LEGO_FLOAT16] = float64_to_float16,
                      [LEGO_BFLOAT16] = float64_to_bfloat16},
};

element_loop *convert_narrow_loop(lego_dtype from, lego_dtype to) {
    return loops[from][to];
}
