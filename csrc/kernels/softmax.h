/* Softmax of lines: x and y are row-major floats of shape (count, n). */
#ifndef LEGO_KERNELS_SOFTMAX_H
#define LEGO_KERNELS_SOFTMAX_H

#include "../core/array.h"
#include "../core/isa.h"

#define softmax_lines     FOR_ISA(softmax_lines)
#define log_softmax_lines FOR_ISA(log_softmax_lines)

/* y_i = e^(x_i - max) / s, with s = sum of e^(x_j - max) */
void softmax_lines(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y);

/* y_i = (x_i - max) - log s */
void log_softmax_lines(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y);

#endif
