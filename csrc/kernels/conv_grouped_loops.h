/* The loops of grouped convolutions of float32: sums over a window. A slice is a vector of a
 * group's columns, and the kernel is packed slice by slice: each has all taps, and each tap a
 * vector for each number of the depth. */
#ifndef LEGO_KERNELS_CONV_GROUPED_LOOPS_H
#define LEGO_KERNELS_CONV_GROUPED_LOOPS_H

#include "conv_geometry.h"

#define grouped_loops_for FOR_ISA(grouped_loops_for)

/* Where the numbers of a slice begin, in a pixel of the source and of the result. */
typedef struct slice_place {
    int64_t source;
    int64_t result;
} slice_place;

/* A window (conv_geometry.h) under all groups. */
typedef struct grouped_window {
    window window;
    int64_t depth;      /* numbers of a source that a group sees */
    int64_t slices;     /* of all groups */
    int64_t slice_size; /* packed numbers */
    const slice_place *places;
} grouped_window;

typedef void grouped_loop(const grouped_window *g);

typedef struct grouped_loops {
    int lanes;              /* of a slice */
    grouped_loop *sum;      /* y = the sum over taps and the depth of a k */
    grouped_loop *multiply; /* k += the sum over outputs of a y */
} grouped_loops;

/* Those with the longest slices that the columns of a group fill; NULL: there are too few. */
const grouped_loops *grouped_loops_for(int64_t columns);

#endif
