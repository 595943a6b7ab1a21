/* A pass: instructions whose results nobody reads are dropped.
 *
 * Backwards: needed is what writes a variable or makes a home that something needed reads. */
#include "../core/error.h"
#include "program.h"

static bool is_needed(const instruction *i, const bool *is_read) {
    for (int k = 0; k < i->part_count; k++) {
        const part *piece = &i->parts[k];
        if (part_writes(piece)) {
            return true;
        }
        for (int o = 0; o < piece->y_count; o++) {
            if (is_read[piece->y[o].home]) {
                return true;
            }
        }
    }
    return false;
}

static void note_reads(const instruction *i, bool *is_read) {
    for (int k = 0; k < i->part_count; k++) {
        const part *piece = &i->parts[k];
        for (int x = part_first_input(piece); x < piece->x_count; x++) {
            is_read[piece->x[x].home] = true;
        }
    }
}

/* Keeps the marked instructions, in their order. */
static void keep(lego_program *p, const bool *is_kept) {
    size_t kept = 0;
    for (size_t i = 0; i < p->instructions.count; i++) {
        if (is_kept[i]) {
            *program_instruction(p, kept++) = *program_instruction(p, i);
        }
    }
    p->instructions.count = kept;
}

lego_status pass_dead(lego_program *p) {
    bool *is_read = pool_take(&p->pool, p->homes.count + 1, sizeof *is_read);
    bool *is_kept = pool_take(&p->pool, p->instructions.count + 1, sizeof *is_kept);
    if (!is_read || !is_kept) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < p->output_count; i++) {
        is_read[p->outputs[i].home] = true;
    }
    for (size_t i = p->instructions.count; i-- > 0;) {
        const instruction *at = program_instruction(p, i);
        is_kept[i] = is_needed(at, is_read);
        if (is_kept[i]) {
            note_reads(at, is_read);
        }
    }
    keep(p, is_kept);
    return LEGO_OK;
}
