/* The loops of depthwise convolutions: vectors run over the channels.
 *
 * A window falls into tiles, a few places times a few vectors of channels, summed in registers tap
 * by tap. For the gradient by the kernel the tile is of the kernel, a few taps times a few vectors,
 * and summed over the window's places. */
#include "conv_depthwise_loops.h"

#include "registers.h"

/* With the vectors of a tap of the kernel, the sums fill the registers. */
#if defined(__AVX512F__)
enum { LINE_ROWS = 6, SQUARE_VECTORS = 2 };
#else
enum { LINE_ROWS = 3, SQUARE_VECTORS = 1 };
#endif

enum {
    LINE_VECTORS = 4, /* of the channels, summed at a time */
    TAPS_AT_ONCE = 3, /* of the gradient by the kernel, in a line or in a square */
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

#define NUMBER     float
#define LANES      (VECTOR_BYTES / 4)
#define NAME(word) word##_float32
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      (VECTOR_BYTES / 8)
#define NAME(word) word##_float64
#include "conv_depthwise_block.h"

/* Where the channels do not fill such a vector: */
#define NUMBER     float
#define LANES      4
#define NAME(word) word##_float32_narrow
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      2
#define NAME(word) word##_float64_narrow
#include "conv_depthwise_block.h"

#define NUMBER     float
#define LANES      1
#define NAME(word) word##_float32_single
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      1
#define NAME(word) word##_float64_single
#include "conv_depthwise_block.h"

static const window_loops float32_loops[] = {
    {VECTOR_BYTES / 4, sum_float32, multiply_float32},
    {4, sum_float32_narrow, multiply_float32_narrow},
    {1, sum_float32_single, multiply_float32_single},
};
static const window_loops float64_loops[] = {
    {VECTOR_BYTES / 8, sum_float64, multiply_float64},
    {2, sum_float64_narrow, multiply_float64_narrow},
    {1, sum_float64_single, multiply_float64_single},
};

const window_loops *window_loops_for(lego_dtype dtype, int64_t channels) {
    const window_loops *l = dtype == LEGO_FLOAT32 ? float32_loops : float64_loops;
    while (l->lanes > 1 && channels < l->lanes) {
        l++;
    }
    return l;
}
