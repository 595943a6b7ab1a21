/* Dtypes: names and sizes. */
#include "dtype.h"

static const struct {
    const char *name;
    size_t size;
} dtypes[LEGO_DTYPE_COUNT] = {
    [LEGO_BOOL] = {"bool", 1},   [LEGO_UINT8] = {"uint8", 1},     [LEGO_INT32] = {"int32", 4},
    [LEGO_INT64] = {"int64", 8}, [LEGO_FLOAT32] = {"float32", 4}, [LEGO_FLOAT64] = {"float64", 8},
};

const char *lego_dtype_name(lego_dtype dtype) {
    return dtype_is_valid((int64_t)dtype) ? dtypes[dtype].name : NULL;
}

size_t lego_dtype_size(lego_dtype dtype) {
    return dtype_is_valid((int64_t)dtype) ? dtypes[dtype].size : 0;
}
