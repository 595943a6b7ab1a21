/* A pass: elementwise bricks that walk the same elements become chains.
 *
 * Each brick joins the chains that make what it reads, as long as they fit into one (chain.h) and
 * nothing has to happen in between (graph.h). Work on single numbers is joined even where nothing
 * passes from one to the other: there the calls cost more than the arithmetic. */
#include "../core/error.h"
#include "chain.h"
#include "graph.h"

typedef struct fusing {
    grouping groups;
    lego_program *p;
    int *reads;      /* of each home: how many operands read it, in the whole program */
    int *maker;      /* of each home: the instruction that makes it; -1: none or a variable */
    int *reader;     /* of each home: the instruction that reads it last; -1: none */
    bool *is_stored; /* of each home: whether it needs memory whatever is joined */
    bool *is_inner;  /* of each home, for the parts that are looked at */
    bool *is_chain;  /* of each instruction: whether a chain takes it */
    space *spaces;   /* of those */
    int last_number; /* a group that works on single numbers; -1: none yet */
} fusing;

/* ---- what is known before ------------------------------------------------------------------- */

static void look_at(fusing *f, int index) {
    const part *piece = program_instruction(f->p, (size_t)index)->parts;
    bool is_chain = chain_takes(piece, &f->spaces[index]);
    f->is_chain[index] = is_chain;
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        int home = piece->x[i].home;
        f->reads[home]++;
        f->reader[home] = index;
        f->is_stored[home] |= !is_chain;
    }
    for (int i = 0; i < piece->y_count; i++) {
        int home = piece->y[i].home;
        f->maker[home] = part_writes(piece) ? f->maker[home] : index;
        f->is_stored[home] |= !is_chain;
    }
}

static lego_status prepare(fusing *f, lego_program *p) {
    size_t homes = p->homes.count + 1;
    size_t count = p->instructions.count + 1;
    f->p = p;
    f->last_number = -1;
    f->reads = pool_take(&p->pool, homes, sizeof *f->reads);
    f->maker = pool_take(&p->pool, homes, sizeof *f->maker);
    f->reader = pool_take(&p->pool, homes, sizeof *f->reader);
    f->is_stored = pool_take(&p->pool, homes, sizeof *f->is_stored);
    f->is_inner = pool_take(&p->pool, homes, sizeof *f->is_inner);
    f->is_chain = pool_take(&p->pool, count, sizeof *f->is_chain);
    f->spaces = pool_take(&p->pool, count, sizeof *f->spaces);
    if (!f->reads || !f->maker || !f->reader || !f->is_stored || !f->is_inner || !f->is_chain ||
        !f->spaces) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i + 1 < homes; i++) {
        f->maker[i] = f->reader[i] = -1;
        f->is_stored[i] = program_home(p, (int)i)->kind != LEGO_HOME_ARENA;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        look_at(f, (int)i);
    }
    return grouping_make(p, &f->groups);
}

/* ---- whether two groups fit into one chain -------------------------------------------------- */

/* The members of both groups, in order; their number, or -1 when there are too many. */
static int members_of(const fusing *f, int a, int b, const part **parts) {
    int count = 0;
    while (a >= 0 || b >= 0) {
        bool takes_a = b < 0 || (a >= 0 && a < b);
        int member = takes_a ? a : b;
        if (count == MOST_STAGES) {
            return -1;
        }
        parts[count++] = program_instruction(f->p, (size_t)member)->parts;
        if (takes_a) {
            a = f->groups.next[a];
        } else {
            b = f->groups.next[b];
        }
    }
    return count;
}

static int reads_among(const part *const *parts, int count, int home) {
    int reads = 0;
    for (int i = 0; i < count; i++) {
        for (int k = part_first_input(parts[i]); k < parts[i]->x_count; k++) {
            reads += parts[i]->x[k].home == home;
        }
    }
    return reads;
}

/* Marks the homes that these parts make and nobody else reads. A total is written in any case. */
static void mark_inner(fusing *f, const part *const *parts, int count, bool is_marked) {
    for (int i = 0; i < count; i++) {
        int home = parts[i]->y[0].home;
        bool is_own = program_home(f->p, home)->kind == LEGO_HOME_ARENA && part_loop(parts[i]);
        f->is_inner[home] =
            is_marked && is_own && reads_among(parts, count, home) == f->reads[home];
    }
}

static bool fit(fusing *f, int a, int b) {
    const part *parts[MOST_STAGES];
    sketch s;
    int count = members_of(f, a, b, parts);
    if (count < 0) {
        return false;
    }
    mark_inner(f, parts, count, true);
    bool fits = chain_sketch(parts, count, f->is_inner, &s);
    mark_inner(f, parts, count, false);
    return fits;
}

static void try_to_join(fusing *f, int a, int b) {
    if (a == b || !f->is_chain[a] || !f->is_chain[b] || f->spaces[a].size != f->spaces[b].size) {
        return;
    }
    if (fit(f, a, b) && grouping_may_join(&f->groups, a, b)) {
        grouping_join(&f->groups, a, b);
    }
}

/* ---- what waits ----------------------------------------------------------------------------- */

/* The bytes that are read element by element and lie in memory anyway; -1 where some do not. */
static int64_t stored_bytes(const fusing *f, const part *piece) {
    int64_t bytes = 0;
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        const operand *x = &piece->x[i];
        bool is_whole = array_size(&x->array) == array_size(&piece->y[0].array);
        if (is_whole && !f->is_stored[x->home]) {
            return -1;
        }
        bytes += is_whole ? operand_bytes(x) : 0;
    }
    return bytes;
}

/* A brick that one later brick reads waits for that one, where what it reads itself is stored in
 * any case and no larger than what it makes: then to make it later is to read once more, but to
 * make it at once would be to write and to read. */
static bool waits(const fusing *f, int index) {
    const part *piece = program_instruction(f->p, (size_t)index)->parts;
    const operand *y = &piece->y[0];
    int reader = f->reader[y->home];
    if (!f->is_chain[index] || part_writes(piece) || f->spaces[index].size == 1 ||
        f->is_stored[y->home] || f->reads[y->home] != 1 ||
        f->spaces[reader].size != f->spaces[index].size) {
        return false;
    }
    int64_t bytes = stored_bytes(f, piece);
    return bytes >= 0 && bytes <= operand_bytes(y);
}

/* ---- the pass ------------------------------------------------------------------------------- */

static int maker_of(const fusing *f, const part *piece, int input) {
    return f->maker[piece->x[input].home];
}

static void join_makers(fusing *f, int index) {
    const part *piece = program_instruction(f->p, (size_t)index)->parts;
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        int maker = maker_of(f, piece, i);
        if (maker >= 0) {
            try_to_join(f, f->groups.group[maker], f->groups.group[index]);
        }
    }
}

/* Those that waited for this one had no makers joined so far. */
static void join_waiting(fusing *f, int index) {
    const part *piece = program_instruction(f->p, (size_t)index)->parts;
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        int maker = maker_of(f, piece, i);
        if (maker >= 0 && waits(f, maker)) {
            join_makers(f, maker);
        }
    }
}

/* Sums and the like of all that a chain makes are taken while it is made. */
static void join_total(fusing *f, int index) {
    const part *piece = program_instruction(f->p, (size_t)index)->parts;
    if (!chain_totals(piece, &f->spaces[index])) {
        return;
    }
    f->is_chain[index] = true;
    join_makers(f, index);
    f->is_chain[index] = f->groups.group[index] != index;
}

static void join_numbers(fusing *f, int index) {
    if (f->spaces[index].size != 1) {
        return;
    }
    if (f->last_number >= 0) {
        try_to_join(f, f->groups.group[f->last_number], f->groups.group[index]);
    }
    f->last_number = index;
}

/* Homes inside of chains need no memory of their own any more. */
static void name_tiles(fusing *f) {
    for (size_t i = 0; i < f->p->instructions.count; i++) {
        instruction *at = program_instruction(f->p, i);
        const part *parts[MOST_STAGES];
        for (int k = 0; k < at->part_count && at->is_chain; k++) {
            parts[k] = &at->parts[k];
        }
        if (at->is_chain) {
            mark_inner(f, parts, at->part_count, true);
        }
    }
    for (size_t i = 0; i < f->p->homes.count; i++) {
        if (f->is_inner[i]) {
            program_home(f->p, (int)i)->kind = LEGO_HOME_TILE;
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
        program_instruction(p, (size_t)i)->is_chain = f.is_chain[i];
        if (f.is_chain[i]) {
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
