/* Products of a matrix with itself, transposed: y = a a^T. */
#ifndef LEGO_KERNELS_GEMM_GRAM_H
#define LEGO_KERNELS_GEMM_GRAM_H

#include "product.h"

#define gemm_is_gram  FOR_ISA(gemm_is_gram)
#define gemm_gram_run FOR_ISA(gemm_gram_run)

/* Whether b is a, transposed, and y large enough that it pays to compute half of it. */
bool gemm_is_gram(const gemm *g);

/* What gemm_run() does, for such a product: the same bits in little more than half of the time. */
void gemm_gram_run(const gemm *g);

#endif
