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
#include "../core/error.h"
#include "../graph/values.h"
#include "passes.h"
#include "patterns/patterns.h"

static program_op *put_like(lego_program *p, const pattern_match *m, int name, const operand *x,
                            int count, const lego_array *shape) {
    program_op *op = op_like(p, m->made[name], x, count, shape);
    return op && op_insert(p, op, m->made[RELU_BACK]) == LEGO_OK ? op : NULL;
}

/* Instead of the gradient: the mask of y, dy under that mask, and the gradient of what is left,
 * which makes what `where` made. */
static lego_status put(lego_program *p, const pattern_match *m) {
    program_op *whole = m->made[RELU_WHOLE];
    const program_op *back = m->made[RELU_BACK];
    const operand *y = &m->made[RELU_POOL]->y[0];
    operand compared[] = {*y, m->made[RELU_MASK]->x[1]};
    program_op *mask = put_like(p, m, RELU_MASK, compared, 2, &y->array);
    if (!mask) {
        return LEGO_NO_MEMORY;
    }
    operand chosen[] = {mask->y[0], whole->x[1], *m->x[RELU_DY]};
    program_op *where = put_like(p, m, RELU_WHOLE, chosen, 3, &y->array);
    if (!where) {
        return LEGO_NO_MEMORY;
    }
    operand given[] = {back->x[0], where->y[0]};
    program_op *last = put_like(p, m, RELU_BACK, given, 2, &whole->y[0].array);
    if (!last) {
        return LEGO_NO_MEMORY;
    }
    op_take_over(last, whole);
    op_remove(m->made[RELU_BACK]);
    return LEGO_OK;
}

lego_status pass_mask_before_pooling(lego_program *p) {
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        pattern_match m;
        if (pattern_found(p, relu_pooling_patterns, op_of(p, i), &m)) {
            status = put(p, &m);
        }
    }
    return status;
}
