/* Whole numbers bit by bit: bitwise_and, bitwise_or, bitwise_xor, left_shift, right_shift. */
#include "../kernels/elements.h"
#include "families.h"
#include "shape_rules.h"

/* Loops for whole numbers; of bools, which are read as bytes of 0 or 1, where `on_bools` says so.
 * Bytes are computed in 32 bits. */
#define WHOLE_LOOPS(name, on_bools, in_32_bits, in_64_bits)                                        \
    BINARY_LOOP(name##_uint8, uint8_t, uint8_t, in_32_bits)                                        \
    BINARY_LOOP(name##_int32, int32_t, int32_t, in_32_bits)                                        \
    BINARY_LOOP(name##_int64, int64_t, int64_t, in_64_bits)                                        \
    static element_loop *const name##_loops[LEGO_DTYPE_COUNT] = {                                  \
        [LEGO_BOOL] = on_bools,                                                                    \
        [LEGO_UINT8] = name##_uint8,                                                               \
        [LEGO_INT32] = name##_int32,                                                               \
        [LEGO_INT64] = name##_int64,                                                               \
    };

WHOLE_LOOPS(bitwise_and, bitwise_and_uint8, a &b, a &b)
WHOLE_LOOPS(bitwise_or, bitwise_or_uint8, a | b, a | b)
WHOLE_LOOPS(bitwise_xor, bitwise_xor_uint8, a ^ b, a ^ b)

/* A shift by as many bits as there are, or more, leaves zeros, or copies of the sign, as NumPy's
 * does. C leaves such a shift open, and so do those of negative numbers and by negative ones. */
WHOLE_LOOPS(left_shift, NULL, (uint32_t)b < 32 ? (uint32_t)a << (b & 31) : 0,
            (uint64_t)b < 64 ? (uint64_t)a << (b & 63) : 0)
WHOLE_LOOPS(right_shift, NULL, a >> ((uint32_t)b < 31 ? b : 31), a >> ((uint64_t)b < 63 ? b : 63))

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick bitwise_bricks[] = {
    {
        .name = "bitwise_and",
        .formula = "y = a and b, bit by bit",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = bitwise_and_loops,
    },
    {
        .name = "bitwise_or",
        .formula = "y = a or b, bit by bit",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = bitwise_or_loops,
    },
    {
        .name = "bitwise_xor",
        .formula = "y = a xor b, bit by bit",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = bitwise_xor_loops,
    },
    {
        .name = "left_shift",
        .formula = "y = a 2^b",
        .inputs = 2,
        .outputs = 1,
        .types = "w",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = left_shift_loops,
    },
    {
        .name = "right_shift",
        .formula = "y = floor(a / 2^b)",
        .inputs = 2,
        .outputs = 1,
        .types = "w",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = right_shift_loops,
    },
    {.name = NULL},
};
