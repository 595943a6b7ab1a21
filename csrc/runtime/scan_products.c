/* The gradients of weights that a loop multiplies by: one product over all steps.
 *
 * With y_i = a_i w at step i, the gradient is dw = sum over i of a_i^T dy_i. That is a single
 * product of two matrices, of which each step has given some rows. The forward loop stacks a_i as a
 * residual anyway, so the gradient's loop stacks dy_i and adds nothing up. A product of thousands
 * of rows runs at the machine's speed and on all threads; one of a batch's rows does not.
 *
 * A bias is added to each row: its gradient is the sum of dy_i over the rows of all steps.
 *
 * Cells multiply by a = (x_i, h_i), whose columns were joined. Then (x_i, h_i)^T dy_i are two
 * products, one below another: the sequence x is there, h is stacked, and a is never kept. */
#include "scan_products.h"

#include <string.h>

#include "../graph/values.h"
#include "scan_capture.h"

static bool is_of_steps(const lego_program *p, const operand *x) {
    lego_buffer_kind kind = buffer_at(p, x->buffer)->kind;
    return x->array.rank == 2 && (kind == LEGO_BUFFER_ARENA || kind == LEGO_BUFFER_INPUT);
}

/* Whether the op sums its input over the first axes alone: y_j = sum over i of x_ij. */
static bool is_sum_of_rows(const lego_program *p, const program_op *op) {
    const lego_array *x = &op->x[0].array;
    const lego_array *y = &op->y[0].array;
    int64_t columns = 1;
    int kept = 0; /* last axes, which the sum does not touch */
    while (kept < y->rank && y->shape[y->rank - 1 - kept] == x->shape[x->rank - 1 - kept]) {
        columns *= x->shape[x->rank - 1 - kept++];
    }
    lego_buffer_kind kind = buffer_at(p, op->x[0].buffer)->kind;
    bool is_of_steps = kind == LEGO_BUFFER_ARENA || kind == LEGO_BUFFER_INPUT;
    return is_of_steps && x->dtype == y->dtype && columns == array_size(y) && columns > 0;
}

static bool is_product(const program_op *op) {
    return strcmp(op->brick->name, "matmul") == 0;
}

/* The factor that every such sum has: dy. */
static const operand *dy_of(const program_op *op) {
    return is_product(op) ? &op->x[1] : &op->x[0];
}

program_op *scan_product_op(const lego_program *body, const lego_tensor *gradient) {
    if (gradient->storage->symbolic_in != body->recorder.number) {
        return NULL;
    }
    const program_buffer *b = buffer_at(body, gradient->storage->buffer);
    program_op *op = b->first_value->maker;
    if (!op || !residual_is_whole(b, &gradient->array)) {
        return NULL;
    }
    if (strcmp(op->brick->name, "sum_to") == 0) {
        return is_sum_of_rows(body, op) ? op : NULL;
    }
    const int64_t *transposes = op->attributes; /* a, b */
    bool is_sum = is_product(op) && transposes[0] && !transposes[1];
    return is_sum && is_of_steps(body, &op->x[0]) && is_of_steps(body, &op->x[1]) ? op : NULL;
}

/* ---- out of the gradient's body -------------------------------------------------------------- */

static bool is_result(const list *results, const program_op *op) {
    for (size_t i = 0; i < results->count; i++) {
        const lego_tensor *x = ((lego_tensor **)results->items)[i];
        if (x->storage->symbolic_in && x->storage->buffer == op->y[0].buffer) {
            return true;
        }
    }
    return false;
}

/* The input of a body that the operand is all of; NULL: it is something else. */
static feed *whole_feed(const lego_program *body, const operand *x) {
    const program_buffer *b = buffer_at(body, x->buffer);
    lego_array array = x->array;
    array.data = (void *)(uintptr_t)x->offset;
    bool is_input = b->kind == LEGO_BUFFER_INPUT && residual_is_whole(b, &array);
    return is_input ? feed_at(body, b->slot) : NULL;
}

/* The op of the forward body that joins x of columns which differ from step to step; or NULL. */
static program_op *op_that_joins(const residuals *r, const lego_tensor *x) {
    const lego_program *p = r->forward->program;
    if (!x || x->is_variable) {
        return NULL;
    }
    const program_buffer *b = buffer_at(p, x->storage->buffer);
    program_op *op = b->first_value->maker;
    if (!op || strcmp(op->brick->name, "concatenate") != 0 || !residual_is_whole(b, &x->array)) {
        return NULL;
    }
    int64_t axis = *(const int64_t *)op->attributes;
    bool joins_columns = op->y[0].array.rank == 2 && (axis == 1 || axis == -1);
    for (int i = 0; i < op->x_count; i++) {
        bool is_row = is_of_steps(p, &op->x[i]) && !r->is_common[op->x[i].buffer];
        joins_columns = joins_columns && is_row;
    }
    return joins_columns ? op : NULL;
}

/* Finds the parts of the product's a, where nothing else reads it as a whole. */
static void find_joined(step_product *product, const lego_program *body, const residuals *r) {
    const operand *a = &product->op->x[0];
    const feed *f = is_product(product->op) ? whole_feed(body, a) : NULL;
    bool is_unread = f && buffer_at(body, a->buffer)->first_value->read_count == 0;
    program_op *op = is_unread ? op_that_joins(r, f->outer) : NULL;
    product->joined = op && array_same_shape(&op->y[0].array, &a->array) ? op : NULL;
}

lego_status scan_products_take_out(list *products, lego_program *body, const list *results,
                                   const residuals *r) {
    step_product *all = products->items;
    for (size_t i = 0; i < products->count; i++) {
        program_op *op = all[i].op;
        bool is_alone = op->y[0].value->read_count == 0 && !is_result(results, op);
        if (is_alone && op->instruction >= 0) {
            op_remove(op);
        }
    }
    for (size_t i = 0; i < products->count; i++) {
        find_joined(&all[i], body, r);
    }
    for (size_t i = 0; i < products->count; i++) {
        const program_buffer *b = buffer_at(body, all[i].op->x[0].buffer);
        if (all[i].joined && b->kind == LEGO_BUFFER_INPUT) {
            body_drop_input(body, b->slot);
        }
    }
    return program_settle(body);
}

/* ---- factors --------------------------------------------------------------------------------- */

typedef struct factor_finder {
    const lego_program *body;
    list *results;
    int carries;
    residuals *residuals;
} factor_finder;

/* An input that is a row of something comes from there; all else the gradient's loop stacks. */
static lego_status find_own(factor_finder *f, const operand *x, scan_factor *factor) {
    const program_buffer *b = buffer_at(f->body, x->buffer);
    const feed *whole = whole_feed(f->body, x);
    factor->columns = x->array.shape[1];
    if (whole && whole->kind == FEED_ROW) {
        factor->source = f->residuals->forward->sources[b->slot];
        return LEGO_OK;
    }
    lego_tensor *tensor = scan_tensor_of(f->body, x);
    int index = tensor ? residual_result(f->results, (size_t)f->carries, tensor) : -1;
    lego_tensor_release(tensor);
    factor->source = (scan_source){.kind = SOURCE_OWN, .index = index};
    return index < 0 ? LEGO_NO_MEMORY : LEGO_OK;
}

static lego_status find_part(factor_finder *f, const operand *x, scan_factor *factor) {
    lego_tensor *tensor = scan_tensor_of(f->residuals->forward->program, x);
    feed_kind kind;
    factor->columns = x->array.shape[1];
    lego_status status =
        tensor ? residual_source(f->residuals, tensor, &kind, &factor->source) : LEGO_NO_MEMORY;
    lego_tensor_release(tensor);
    return status;
}

static lego_status find_factors(factor_finder *f, const step_product *from, scan_product *to) {
    scan_body *forward = f->residuals->forward;
    to->target = residual_operand(f->residuals, from->of);
    to->a_count = from->joined ? from->joined->x_count : is_product(from->op) ? 1 : 0;
    to->a = record_arena_take(&forward->records, (size_t)to->a_count, sizeof *to->a);
    lego_status status = to->a ? find_own(f, dy_of(from->op), &to->dy) : LEGO_NO_MEMORY;
    if (!is_product(from->op)) {
        to->dy.columns = array_size(&from->op->y[0].array);
    }
    for (int i = 0; i < to->a_count && status == LEGO_OK; i++) {
        status = from->joined ? find_part(f, &from->joined->x[i], &to->a[i])
                              : find_own(f, &from->op->x[0], &to->a[i]);
    }
    return status;
}

lego_status scan_products_find(const list *products, const lego_program *body, list *results,
                               int carries, residuals *r) {
    scan_body *forward = r->forward;
    factor_finder f = {body, results, carries, r};
    forward->product_count = (int)products->count;
    forward->products =
        record_arena_take(&forward->records, products->count, sizeof *forward->products);
    lego_status status = forward->products ? LEGO_OK : LEGO_NO_MEMORY;
    for (size_t i = 0; i < products->count && status == LEGO_OK; i++) {
        status = find_factors(&f, (const step_product *)products->items + i, &forward->products[i]);
    }
    return status;
}
