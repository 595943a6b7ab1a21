/* A pass: elementwise ops that walk the same elements become fused loops.
 *
 * Each op joins the fused loops that make its inputs, if they fit into one (fused_loop.h) and
 * nothing has to run in between (groups.h). Ops on single numbers are joined even if none reads
 * another's result: their calls cost more than the arithmetic. */
#include "../core/error.h"
#include "../graph/fused_loop.h"
#include "../graph/groups.h"
#include "passes.h"

typedef struct fusing {
    grouping groups;
    lego_program *p;
    int *reads;          /* of each buffer: how many operands read it, in the whole program */
    int *maker;          /* of each buffer: the instruction that makes it; -1: none or a variable */
    int *reader;         /* of each buffer: the instruction that reads it last; -1: none */
    bool *is_stored;     /* of each buffer: whether it needs memory whatever is joined */
    bool *is_inner;      /* of each buffer, for the ops that are being planned */
    bool *is_fused_loop; /* of each instruction: whether a fused loop takes it */
    iteration_space *iteration_spaces; /* of those */
    int last_number;                   /* the last op on single numbers; -1: none yet */
} fusing;

/* ---- what is known before ------------------------------------------------------------------- */

static void look_at(fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    bool is_fused_loop = fused_loop_accepts(op, &f->iteration_spaces[index]);
    f->is_fused_loop[index] = is_fused_loop;
    for (int i = op_first_input(op); i < op->x_count; i++) {
        int buffer = op->x[i].buffer;
        f->reads[buffer]++;
        f->reader[buffer] = index;
        f->is_stored[buffer] |= !is_fused_loop;
    }
    for (int i = 0; i < op->y_count; i++) {
        int buffer = op->y[i].buffer;
        f->maker[buffer] = op_writes(op) ? f->maker[buffer] : index;
        f->is_stored[buffer] |= !is_fused_loop;
    }
}

static lego_status prepare(fusing *f, lego_program *p) {
    size_t buffers = p->buffers.count + 1;
    size_t count = p->instructions.count + 1;
    f->p = p;
    f->last_number = -1;
    f->reads = record_arena_take(&p->records, buffers, sizeof *f->reads);
    f->maker = record_arena_take(&p->records, buffers, sizeof *f->maker);
    f->reader = record_arena_take(&p->records, buffers, sizeof *f->reader);
    f->is_stored = record_arena_take(&p->records, buffers, sizeof *f->is_stored);
    f->is_inner = record_arena_take(&p->records, buffers, sizeof *f->is_inner);
    f->is_fused_loop = record_arena_take(&p->records, count, sizeof *f->is_fused_loop);
    f->iteration_spaces = record_arena_take(&p->records, count, sizeof *f->iteration_spaces);
    if (!f->reads || !f->maker || !f->reader || !f->is_stored || !f->is_inner ||
        !f->is_fused_loop || !f->iteration_spaces) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i + 1 < buffers; i++) {
        f->maker[i] = f->reader[i] = -1;
        f->is_stored[i] = buffer_at(p, (int)i)->kind != LEGO_BUFFER_ARENA;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        look_at(f, (int)i);
    }
    return grouping_make(p, &f->groups);
}

/* ---- whether two groups fit into one fused loop
 * -------------------------------------------------- */

/* The members of both groups, in order; their number, or -1 when there are too many. */
static int members_of(const fusing *f, int a, int b, program_op **ops) {
    int count = 0;
    while (a >= 0 || b >= 0) {
        bool takes_a = b < 0 || (a >= 0 && a < b);
        int member = takes_a ? a : b;
        if (count == MOST_STAGES) {
            return -1;
        }
        ops[count++] = op_of(f->p, (size_t)member);
        if (takes_a) {
            a = f->groups.next[a];
        } else {
            b = f->groups.next[b];
        }
    }
    return count;
}

static int reads_among(program_op *const *ops, int count, int buffer) {
    int reads = 0;
    for (int i = 0; i < count; i++) {
        for (int k = op_first_input(ops[i]); k < ops[i]->x_count; k++) {
            reads += ops[i]->x[k].buffer == buffer;
        }
    }
    return reads;
}

/* Marks the buffers that these ops make and only they read. A total is written in any case. */
static void mark_inner(fusing *f, program_op *const *ops, int count, bool is_marked) {
    for (int i = 0; i < count; i++) {
        int buffer = ops[i]->y[0].buffer;
        bool is_own = buffer_at(f->p, buffer)->kind == LEGO_BUFFER_ARENA && op_loop(ops[i]);
        f->is_inner[buffer] =
            is_marked && is_own && reads_among(ops, count, buffer) == f->reads[buffer];
    }
}

static bool fit(fusing *f, int a, int b) {
    program_op *ops[MOST_STAGES];
    loop_plan s;
    int count = members_of(f, a, b, ops);
    if (count < 0) {
        return false;
    }
    mark_inner(f, ops, count, true);
    bool fits = loop_plan_make(ops, count, f->is_inner, &s);
    mark_inner(f, ops, count, false);
    return fits;
}

static void try_to_join(fusing *f, int a, int b) {
    if (a == b || !f->is_fused_loop[a] || !f->is_fused_loop[b] ||
        f->iteration_spaces[a].size != f->iteration_spaces[b].size) {
        return;
    }
    if (fit(f, a, b) && grouping_may_join(&f->groups, a, b)) {
        grouping_join(&f->groups, a, b);
    }
}

/* ---- ops that wait for their reader --------------------------------------------------------- */

/* The bytes that are read element by element and lie in memory anyway; -1 where some do not. */
static int64_t stored_bytes(const fusing *f, const program_op *op) {
    int64_t bytes = 0;
    for (int i = op_first_input(op); i < op->x_count; i++) {
        const operand *x = &op->x[i];
        bool is_whole = array_size(&x->array) == array_size(&op->y[0].array);
        if (is_whole && !f->is_stored[x->buffer]) {
            return -1;
        }
        bytes += is_whole ? operand_bytes(x) : 0;
    }
    return bytes;
}

/* An op with a single reader is computed inside its reader's loop, provided its own inputs stay in
 * memory until then and are no larger than its result: that reads the inputs once more, but to
 * compute it at once would write the result and read it again. */
static bool waits(const fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    const operand *y = &op->y[0];
    int reader = f->reader[y->buffer];
    if (!f->is_fused_loop[index] || op_writes(op) || f->iteration_spaces[index].size == 1 ||
        f->is_stored[y->buffer] || f->reads[y->buffer] != 1 ||
        f->iteration_spaces[reader].size != f->iteration_spaces[index].size) {
        return false;
    }
    int64_t bytes = stored_bytes(f, op);
    return bytes >= 0 && bytes <= operand_bytes(y);
}

/* ---- the pass ------------------------------------------------------------------------------- */

static int maker_of(const fusing *f, const program_op *op, int input) {
    return f->maker[op->x[input].buffer];
}

static void join_makers(fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    for (int i = op_first_input(op); i < op->x_count; i++) {
        int maker = maker_of(f, op, i);
        if (maker >= 0) {
            try_to_join(f, f->groups.group[maker], f->groups.group[index]);
        }
    }
}

/* Ops that waited for this one have not joined their own makers so far. */
static void join_waiting(fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    for (int i = op_first_input(op); i < op->x_count; i++) {
        int maker = maker_of(f, op, i);
        if (maker >= 0 && waits(f, maker)) {
            join_makers(f, maker);
        }
    }
}

/* A reduction to one number joins the fused loop that makes its input. */
static void join_total(fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    if (!fused_loop_accepts_total(op, &f->iteration_spaces[index])) {
        return;
    }
    f->is_fused_loop[index] = true;
    join_makers(f, index);
    f->is_fused_loop[index] = f->groups.group[index] != index;
}

static void join_numbers(fusing *f, int index) {
    if (f->iteration_spaces[index].size != 1) {
        return;
    }
    if (f->last_number >= 0) {
        try_to_join(f, f->groups.group[f->last_number], f->groups.group[index]);
    }
    f->last_number = index;
}

/* Buffers that only their own fused loop reads become tiles. */
static void name_tiles(fusing *f) {
    for (size_t i = 0; i < f->p->instructions.count; i++) {
        instruction *at = instruction_at(f->p, i);
        program_op *ops[MOST_STAGES];
        for (int k = 0; k < at->op_count && at->is_fused_loop; k++) {
            ops[k] = at->ops[k];
        }
        if (at->is_fused_loop) {
            mark_inner(f, ops, at->op_count, true);
        }
    }
    for (size_t i = 0; i < f->p->buffers.count; i++) {
        if (f->is_inner[i]) {
            buffer_at(f->p, (int)i)->kind = LEGO_BUFFER_TILE;
        }
    }
}

lego_status pass_fuse(lego_program *p) {
    fusing f;
    lego_status status = prepare(&f, p);
    if (status) {
        return status;
    }
    for (int i = 0; i < (int)p->instructions.count; i++) {
        instruction_at(p, (size_t)i)->is_fused_loop = f.is_fused_loop[i];
        if (f.is_fused_loop[i]) {
            if (!waits(&f, i)) {
                join_makers(&f, i);
            }
            join_waiting(&f, i);
            join_numbers(&f, i);
        } else {
            join_total(&f, i);
        }
    }
    status = grouping_finish(&f.groups);
    if (status == LEGO_OK) {
        name_tiles(&f);
    }
    return status;
}
