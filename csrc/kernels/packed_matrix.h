/* Products with one matrix, over and over: it is packed once, and each product takes few rows. */
#ifndef LEGO_KERNELS_PACKED_MATRIX_H
#define LEGO_KERNELS_PACKED_MATRIX_H

#include "../core/isa.h"
#include "../lego.h"

#define packed_matrix_open    FOR_ISA(packed_matrix_open)
#define packed_matrix_close   FOR_ISA(packed_matrix_close)
#define packed_matrix_columns FOR_ISA(packed_matrix_columns)
#define packed_product        FOR_ISA(packed_product)

/* A matrix of floats where it lies. Strides count elements. */
typedef struct plain_matrix {
    lego_dtype dtype;
    int64_t depth; /* rows */
    int64_t columns;
    const void *data;
    int64_t row_stride;
    int64_t column_stride;
} plain_matrix;

/* The same matrix, packed: a panel holds the columns that a tile sums at once, row by row. */
typedef struct packed_matrix {
    plain_matrix plain;
    void *panels; /* NULL: it is read where it lies, for packing would take longer */
    size_t bytes;
} packed_matrix;

/* Packs for so many products with so many rows each. Any result is to be closed. */
lego_status packed_matrix_open(packed_matrix *m, const plain_matrix *plain, int64_t rows,
                               int64_t products);
void packed_matrix_close(packed_matrix *m);

/* Its columns, rounded up to whole vectors. */
int64_t packed_matrix_columns(const plain_matrix *plain);

/* Some rows of numbers, `stride` of them from row to row. */
typedef struct number_rows {
    void *data;
    int64_t stride;
} number_rows;

/* y = a m for `rows` rows of a, each with as many numbers as m is deep; returns how y's rows lie.
 * There is room for `rows` times packed_matrix_columns(); columns of y behind those of m have no
 * meaning. The bits are those of gemm_run(), which has another order for a single column. */
number_rows packed_product(const packed_matrix *m, int64_t rows, number_rows a, void *y);

#endif
