/* Stages: which ops of a fused loop one loop computes, a single op or those of a pattern. */
#include "fused_loop.h"
#include "pattern.h"

/* The ops among which a stage is looked for. */
typedef struct stage_search {
    program_op *const *ops;
    int count;
    const bool *is_inner;
    const int *writes_for;
    int last;
} stage_search;

static int index_of(const stage_search *s, const program_op *op) {
    int i = s->last;
    while (i >= 0 && s->ops[i] != op) {
        i--;
    }
    return i;
}

/* A pattern covers the op: it computes it, or makes the value that the op assigns. */
static bool covers(const stage_search *s, const pattern_match *m, int at) {
    for (int i = 0; i < m->progress.op_count; i++) {
        if (m->ops[i] == s->ops[at]) {
            return true;
        }
    }
    for (int i = 0; i < MOST_PATTERN_RESULTS && m->pattern->y[i]; i++) {
        if (s->writes_for[index_of(s, m->made[m->pattern->y[i]])] == at) {
            return true;
        }
    }
    return false;
}

static int first_of(const stage_search *s, const pattern_match *m) {
    int first = s->last;
    for (int i = 0; i < m->progress.op_count; i++) {
        int at = index_of(s, m->ops[i]);
        first = at < first ? at : first;
    }
    return first;
}

/* A stage reads its operands before it computes anything: none of ops[first] and those after it may
 * make them, and that includes assignments. */
static bool reads_come_first(const stage_search *s, const pattern_match *m, int first) {
    for (int i = 0; i < MOST_PATTERN_INPUTS && m->pattern->x[i]; i++) {
        const program_op *maker = m->x[m->pattern->x[i]]->value->maker;
        if (maker && index_of(s, maker) >= first) {
            return false;
        }
    }
    return true;
}

/* A stage covers all ops from its first to its last. */
static bool is_stage(const stage_search *s, const pattern_match *m, int first) {
    for (int at = first; at <= s->last; at++) {
        if (!covers(s, m, at)) {
            return false;
        }
    }
    return reads_come_first(s, m, first);
}

static stage_ops pattern_stage(const stage_search *s, const loop_pattern *found,
                               const pattern_match *m, int first) {
    stage_ops stage = {
        .kind = STAGE_PATTERN,
        .pattern = found->kernel->loops[m->dtype],
        .block_loop = found->kernel->block_loops[m->dtype],
        .channels = found->kernel->channels,
        .name = found->pattern->name,
        .first = first,
        .last = s->last,
    };
    for (int i = 0; i < MOST_REGISTER_OPS; i++) {
        stage.in_registers[i] = register_ops_for(found->kernel->in_registers[i], m->dtype);
    }
    for (int i = 0; i < MOST_PATTERN_INPUTS && found->pattern->x[i]; i++) {
        stage.x[i] = m->x[found->pattern->x[i]];
        stage.readers[i] = index_of(s, stage.x[i]->op);
        stage.x_count++;
    }
    for (int i = 0; i < MOST_PATTERN_RESULTS && found->pattern->y[i]; i++) {
        stage.makers[i] = index_of(s, m->made[found->pattern->y[i]]);
        stage.y_count++;
    }
    return stage;
}

static stage_kind kind_of(const program_op *op) {
    iteration_space space;
    column_space columns;
    if (op_loop(op)) {
        return STAGE_LOOP;
    }
    if (fused_loop_accepts_rows(op, &space)) {
        return STAGE_ROWS;
    }
    return fused_loop_accepts_columns(op, &space, &columns) ? STAGE_COLUMNS : STAGE_TOTAL;
}

static stage_ops single_op_stage(const program_op *op, int at) {
    stage_ops s = {
        .kind = kind_of(op), .loop = op_loop(op), .first = at, .last = at, .makers = {at}};
    if (s.kind == STAGE_LOOP && op->brick->block_loops) {
        s.block_loop = op->brick->block_loops[op->y[0].array.dtype];
        s.channels = op->brick->channels;
    }
    if (s.kind == STAGE_LOOP) {
        s.in_registers[0] = register_ops_for(op->brick->in_registers, op->y[0].array.dtype);
    }
    s.y_count = s.kind == STAGE_LOOP || s.kind == STAGE_ROWS;
    for (int i = op_first_input(op); i < op->x_count; i++) {
        s.x[s.x_count] = &op->x[i];
        s.readers[s.x_count++] = at;
    }
    return s;
}

stage_ops stage_ops_ending_at(program_op *const *ops, int count, const bool *is_inner,
                              const int *writes_for, pattern_finder *patterns, int last) {
    const stage_search s = {ops, count, is_inner, writes_for, last};
    const pattern_scope scope = {.ops = ops, .count = count, .is_inner = is_inner};
    const loop_pattern *next = patterns ? patterns(ops[last]->brick) : NULL;
    for (; next && next->pattern; next++) {
        pattern_match m;
        if (!next->kernel->loops[ops[last]->y[0].array.dtype] ||
            !pattern_matches(next->pattern, &scope, next->bricks, ops[last], &m)) {
            continue;
        }
        int first = first_of(&s, &m);
        if (is_stage(&s, &m, first)) {
            return pattern_stage(&s, next, &m, first);
        }
    }
    return single_op_stage(ops[last], last);
}
