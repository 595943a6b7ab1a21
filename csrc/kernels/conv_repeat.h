/* Between the channels of an image and several filters of each: numbers repeated, and numbers in
 * groups summed. */
#ifndef LEGO_KERNELS_CONV_REPEAT_H
#define LEGO_KERNELS_CONV_REPEAT_H

#include "../core/isa.h"
#include "../lego.h"

#define conv_repeat FOR_ISA(conv_repeat)
#define conv_fold   FOR_ISA(conv_fold)

/* y[n][times] = x[n], of floats. */
void conv_repeat(lego_dtype dtype, int64_t n, int64_t times, const void *x, void *y);

/* y[i * step + n] = the sum of x[i][n][times], for each of the rows i. */
typedef struct fold {
    lego_dtype dtype;
    int64_t rows;
    int64_t n;
    int64_t times;
    int64_t step;
} fold;

void conv_fold(const fold *f, const void *x, void *y);

#endif
