/* A pass: what depends on constants alone is computed once, while the program is finished.
 *
 * Brick `full` repeats one number. Elementwise ops read that number for each element instead
 * (strides of 0), so that the repeated numbers are not read. */
#include "../core/denormals.h"
#include "../core/error.h"
#include "../graph/fused_loop.h"
#include "../graph/values.h"
#include "passes.h"
#include "patterns/patterns.h"

enum { MOST_BYTES = 1 << 20 }; /* larger results are computed in each run, not kept */

/* Memory that the engine does not own is not constant: the user may still write to the array. */
static bool is_constant(const program_buffer *b) {
    return b->kind == LEGO_BUFFER_CONSTANT && b->tensor->storage->owner == 0;
}

static bool can_fold(const lego_program *p, const program_op *op) {
    if (op_has_effect(op)) {
        return false;
    }
    for (int i = 0; i < op->x_count; i++) {
        if (!is_constant(buffer_at(p, op->x[i].buffer))) {
            return false;
        }
    }
    for (int i = 0; i < op->y_count; i++) {
        const program_buffer *b = buffer_at(p, op->y[i].buffer);
        if (b->kind != LEGO_BUFFER_ARENA || b->bytes > MOST_BYTES) {
            return false;
        }
    }
    return true;
}

/* Runs the kernel. After a failure (a label out of range) the op stays: the run reports it. */
static bool compute(lego_program *p, const program_op *op, lego_tensor **results) {
    const lego_array **x = record_arena_take(&p->records, (size_t)op->x_count, sizeof *x);
    lego_array *y = record_arena_take(&p->records, (size_t)op->y_count, sizeof *y);
    lego_view *views = record_arena_take(&p->records, (size_t)op->y_count, sizeof *views);
    if (!x || !y || !views) {
        return false;
    }
    for (int i = 0; i < op->x_count; i++) {
        operand *o = &op->x[i];
        o->array.data = (char *)buffer_at(p, o->buffer)->tensor->storage->memory + o->offset;
        x[i] = &o->array;
    }
    for (int i = 0; i < op->y_count; i++) {
        results[i] = tensor_with_memory(&op->y[i].array);
        if (!results[i]) {
            return false;
        }
        y[i] = results[i]->array;
    }
    lego_call call = {op->brick, op->attributes, x, op->x_count, y, op->y_count, views, NULL};
    uint64_t former = denormals_flush();
    lego_status status = op->brick->kernel(&call);
    denormals_restore(former);
    return status == LEGO_OK;
}

static lego_status fold(lego_program *p, const program_op *op, bool *is_folded) {
    lego_tensor **results = record_arena_take(&p->records, (size_t)op->y_count, sizeof *results);
    if (!results) {
        return LEGO_NO_MEMORY;
    }
    *is_folded = compute(p, op, results);
    if (!*is_folded) {
        tensors_release(results, op->y_count);
        return LEGO_OK;
    }
    for (int i = 0; i < op->y_count; i++) {
        program_buffer *b = buffer_at(p, op->y[i].buffer);
        b->kind = LEGO_BUFFER_CONSTANT;
        b->tensor = results[i];
    }
    return LEGO_OK;
}

/* ---- one number for many -------------------------------------------------------------------- */

/* Of a constant that repeats one number only the first element is read. */
static void read_one_number(const lego_program *p, program_op *op, const bool *is_uniform) {
    if (!op_loop(op)) {
        return;
    }
    for (int i = op_first_input(op); i < op->x_count; i++) {
        operand *o = &op->x[i];
        bool is_one_number = is_uniform[o->buffer] && buffer_at(p, o->buffer)->tensor;
        for (int axis = 0; is_one_number && axis < o->array.rank; axis++) {
            o->array.strides[axis] = 0;
        }
    }
}

lego_status pass_fold_constants(lego_program *p) {
    bool *is_uniform = record_arena_take(&p->records, p->buffers.count + 1, sizeof *is_uniform);
    if (!is_uniform) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        program_op *op = op_of(p, i);
        bool is_folded = false;
        read_one_number(p, op, is_uniform);
        if (can_fold(p, op)) {
            pattern_match m;
            is_uniform[op->y[0].buffer] = pattern_found(p, repeated_number_patterns, op, &m);
            lego_status status = fold(p, op, &is_folded);
            if (status) {
                return status;
            }
        }
        if (is_folded) {
            op_remove(op);
        }
    }
    return LEGO_OK;
}
