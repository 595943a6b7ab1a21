/* A pass: instructions whose results are not read are dropped.
 *
 * From the last one to the first: an instruction is needed if it has an effect, such as to write
 * a variable, or makes a buffer that is an output or that a needed instruction reads. */
#include "../core/error.h"
#include "../graph/program.h"
#include "passes.h"

static bool is_needed(const instruction *i, const bool *is_read) {
    for (int k = 0; k < i->op_count; k++) {
        const program_op *op = &i->ops[k];
        if (op_has_effect(op)) {
            return true;
        }
        for (int o = 0; o < op->y_count; o++) {
            if (is_read[op->y[o].buffer]) {
                return true;
            }
        }
    }
    return false;
}

static void note_reads(const instruction *i, bool *is_read) {
    for (int k = 0; k < i->op_count; k++) {
        const program_op *op = &i->ops[k];
        for (int x = op_first_input(op); x < op->x_count; x++) {
            is_read[op->x[x].buffer] = true;
        }
    }
}

/* Keeps the marked instructions, in their order. */
static void keep(lego_program *p, const bool *is_kept) {
    size_t kept = 0;
    for (size_t i = 0; i < p->instructions.count; i++) {
        if (is_kept[i]) {
            *instruction_at(p, kept++) = *instruction_at(p, i);
        }
    }
    p->instructions.count = kept;
}

lego_status pass_dead(lego_program *p) {
    bool *is_read = record_arena_take(&p->records, p->buffers.count + 1, sizeof *is_read);
    bool *is_kept = record_arena_take(&p->records, p->instructions.count + 1, sizeof *is_kept);
    if (!is_read || !is_kept) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < p->output_count; i++) {
        is_read[p->outputs[i].buffer] = true;
    }
    for (size_t i = p->instructions.count; i-- > 0;) {
        const instruction *at = instruction_at(p, i);
        is_kept[i] = is_needed(at, is_read);
        if (is_kept[i]) {
            note_reads(at, is_read);
        }
    }
    keep(p, is_kept);
    return LEGO_OK;
}
