/* A pass: moves relu's mask in front of max pooling's gradient: the same bits on a quarter of the
 * numbers.
 *
 * The gradient of y = max_pool(x) puts each dy at one place, where x is that y, and 0 everywhere
 * else. So a mask by x after it gives what a mask by y gives before it:
 *
 *     where(x <= 0, 0, max_pool_gradient(places, dy))
 *         = max_pool_gradient(places, where(y <= 0, 0, dy))
 *
 * For windows of 2 x 2, y has a quarter of the numbers of x, and no mask of x is kept until then.
 */
#include <string.h>

#include "../core/error.h"
#include "../graph/program.h"
#include "passes.h"

typedef struct mask_moves {
    lego_program *p;
    const program_op **maker; /* of each buffer; NULL: none */
    int *reads;               /* of each buffer: how many operands read it */
    list done;                /* of instruction */
} mask_moves;

/* where(mask, 0, back), with what the mask and the pooling are. */
typedef struct pattern {
    const program_op *where;
    const program_op *mask; /* x <= 0 */
    const program_op *back; /* max_pool_gradient(places, dy) */
    const program_op *pool; /* y, places = max_pool(x) */
} pattern;

/* ---- what it looks like --------------------------------------------------------------------- */

static bool is_brick(const program_op *op, const char *name) {
    return op && strcmp(op->brick->name, name) == 0;
}

static bool is_zero(const lego_program *p, const operand *o) {
    const program_buffer *b = buffer_at(p, o->buffer);
    if (b->kind != LEGO_BUFFER_CONSTANT || b->bytes != (int64_t)lego_dtype_size(o->array.dtype)) {
        return false;
    }
    static const char zeros[sizeof(double)];
    return memcmp(b->tensor->storage->memory, zeros, (size_t)b->bytes) == 0;
}

/* All numbers of a buffer in a row, as the op that made them left them. */
static bool is_whole(const operand *o, const lego_array *like) {
    return o->offset == 0 && array_same_shape(&o->array, like) && array_is_contiguous(&o->array);
}

/* The attributes of the gradient are x's shape and those of the pooling. */
static bool are_same_windows(const pattern *found) {
    const int64_t *back = found->back->attributes;
    int words = brick_attribute_slots(found->pool->brick);
    return memcmp(back + 1 + LEGO_MAX_RANK, found->pool->attributes,
                  sizeof(int64_t) * (size_t)words) == 0;
}

static bool is_mask_of_pooled(const mask_moves *n, const pattern *found) {
    const operand *x = &found->pool->x[0];
    return is_brick(found->mask, "less_equal") && found->mask->x[0].buffer == x->buffer &&
           buffer_at(n->p, x->buffer)->kind != LEGO_BUFFER_VARIABLE &&
           is_whole(x, &found->where->y[0].array) &&
           is_whole(&found->mask->x[0], &found->where->y[0].array) &&
           is_zero(n->p, &found->mask->x[1]);
}

static bool match(const mask_moves *n, const program_op *where, pattern *found) {
    if (!is_brick(where, "where") || !is_zero(n->p, &where->x[1])) {
        return false;
    }
    *found = (pattern){
        .where = where,
        .mask = n->maker[where->x[0].buffer],
        .back = n->maker[where->x[2].buffer],
    };
    if (!is_brick(found->back, "max_pool_gradient") || n->reads[where->x[2].buffer] != 1 ||
        buffer_at(n->p, where->x[2].buffer)->kind != LEGO_BUFFER_ARENA) {
        return false;
    }
    found->pool = n->maker[found->back->x[0].buffer];
    return is_brick(found->pool, "max_pool") && are_same_windows(found) &&
           is_whole(&where->x[0], &where->y[0].array) &&
           is_whole(&where->x[2], &where->y[0].array) && is_mask_of_pooled(n, found);
}

/* ---- what becomes of it --------------------------------------------------------------------- */

/* The same brick for x[count], whose result has a buffer of its own; NULL without memory. */
static program_op *like(mask_moves *n, const program_op *op, const operand *x, int count,
                        const lego_array *shape) {
    program_op *made = record_arena_take(&n->p->records, 1, sizeof *made);
    operand *operands = record_arena_take(&n->p->records, (size_t)count + 1, sizeof *operands);
    if (!made || !operands) {
        return NULL;
    }
    operand *y = operands + count;
    memcpy(operands, x, sizeof *x * (size_t)count);
    array_set(&y->array, op->y[0].array.dtype, shape->rank, shape->shape);
    program_buffer own = {.kind = LEGO_BUFFER_ARENA, .bytes = operand_bytes(y), .offset = -1};
    y->buffer = program_add_buffer(n->p, own);
    *made = *op;
    made->x = operands;
    made->y = y;
    return y->buffer < 0 ? NULL : made;
}

static bool add(mask_moves *n, program_op *op) {
    instruction i = {.ops = op, .op_count = 1};
    return op && list_add(&n->done, &i);
}

/* Instead of the gradient: the mask of y, dy under that mask, and the gradient of what is left,
 * which writes where `where` wrote. */
static lego_status put(mask_moves *n, const pattern *found) {
    const operand *y = &found->pool->y[0];
    operand compared[] = {*y, found->mask->x[1]};
    program_op *mask = like(n, found->mask, compared, 2, &y->array);
    if (!add(n, mask)) {
        return LEGO_NO_MEMORY;
    }
    operand chosen[] = {mask->y[0], found->where->x[1], found->back->x[1]};
    program_op *where = like(n, found->where, chosen, 3, &y->array);
    if (!add(n, where)) {
        return LEGO_NO_MEMORY;
    }
    operand given[] = {found->back->x[0], where->y[0]};
    program_op *back = like(n, found->back, given, 2, &found->where->y[0].array);
    if (!add(n, back)) {
        return LEGO_NO_MEMORY;
    }
    back->y[0] = found->where->y[0];
    return LEGO_OK;
}

/* ---- the pass ------------------------------------------------------------------------------- */

static lego_status prepare(mask_moves *n) {
    lego_program *p = n->p;
    n->maker = record_arena_take(&p->records, p->buffers.count + 1, sizeof *n->maker);
    n->reads = record_arena_take(&p->records, p->buffers.count + 1, sizeof *n->reads);
    if (!n->maker || !n->reads) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        const program_op *op = instruction_at(p, i)->ops;
        for (int k = op_first_input(op); k < op->x_count; k++) {
            n->reads[op->x[k].buffer]++;
        }
        for (int k = 0; k < op->y_count && !op_writes(op); k++) {
            n->maker[op->y[k].buffer] = op;
        }
    }
    return LEGO_OK;
}

/* For each buffer that a pooling gradient makes: the `where` that replaces it; NULL: none. */
static const program_op **find_all(const mask_moves *n) {
    lego_program *p = n->p;
    const program_op **masked =
        record_arena_take(&p->records, p->buffers.count + 1, sizeof *masked);
    for (size_t i = 0; masked && i < p->instructions.count; i++) {
        const program_op *op = instruction_at(p, i)->ops;
        pattern found;
        if (match(n, op, &found)) {
            masked[found.back->y[0].buffer] = op;
        }
    }
    return masked;
}

static lego_status visit(mask_moves *n, const instruction *i, const program_op *const *masked) {
    const program_op *op = i->ops;
    const program_op *where = masked[op->y[0].buffer];
    pattern found;
    if (where && match(n, where, &found)) {
        return put(n, &found);
    }
    bool is_over = is_brick(op, "where") && masked[op->x[2].buffer] == op;
    return is_over || list_add(&n->done, i) ? LEGO_OK : LEGO_NO_MEMORY;
}

lego_status pass_mask_before_pooling(lego_program *p) {
    mask_moves n = {.p = p, .done.item_size = sizeof(instruction)};
    lego_status status = prepare(&n);
    const program_op **masked = status ? NULL : find_all(&n);
    if (!masked) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        status = visit(&n, instruction_at(p, i), masked);
    }
    if (status) {
        list_free(&n.done);
        return status;
    }
    list_free(&p->instructions);
    p->instructions = n.done;
    return LEGO_OK;
}
