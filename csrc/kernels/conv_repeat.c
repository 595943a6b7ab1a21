/* Numbers repeated, and numbers in groups summed. */
#include "conv_repeat.h"

#include "registers.h"

#define NUMBER     float
#define NAME(word) word##_float32
#include "conv_repeat_block.h"

#define NUMBER     double
#define NAME(word) word##_float64
#include "conv_repeat_block.h"

void conv_repeat(lego_dtype dtype, int64_t n, int64_t times, const void *x, void *y) {
    if (dtype == LEGO_FLOAT32) {
        repeat_float32(n, times, x, y);
    } else {
        repeat_float64(n, times, x, y);
    }
}

void conv_fold(const fold *f, const void *x, void *y) {
    if (f->dtype == LEGO_FLOAT32) {
        fold_float32(f, x, y);
    } else {
        fold_float64(f, x, y);
    }
}
