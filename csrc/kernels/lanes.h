/* Lanes: how a narrow matrix is joined row by row as if it were wide. */
#ifndef LEGO_KERNELS_LANES_H
#define LEGO_KERNELS_LANES_H

#include "reducer.h"

#define lanes_open  FOR_ISA(lanes_open)
#define lanes_fold  FOR_ISA(lanes_fold)
#define lanes_close FOR_ISA(lanes_close)

enum { MOST_LANES = 64, LANE_BYTES = 8 };

/* Several rows are laid abreast and joined to as many groups of running totals. */
typedef struct lanes {
    const reducer *numbers; /* joins numbers to totals */
    const reducer *totals;  /* joins totals to each other */
    int64_t number_bytes;
    int64_t columns;
    int64_t row_tile; /* a power of two */
    _Alignas(64) char groups[MOST_LANES * LANE_BYTES];
} lanes;

/* Begins to join a matrix of so many rows and columns, whose rows lie densely one behind the
 * other. abreast is 1 where that is no gain. */
void lanes_open(lanes *l, reduce_operation operation, lego_dtype dtype, int64_t rows,
                int64_t columns);

/* Joins the next rows: a multiple of `abreast` in each call but the last. */
void lanes_fold(lanes *l, const void *x, int64_t rows);

/* totals[columns] join what was folded: the groups in halves first. */
void lanes_close(lanes *l, void *totals);

#endif
