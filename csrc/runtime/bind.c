/* Binding: from buffers to addresses. */
#include "bind.h"

#include "../graph/fused_loop.h"
#include "addresses.h"

/* ---- calls ---------------------------------------------------------------------------------- */

static lego_status bind_operands(lego_program *p, operand *operands, int count) {
    lego_status status = LEGO_OK;
    for (int i = 0; i < count && status == LEGO_OK; i++) {
        operand *o = &operands[i];
        status = bind_address(p, &o->array.data, o->buffer, o->offset);
    }
    return status;
}

/* What its kernel may keep of x[1]: where that is the whole run long what it was before. */
static kept *kept_for(const lego_program *p, const program_op *op) {
    const program_buffer *b = op->brick->flags & LEGO_KEEPS ? buffer_at(p, op->x[1].buffer) : NULL;
    return b && b->tensor && !b->is_written ? storage_kept(b->tensor->storage) : NULL;
}

/* The kernel of a brick reads its operands where they lie in the op. */
static lego_status bind_call(lego_program *p, const program_op *op, lego_call *call) {
    size_t x_count = (size_t)op->x_count;
    size_t y_count = (size_t)op->y_count;
    const lego_array **x = record_arena_take(&p->records, x_count, sizeof *x);
    lego_array *y = record_arena_take(&p->records, y_count, sizeof *y);
    lego_view *views = record_arena_take(&p->records, y_count, sizeof *views);
    if (!x || !y || !views) {
        return LEGO_NO_MEMORY;
    }
    lego_status status = bind_operands(p, op->x, op->x_count);
    for (int k = 0; k < op->x_count; k++) {
        x[k] = &op->x[k].array;
    }
    for (int k = 0; k < op->y_count && status == LEGO_OK; k++) {
        y[k] = op->y[k].array;
        views[k].is_view = op_writes(op);
        status = bind_address(p, &y[k].data, op->y[k].buffer, op->y[k].offset);
    }
    *call = (lego_call){
        .brick = op->brick,
        .attributes = op->attributes,
        .x = x,
        .input_count = op->x_count,
        .y = y,
        .output_count = op->y_count,
        .views = views,
        .kept = kept_for(p, op),
    };
    return status;
}

/* Of the first op, or of all that run side by side. */
static lego_status bind_calls(lego_program *p, instruction *i) {
    int count = i->is_side_by_side ? i->op_count : 1;
    i->calls = record_arena_take(&p->records, (size_t)count, sizeof *i->calls);
    lego_status status = i->calls ? LEGO_OK : LEGO_NO_MEMORY;
    for (int k = 0; k < count && status == LEGO_OK; k++) {
        status = bind_call(p, i->ops[k], &i->calls[k]);
    }
    return status;
}

/* A product that is not stored is put where the loop's result will lie, if the loop may change it
 * there, block by block, while it is in the cache. */
static lego_status put_in_place(lego_program *p, instruction *i) {
    const slot *y = i->epilogue.is_stored ? NULL : fused_loop_place(p, i->fused_loop);
    i->epilogue.is_stored |= y != NULL;
    fused_loop_beside(p, i->fused_loop, y, &i->epilogue);
    return y ? bind_address(p, &i->calls[0].y[0].data, y->buffer, y->offset) : LEGO_OK;
}

/* The fused loop after a product takes its blocks. */
static lego_status bind_epilogue(lego_program *p, instruction *i, const bool *is_inner) {
    const program_buffer *b = buffer_at(p, i->ops[0]->y[0].buffer);
    bool is_stored = b->kind != LEGO_BUFFER_TILE;
    lego_status status = bind_fused_loop(p, i, 1, is_inner);
    i->epilogue = (epilogue){
        .run = fused_loop_run_block,
        .context = i->fused_loop,
        .is_stored = is_stored,
        .takes_columns = status == LEGO_OK && i->fused_loop->block_loop,
    };
    return status == LEGO_OK ? put_in_place(p, i) : status;
}

static lego_status bind_instructions(lego_program *p, const bool *is_inner) {
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        instruction *at = instruction_at(p, i);
        bool has_epilogue = !at->is_fused_loop && !at->is_side_by_side && at->op_count > 1;
        status = at->is_fused_loop ? bind_fused_loop(p, at, 0, is_inner) : bind_calls(p, at);
        if (status == LEGO_OK && has_epilogue) {
            status = bind_epilogue(p, at, is_inner);
        }
    }
    return status;
}

lego_status bind_program(lego_program *p) {
    record_arena scratch = {NULL};
    bool *is_inner = record_arena_take(&scratch, p->buffers.count, sizeof *is_inner);
    for (size_t i = 0; i < p->buffers.count && is_inner; i++) {
        is_inner[i] = buffer_at(p, (int)i)->kind == LEGO_BUFFER_TILE;
    }
    lego_status status = is_inner ? bind_instructions(p, is_inner) : LEGO_NO_MEMORY;
    record_arena_free(&scratch);
    return status ? status : sort_addresses(p);
}
