/* A matrix, or a batch of them, times a vector: the product of matrices whose b has one column. */
#ifndef LEGO_KERNELS_GEMV_H
#define LEGO_KERNELS_GEMV_H

#include "product.h"

#define gemv_run          FOR_ISA(gemv_run)
#define gemv_run_in_order FOR_ISA(gemv_run_in_order)

/* Fills y, and hands its blocks to the end. g->columns is 1. A number of y is the sum of as many
 * partial sums as 128 bytes have numbers: each has every so many-th product, and they are added in
 * halves. That order depends on the depth alone, not on how a and b lie in memory. Of whole
 * numbers, those of each row of a lie side by side, as those of b do. */
void gemv_run(const gemm *g);

/* The same in the order of gemm.c, for floats, where the numbers of each row of a lie side by side.
 */
void gemv_run_in_order(const gemm *g);

#endif
