/* Reducers: how the numbers of one dtype are joined, for every operation. */
#ifndef LEGO_KERNELS_REDUCER_H
#define LEGO_KERNELS_REDUCER_H

#include "../core/array.h"
#include "../core/isa.h"

#define reducer_for FOR_ISA(reducer_for)

typedef enum reduce_operation {
    REDUCE_SUM,
    REDUCE_MEAN, /* floats only */
    REDUCE_PROD,
    REDUCE_MAX, /* NaN wins */
    REDUCE_MIN,
    REDUCE_OPERATIONS
} reduce_operation;

/* Numbers in memory: element (row, column) is x[row * row_stride + column * column_stride]. */
typedef struct reduce_matrix {
    const void *x;
    int64_t rows, row_stride;
    int64_t columns, column_stride;
} reduce_matrix;

typedef struct reducer {
    lego_dtype total; /* the dtype of running totals; its own reducer joins totals */

    /* totals[n] = what joining nothing gives */
    void (*start)(int64_t n, void *totals);

    /* totals[column] joins all numbers of that column, row by row */
    void (*fold)(const reduce_matrix *m, void *totals);
} reducer;

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype);

#endif
