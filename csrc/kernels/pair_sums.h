/* Two sums in one pass over memory, of which means, variances and their gradients are made:
 *
 *     s = sum of g        t = sum of g (x - c)
 *
 * over some axes, with a center c for each group of numbers that is summed. All sums are in double,
 * in an order that depends on sizes alone. */
#ifndef LEGO_KERNELS_PAIR_SUMS_H
#define LEGO_KERNELS_PAIR_SUMS_H

#include "../core/array.h"
#include "../core/isa.h"

#define centered_sums FOR_ISA(centered_sums)
#define moments       FOR_ISA(moments)
#define lines_sums    FOR_ISA(lines_sums)

/* s and t for g and x of one shape; c, s and t have a length of 1 along the axes that are summed.
 * All of them are float32 or float64 and dense; s and t are in row-major order. */
lego_status centered_sums(const lego_array *g, const lego_array *x, const lego_array *c,
                          const lego_array *s, const lego_array *t);

/* Mean and variance of x over the axes along which these have a length of 1. */
lego_status moments(const lego_array *x, const lego_array *mean, const lego_array *variance);

/* s[count] and t[count] of dense lines x[count][n] for g = x - c. */
void lines_sums(lego_dtype dtype, int64_t count, int64_t n, const void *x, const double *c,
                double *s, double *t);

#endif
