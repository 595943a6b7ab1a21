/* What a product of matrices is asked for with: the matrices, and where the result goes. */
#ifndef LEGO_KERNELS_PRODUCT_H
#define LEGO_KERNELS_PRODUCT_H

#include "../core/epilogue.h"
#include "../core/isa.h"
#include "../lego.h"

/* A matrix, or a batch of them, read where it lies. Strides count elements: a transposed matrix
 * has its two exchanged, a matrix that all of the batch share has batch strides of 0. */
typedef struct gemm_operand {
    const void *data;
    int64_t row_stride;
    int64_t column_stride;
    int64_t batch_strides[LEGO_MAX_RANK];
} gemm_operand;

/* a is rows x depth, b is depth x columns, y is rows x columns, one after another in row-major
 * order. */
typedef struct gemm {
    lego_dtype dtype; /* all but bool */
    int64_t rows;
    int64_t columns;
    int64_t depth;
    int batch_rank;
    int64_t batch_shape[LEGO_MAX_RANK]; /* the innermost axis first */
    gemm_operand a;
    gemm_operand b;
    void *y;             /* may be NULL when there is an end that does without */
    const void *panels;  /* b, packed by gemm_pack(); NULL: it is read where it lies */
    const epilogue *end; /* NULL: none; for a single pair only */
    bool adds;           /* y += a b; without an end */
    bool is_lower;       /* what lies above the diagonal of y may stay as it is; gemm_run_here() */
} gemm;

#endif
