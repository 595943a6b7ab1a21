/* The columns of a dense matrix, reduced some rows at a time: what reduce() does for a whole matrix
 * and a fused loop for the rows that it has just computed. The bits are the same. */
#ifndef LEGO_KERNELS_REDUCE_COLUMNS_H
#define LEGO_KERNELS_REDUCE_COLUMNS_H

#include "reducer.h"

#define running_columns_open  FOR_ISA(running_columns_open)
#define running_columns_feed  FOR_ISA(running_columns_feed)
#define running_columns_close FOR_ISA(running_columns_close)

enum {
    WIDE_COLUMNS = 64 /* that are wide enough for loops over vectors */
};

/* A narrow matrix is reduced as if it were wide: several rows are read as one, each of them has its
 * own group of totals, and the groups are combined in halves. */
typedef struct running_columns {
    const reducer *reducer;
    reduce_operation operation;
    int64_t columns;
    int64_t beside; /* rows that are read as one: a power of two */
    void *totals;   /* [columns] */
    _Alignas(CACHE_LINE) char groups[WIDE_COLUMNS * TOTAL_ROOM];
} running_columns;

/* How many rows of a dense matrix are read as one: at most WIDE_COLUMNS / 2. */
static inline int64_t rows_side_by_side(int64_t rows, int64_t columns) {
    int64_t beside = 1;
    while (columns > 1 && 2 * beside * columns <= WIDE_COLUMNS && 8 * beside <= rows) {
        beside *= 2;
    }
    return beside;
}

/* Starts to combine totals[columns] with rows of which `beside` are read as one. */
void running_columns_open(running_columns *c, reduce_operation operation, lego_dtype dtype,
                          int64_t columns, int64_t beside, void *totals);

/* Adds the next rows x[rows][columns]: a multiple of `beside` in each call but the last. */
void running_columns_feed(running_columns *c, const void *x, int64_t rows, size_t bytes);

void running_columns_close(running_columns *c);

#endif
