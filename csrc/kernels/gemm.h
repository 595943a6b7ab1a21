/* Products of matrices: y = a b, for one pair or for a batch of pairs. */
#ifndef LEGO_KERNELS_GEMM_H
#define LEGO_KERNELS_GEMM_H

#include "product.h"

#define gemm_run      FOR_ISA(gemm_run)
#define gemm_run_here FOR_ISA(gemm_run_here)

#define gemm_packed_columns FOR_ISA(gemm_packed_columns)
#define gemm_pack           FOR_ISA(gemm_pack)
#define gemm_run_packed     FOR_ISA(gemm_run_packed)

/* Fills y, and hands its blocks to the end. Every number of it is the same sum in the same order
 * wherever it lies in y, however large the rest of y is, and for any number of threads; but for a
 * y of one column, whose sums are along vectors. */
void gemm_run(const gemm *g);

/* The same by the calling thread alone, for a task that shares out its own work: one pair, no end,
 * and the rows of y begin y_row_stride apart. */
void gemm_run_here(const gemm *g, int64_t y_row_stride);

/* The columns of b, rounded up to whole vectors. */
int64_t gemm_packed_columns(const gemm *g);

/* Packs b, a matrix of floats, into panels: depth times gemm_packed_columns() numbers. */
void gemm_pack(const gemm *g, void *panels);

/* y = a b by the calling thread alone, from b's panels. One pair, no end, and a depth of 1 or more;
 * a row of y has gemm_packed_columns() numbers, those behind b's columns without meaning. Returns
 * how many. */
int64_t gemm_run_packed(const gemm *g);

#endif
