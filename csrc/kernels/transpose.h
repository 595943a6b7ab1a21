/* Copies of transposed matrices: x is dense along the rows, y along the columns. */
#ifndef LEGO_KERNELS_TRANSPOSE_H
#define LEGO_KERNELS_TRANSPOSE_H

#include "axes.h"

#define transpose_run FOR_ISA(transpose_run)

/* y[i, j] = x[i, j] for matrices of rows i and columns j. Steps are in elements. */
typedef struct transposition {
    walk_axes outer; /* x and y from matrix to matrix */
    size_t bytes;    /* of an element */
    const char *x;
    char *y;
    int64_t rows, columns;
    int64_t x_row, x_column; /* from row to row, the shorter one, and from column to column */
    int64_t y_row;           /* from row to row; y is dense from column to column */
} transposition;

/* Copies all matrices, on all threads. */
void transpose_run(const transposition *t);

#endif
