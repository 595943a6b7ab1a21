/* Sums that were made in parts, joined. */
#include "conv_parts.h"

#include <string.h>

#define JOIN(name, type)                                                                           \
    static void name(int64_t n, int64_t parts, const type *sums, type *y) {                        \
        memcpy(y, sums, sizeof *y * (size_t)n);                                                    \
        for (int64_t part = 1; part < parts; part++) {                                             \
            for (int64_t i = 0; i < n; i++) {                                                      \
                y[i] += sums[part * n + i];                                                        \
            }                                                                                      \
        }                                                                                          \
    }

JOIN(join_float32, float)
JOIN(join_float64, double)

void conv_parts_join(lego_dtype dtype, int64_t n, int64_t parts, const void *sums, void *y) {
    if (dtype == LEGO_FLOAT32) {
        join_float32(n, parts, sums, y);
    } else {
        join_float64(n, parts, sums, y);
    }
}
