/* A pass: elementwise ops that walk the same elements become fused loops.
 *
 * Each op joins the fused loops that make its inputs, if they fit into one (fused_loop.h) and
 * nothing has to run in between (groups.h). Ops on single numbers are joined even if none reads
 * another's result: their calls cost more than the arithmetic.
 *
 * What is not joined is told why: op.obstacle, operand.obstacle. */
#include "../core/error.h"
#include "../graph/fused_loop.h"
#include "../graph/groups.h"
#include "passes.h"
#include "patterns/patterns.h"

typedef struct fusing {
    grouping groups;
    lego_program *p;
    bool *is_stored;     /* of each buffer: whether it needs memory whatever is joined */
    bool *is_inner;      /* of each buffer, for the ops that are being planned */
    bool *is_fused_loop; /* of each instruction: whether a fused loop takes it */
    bool *reduces_rows;  /* of each instruction: whether one takes it along with others only */
    iteration_space *iteration_spaces; /* of each instruction that one takes */
    int last_number;                   /* the last op on single numbers; -1: none yet */
} fusing;

/* ---- what is known before ------------------------------------------------------------------- */

static void look_at(fusing *f, int index) {
    program_op *op = op_of(f->p, (size_t)index);
    op->obstacle = fused_loop_obstacle(op, &f->iteration_spaces[index]);
    for (int i = op_first_input(op); i < op->x_count; i++) {
        f->is_stored[op->x[i].buffer] |= op->obstacle != NULL;
    }
    for (int i = 0; i < op->y_count; i++) {
        f->is_stored[op->y[i].buffer] |= op->obstacle != NULL;
    }
    f->reduces_rows[index] = fused_loop_accepts_rows(op, &f->iteration_spaces[index]);
    f->is_fused_loop[index] = !op->obstacle || f->reduces_rows[index];
}

static lego_status prepare(fusing *f, lego_program *p) {
    *f = (fusing){.p = p, .last_number = -1};
    if (grouping_make(p, &f->groups)) {
        return LEGO_NO_MEMORY;
    }
    record_arena *scratch = &f->groups.scratch;
    size_t buffers = p->buffers.count;
    size_t count = p->instructions.count;
    f->is_stored = record_arena_take(scratch, buffers, sizeof *f->is_stored);
    f->is_inner = record_arena_take(scratch, buffers, sizeof *f->is_inner);
    f->is_fused_loop = record_arena_take(scratch, count, sizeof *f->is_fused_loop);
    f->reduces_rows = record_arena_take(scratch, count, sizeof *f->reduces_rows);
    f->iteration_spaces = record_arena_take(scratch, count, sizeof *f->iteration_spaces);
    if (!f->is_stored || !f->is_inner || !f->is_fused_loop || !f->reduces_rows ||
        !f->iteration_spaces) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < buffers; i++) {
        f->is_stored[i] = buffer_at(p, (int)i)->kind != LEGO_BUFFER_ARENA;
    }
    for (size_t i = 0; i < count; i++) {
        look_at(f, (int)i);
    }
    return LEGO_OK;
}

/* The instruction that makes what an operand reads; -1: none, or an assignment. */
static int maker_of(const operand *x) {
    const program_op *maker = x->value->maker;
    return maker && !op_writes(maker) ? maker->instruction : -1;
}

/* ---- whether two groups fit into one fused loop --------------------------------------------- */

/* The members of both groups, in order; not more than one too many. */
static int members_of(const fusing *f, int a, int b, program_op **ops) {
    int count = 0;
    while ((a >= 0 || b >= 0) && count <= MOST_STAGES) {
        int *from = b < 0 || (a >= 0 && a < b) ? &a : &b;
        ops[count++] = op_of(f->p, (size_t)*from);
        *from = f->groups.next[*from];
    }
    return count;
}

/* Marks the buffers that these ops make and only they read. A total is written in any case. */
static void mark_inner(fusing *f, program_op *const *ops, int count) {
    int reads[MOST_STAGES + 1] = {0}; /* among these ops, of what each of them makes */
    for (int i = 0; i < count; i++) {
        ops[i]->place = i;
        for (int k = op_first_input(ops[i]); k < ops[i]->x_count; k++) {
            const program_op *maker = ops[i]->x[k].value->maker;
            if (maker && maker->place < i && ops[maker->place] == maker) {
                reads[maker->place]++;
            }
        }
    }
    for (int i = 0; i < count; i++) {
        const operand *y = &ops[i]->y[0];
        iteration_space own;
        bool is_made = op_loop(ops[i]) || fused_loop_accepts_rows(ops[i], &own);
        bool is_own = buffer_at(f->p, y->buffer)->kind == LEGO_BUFFER_ARENA && is_made;
        f->is_inner[y->buffer] = is_own && reads[i] == y->value->read_count;
    }
}

static void unmark_inner(fusing *f, program_op *const *ops, int count) {
    for (int i = 0; i < count; i++) {
        f->is_inner[ops[i]->y[0].buffer] = false;
    }
}

static bool reads_product(program_op *const *ops, int count) {
    for (int i = 0; i < count; i++) {
        for (int k = op_first_input(ops[i]); k < ops[i]->x_count; k++) {
            const program_op *maker = ops[i]->x[k].value->maker;
            if (maker && takes_epilogue(maker)) {
                return true;
            }
        }
    }
    return false;
}

/* An epilogue walks the blocks of a product, which are not whole rows, and it is worth more than to
 * reduce the rows in the same loop: the product is not read again. */
static bool keeps_epilogue(const loop_plan *s, program_op *const *ops, int count) {
    bool needs_rows =
        s->reduces_rows || s->reduces_columns || (s->total_count > 0 && s->space.columns > 0);
    return needs_rows && reads_product(ops, count);
}

/* NULL, or why not. */
static const char *plan_both(fusing *f, int a, int b) {
    program_op *ops[MOST_STAGES + 1] = {NULL};
    loop_plan s;
    int count = members_of(f, a, b, ops);
    mark_inner(f, ops, count);
    const char *obstacle = loop_plan_make(ops, count, f->is_inner, patterns_ending_with, &s);
    unmark_inner(f, ops, count);
    if (!obstacle && keeps_epilogue(&s, ops, count)) {
        return "the loop that reads a product is its epilogue, which has no whole rows";
    }
    return obstacle;
}

/* NULL, or why they are not joined. */
static const char *try_to_join(fusing *f, int a, int b) {
    const char *obstacle = plan_both(f, a, b);
    return obstacle ? obstacle : grouping_join(&f->groups, a, b);
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
    const value *y = op->y[0].value;
    if (!f->is_fused_loop[index] || op_writes(op) || f->iteration_spaces[index].size == 1 ||
        f->is_stored[y->buffer] || y->read_count != 1 ||
        f->iteration_spaces[y->last_read->op->instruction].size !=
            f->iteration_spaces[index].size) {
        return false;
    }
    int64_t bytes = stored_bytes(f, op);
    return bytes >= 0 && bytes <= operand_bytes(&op->y[0]);
}

/* ---- two products that meet ------------------------------------------------------------------ */

/* Whether what x reads is read by its group alone, and number by number. */
static bool group_alone_reads(const fusing *f, const operand *x) {
    int group = f->groups.group[x->op->instruction];
    for (x = x->value->first_read; x; x = x->next_read) {
        int64_t columns;
        if (f->groups.group[x->op->instruction] != group || x->offset != 0 ||
            access_of(&x->array, &x->op->y[0].array, &columns) != ACCESS_EACH) {
            return false;
        }
    }
    return true;
}

/* The last product that the group is made for: its ops can be the epilogue, and no other group
 * reads it. The product's instruction; -1: none. */
static int product_of(const fusing *f, int group) {
    int last = -1;
    for (int member = group; member >= 0 && f->is_fused_loop[group];
         member = f->groups.next[member]) {
        const program_op *op = op_of(f->p, (size_t)member);
        for (int i = op_first_input(op); i < op->x_count; i++) {
            const program_op *maker = op->x[i].value->maker;
            if (maker && takes_epilogue(maker) && maker->instruction > last &&
                group_alone_reads(f, &op->x[i])) {
                last = maker->instruction;
            }
        }
    }
    return last;
}

/* Whether the maker of x is to stay the epilogue of a product of its own, since the op, or what it
 * reads besides, belongs to another one. In one loop, the epilogue of one product, the other one
 * would be stored as it is and read again; so its result is, and what is computed in between takes
 * place in the cache. The op goes to the last product, whose result is the nearest. */
static bool belongs_to_other(const fusing *f, const program_op *op, const operand *x) {
    const int maker = f->groups.group[x->value->maker->instruction];
    const int own = product_of(f, maker);
    const int other = product_of(f, f->groups.group[op->instruction]);
    if (own < 0 || (other >= 0 && other != own)) {
        return own >= 0;
    }
    for (int i = op_first_input(op); i < op->x_count; i++) {
        int beside = maker_of(&op->x[i]);
        if (beside >= 0 && f->groups.group[beside] != maker &&
            product_of(f, f->groups.group[beside]) > own) {
            return true;
        }
    }
    return false;
}

/* ---- the pass ------------------------------------------------------------------------------- */

static void join_maker(fusing *f, int index, operand *x) {
    const program_op *maker = x->value->maker;
    if (maker && op_writes(maker)) {
        x->obstacle = "an assignment makes what is read";
        return;
    }
    int a = maker ? f->groups.group[maker->instruction] : -1;
    int b = f->groups.group[index];
    if (a >= 0 && a != b && f->is_fused_loop[a] && f->is_fused_loop[b]) {
        x->obstacle = belongs_to_other(f, x->op, x)
                          ? "it is the epilogue of one product, and its reader of another one"
                          : try_to_join(f, a, b);
    }
}

static void join_makers(fusing *f, int index) {
    program_op *op = op_of(f->p, (size_t)index);
    for (int i = op_first_input(op); i < op->x_count; i++) {
        join_maker(f, index, &op->x[i]);
    }
}

/* Ops that waited for this one have not joined their own makers so far. */
static void join_waiting(fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    for (int i = op_first_input(op); i < op->x_count; i++) {
        int maker = maker_of(&op->x[i]);
        if (maker >= 0 && waits(f, maker)) {
            join_makers(f, maker);
        }
    }
}

/* A reduction to one number, or of columns, joins the fused loop that makes its input. */
static void join_total(fusing *f, int index) {
    const program_op *op = op_of(f->p, (size_t)index);
    if (!fused_loop_accepts_totals(op, &f->iteration_spaces[index])) {
        return;
    }
    f->is_fused_loop[index] = true;
    join_makers(f, index);
    f->is_fused_loop[index] = f->groups.group[index] != index;
}

/* A reduction of rows that has found no other op is run by its own kernel. */
static void leave_lone_rows(fusing *f, int index) {
    bool is_alone = f->groups.group[index] == index && f->groups.next[index] < 0;
    if (f->reduces_rows[index] && is_alone) {
        instruction_at(f->p, (size_t)index)->is_fused_loop = false;
    } else if (f->reduces_rows[index]) {
        op_of(f->p, (size_t)index)->obstacle = NULL;
    }
}

static void join_numbers(fusing *f, int index) {
    if (f->iteration_spaces[index].size != 1) {
        return;
    }
    if (f->last_number >= 0) {
        int a = f->groups.group[f->last_number];
        int b = f->groups.group[index];
        if (a != b) {
            try_to_join(f, a, b);
        }
    }
    f->last_number = index;
}

/* Buffers that only their own fused loop reads become tiles. */
static void name_tiles(fusing *f) {
    for (size_t i = 0; i < f->p->instructions.count; i++) {
        const instruction *at = instruction_at(f->p, i);
        if (at->is_fused_loop) {
            mark_inner(f, at->ops, at->op_count);
        }
    }
    for (size_t i = 0; i < f->p->buffers.count; i++) {
        if (f->is_inner[i]) {
            buffer_at(f->p, (int)i)->kind = LEGO_BUFFER_TILE;
        }
    }
}

static lego_status fuse(fusing *f) {
    for (int i = 0; i < (int)f->p->instructions.count; i++) {
        if (f->is_fused_loop[i]) {
            if (!waits(f, i)) {
                join_makers(f, i);
            }
            join_waiting(f, i);
            join_numbers(f, i);
        } else {
            join_total(f, i);
        }
        instruction_at(f->p, (size_t)i)->is_fused_loop = f->is_fused_loop[i];
    }
    for (int i = 0; i < (int)f->p->instructions.count; i++) {
        leave_lone_rows(f, i);
    }
    lego_status status = grouping_finish(&f->groups);
    if (status == LEGO_OK) {
        name_tiles(f);
    }
    return status;
}

lego_status pass_fuse(lego_program *p) {
    fusing f;
    lego_status status = prepare(&f, p);
    if (status == LEGO_OK) {
        status = fuse(&f);
    }
    grouping_free(&f.groups);
    return status;
}
