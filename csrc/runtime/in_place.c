/* The memory plan: a result of a fused loop may take over the memory of an input that is read for
 * the last time.
 *
 * A fused loop walks all of its operands element by element, so a number may be written where
 * another one was read, if no later op of the loop reads that one again. So does an epilogue, which
 * has a block of its product in other memory: the sum of a residual takes the residual's place,
 * unless the product reads that as well. */
#include "in_place.h"
#include "../graph/fused_loop.h"

/* Whether this instruction reads the value element by element alone, and none of its ops does so
 * after ops[last]. */
static bool is_read_until(const value *v, const program_op *last) {
    for (const operand *x = v->last_read; x && x->op->instruction == last->instruction;
         x = x->former_read) {
        if (x->op->place > last->place || x->offset != 0 || !reads_each(x)) {
            return false;
        }
    }
    return true;
}

static bool may_take_over(const lego_program *p, const operand *x, const operand *y) {
    const program_buffer *from = buffer_at(p, x->buffer);
    const program_buffer *to = buffer_at(p, y->buffer);
    return from->kind == LEGO_BUFFER_ARENA && from->bytes == to->bytes &&
           from->bytes == operand_bytes(x) && from->last == to->first &&
           lego_dtype_size(x->array.dtype) == lego_dtype_size(y->array.dtype);
}

/* Memory is handed on once. */
static bool is_handed_on(const lego_program *p, int index) {
    const program_buffer *root = buffer_at(p, buffer_at(p, index)->alias_of);
    return root->alias_last > buffer_at(p, index)->last;
}

static void take_over(lego_program *p, int from, int to) {
    int root = buffer_at(p, from)->alias_of;
    buffer_at(p, to)->alias_of = root;
    buffer_at(p, root)->alias_last = buffer_at(p, to)->last;
}

static bool reads_value(const program_op *op, const value *v) {
    for (int i = 0; i < op->x_count; i++) {
        if (op->x[i].value == v) {
            return true;
        }
    }
    return false;
}

/* Looks for the memory of an operand that op `maker` may write its result into. Loops begin with
 * ops[first]; in front of it is the product that makes the blocks. */
static void place_result(lego_program *p, const instruction *i, int first,
                         const program_op *maker) {
    const operand *y = &maker->y[0];
    const program_buffer *to = buffer_at(p, y->buffer);
    if (op_writes(maker) || to->kind != LEGO_BUFFER_ARENA || to->last == to->first) {
        return;
    }
    for (int k = first; k <= maker->place; k++) {
        for (int x = op_first_input(i->ops[k]); x < i->ops[k]->x_count; x++) {
            const operand *o = &i->ops[k]->x[x];
            if (may_take_over(p, o, y) && !is_handed_on(p, o->buffer) &&
                is_read_until(o->value, maker) &&
                !(first > 0 && reads_value(i->ops[0], o->value))) {
                take_over(p, o->buffer, y->buffer);
                return;
            }
        }
    }
}

void plan_in_place(lego_program *p) {
    for (size_t i = 0; i < p->instructions.count; i++) {
        const instruction *at = instruction_at(p, i);
        for (int k = 0; k < at->op_count; k++) {
            at->ops[k]->place = k;
        }
        const int first = at->is_fused_loop ? 0 : 1;
        for (int k = first; k < at->op_count && !at->is_side_by_side; k++) {
            place_result(p, at, first, at->ops[k]);
        }
    }
}
