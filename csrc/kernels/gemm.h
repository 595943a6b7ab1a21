/* Products of matrices: y = a b, for one pair or for a batch of pairs. */
#ifndef LEGO_KERNELS_GEMM_H
#define LEGO_KERNELS_GEMM_H

#include "product.h"

#define gemm_run      FOR_ISA(gemm_run)
#define gemm_run_here FOR_ISA(gemm_run_here)

/* Fills y, and hands its blocks to the end. Every number of it is the same sum in the same order
 * wherever it lies in y, however large the rest of y is, and for any number of threads; but for a
 * y of one column, whose sums are along vectors. */
void gemm_run(const gemm *g);

/* The same by the calling thread alone, for a task that shares out its own work: one pair, no end,
 * and the rows of y begin y_row_stride apart. */
void gemm_run_here(const gemm *g, int64_t y_row_stride);

#endif
