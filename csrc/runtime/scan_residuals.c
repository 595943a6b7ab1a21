/* What a loop's gradient reads of the loop's forward steps, and where it finds that.
 *
 * The gradient's body is recorded inside of the forward one: the values of a step that it captures
 * are the residuals, all of them and no others. The forward loop stacks them. */
#include "scan_residuals.h"

#include "../core/dtype.h"

int residual_operand(const residuals *r, const lego_tensor *x) {
    const lego_program *p = r->forward->program;
    for (size_t i = 0; i < p->feeds.count; i++) {
        const feed *f = feed_at(p, (int)i);
        if (f->inner == x || (!f->inner && f->outer == x)) {
            return 1 + (int)i;
        }
    }
    return -1;
}

bool residual_is_whole(const program_buffer *b, const lego_array *x) {
    int64_t bytes = array_size(x) * (int64_t)lego_dtype_size(x->dtype);
    return !x->data && array_is_contiguous(x) && bytes == b->bytes;
}

int residual_result(list *results, size_t first, lego_tensor *x) {
    for (size_t i = first; i < results->count; i++) {
        const lego_tensor *other = ((lego_tensor **)results->items)[i];
        bool is_same = other->storage->symbolic_in == x->storage->symbolic_in &&
                       other->storage->buffer == x->storage->buffer &&
                       other->array.data == x->array.data &&
                       array_size(&other->array) == array_size(&x->array) &&
                       array_is_contiguous(&other->array) && array_is_contiguous(&x->array);
        if (other == x || is_same) {
            return (int)i;
        }
    }
    if (!list_add(results, &x)) {
        return -1;
    }
    lego_tensor_retain(x);
    return (int)results->count - 1;
}

/* What is made of nothing else than what all steps have in common, such as a slice of a weight. */
static void find_common(const lego_program *p, bool *is_common) {
    for (int i = 0; i < (int)p->buffers.count; i++) {
        const program_buffer *b = buffer_at(p, i);
        is_common[i] = b->kind == LEGO_BUFFER_CONSTANT ||
                       (b->kind == LEGO_BUFFER_INPUT && feed_at(p, b->slot)->kind == FEED_WHOLE);
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        const program_op *op = op_of(p, i);
        bool is_same = !op_has_effect(op);
        for (int k = 0; k < op->x_count; k++) {
            is_same &= is_common[op->x[k].buffer];
        }
        for (int k = 0; k < op->y_count; k++) {
            is_common[op->y[k].buffer] |= is_same;
        }
    }
}

lego_status residuals_begin(residuals *r, scan_body *forward, list *rows, list *kept) {
    lego_program *p = forward->program;
    *r = (residuals){.forward = forward, .rows = rows, .kept = kept};
    r->is_common = record_arena_take(&p->records, p->buffers.count, sizeof *r->is_common);
    if (!r->is_common) {
        return LEGO_NO_MEMORY;
    }
    find_common(p, r->is_common);
    return LEGO_OK;
}

lego_status residual_source(residuals *r, lego_tensor *x, feed_kind *kind, scan_source *source) {
    lego_program *p = r->forward->program;
    const program_buffer *b = buffer_at(p, x->storage->buffer);
    *kind = b->kind == LEGO_BUFFER_INPUT ? feed_at(p, b->slot)->kind : FEED_CARRY;
    if (*kind != FEED_CARRY && residual_is_whole(b, &x->array)) {
        *source = (scan_source){.kind = SOURCE_X, .index = 1 + b->slot};
    } else if (r->is_common[x->storage->buffer]) {
        *kind = FEED_WHOLE;
        *source = (scan_source){.kind = SOURCE_KEPT, .index = residual_result(r->kept, 0, x)};
    } else {
        *kind = FEED_ROW;
        size_t first = (size_t)r->forward->carry_count;
        *source = (scan_source){.kind = SOURCE_ROWS, .index = residual_result(r->rows, first, x)};
    }
    return source->index < 0 ? LEGO_NO_MEMORY : LEGO_OK;
}
