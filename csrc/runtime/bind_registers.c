/* Binding: which stages of a fused loop run in registers (core/register_steps.h), and their steps.
 *
 *     y = sqrt(a + b) c - d      load a, add b, sqrt, multiply c, subtract d, store y
 *
 * A step works on what the one before left in the registers. If a stage does not read that, it
 * loads its first input. What a stage makes is stored if a stage that comes later reads it from
 * memory, or if it belongs there. */
#include <string.h>

#include "../graph/fused_loop.h"

enum {
    MOST_STEPS = MOST_STAGES * (2 + MOST_REGISTER_OPS) + 1, /* load, ops, store; and an end */
    NO_SLOT = -1
};

typedef struct step_list {
    const fused_loop *c;
    const register_run *run;
    int count;
    int held; /* the slot whose numbers are in the registers */
    register_step steps[MOST_STEPS];
} step_list;

/* ---- runs ------------------------------------------------------------------------------------ */

static bool runs_in_registers(const stage *s) {
    return s->in_registers[0] && !s->is_per_row && !s->is_by_rows;
}

static void add_slot(register_run *run, int slot) {
    for (int i = 0; i < run->slot_count; i++) {
        if (run->slots[i] == slot) {
            return;
        }
    }
    run->slots[run->slot_count++] = slot;
}

/* Adds the slots of a stage; false where the run might have too many. */
static bool add_slots(register_run *run, const stage *s) {
    if (run->slot_count + s->x_count + 1 > MOST_RUN_SLOTS) {
        return false;
    }
    for (int k = 0; k < s->x_count; k++) {
        add_slot(run, s->x[k]);
    }
    add_slot(run, s->y[0]);
    return true;
}

/* The stages from `first` on that may run together. */
static register_run run_from(const fused_loop *c, int first) {
    const stage *s = &c->stages[first];
    register_run run = {
        .first = first,
        .last = first - 1,
        .bytes = c->slots[s->y[0]].bytes,
        .frame = s->in_registers[0]->frame,
    };
    while (run.last + 1 < c->stage_count) {
        s = &c->stages[run.last + 1];
        if (!runs_in_registers(s) || s->in_registers[0]->frame != run.frame ||
            !add_slots(&run, s)) {
            break;
        }
        run.last++;
    }
    return run;
}

/* ---- who reads what -------------------------------------------------------------------------- */

/* Which input of the stage the registers may take the place of: 0, or 1 of a single op of two; -1:
 * none. */
static int input_held(const stage *s, int held) {
    if (s->x[0] == held) {
        return 0;
    }
    return s->x_count == 2 && !s->in_registers[1] && s->x[1] == held ? 1 : -1;
}

static int times_read(const stage *s, int slot) {
    int times = 0;
    for (int k = 0; k < s->x_count; k++) {
        times += s->x[k] == slot;
    }
    return times;
}

/* Whether what a stage of the run makes must be in memory or in its tile: all but what the next
 * stage of the run takes from the registers. */
static bool is_read_later(const step_list *l, int made_by, int slot) {
    for (int i = made_by + 1; i < l->c->stage_count; i++) {
        const stage *s = &l->c->stages[i];
        const bool takes = i == made_by + 1 && i <= l->run->last && input_held(s, slot) >= 0;
        if (times_read(s, slot) > takes) {
            return true;
        }
    }
    return false;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void add_step(step_list *l, register_function *run, int slot, bool is_stepping) {
    l->steps[l->count++] = (register_step){
        .run = run,
        .slot = slot,
        .bytes = is_stepping ? l->run->frame->block_bytes : 0,
    };
}

/* The op with the number for each element, or for all, that lies in a slot. */
static void add_op(step_list *l, const register_ops *op, int slot, bool is_reversed) {
    const bool is_each = slot_is_stepping(l->c, &l->c->slots[slot]);
    register_function *of_each = is_reversed ? op->reversed_each : op->each;
    register_function *of_equal = is_reversed ? op->reversed_equal : op->equal;
    add_step(l, is_each ? of_each : of_equal, slot, is_each);
}

static void add_load(step_list *l, int slot) {
    const register_frame *f = l->run->frame;
    const bool is_each = slot_is_stepping(l->c, &l->c->slots[slot]);
    add_step(l, is_each ? f->load : f->load_equal, slot, is_each);
}

static void add_stage(step_list *l, int at) {
    const stage *s = &l->c->stages[at];
    const int held = input_held(s, l->held), y = s->y[0];
    if (held < 0) {
        add_load(l, s->x[0]);
    }
    if (held == 1) {
        add_op(l, s->in_registers[0], s->x[0], true);
    } else if (s->in_registers[0]->unary) {
        add_step(l, s->in_registers[0]->unary, y, false);
    } else {
        for (int i = 0; i + 1 < s->x_count; i++) {
            add_op(l, s->in_registers[i], s->x[i + 1], false);
        }
    }
    l->held = y;
    if (l->c->slots[y].tile < 0 || is_read_later(l, at, y)) {
        add_step(l, l->run->frame->store, y, true);
    }
}

/* A step was measured to take half of what a stage takes on the same numbers, and what is left of a
 * tile takes its time, too: a run pays that has no more than three steps for two stages. */
static bool pays(const step_list *l) {
    return 2 * l->count <= 3 * (l->run->last + 1 - l->run->first);
}

static void list_steps(step_list *l) {
    for (int at = l->run->first; at <= l->run->last; at++) {
        add_stage(l, at);
    }
}

/* ---- the last elements ----------------------------------------------------------------------- */

/* Whether two slots share memory: a tile, or that of a value which takes the place of another. A
 * product's block may lie in its result. */
static bool overlap(const lego_program *p, const slot *a, const slot *b) {
    if (a->tile >= 0 || b->tile >= 0) {
        return a->tile == b->tile;
    }
    return a->tile == TILE_OF_BLOCK ||
           buffer_at(p, a->buffer)->alias_of == buffer_at(p, b->buffer)->alias_of;
}

/* Whether a stage of the run makes the slot's numbers before stage `at`. */
static bool is_made_before(const fused_loop *c, const register_run *run, int at, int slot) {
    for (int i = run->first; i < at; i++) {
        if (c->stages[i].y[0] == slot) {
            return true;
        }
    }
    return false;
}

/* Whether a stage of the run writes over what came to the run in this slot. */
static bool is_written_over(const lego_program *p, const fused_loop *c, const register_run *run,
                            int slot) {
    for (int i = run->first; i <= run->last; i++) {
        if (overlap(p, &c->slots[slot], &c->slots[c->stages[i].y[0]])) {
            return true;
        }
    }
    return false;
}

static bool reads_over(const lego_program *p, const fused_loop *c, const register_run *run) {
    for (int at = run->first; at <= run->last; at++) {
        const stage *s = &c->stages[at];
        for (int k = 0; k < s->x_count; k++) {
            if (!is_made_before(c, run, at, s->x[k]) && is_written_over(p, c, run, s->x[k])) {
                return true;
            }
        }
    }
    return false;
}

/* ---- all runs -------------------------------------------------------------------------------- */

/* Keeps the run with its steps; NULL: no memory. */
static register_run *keep_run(lego_program *p, const register_run *run, const step_list *l) {
    register_run *kept = record_arena_take(&p->records, 1, sizeof *kept);
    register_step *steps = record_arena_take(&p->records, (size_t)l->count, sizeof *steps);
    if (!kept || !steps) {
        return NULL;
    }
    *kept = *run;
    memcpy(steps, l->steps, (size_t)l->count * sizeof *steps);
    kept->steps = steps;
    return kept;
}

lego_status bind_register_runs(lego_program *p, fused_loop *c) {
    const register_run **end = &c->runs;
    for (int first = 0; first < c->stage_count; first++) {
        if (!runs_in_registers(&c->stages[first])) {
            continue;
        }
        register_run run = run_from(c, first);
        step_list l = {.c = c, .run = &run, .held = NO_SLOT};
        list_steps(&l);
        if (pays(&l)) {
            add_step(&l, run.frame->end, 0, false);
            run.reads_over = reads_over(p, c, &run);
            register_run *kept = keep_run(p, &run, &l);
            if (!kept) {
                return LEGO_NO_MEMORY;
            }
            *end = kept;
            end = &kept->next;
        }
        first = run.last;
    }
    return LEGO_OK;
}
