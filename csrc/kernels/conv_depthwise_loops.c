/* The loops of depthwise convolutions: vectors run over the channels.
 *
 * A window is cut into tiles, a few outputs times a few vectors of channels, which are summed in
 * registers tap by tap. For the gradient by the kernel a tile is a few taps times a few vectors,
 * summed over the window's outputs. */
#include "conv_depthwise_loops.h"

#include "../core/sizes.h"
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

#define NUMBER     float
#define LANES      (VECTOR_BYTES / 4)
#define NAME(word) word##_float32
#include "conv_depthwise_block.h"

#define NUMBER     double
#define LANES      (VECTOR_BYTES / 8)
#define NAME(word) word##_float64
#include "conv_depthwise_block.h"

/* Where the channels do not fill such a vector; of float64 they hardly ever do not. */
#define NUMBER     float
#define LANES      4
#define NAME(word) word##_float32_short
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
    {4, sum_float32_short, multiply_float32_short},
    {1, sum_float32_single, multiply_float32_single},
};
static const window_loops float64_loops[] = {
    {VECTOR_BYTES / 8, sum_float64, multiply_float64},
    {1, sum_float64_single, multiply_float64_single},
};

const window_loops *window_loops_for(lego_dtype dtype, int64_t channels) {
    const window_loops *l = dtype == LEGO_FLOAT32 ? float32_loops : float64_loops;
    while (l->lanes > 1 && channels < l->lanes) {
        l++;
    }
    return l;
}

void window_multiply_numbers(lego_dtype dtype, const window *w) {
    if (dtype == LEGO_FLOAT32) {
        multiply_all_float32(w, true);
    } else {
        multiply_all_float64(w, true);
    }
}

/* ---- several filters of a channel ------------------------------------------------------------ */

#define TEMPLATE "conv_depthwise_repeat.h"
#include "per_float.h"

void numbers_repeat(lego_dtype dtype, int64_t n, int64_t times, const void *x, void *y) {
    if (dtype == LEGO_FLOAT32) {
        repeat_float32(n, times, x, y);
    } else {
        repeat_float64(n, times, x, y);
    }
}

void numbers_sum_groups(const group_sums *s, const void *x, void *y) {
    if (s->dtype == LEGO_FLOAT32) {
        sum_groups_float32(s, x, y);
    } else {
        sum_groups_float64(s, x, y);
    }
}
