/* The loops of depthwise convolutions: sums over a window, and what several filters of a channel
 * need. */
#ifndef LEGO_KERNELS_CONV_DEPTHWISE_LOOPS_H
#define LEGO_KERNELS_CONV_DEPTHWISE_LOOPS_H

#include "conv_geometry.h"

#define window_loops_for        FOR_ISA(window_loops_for)
#define rows_loop_for           FOR_ISA(rows_loop_for)
#define window_multiply_numbers FOR_ISA(window_multiply_numbers)
#define numbers_repeat          FOR_ISA(numbers_repeat)
#define numbers_sum_groups      FOR_ISA(numbers_sum_groups)

typedef void window_loop(const window *w);

typedef struct window_loops {
    int lanes;             /* of a vector */
    window_loop *sum;      /* y = the sum over taps of a k */
    window_loop *multiply; /* k += the sum over outputs of a y */
} window_loops;

/* Those with the longest vectors that the channels fill. */
const window_loops *window_loops_for(lego_dtype dtype, int64_t channels);

/* The same sums for rows of outputs, one below the other, which have at least SLIDE_ROWS outputs
 * and the same channels. */
typedef void rows_loop(const window_row *rows, int64_t count);

enum { SLIDE_ROWS = 7 }; /* images are halved down to 7 x 7 pixels by many networks */

/* NULL where there is no such loop: it is for float32, 3 or 5 taps side by side, a stride of 1 or 2
 * and channels that fill its vectors (conv_depthwise_slide.c). */
rows_loop *rows_loop_for(lego_dtype dtype, const conv_geometry *g, int64_t channels);

/* k += the sum over outputs of a y, where y has one number for all channels of an output. They fill
 * the longest vectors. */
void window_multiply_numbers(lego_dtype dtype, const window *w);

/* y[n][times] = x[n] */
void numbers_repeat(lego_dtype dtype, int64_t n, int64_t times, const void *x, void *y);

/* y[i * step + n] = the sum of x[i][n][times], for each of the rows i. */
typedef struct group_sums {
    lego_dtype dtype;
    int64_t rows;
    int64_t n;
    int64_t times;
    int64_t step;
} group_sums;

void numbers_sum_groups(const group_sums *s, const void *x, void *y);

#endif
