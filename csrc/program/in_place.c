/* The plan: what a chain makes may take over the memory of what it reads for the last time.
 *
 * A chain goes through all of its operands element by element, so a number may be written where
 * another one was read, once no later brick of the chain reads that one again. */
#include "chain.h"

/* The last part of the chain that reads the home, and how: element by element or not. */
static int last_reader(const instruction *i, int home, bool *is_whole) {
    int last = -1;
    *is_whole = true;
    for (int k = 0; k < i->part_count; k++) {
        const part *piece = &i->parts[k];
        for (int x = part_first_input(piece); x < piece->x_count; x++) {
            int64_t columns;
            const operand *o = &piece->x[x];
            if (o->home == home) {
                last = k;
                *is_whole &= o->offset == 0 &&
                             form_below(&o->array, &piece->y[0].array, &columns) == FORM_WHOLE;
            }
        }
    }
    return last;
}

static bool may_take_over(const lego_program *p, const operand *x, const operand *y) {
    const home *from = program_home(p, x->home);
    const home *to = program_home(p, y->home);
    return from->kind == LEGO_HOME_ARENA && from->bytes == to->bytes &&
           from->bytes == operand_bytes(x) && from->last == to->first &&
           lego_dtype_size(x->array.dtype) == lego_dtype_size(y->array.dtype);
}

/* Memory is handed on once. */
static bool is_handed_on(const lego_program *p, int index) {
    const home *root = program_home(p, program_home(p, index)->room);
    return root->room_last > program_home(p, index)->last;
}

static void take_over(lego_program *p, int from, int to) {
    int room = program_home(p, from)->room;
    program_home(p, to)->room = room;
    program_home(p, room)->room_last = program_home(p, to)->last;
}

/* Looks for the memory of an operand that part `maker` may write its result into. */
static void place_result(lego_program *p, const instruction *i, int maker) {
    const operand *y = &i->parts[maker].y[0];
    const home *to = program_home(p, y->home);
    if (part_writes(&i->parts[maker]) || to->kind != LEGO_HOME_ARENA || to->last == to->first) {
        return;
    }
    for (int k = 0; k <= maker; k++) {
        for (int x = part_first_input(&i->parts[k]); x < i->parts[k].x_count; x++) {
            const operand *o = &i->parts[k].x[x];
            bool is_whole;
            if (may_take_over(p, o, y) && !is_handed_on(p, o->home) &&
                last_reader(i, o->home, &is_whole) <= maker && is_whole) {
                take_over(p, o->home, y->home);
                return;
            }
        }
    }
}

void plan_in_place(lego_program *p) {
    for (size_t i = 0; i < p->instructions.count; i++) {
        const instruction *at = program_instruction(p, i);
        for (int k = 0; k < at->part_count && at->is_chain; k++) {
            place_result(p, at, k);
        }
    }
}
