/* Dtypes: names, sizes, kinds, and promotion. */
#ifndef LEGO_CORE_DTYPE_H
#define LEGO_CORE_DTYPE_H

#include "../lego.h"

static inline bool dtype_is_valid(int64_t dtype) {
    return dtype >= 0 && dtype < LEGO_DTYPE_COUNT;
}

static inline bool dtype_is_float(lego_dtype dtype) {
    return dtype >= LEGO_FLOAT32;
}

static inline bool dtype_is_integer(lego_dtype dtype) {
    return dtype >= LEGO_UINT8 && dtype <= LEGO_INT64;
}

/* The enum is in the order of promotion, so the common dtype is the later one. */
static inline lego_dtype dtype_promote(lego_dtype a, lego_dtype b) {
    return a > b ? a : b;
}

#endif
