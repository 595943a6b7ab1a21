/* What one dense line of floats adds up to. Sums run in double over eight lanes that are joined in
 * a fixed order; an empty line has the sum 0 and the largest number -infinity. */
#ifndef LEGO_KERNELS_LINE_SUMS_H
#define LEGO_KERNELS_LINE_SUMS_H

#include <stdint.h>

#include "../core/isa.h"

#define line_max_float32     FOR_ISA(line_max_float32)
#define line_max_float64     FOR_ISA(line_max_float64)
#define line_sum_float32     FOR_ISA(line_sum_float32)
#define line_sum_float64     FOR_ISA(line_sum_float64)
#define line_exp_sum_float32 FOR_ISA(line_exp_sum_float32)
#define line_exp_sum_float64 FOR_ISA(line_exp_sum_float64)

/* The largest number; NaN when there is one. */
float line_max_float32(int64_t n, const float *x);
double line_max_float64(int64_t n, const double *x);

double line_sum_float32(int64_t n, const float *x);
double line_sum_float64(int64_t n, const double *x);

/* The sum of e^(x_i - max), which cannot overflow. */
double line_exp_sum_float32(int64_t n, const float *x, float max);
double line_exp_sum_float64(int64_t n, const double *x, double max);

#endif
