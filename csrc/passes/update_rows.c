/* A pass: a table whose rows were looked up is updated only in those rows.
 *
 *     w := w - scatter_add(indices, updates) rate    becomes    subtract_rows
 *
 * The gradient of a look-up is 0 in all rows that were not read, and w - 0 rate = w. So a table of
 * 10^6 rows costs what the batch reads of it, and its gradient has no memory. Other optimizers
 * change rows whose gradient is 0 (their means fade), so that they keep the full update.
 *
 * The bits are the same, but for one case: denormal numbers in rows that are not read stay, where
 * the full update would make them 0 (arithmetic flushes them, core/denormals.h). */
#include "../core/error.h"
#include "../graph/values.h"
#include "passes.h"
#include "patterns/patterns.h"

/* Whether the operands are still there when the variable is written, and its former value is what
 * is subtracted from. */
static bool can_be_later(const program_op *assign, const pattern_match *m) {
    const operand *w = m->x[W];
    const operand *y = &assign->y[0];
    return w->value == y->value->former && w->offset == y->offset &&
           array_is_contiguous(&w->array) && array_is_contiguous(&y->array) &&
           operand_lasts(m->x[RATE], assign->instruction) &&
           operand_lasts(m->x[ROWS_INDICES], assign->instruction) &&
           operand_lasts(m->x[ROWS_UPDATES], assign->instruction);
}

/* Sorting the indices, and a call for each row, take about what the whole update of so many numbers
 * for each index takes. A table of fewer rows than indices is read as a whole anyway. */
static bool is_worth_it(const pattern_match *m) {
    enum { NUMBERS = 16 };
    int64_t count = array_size(&m->x[ROWS_INDICES]->array);
    const lego_array *w = &m->x[W]->array;
    return w->shape[0] >= count && array_size(w) / NUMBERS >= count;
}

/* The op that makes all that the assignment writes; NULL: it writes something else. */
static program_op *made_for(const program_op *assign) {
    const operand *x = &assign->x[1];
    program_op *maker = x->value->maker;
    bool is_whole = maker && maker->y_count == 1 && x->value->read_count == 1 && x->offset == 0 &&
                    array_is_contiguous(&x->array);
    return is_whole ? maker : NULL;
}

static lego_status update_rows(lego_program *p, program_op *assign, const pattern_match *m) {
    const operand x[] = {assign->x[0], *m->x[W], *m->x[RATE], *m->x[ROWS_INDICES],
                         *m->x[ROWS_UPDATES]};
    const lego_brick *brick = m->bricks[BRICK_subtract_rows];
    lego_status status = op_turn_into(p, assign, brick, x, sizeof x / sizeof *x);
    for (int i = 0; i < m->progress.op_count && status == LEGO_OK; i++) {
        op_remove(m->ops[i]);
    }
    return status;
}

lego_status pass_update_rows(lego_program *p) {
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        program_op *op = op_of(p, i);
        program_op *last = op_writes(op) && op->x_count == 2 ? made_for(op) : NULL;
        pattern_match m;
        if (last && pattern_found(p, sgd_rows_patterns, last, &m) && is_worth_it(&m) &&
            can_be_later(op, &m)) {
            status = update_rows(p, op, &m);
        }
    }
    return status;
}
