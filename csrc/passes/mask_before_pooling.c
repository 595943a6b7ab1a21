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
#include "../graph/values.h"
#include "passes.h"

/* where(mask, 0, back), with what the mask and the pooling are. */
typedef struct pattern {
    program_op *where;
    program_op *mask; /* x <= 0 */
    program_op *back; /* max_pool_gradient(places, dy) */
    program_op *pool; /* y, places = max_pool(x) */
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

static bool is_mask_of_pooled(const lego_program *p, const pattern *found) {
    const operand *x = &found->pool->x[0];
    return is_brick(found->mask, "less_equal") && found->mask->x[0].buffer == x->buffer &&
           buffer_at(p, x->buffer)->kind != LEGO_BUFFER_VARIABLE &&
           is_whole(x, &found->where->y[0].array) &&
           is_whole(&found->mask->x[0], &found->where->y[0].array) &&
           is_zero(p, &found->mask->x[1]);
}

static bool match(const lego_program *p, program_op *where, pattern *found) {
    if (!is_brick(where, "where") || !is_zero(p, &where->x[1])) {
        return false;
    }
    const value *masked = where->x[2].value;
    *found = (pattern){.where = where, .mask = where->x[0].value->maker, .back = masked->maker};
    if (!is_brick(found->back, "max_pool_gradient") || masked->read_count != 1 ||
        buffer_at(p, masked->buffer)->kind != LEGO_BUFFER_ARENA) {
        return false;
    }
    found->pool = found->back->x[0].value->maker;
    return is_brick(found->pool, "max_pool") && are_same_windows(found) &&
           is_whole(&where->x[0], &where->y[0].array) &&
           is_whole(&where->x[2], &where->y[0].array) && is_mask_of_pooled(p, found);
}

/* ---- what becomes of it --------------------------------------------------------------------- */

static program_op *put_like(lego_program *p, const pattern *found, const program_op *other,
                            const operand *x, int count, const lego_array *shape) {
    program_op *op = op_like(p, other, x, count, shape);
    return op && op_insert(p, op, found->back) == LEGO_OK ? op : NULL;
}

/* Instead of the gradient: the mask of y, dy under that mask, and the gradient of what is left,
 * which makes what `where` made. */
static lego_status put(lego_program *p, const pattern *found) {
    const operand *y = &found->pool->y[0];
    operand compared[] = {*y, found->mask->x[1]};
    program_op *mask = put_like(p, found, found->mask, compared, 2, &y->array);
    if (!mask) {
        return LEGO_NO_MEMORY;
    }
    operand chosen[] = {mask->y[0], found->where->x[1], found->back->x[1]};
    program_op *where = put_like(p, found, found->where, chosen, 3, &y->array);
    if (!where) {
        return LEGO_NO_MEMORY;
    }
    operand given[] = {found->back->x[0], where->y[0]};
    program_op *back = put_like(p, found, found->back, given, 2, &found->where->y[0].array);
    if (!back) {
        return LEGO_NO_MEMORY;
    }
    op_take_over(back, found->where);
    op_remove(found->back);
    return LEGO_OK;
}

/* ---- the pass ------------------------------------------------------------------------------- */

lego_status pass_mask_before_pooling(lego_program *p) {
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        pattern found;
        if (match(p, op_of(p, i), &found)) {
            status = put(p, &found);
        }
    }
    return status;
}
