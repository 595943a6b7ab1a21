/* Loop plans: the stages of a fused loop, and the tile of each value that it makes. */
#include "fused_loop.h"

#include <string.h>

/* The ops of the plan, and how far it is. */
typedef struct loop_planner {
    program_op *const *ops;
    int count;
    const bool *is_inner;
    pattern_finder *patterns;
    loop_plan *s;
    stage_ops stage_ops_of[MOST_STAGES]; /* the stage whose last op is op i */
    int stage_of[MOST_STAGES];           /* the last op of the stage that computes op i */
    int last_read[MOST_STAGES];          /* the last op that reads what op i makes; -1: none */
    int writes_for[MOST_STAGES];         /* the assignment that op i does itself; -1: none */
    bool is_done[MOST_STAGES];    /* assignments that the op which makes the value does itself */
    bool is_maker[MOST_STAGES];   /* ops that make a number for each element or row */
    bool is_per_row[MOST_STAGES]; /* ops that make a number for each row */
    int repeated[MOST_STAGES];    /* the slot where that is repeated along the rows; -1: none */
    bool is_taken[MOST_TILES];
    const char *obstacle; /* why there is no plan; NULL so far */
} loop_planner;

/* ---- which op reads what -------------------------------------------------------------------- */

/* Whether the op makes a number for each element or row: it neither assigns nor feeds a total. */
static bool is_maker(const program_op *op) {
    iteration_space own;
    return !op_writes(op) && (op_loop(op) || fused_loop_accepts_rows(op, &own));
}

/* Whether the op makes a number for each row. */
static bool is_per_row(const loop_planner *k, const program_op *op) {
    iteration_space own;
    column_space columns;
    return k->s->reduces_rows && array_size(&op->y[0].array) != k->s->space.size &&
           !fused_loop_accepts_columns(op, &own, &columns);
}

static void look_at_ops(loop_planner *k) {
    for (int i = 0; i < k->count; i++) {
        k->ops[i]->place = i;
        k->is_maker[i] = is_maker(k->ops[i]);
        k->is_per_row[i] = is_per_row(k, k->ops[i]);
        k->stage_of[i] = i;
        k->last_read[i] = k->writes_for[i] = k->repeated[i] = -1;
    }
}

/* Ops that are not among these may have a place of a former plan. */
static bool is_here(const loop_planner *k, const program_op *op) {
    return op && op->place < k->count && k->ops[op->place] == op;
}

/* The op that makes what the operand reads, if it is one of these; else -1. */
static int maker_of(const loop_planner *k, const operand *x) {
    const program_op *maker = x->value->maker;
    return is_here(k, maker) && k->is_maker[maker->place] ? maker->place : -1;
}

/* Whether the op reads all of a buffer, element by element. */
static bool is_read_whole(const program_op *op, const operand *o) {
    int64_t columns;
    iteration_space own;
    column_space space;
    if (fused_loop_accepts_rows(op, &own) || fused_loop_accepts_columns(op, &own, &space)) {
        return true;
    }
    access_kind access = access_of(&o->array, &op->y[0].array, &columns);
    bool is_one = array_size(&op->y[0].array) == 1;
    return (access == ACCESS_EACH || is_one) && o->offset == 0;
}

static bool touches(const program_op *op, int buffer) {
    bool is_touched = op->y[0].buffer == buffer;
    for (int i = op_first_input(op); i < op->x_count; i++) {
        is_touched |= op->x[i].buffer == buffer;
    }
    return is_touched;
}

/* Whether one pattern computes both ops, and op `at` only reads the variable, element by element: a
 * pattern's loop reads all of an element before it writes a result there. */
static bool is_read_before(const loop_planner *k, int maker, int at, int variable) {
    const program_op *op = k->ops[at];
    for (int i = op_first_input(op); i < op->x_count; i++) {
        if (op->x[i].buffer == variable && !is_read_whole(op, &op->x[i])) {
            return false;
        }
    }
    return k->stage_of[at] == k->stage_of[maker] && !op_writes(op);
}

/* A value that this fused loop makes is written to its variable at once, if it is assigned as it
 * is, no op in between reads the variable's former numbers, and no later op writes it again. */
static bool may_write_at_once(const loop_planner *k, int maker, int assignment) {
    int variable = k->ops[assignment]->y[0].buffer;
    const operand *value = &k->ops[assignment]->x[1];
    if (!k->is_inner[value->buffer] || k->writes_for[maker] >= 0 ||
        !is_read_whole(k->ops[assignment], value)) {
        return false;
    }
    for (int i = maker + 1; i < k->count; i++) {
        bool is_former = i < assignment && touches(k->ops[i], variable) &&
                         !is_read_before(k, maker, i, variable);
        bool is_again = i > assignment && k->ops[i]->y[0].buffer == variable;
        if (is_former || is_again) {
            return false;
        }
    }
    return true;
}

static void find_direct_writes(loop_planner *k) {
    for (int i = 0; i < k->count; i++) {
        if (!op_writes(k->ops[i]) || k->is_done[i]) {
            continue;
        }
        int maker = maker_of(k, &k->ops[i]->x[1]);
        if (maker >= 0 && may_write_at_once(k, maker, i)) {
            k->writes_for[maker] = i;
            k->is_done[i] = true;
        }
    }
}

/* From the end, since a pattern is found by its last op. */
static void find_stages(loop_planner *k) {
    for (int last = k->count - 1; last >= 0; last = k->stage_ops_of[last].first - 1) {
        k->stage_ops_of[last] =
            stage_ops_ending_at(k->ops, k->count, k->is_inner, k->writes_for, k->patterns, last);
        for (int i = k->stage_ops_of[last].first; i <= last; i++) {
            k->stage_of[i] = last;
        }
    }
}

static void find_last_reads(loop_planner *k) {
    for (int reader = 0; reader < k->count; reader++) {
        const program_op *op = k->ops[reader];
        for (int x = op_first_input(op); x < op->x_count; x++) {
            int maker = maker_of(k, &op->x[x]);
            if (maker >= 0) {
                k->last_read[maker] = k->stage_of[reader];
            }
        }
    }
}

/* ---- slots ---------------------------------------------------------------------------------- */

_Static_assert(MOST_STAGES == 48, "the sentence names it");
static const char too_many_ops[] = "one loop would have more than 48 ops";

/* Says why there is no plan. */
static int refuse(loop_planner *k, const char *obstacle) {
    k->obstacle = obstacle;
    return -1;
}

/* The slot like this one, found or made; -1 when there are too many. */
static int slot_like(loop_planner *k, const slot *wanted) {
    loop_plan *s = k->s;
    for (int i = 0; i < s->slot_count; i++) {
        const slot *have = &s->slots[i];
        if (have->buffer == wanted->buffer && have->offset == wanted->offset &&
            have->access == wanted->access && have->tile == wanted->tile) {
            return i;
        }
    }
    if (s->slot_count == MOST_SLOTS) {
        _Static_assert(MOST_SLOTS == 192, "the sentence names it");
        return refuse(k, "one loop would read and write more than 192 operands");
    }
    s->slots[s->slot_count] = *wanted;
    return s->slot_count++;
}

static slot slot_in_memory(const operand *o, access_kind access) {
    return (slot){
        .buffer = o->buffer,
        .offset = o->offset,
        .access = access,
        .bytes = (int64_t)lego_dtype_size(o->array.dtype),
        .tile = TILE_NONE,
    };
}

_Static_assert(MOST_TILES == 12, "the sentence names it");
static const char too_many_tiles[] = "one loop would keep more than 12 values in tiles at a time";

static int take_tile(loop_planner *k) {
    for (int tile = 0; tile < MOST_TILES; tile++) {
        if (!k->is_taken[tile]) {
            k->is_taken[tile] = true;
            k->s->tile_count = tile + 1 > k->s->tile_count ? tile + 1 : k->s->tile_count;
            return tile;
        }
    }
    return refuse(k, too_many_tiles);
}

/* Whether these ops make the value or overwrite it. */
static bool is_written_here(const loop_planner *k, const value *v) {
    return is_here(k, v->maker) || (v->next && is_here(k, v->next->maker));
}

static stage *next_stage(loop_planner *k) {
    loop_plan *s = k->s;
    if (s->stage_count == MOST_STAGES) {
        refuse(k, too_many_ops);
        return NULL;
    }
    return &s->stages[s->stage_count++];
}

/* The numbers of the rows as ops on all elements read them: a long row has its own tile and reads
 * the number itself; short rows share one, where the number is repeated once. */
static int repeated_slot(loop_planner *k, int maker, int made) {
    if (k->s->space.columns >= LONG_ROW) {
        return made;
    }
    if (k->repeated[maker] < 0) {
        slot wanted = slot_in_memory(&k->ops[maker]->y[0], ACCESS_EACH);
        wanted.tile = take_tile(k);
        int repeated = wanted.tile < 0 ? -1 : slot_like(k, &wanted);
        stage *next = repeated < 0 ? NULL : next_stage(k);
        if (!next) {
            return -1;
        }
        *next = (stage){.kind = STAGE_REPEAT, .first = maker, .last = maker};
        next->x[next->x_count++] = made;
        next->y[next->y_count++] = repeated;
        k->repeated[maker] = repeated;
    }
    return k->repeated[maker];
}

/* Whether an op on all elements reads the number of each row that op `maker` makes. */
static bool reads_rows_of(const loop_planner *k, int at, int maker, const operand *o) {
    int64_t columns;
    return maker >= 0 && k->is_per_row[maker] && !k->is_per_row[at] && o->offset == 0 &&
           access_of(&o->array, &k->ops[at]->y[0].array, &columns) == ACCESS_COLUMN;
}

/* Which number of an operand in memory belongs to an element that the loop walks. */
static access_kind access_in_loop(const loop_planner *k, int at, const operand *o) {
    int64_t columns;
    stage_kind kind = k->stage_ops_of[k->stage_of[at]].kind;
    if (kind == STAGE_ROWS || kind == STAGE_COLUMNS) {
        return ACCESS_EACH;
    }
    access_kind access = access_of(&o->array, &k->ops[at]->y[0].array, &columns);
    return access == ACCESS_EACH && k->is_per_row[at] ? ACCESS_PER_ROW : access;
}

/* Whether one of these ops reduces all elements to the value, or all of each column. */
static bool is_total_here(const loop_planner *k, const value *v) {
    return is_here(k, v->maker) && !k->is_maker[v->maker->place] && !op_writes(v->maker);
}

/* The slot that the op reads for its input: that of the op which makes it, if this loop does. What
 * this loop writes can only be read element by element, or row by row. */
static int input_slot(loop_planner *k, int at, const operand *o, const int *made) {
    int maker = maker_of(k, o);
    if (is_total_here(k, o->value)) {
        return refuse(k, "what is reduced is known after the last tile");
    }
    if (reads_rows_of(k, at, maker, o)) {
        return repeated_slot(k, maker, made[maker]);
    }
    if (!is_read_whole(k->ops[at], o) && is_written_here(k, o->value)) {
        return refuse(k, "what the loop makes would be read in another way than number by number");
    }
    if (maker >= 0) {
        return made[maker];
    }
    slot wanted = slot_in_memory(o, access_in_loop(k, at, o));
    wanted.tile = k->is_inner[o->buffer] ? TILE_OF_BLOCK : TILE_NONE;
    return slot_like(k, &wanted);
}

/* Tiles whose last reader was this stage are free again. */
static void free_tiles(loop_planner *k, int at, const int *made) {
    for (int i = 0; i <= at; i++) {
        int tile = made[i] >= 0 ? k->s->slots[made[i]].tile : TILE_NONE;
        bool is_over = k->last_read[i] == at || (k->stage_of[i] == at && k->last_read[i] < 0);
        if (tile >= 0 && is_over) {
            k->is_taken[tile] = false;
        }
        if (k->repeated[i] >= 0 && is_over) {
            k->is_taken[k->s->slots[k->repeated[i]].tile] = false;
        }
    }
}

static int output_slot(loop_planner *k, int at) {
    const program_op *op = k->ops[at];
    bool is_direct = k->writes_for[at] >= 0;
    const operand *y = is_direct ? &k->ops[k->writes_for[at]]->y[0] : &op->y[0];
    slot wanted = slot_in_memory(y, k->is_per_row[at] ? ACCESS_PER_ROW : ACCESS_EACH);
    if (!is_direct && !op_writes(op) && k->is_inner[y->buffer]) {
        wanted.tile = take_tile(k);
        if (wanted.tile < 0) {
            return -1;
        }
    }
    return slot_like(k, &wanted);
}

/* ---- stages --------------------------------------------------------------------------------- */

/* The last of the assignments that follow a stage's last op and are done by the stage. */
static int last_write(const loop_planner *k, int at) {
    int last = at;
    while (last + 1 < k->count && k->is_done[last + 1] &&
           k->stage_of[maker_of(k, &k->ops[last + 1]->x[1])] == at) {
        last++;
    }
    return last;
}

static bool add_stage(loop_planner *k, int at, int *made) {
    const stage_ops *of = &k->stage_ops_of[at];
    stage next = {
        .kind = of->kind,
        .is_per_row = k->is_per_row[at] && of->kind != STAGE_ROWS,
        .faces = k->ops[at]->brick->total,
        .x_dtype = of->x[0]->array.dtype,
        .y_dtype = k->ops[at]->y[0].array.dtype,
        .loop = of->loop,
        .pattern = of->pattern,
        .block_loop = of->block_loop,
        .channels = of->channels,
        .name = of->name,
        .first = of->first,
        .last = last_write(k, at),
        .x_count = of->x_count,
        .y_count = of->y_count,
    };
    if (of->kind == STAGE_TOTAL || of->kind == STAGE_COLUMNS) {
        next.total = k->s->total_count++;
    }
    memcpy(next.in_registers, of->in_registers, sizeof next.in_registers);
    for (int i = 0; i < of->x_count; i++) {
        next.x[i] = input_slot(k, of->readers[i], of->x[i], made);
        if (next.x[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < of->y_count; i++) {
        made[of->makers[i]] = next.y[i] = output_slot(k, of->makers[i]);
        if (next.y[i] < 0) {
            return false;
        }
    }
    free_tiles(k, at, made);
    stage *added = next_stage(k);
    if (added) {
        *added = next;
    }
    return added;
}

static const char too_many_totals[] = "one loop would feed more than 4 totals";

/* The columns that ops reduce are those of the same matrices. *count: of ops that reduce columns.
 */
static const char *join_columns(program_op *const *ops, int op_count, loop_plan *s, int *count) {
    *count = 0;
    for (int i = 0; i < op_count; i++) {
        iteration_space own;
        column_space c;
        if (!fused_loop_accepts_columns(ops[i], &own, &c)) {
            continue;
        }
        if (++*count > 1 && c.rows != s->column_space.rows) {
            return "one loop would reduce columns of different lengths";
        }
        s->column_space = c;
    }
    s->reduces_columns = *count > 0;
    return *count > MOST_TOTALS ? too_many_totals : NULL;
}

/* Totals are fed all elements in one long row, all of them in the same chunks. */
static const char *join_totals(program_op *const *ops, int count, loop_plan *s) {
    int totals;
    const program_op *first = NULL;
    const char *obstacle = join_columns(ops, count, s, &totals);
    for (int i = 0; i < count && !obstacle; i++) {
        iteration_space own;
        if (!fused_loop_accepts_total(ops[i], &own)) {
            continue;
        }
        if (s->reduces_columns) {
            return "a total needs one long row, not columns";
        }
        totals++;
        first = first ? first : ops[i];
        if (ops[i]->brick->total->chunk != first->brick->total->chunk) {
            return "one loop would feed totals in chunks of different sizes";
        }
    }
    _Static_assert(MOST_TOTALS == 4, "the sentence names it");
    if (obstacle || totals > MOST_TOTALS) {
        return obstacle ? obstacle : too_many_totals;
    }
    return first && s->reduces_rows ? "a total needs one long row, not rows" : NULL;
}

/* The spaces of all ops, and the largest of them. NULL, or why an op has none. */
static const char *find_iteration_spaces(program_op *const *ops, int count, iteration_space *own,
                                         loop_plan *s) {
    s->space = (iteration_space){0, 0};
    s->reduces_rows = false;
    for (int i = 0; i < count; i++) {
        bool reduces_rows = fused_loop_accepts_rows(ops[i], &own[i]);
        const char *obstacle = reduces_rows || fused_loop_accepts_totals(ops[i], &own[i])
                                   ? NULL
                                   : fused_loop_obstacle(ops[i], &own[i]);
        if (obstacle) {
            return obstacle;
        }
        s->reduces_rows |= reduces_rows;
        s->space.size = larger(s->space.size, own[i].size);
    }
    return NULL;
}

/* All ops walk the same elements. Where rows are reduced, an op may also work on one number for
 * each row. */
static const char *join_iteration_spaces(program_op *const *ops, int count, loop_plan *s) {
    static const char different_sizes[] = "they walk different numbers of elements";
    iteration_space own[MOST_STAGES];
    const char *obstacle = find_iteration_spaces(ops, count, own, s);
    int64_t rows = 0;
    for (int i = 0; i < count && !obstacle; i++) {
        bool is_per_row = own[i].size != s->space.size;
        if (is_per_row && (!s->reduces_rows || own[i].columns || (rows && rows != own[i].size))) {
            obstacle = different_sizes;
        } else if (is_per_row) {
            rows = own[i].size;
        } else if (!iteration_space_join(&s->space, &own[i], &s->space)) {
            obstacle = "they walk different elements, or rows of different lengths";
        }
    }
    if (!obstacle && rows && rows * s->space.columns != s->space.size) {
        obstacle = different_sizes;
    }
    return obstacle ? obstacle : join_totals(ops, count, s);
}

/* Numbers of rows and columns may be repeated in tiles of their own when the fused loop runs. */
int loop_plan_tiles(const loop_plan *s) {
    int tiles = s->tile_count;
    for (int i = 0; i < s->slot_count; i++) {
        tiles += s->slots[i].access == ACCESS_ROW || s->slots[i].access == ACCESS_COLUMN;
    }
    return tiles;
}

int64_t loop_plan_row_elements(const loop_plan *s) {
    int64_t widest = 1;
    for (int i = 0; i < s->slot_count; i++) {
        widest = larger(widest, s->slots[i].bytes);
    }
    return row_tile_elements(loop_plan_tiles(s), widest);
}

static bool has_room(const loop_plan *s) {
    bool fits_rows = !s->reduces_rows || s->space.columns <= loop_plan_row_elements(s);
    return loop_plan_tiles(s) <= MOST_TILES && fits_rows;
}

const char *loop_plan_make(program_op *const *ops, int count, const bool *is_inner,
                           pattern_finder *patterns, loop_plan *s) {
    loop_planner k = {
        .ops = ops, .count = count, .is_inner = is_inner, .patterns = patterns, .s = s};
    int made[MOST_STAGES];
    s->slot_count = s->stage_count = s->total_count = s->tile_count = 0;
    k.obstacle = count > MOST_STAGES ? too_many_ops : join_iteration_spaces(ops, count, s);
    if (k.obstacle) {
        return k.obstacle;
    }
    look_at_ops(&k);
    find_direct_writes(&k);
    find_stages(&k);
    find_direct_writes(&k); /* more of them: now it is known which ops are one pattern */
    find_last_reads(&k);
    for (int i = 0; i < count; i++) {
        made[i] = -1;
        bool has_stage = k.stage_of[i] == i && !k.is_done[i];
        if (has_stage && !add_stage(&k, i, made)) {
            return k.obstacle;
        }
    }
    return has_room(s) ? NULL : too_many_tiles;
}
