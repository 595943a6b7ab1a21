/* A pass: two recurrences of which neither needs the other run side by side.
 *
 * A recurrence takes the rows of a batch from step to step. A small batch is a single chunk: one
 * thread has the work of all steps, and the others wait. So two such ops become one instruction,
 * the directions of a Bidirectional layer and then their gradients, whose calls are the chunks of
 * one job. What each of them computes does not change. */
#include "../core/error.h"
#include "../graph/groups.h"
#include "passes.h"

/* Operations that take some tens of microseconds, longer than threads need to find each other. */
enum { WORTH_A_THREAD = 1 << 20 };

/* Whether all of its work is for one thread, and worth one. */
static bool is_long_chunk(const instruction *i) {
    return i->op_count == 1 && op_chunks(i->ops[0]) == 1 &&
           op_operations(i->ops[0]) >= WORTH_A_THREAD;
}

static bool reads_what_is_made(const program_op *op, const program_op *maker) {
    for (int i = 0; i < op->x_count; i++) {
        if (op->x[i].value->maker == maker) {
            return true;
        }
    }
    return false;
}

/* Each waits for the next one, which is its partner if it can be; whether there are pairs. */
static bool find_pairs(lego_program *p, grouping *groups) {
    const program_op *waiting = NULL;
    bool are_there = false;
    for (size_t i = 0; i < p->instructions.count; i++) {
        const program_op *op = op_of(p, i);
        if (!is_long_chunk(instruction_at(p, i))) {
            continue;
        }
        bool is_pair = waiting && !reads_what_is_made(op, waiting) &&
                       !grouping_join(groups, waiting->instruction, op->instruction);
        if (is_pair) {
            instruction_at(p, (size_t)waiting->instruction)->is_side_by_side = are_there = true;
        }
        waiting = is_pair ? NULL : op;
    }
    return are_there;
}

lego_status pass_side_by_side(lego_program *p) {
    grouping groups;
    lego_status status = grouping_make(p, &groups);
    if (status == LEGO_OK && find_pairs(p, &groups)) {
        status = grouping_finish(&groups);
    }
    grouping_free(&groups);
    return status;
}
