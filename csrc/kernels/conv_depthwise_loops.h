/* Sums over the places of a window: the loops of depthwise convolutions. */
#ifndef LEGO_KERNELS_CONV_DEPTHWISE_LOOPS_H
#define LEGO_KERNELS_CONV_DEPTHWISE_LOOPS_H

#include "conv_window.h"

#define window_loops_for FOR_ISA(window_loops_for)

typedef void window_loop(const window *w);

typedef struct window_loops {
    int lanes;             /* of a vector */
    window_loop *sum;      /* y = the sum over taps of a k */
    window_loop *multiply; /* k += the sum over places of a y */
} window_loops;

/* Those with the widest vectors that the channels fill. */
const window_loops *window_loops_for(lego_dtype dtype, int64_t channels);

#endif
