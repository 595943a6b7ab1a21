/* Where a convolution puts its result. */
#include "conv_result.h"

#include "../core/memory.h"

static bool is_in_passing(const conv_result *r) {
    return r->end && !r->end->is_stored;
}

bool conv_block_open(conv_result *r, conv_block *b) {
    b->origin = is_in_passing(r) ? b->first : 0;
    b->rows = is_in_passing(r) ? memory_take((size_t)(b->count * r->row_bytes)) : r->y;
    if (is_in_passing(r) && !b->rows) {
        atomic_store(&r->failed, true);
        return false;
    }
    return true;
}

void conv_block_close(const conv_result *r, const conv_block *b) {
    if (r->end) {
        result_block done = {
            .row = b->first,
            .rows = b->count,
            .columns = r->channels,
            .data = b->rows + (b->first - b->origin) * r->row_bytes,
            .row_stride = r->channels,
        };
        r->end->run(r->end->context, &done);
    }
    if (is_in_passing(r)) {
        memory_give(b->rows, (size_t)(b->count * r->row_bytes));
    }
}
