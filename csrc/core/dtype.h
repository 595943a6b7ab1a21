/* Dtypes: names, sizes, kinds, and promotion. */
#ifndef LEGO_CORE_DTYPE_H
#define LEGO_CORE_DTYPE_H

#include "../lego.h"

/* All that differs between dtypes; a new dtype is a new row (dtype.c). */
typedef struct dtype_traits {
    const char *name;
    size_t size; /* in bytes */
    lego_dtype_kind kind;
    lego_dtype computes_in;              /* what kernels read for it: itself, or a wider dtype */
    lego_dtype sum;                      /* the dtype of sums and products of its numbers */
    lego_dtype common[LEGO_DTYPE_COUNT]; /* what it and each dtype are promoted to */
} dtype_traits;

extern const dtype_traits dtype_rows[LEGO_DTYPE_COUNT];

static inline bool dtype_is_valid(int64_t dtype) {
    return dtype >= 0 && dtype < LEGO_DTYPE_COUNT;
}

static inline bool dtype_is_float(lego_dtype dtype) {
    return dtype_rows[dtype].kind == LEGO_KIND_FLOAT;
}

static inline bool dtype_is_integer(lego_dtype dtype) {
    lego_dtype_kind kind = dtype_rows[dtype].kind;
    return kind == LEGO_KIND_UNSIGNED || kind == LEGO_KIND_SIGNED;
}

/* Whether its numbers are only stored: kernels that compute do not know it. Every call asks. */
static inline bool dtype_is_narrow(lego_dtype dtype) {
    return dtype >= LEGO_INT8;
}

/* The range of an integer dtype. */
int64_t dtype_smallest(lego_dtype dtype);
int64_t dtype_largest(lego_dtype dtype);

/* The largest finite number of a float dtype. */
double dtype_largest_float(lego_dtype dtype);

#endif
