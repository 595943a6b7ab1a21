/* Where a convolution puts its result. */
#include "conv_result.h"

#include <string.h>

#include "../core/memory.h"

/* ---- blocks ---------------------------------------------------------------------------------- */

static bool has_own_memory(const conv_result *r) {
    return r->epilogue && !r->epilogue->is_stored;
}

bool conv_block_open(conv_result *r, conv_block *b) {
    int64_t size = r->row_bytes / r->channels;
    if (!has_own_memory(r)) {
        b->origin = 0;
        b->row_bytes = r->row_bytes;
        b->rows = r->y + b->channel * size;
        return true;
    }
    b->origin = b->first;
    b->row_bytes = b->channels * size;
    b->rows = memory_take((size_t)(b->count * b->row_bytes));
    if (!b->rows) {
        atomic_store(&r->failed, true);
    }
    return b->rows;
}

void conv_block_close(const conv_result *r, const conv_block *b) {
    if (r->epilogue) {
        result_block done = {
            .row = b->first,
            .rows = b->count,
            .column = b->channel,
            .columns = b->channels,
            .data = b->rows + (b->first - b->origin) * b->row_bytes,
            .row_stride = b->row_bytes / (r->row_bytes / r->channels),
        };
        r->epilogue->run(r->epilogue->context, &done);
    }
    if (has_own_memory(r)) {
        memory_give(b->rows, (size_t)(b->count * b->row_bytes));
    }
}

/* ---- partial sums ---------------------------------------------------------------------------- */

#define JOIN(name, type)                                                                           \
    static void name(int64_t n, int64_t count, const type *sums, type *y) {                        \
        memcpy(y, sums, sizeof *y * (size_t)n);                                                    \
        for (int64_t part = 1; part < count; part++) {                                             \
            for (int64_t i = 0; i < n; i++) {                                                      \
                y[i] += sums[part * n + i];                                                        \
            }                                                                                      \
        }                                                                                          \
    }

JOIN(join_float32, float)
JOIN(join_float64, double)

void conv_sums_join(lego_dtype dtype, int64_t n, int64_t count, const void *sums, void *y) {
    if (dtype == LEGO_FLOAT32) {
        join_float32(n, count, sums, y);
    } else {
        join_float64(n, count, sums, y);
    }
}
