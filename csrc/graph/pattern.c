/* Patterns: ops that one hand-written loop computes.
 *
 * tensor/brick.h explains the text of a pattern. The text is matched from its last op, whose brick
 * it begins with, to the operands, as far as they are made by ops of the same fused loop. */
#include <ctype.h>
#include <string.h>

#include "fused_loop.h"

/* The operand that a variable of the text stands for. */
typedef struct pattern_variable {
    char name;
    const operand *operand;
    int reader; /* the op it belongs to */
} pattern_variable;

/* The state while a pattern is matched with the ops that end with ops[last]. */
typedef struct pattern_match {
    program_op *const *ops;
    int count;
    const bool *is_inner;
    const int *writes_for;
    int last;
    int first;   /* of the ops that matched so far */
    int matched; /* how many, including assignments that they do themselves */
    int variable_count;
    pattern_variable variables[MOST_PATTERN_INPUTS];
    int result_count;
    char names[MOST_PATTERN_RESULTS]; /* of the results; the last op's has none */
    int makers[MOST_PATTERN_RESULTS];
} pattern_match;

static bool match_brick(pattern_match *m, const char **text, int at);

static lego_dtype dtype_of(const pattern_match *m) {
    return m->ops[m->last]->y[0].array.dtype;
}

static int maker_before(const pattern_match *m, int buffer, int reader) {
    int i = reader - 1;
    while (i >= 0 && (m->ops[i]->y[0].buffer != buffer || op_writes(m->ops[i]))) {
        i--;
    }
    return i;
}

/* Whether one operand alone reads the buffer. */
static bool is_read_once(const pattern_match *m, int buffer) {
    int reads = 0;
    for (int i = 0; i < m->count; i++) {
        for (int x = op_first_input(m->ops[i]); x < m->ops[i]->x_count; x++) {
            reads += m->ops[i]->x[x].buffer == buffer;
        }
    }
    return m->is_inner[buffer] && reads == 1;
}

static access_kind access_in(const pattern_match *m, const operand *o, int reader) {
    int64_t columns;
    return access_of(&o->array, &m->ops[reader]->y[0].array, &columns);
}

/* Which result has the name; 0, the last op's: none. */
static int result_named(const pattern_match *m, char name) {
    int i = m->result_count - 1;
    while (i > 0 && m->names[i] != name) {
        i--;
    }
    return i;
}

/* A variable stands for the same operand wherever it is. */
static bool match_variable(pattern_match *m, char name, const operand *o, int reader) {
    int result = result_named(m, name);
    if (result > 0) {
        return m->ops[m->makers[result]]->y[0].buffer == o->buffer &&
               access_in(m, o, reader) == ACCESS_EACH;
    }
    for (int i = 0; i < m->variable_count; i++) {
        const pattern_variable *known = &m->variables[i];
        if (known->name == name) {
            return known->operand->buffer == o->buffer && known->operand->offset == o->offset;
        }
    }
    bool is_number = isupper((unsigned char)name);
    if (access_in(m, o, reader) != (is_number ? ACCESS_SCALAR : ACCESS_EACH) ||
        o->array.dtype != dtype_of(m) || m->variable_count == MOST_PATTERN_INPUTS) {
        return false;
    }
    m->variables[m->variable_count++] = (pattern_variable){name, o, reader};
    return true;
}

static bool is_variable_name(const char *text) {
    return !isalpha((unsigned char)text[1]) && text[1] != '_';
}

/* Whether the text describes this operand of ops[reader]. */
static bool match_operand(pattern_match *m, const char **text, const operand *o, int reader) {
    char name = **text;
    bool is_named = strncmp(*text + 1, " = ", 3) == 0;
    *text += is_named ? 4 : 0;
    if (is_variable_name(*text)) {
        return match_variable(m, *(*text)++, o, reader);
    }
    int maker = maker_before(m, o->buffer, reader);
    if (maker < 0 || access_in(m, o, reader) != ACCESS_EACH) {
        return false;
    }
    if (is_named && m->result_count < MOST_PATTERN_RESULTS) {
        m->names[m->result_count] = name;
        m->makers[m->result_count++] = maker;
        m->matched += m->writes_for[maker] >= 0;
    } else if (!is_read_once(m, o->buffer)) {
        return false;
    }
    return match_brick(m, text, maker);
}

/* Whether the text describes the operands of ops[at]; is_swapped: the last one first. */
static bool match_operands(pattern_match *m, const char **text, int at, bool is_swapped) {
    const program_op *op = m->ops[at];
    for (int i = 0; i < op->x_count; i++) {
        int which = is_swapped ? op->x_count - 1 - i : i;
        if (!match_operand(m, text, &op->x[which], at)) {
            return false;
        }
        *text += strspn(*text, ", )");
    }
    return true;
}

/* Whether the text begins with "name(operand, ...)" of ops[at]; then *text is what follows it. */
static bool match_brick(pattern_match *m, const char **text, int at) {
    const program_op *op = m->ops[at];
    size_t length = strlen(op->brick->name);
    if (strncmp(*text, op->brick->name, length) != 0 || (*text)[length] != '(' || !op_loop(op) ||
        op->y[0].array.dtype != dtype_of(m)) {
        return false;
    }
    *text += length + 1;
    m->matched++;
    m->first = at < m->first ? at : m->first;
    const char *begin = *text;
    pattern_match former = *m;
    if (match_operands(m, text, at, false)) {
        return true;
    }
    *m = former;
    *text = begin;
    return op->brick->flags & LEGO_COMMUTES && match_operands(m, text, at, true);
}

/* The assignments in between write what the pattern makes: it must not read it after that. */
static bool reads_come_first(const pattern_match *m) {
    for (int i = m->first; i < m->last; i++) {
        for (int k = 0; k < m->variable_count && op_writes(m->ops[i]); k++) {
            const pattern_variable *v = &m->variables[k];
            if (v->reader > i && v->operand->buffer == m->ops[i]->y[0].buffer) {
                return false;
            }
        }
    }
    return true;
}

/* The pattern must cover all ops from its first to its last. */
static bool match_pattern(pattern_match *m, const lego_pattern *pattern) {
    const char *text = pattern->text;
    m->first = m->last;
    m->makers[m->result_count++] = m->last;
    return pattern->loops[dtype_of(m)] && match_brick(m, &text, m->last) && !*text &&
           m->matched == m->last - m->first + 1 && reads_come_first(m);
}

static void take_variables(const pattern_match *m, bool is_number, stage_ops *s) {
    for (int i = 0; i < m->variable_count; i++) {
        const pattern_variable *v = &m->variables[i];
        if (!isupper((unsigned char)v->name) == !is_number) {
            s->x[s->x_count] = v->operand;
            s->readers[s->x_count++] = v->reader;
        }
    }
}

static stage_ops pattern_stage(const pattern_match *m, const lego_pattern *pattern) {
    stage_ops s = {
        .pattern = pattern->loops[dtype_of(m)],
        .text = pattern->text,
        .first = m->first,
        .last = m->last,
        .y_count = m->result_count,
    };
    take_variables(m, false, &s);
    take_variables(m, true, &s);
    memcpy(s.makers, m->makers, sizeof m->makers);
    return s;
}

static stage_ops single_op_stage(const program_op *op, int at) {
    stage_ops s = {.loop = op_loop(op), .first = at, .last = at, .makers = {at}};
    s.y_count = s.loop ? 1 : 0;
    for (int i = op_first_input(op); i < op->x_count; i++) {
        s.x[s.x_count] = &op->x[i];
        s.readers[s.x_count++] = at;
    }
    return s;
}

stage_ops stage_ops_ending_at(program_op *const *ops, int count, const bool *is_inner,
                              const int *writes_for, int last) {
    const lego_pattern *pattern = ops[last]->brick->patterns;
    for (; pattern && pattern->text; pattern++) {
        pattern_match m = {ops, count, is_inner, writes_for, .last = last};
        if (match_pattern(&m, pattern)) {
            return pattern_stage(&m, pattern);
        }
    }
    return single_op_stage(ops[last], last);
}
