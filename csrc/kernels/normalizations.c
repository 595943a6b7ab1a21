/* Normalizations: what stands behind a convolution of a network for pictures, in one loop that
 * keeps all intermediate numbers in registers. The bits are those of the bricks one by one: the
 * order of operations is the same, and no product is joined with its sum (-ffp-contract=off).
 *
 * Which ops become which loop, and the order of x: passes/patterns/normalization.c. */
#include "normalizations.h"

#include "elements.h"
#include "gated.h"
#include "register_steps.h"
#include "unroll.h"

#define VECTOR(type, index) ((const type *)x[index])[i]

/* (a - mean) scale + shift, where these three are x[1] to x[3] */
#define NORMALIZED(type, a)    (((a) - VECTOR(type, 1)) * VECTOR(type, 2) + VECTOR(type, 3))
#define NORMALIZED_INPUT(type) NORMALIZED(type, VECTOR(type, 0))
#define BIASED(type, at)       (VECTOR(type, 0) + VECTOR(type, at))
#define RELU(a)                ((a) <= 0 ? 0 : (a)) /* NaN stays */

/* min(a, most) in one instruction, where `most` is a number: loops ask before. NaN stays. */
#define LIMITED(a) (most < (a) ? most : (a))

/* LOOP(name, type, channels, past, one, sum, positive, result): x[1] to x[channels] have a number
 * for each channel, x[past] one for each element, and x[one] is one number, `most` (0: there is no
 * such x). y[0] is the result, of the sum v and of what is positive of it, r. */
#define BIASES(LOOP, t)                                                                            \
    LOOP(bias_relu6, t, 1, 0, 2, BIASED(t, 1), RELU(v), LIMITED(r))                                \
    LOOP(bias_add_relu, t, 1, 2, 0, BIASED(t, 1) + VECTOR(t, 2), RELU(v), r)
#define NORMALIZATIONS(LOOP, t)                                                                    \
    LOOP(normalization_relu6, t, 3, 0, 4, NORMALIZED_INPUT(t), RELU(v), LIMITED(r))                \
    LOOP(normalization_bias_add_relu, t, 4, 5, 0, NORMALIZED(t, BIASED(t, 4)) + VECTOR(t, 5),      \
         RELU(v), r)                                                                               \
    LOOP(normalization_add_relu, t, 3, 4, 0, NORMALIZED_INPUT(t) + VECTOR(t, 4), RELU(v), r)       \
    LOOP(normalization_bias_relu, t, 4, 0, 0, NORMALIZED(t, BIASED(t, 4)), RELU(v), r)             \
    LOOP(normalization_bias, t, 4, 0, 0, NORMALIZED(t, BIASED(t, 4)), v, r)                        \
    LOOP(normalization_relu, t, 3, 0, 0, NORMALIZED_INPUT(t), RELU(v), r)                          \
    LOOP(normalization_add, t, 3, 4, 0, NORMALIZED_INPUT(t) + VECTOR(t, 4), v, r)                  \
    BIASES(LOOP, t)

/* Two cheap bricks, which also run in registers. */
#define SCALE_AND_SHIFT(LOOP, t)                                                                   \
    LOOP(scale_and_shift, t, 2, 0, 0, VECTOR(t, 0) * VECTOR(t, 1) + VECTOR(t, 2), v, r)

/* For float32 alone, which networks for pictures are of: long loops are much code. */
#define FLOAT32_NORMALIZATIONS(LOOP)                                                               \
    LOOP(normalization_silu, float, 3, 0, 0, NORMALIZED_INPUT(float), v, fast_siluf(r))

/* ---- all elements in a row ------------------------------------------------------------------- */

#define ELEMENT_LOOP(name, type, channels, past, one, sum, positive, result)                       \
    static void name##_##type(int64_t n, const void *const *x, void *const *y) {                   \
        type *out = y[0];                                                                          \
        const type most = (one) > 0 ? *(const type *)x[one] : 0;                                   \
        if ((one) > 0 && most != most) {                                                           \
            EACH_ELEMENT {                                                                         \
                out[i] = most;                                                                     \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        EACH_ELEMENT {                                                                             \
            const type v = sum, r = positive;                                                      \
            out[i] = result;                                                                       \
        }                                                                                          \
    }

NORMALIZATIONS(ELEMENT_LOOP, float)
NORMALIZATIONS(ELEMENT_LOOP, double)
SCALE_AND_SHIFT(ELEMENT_LOOP, float)
SCALE_AND_SHIFT(ELEMENT_LOOP, double)
FLOAT32_NORMALIZATIONS(ELEMENT_LOOP)

/* ---- blocks ---------------------------------------------------------------------------------- */

enum {
    NEAR_ROWS = 16,         /* walked one below the other: their lines are in the nearest cache */
    WIDE = 2 * BLOCK_LANES, /* columns that are walked at once */
    MOST_CHANNELS = 4       /* inputs with a number for each channel */
};

/* All numbers of a block are the same. */
static void fill_block(const element_block *b, float number) {
    for (int64_t row = 0; row < b->rows; row++) {
        float *y = (float *)((char *)b->y + row * b->y_step);
        for (int64_t i = 0; i < b->columns; i++) {
            y[i] = number;
        }
    }
}

/* Some columns: their channels are read once, and stay in registers while rows are walked. n is a
 * constant, so that they do. */
#define COLUMNS_LOOP(name, type, channels, past, one, sum, positive, result)                       \
    static ALWAYS_INLINE void name##_columns(const element_block *b, int64_t row, int64_t end,     \
                                             int64_t first, const int n) {                         \
        type copies[MOST_CHANNELS][WIDE];                                                          \
        const void *x[MOST_PATTERN_INPUTS];                                                        \
        const type most = (one) > 0 ? *(const type *)b->x[one] : 0;                                \
        (void)most;                                                                                \
        for (int k = 1; k < MOST_PATTERN_INPUTS; k++) {                                            \
            x[k] = b->x[k];                                                                        \
            if (k <= (channels)) {                                                                 \
                memcpy(copies[k - 1], (const type *)x[k] + first, (size_t)n * sizeof(type));       \
                x[k] = copies[k - 1];                                                              \
            }                                                                                      \
        }                                                                                          \
        for (; row < end; row++) {                                                                 \
            type *out = (type *)((char *)b->y + row * b->y_step) + first;                          \
            x[0] = (const type *)((const char *)b->x[0] + row * b->x_steps[0]) + first;            \
            if ((past) > 0) {                                                                      \
                const char *begin = (const char *)b->x[past] + row * b->x_steps[past];             \
                x[past] = (const type *)begin + first;                                             \
            }                                                                                      \
            _Pragma("omp simd") for (int i = 0; i < n; i++) {                                      \
                const type v = sum, r = positive;                                                  \
                out[i] = result;                                                                   \
            }                                                                                      \
        }                                                                                          \
    }

#define BLOCK_LOOP(name, type, channels, past, one, sum, positive, result)                         \
    COLUMNS_LOOP(name, type, channels, past, one, sum, positive, result)                           \
    static void name##_block(const element_block *b) {                                             \
        if ((one) > 0 && *(const type *)b->x[one] != *(const type *)b->x[one]) {                   \
            fill_block(b, *(const type *)b->x[one]);                                               \
            return;                                                                                \
        }                                                                                          \
        for (int64_t row = 0; row < b->rows; row += NEAR_ROWS) {                                   \
            const int64_t end = row + NEAR_ROWS < b->rows ? row + NEAR_ROWS : b->rows;             \
            int64_t first = 0;                                                                     \
            for (; first + WIDE <= b->columns; first += WIDE) {                                    \
                name##_columns(b, row, end, first, WIDE);                                          \
            }                                                                                      \
            if (first < b->columns) {                                                              \
                name##_columns(b, row, end, first, BLOCK_LANES);                                   \
            }                                                                                      \
        }                                                                                          \
    }

NORMALIZATIONS(BLOCK_LOOP, float)
SCALE_AND_SHIFT(BLOCK_LOOP, float)
FLOAT32_NORMALIZATIONS(BLOCK_LOOP)
BLOCK_LOOP(normalize, float, 3, 0, 0, NORMALIZED_INPUT(float), v, r)

block_loop *const normalize_block_loops[LEGO_DTYPE_COUNT] = {[LEGO_FLOAT32] = normalize_block};

/* ---- the table ------------------------------------------------------------------------------- */

#define ROW(loop, type, count, past, one, sum, positive, result)                                   \
    {.name = #loop,                                                                                \
     .loops = {[LEGO_FLOAT32] = loop##_float, [LEGO_FLOAT64] = loop##_double},                     \
     .block_loops = {[LEGO_FLOAT32] = loop##_block},                                               \
     .channels = count},
#define FLOAT32_ROW(loop, type, count, past, one, sum, positive, result)                           \
    {.name = #loop,                                                                                \
     .loops = {[LEGO_FLOAT32] = loop##_float},                                                     \
     .block_loops = {[LEGO_FLOAT32] = loop##_block},                                               \
     .channels = count},
#define REGISTER_ROW(loop, type, count, past, one, sum, positive, result)                          \
    {.name = #loop,                                                                                \
     .loops = {[LEGO_FLOAT32] = loop##_float, [LEGO_FLOAT64] = loop##_double},                     \
     .block_loops = {[LEGO_FLOAT32] = loop##_block},                                               \
     .channels = count,                                                                            \
     .in_registers = {multiply_in_registers, add_in_registers}},
const pattern_kernel normalization_loops[] = {NORMALIZATIONS(ROW, ) SCALE_AND_SHIFT(
    REGISTER_ROW, ) FLOAT32_NORMALIZATIONS(FLOAT32_ROW){.name = NULL}};
