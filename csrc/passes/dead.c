/* A pass: instructions whose results are not read are dropped.
 *
 * From the last one to the first, so that all readers of an op have been visited before it. An op
 * is needed if it has an effect, as to write a variable, makes an output, or makes what an op reads
 * that is still there. */
#include "../graph/values.h"
#include "passes.h"

static bool is_needed(const lego_program *p, const program_op *op) {
    for (int i = 0; i < op->y_count; i++) {
        bool is_output = buffer_at(p, op->y[i].buffer)->kind == LEGO_BUFFER_OUTPUT;
        if (is_output || op->y[i].value->read_count > 0) {
            return true;
        }
    }
    return op_has_effect(op);
}

lego_status pass_dead(lego_program *p) {
    for (size_t i = p->instructions.count; i-- > 0;) {
        if (!is_needed(p, op_of(p, i))) {
            op_remove(op_of(p, i));
        }
    }
    return LEGO_OK;
}
