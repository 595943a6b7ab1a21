/* The matcher: a depth-first search over the operands that are still to be matched. Where a brick
 * commutes it tries both orders, each with all that is pending, so that no first choice is final.
 *
 * Operands are compared by their values (values.h): a variable that was assigned in between is
 * another operand. */
#include "pattern.h"

#include <string.h>

#include "fused_loop.h"

_Static_assert(MOST_PATTERN_NAMES <= 32, "match_progress has a bit for each name");

/* Operands that are still to be matched, the next one first. */
typedef struct pending {
    const pattern_node *node;
    const operand *o;
    const struct pending *next;
} pending;

static bool match_pending(pattern_match *m, const pending *todo);
static bool match_beside(pattern_match *m);

static bool has_access(const operand *o, access_kind access) {
    int64_t columns;
    return access_of(&o->array, &o->op->y[0].array, &columns) == access;
}

/* ---- leaves --------------------------------------------------------------------------------- */

static bool is_zero(const lego_program *p, const operand *o) {
    static const char zeros[sizeof(double)];
    const program_buffer *b = p ? buffer_at(p, o->buffer) : NULL;
    return b && b->kind == LEGO_BUFFER_CONSTANT &&
           b->bytes == (int64_t)lego_dtype_size(o->array.dtype) &&
           memcmp(b->tensor->storage->memory, zeros, (size_t)b->bytes) == 0;
}

/* The operand gets the name, or is what has it already. */
static bool match_name(pattern_match *m, int name, const operand *o) {
    if (m->progress.operands & 1u << name) {
        return m->x[name]->value == o->value && m->x[name]->offset == o->offset;
    }
    m->progress.operands |= 1u << name;
    m->x[name] = o;
    return true;
}

static bool match_leaf(pattern_match *m, const pattern_node *node, const operand *o) {
    switch (node->kind) {
    case PATTERN_EACH:
        return o->array.dtype == m->dtype && has_access(o, ACCESS_EACH) &&
               match_name(m, node->name, o);
    case PATTERN_CHANNEL:
        return o->array.dtype == m->dtype &&
               (has_access(o, ACCESS_ROW) || has_access(o, ACCESS_EACH)) &&
               match_name(m, node->name, o);
    case PATTERN_ONE:
        return o->array.dtype == m->dtype && has_access(o, ACCESS_SCALAR) &&
               match_name(m, node->name, o);
    case PATTERN_SAME:
        return m->progress.results & 1u << node->name && m->made[node->name] == o->value->maker &&
               has_access(o, ACCESS_EACH);
    case PATTERN_ZERO:
        return is_zero(m->scope->p, o);
    default:
        return match_name(m, node->name, o);
    }
}

/* ---- ops ------------------------------------------------------------------------------------ */

static int inputs_of(const pattern_node *node) {
    int count = 0;
    while (count < MOST_NODE_INPUTS && node->x[count]) {
        count++;
    }
    return count;
}

/* Whether the ops before this one have the bricks that the node asks for: a look that settles most
 * cases. */
static bool makers_fit(const lego_brick *const *bricks, const pattern_node *node,
                       const program_op *op, bool is_swapped) {
    for (int i = 0; i < op->x_count; i++) {
        const program_op *maker = op->x[is_swapped ? op->x_count - 1 - i : i].value->maker;
        bool is_op = node->x[i]->kind == PATTERN_OP;
        if (is_op && (!maker || maker->brick != bricks[node->x[i]->brick])) {
            return false;
        }
    }
    return true;
}

/* All inputs of the op, and then the rest. */
static bool match_inputs(pattern_match *m, const pattern_node *node, const program_op *op,
                         bool is_swapped, const pending *rest) {
    pending inputs[MOST_NODE_INPUTS];
    if (!makers_fit(m->bricks, node, op, is_swapped)) {
        return false;
    }
    for (int i = 0; i < op->x_count; i++) {
        const operand *x = &op->x[is_swapped ? op->x_count - 1 - i : i];
        inputs[i] = (pending){node->x[i], x, i + 1 < op->x_count ? &inputs[i + 1] : rest};
    }
    return match_pending(m, op->x_count > 0 ? inputs : rest);
}

static bool match_op(pattern_match *m, const pattern_node *node, program_op *op,
                     const pending *rest) {
    if (op->brick != m->bricks[node->brick] || op->x_count != inputs_of(node) ||
        m->progress.op_count == MOST_PATTERN_OPS) {
        return false;
    }
    m->ops[m->progress.op_count++] = op;
    m->made[node->name] = op;
    m->progress.results |= 1u << node->name;
    match_progress former = m->progress;
    if (match_inputs(m, node, op, false, rest)) {
        return true;
    }
    m->progress = former;
    return op->brick->flags & LEGO_COMMUTES && match_inputs(m, node, op, true, rest);
}

static bool is_in(const pattern_scope *s, const program_op *op) {
    for (int i = 0; i < s->count; i++) {
        if (s->ops[i] == op) {
            return true;
        }
    }
    return s->p;
}

/* Whether the operands of the pattern are all that needs the value. */
static bool is_read_here(const pattern_scope *s, const pattern_node *node, const operand *o) {
    bool is_inner =
        s->p ? buffer_at(s->p, o->buffer)->kind == LEGO_BUFFER_ARENA : s->is_inner[o->buffer];
    return is_inner && o->value->read_count == (node->is_twice ? 2 : 1);
}

/* Whether all that was made is read, in its order: element by element, or by a brick that takes its
 * operands as a whole. */
static bool is_read_whole(const operand *o) {
    return o->offset == 0 && array_is_contiguous(&o->array) &&
           (has_access(o, ACCESS_EACH) || !op_loop(o->op));
}

static bool match_made(pattern_match *m, const pending *next) {
    program_op *maker = next->o->value->maker;
    return maker && is_in(m->scope, maker) && is_read_whole(next->o) &&
           (next->node->is_shared || is_read_here(m->scope, next->node, next->o)) &&
           match_op(m, next->node, maker, next->next);
}

static bool match_pending(pattern_match *m, const pending *todo) {
    for (; todo; todo = todo->next) {
        if (todo->node->kind == PATTERN_OP) {
            return match_made(m, todo);
        }
        if (!match_leaf(m, todo->node, todo->o)) {
            return false;
        }
    }
    return match_beside(m);
}

static bool is_matched(const pattern_match *m, const program_op *op) {
    for (int i = 0; i < m->progress.op_count; i++) {
        if (m->ops[i] == op) {
            return true;
        }
    }
    return false;
}

/* What the pattern makes beside the whole ends with an op that nothing of the whole leads to: each
 * one before the last op is tried. */
static bool match_beside(pattern_match *m) {
    const pattern_node *node = m->pattern->beside;
    if (!node || m->progress.results & 1u << node->name) {
        return !m->pattern->accepts || m->pattern->accepts(m);
    }
    for (int i = 0; i < m->scope->count && m->scope->ops[i] != m->ops[0]; i++) {
        program_op *op = m->scope->ops[i];
        match_progress former = m->progress;
        if (!is_matched(m, op) && match_op(m, node, op, NULL)) {
            return true;
        }
        m->progress = former;
    }
    return false;
}

bool pattern_matches(const pattern *wanted, const pattern_scope *scope,
                     const lego_brick *const *bricks, program_op *last, pattern_match *m) {
    m->pattern = wanted;
    m->scope = scope;
    m->bricks = bricks;
    m->dtype = last->y[0].array.dtype;
    m->progress = (match_progress){0};
    return match_op(m, wanted->whole, last, NULL);
}
