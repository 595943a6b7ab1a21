/* The brick `scan`: a loop that runs a body once per step.
 *
 *     carry = first carry
 *     for i = 0 ... length - 1 (or from the last one to the first):
 *         carry, y[i] = body(carry, x[i], w)
 *
 * The body is a program, so a step is run by C alone, like a batch in run_batches.c. Its inputs and
 * results are bound to the rows where they lie: nothing is copied from step to step. A carry is
 * written into one of two places in turn, since a step reads the former one until its end.
 *
 * Where the rows of the batch do not depend on each other, threads share blocks of them, and each
 * block goes through all steps on its own (scan_rows.c). */
#include "scan.h"

#include <stdatomic.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "../tensor/gradient_context.h"
#include "addresses.h"
#include "run.h"

static int program_results(const scan_body *b) {
    return b->program->output_count;
}

static const lego_array *input_array(const scan_body *b, int input) {
    return &b->program->inputs[input].array;
}

static const lego_array *result_array(const scan_body *b, int result) {
    return &b->program->outputs[result].array;
}

static int64_t bytes_of(const lego_array *x) {
    return array_size(x) * (int64_t)lego_dtype_size(x->dtype);
}

/* ---- the shape face -------------------------------------------------------------------------- */

static lego_status check_operand(const lego_call *call, int input) {
    const scan_body *b = scan_body_of(call->x[0]);
    const scan_attributes *a = call->attributes;
    const lego_array *x = call->x[1 + input];
    const lego_array *wanted = input_array(b, input);
    if (b->feeds[input] == FEED_ROW && (x->rank == 0 || x->shape[0] != a->length)) {
        return fail(LEGO_BAD_SHAPE, "scan: a sequence of shape %s does not have %lld steps",
                    array_text(x), (long long)a->length);
    }
    int64_t rows = b->feeds[input] == FEED_ROW ? a->length : 1;
    int64_t bytes = 0;
    bool fits = size_multiply(bytes_of(wanted), rows, &bytes) && bytes == bytes_of(x);
    return fits && x->dtype == wanted->dtype
               ? LEGO_OK
               : fail(LEGO_BAD_SHAPE, "scan: the body takes %s of shape %s, got %s of shape %s",
                      lego_dtype_name(wanted->dtype), array_text(wanted), lego_dtype_name(x->dtype),
                      array_text(x));
}

static lego_status set_stacked(const lego_array *row, int64_t length, lego_array *y) {
    int64_t shape[LEGO_MAX_RANK] = {length};
    if (row->rank == LEGO_MAX_RANK) {
        return fail(LEGO_BAD_SHAPE, "scan: a step gives shape %s, which cannot have another axis",
                    array_text(row));
    }
    memcpy(shape + 1, row->shape, sizeof(int64_t) * (size_t)row->rank);
    array_set(y, row->dtype, row->rank + 1, shape);
    return LEGO_OK;
}

static lego_status scan_shape(const lego_call *call) {
    const scan_body *b = scan_body_of(call->x[0]);
    const scan_attributes *a = call->attributes;
    lego_status status = LEGO_OK;
    for (int i = 0; i < b->program->input_count && status == LEGO_OK; i++) {
        status = check_operand(call, i);
    }
    for (int i = 0; i < program_results(b) && status == LEGO_OK; i++) {
        const lego_array *result = result_array(b, i);
        if (i < b->carry_count || i >= b->stacked_end) {
            array_set(&call->y[i], result->dtype, result->rank, result->shape);
        } else {
            status = set_stacked(result, a->length, &call->y[i]);
        }
    }
    for (int i = 0; i < b->copy_count && status == LEGO_OK; i++) {
        const lego_array *variable = call->x[1 + b->program->input_count + i];
        array_set(&call->y[program_results(b) + i], variable->dtype, variable->rank,
                  variable->shape);
    }
    return status;
}

static int64_t scan_operations(const lego_call *call) {
    const scan_body *b = scan_body_of(call->x[0]);
    const scan_attributes *a = call->attributes;
    int64_t step = 0;
    for (size_t i = 0; i < b->program->instructions.count; i++) {
        const instruction *at = instruction_at(b->program, i);
        for (int k = 0; k < at->op_count; k++) {
            step += op_operations(at->ops[k]);
        }
    }
    return step * a->length;
}

/* How many blocks of rows threads share; without them, how many chunks the largest product of a
 * step is worth, whose arithmetic in registers is some 32 times as dense as a simple loop's. */
static int64_t scan_chunks(const lego_call *call) {
    const scan_body *b = scan_body_of(call->x[0]);
    int64_t most = larger(b->rows.count, 1);
    for (size_t i = 0; i < b->program->instructions.count && b->rows.count == 0; i++) {
        const program_op *op = instruction_at(b->program, i)->ops[0];
        most = larger(most, threads_chunks(op_operations(op) / 32, threads_grain(1)));
    }
    return most;
}

/* ---- the kernel face ------------------------------------------------------------------------- */

/* A loop under way, over all rows of the batch or over a block of them. */
typedef struct scan_run {
    const lego_call *call;
    const scan_body *body;
    lego_program *program; /* the body's, or the block's */
    int64_t length;
    int64_t first; /* row of the batch */
    char *places;  /* of the carries: two rows of them, and behind those what is left out */
    int64_t row_bytes;
} scan_run;

/* Where a result begins: of the whole loop, or the block's part of it. */
static char *result_at(const scan_run *r, int result) {
    const scan_rows *rows = &r->body->rows;
    char *y = r->call->y[result].data;
    return r->first > 0 ? y + r->first * rows->output_row_bytes[result] : y;
}

static char *input_at(const scan_run *r, int input) {
    const scan_rows *rows = &r->body->rows;
    char *x = r->call->x[1 + input]->data;
    return r->first > 0 ? x + r->first * rows->input_row_bytes[input] : x;
}

/* The places of results from `from` up to `to`, one behind another. */
static int64_t places_of(const scan_body *b, int from, int to) {
    int64_t bytes = 0;
    for (int i = from; i < to; i++) {
        bytes += round_up(bytes_of(result_array(b, i)), CACHE_LINE);
    }
    return bytes;
}

/* Where carry number `carry` is before step `i` of the loop, counted in the order of running; after
 * the last one it is where the result lies. */
static char *carry_at(const scan_run *r, int carry, int input, int64_t i) {
    if (i == 0) {
        return input_at(r, input);
    }
    if (i == r->length) {
        return result_at(r, carry);
    }
    return r->places + i % 2 * r->row_bytes + places_of(r->body, 0, carry);
}

/* What is the same at all steps and for all rows is written where it belongs by the first block
 * alone, by the others into places that nobody reads. */
static char *kept_at(const scan_run *r, int result) {
    bool is_shared = r->first > 0 && r->body->rows.output_row_bytes[result] == 0;
    return is_shared
               ? r->places + 2 * r->row_bytes + places_of(r->body, r->body->stacked_end, result)
               : result_at(r, result);
}

static void bind_step(const scan_run *r, int64_t i, int64_t row) {
    lego_program *p = r->program;
    int carry = 0;
    for (int input = 0; input < p->input_count; input++) {
        char *x = input_at(r, input);
        if (r->body->feeds[input] == FEED_CARRY) {
            x = carry_at(r, carry, input, i);
            bind_group(p, output_group(p, carry), carry_at(r, carry, input, i + 1));
            carry++;
        } else if (r->body->feeds[input] == FEED_ROW) {
            x += row * bytes_of(input_array(r->body, input));
        } else if (i > 0) {
            continue; /* it is where it was */
        }
        bind_group(p, input_group(input), x);
    }
    for (int k = carry; k < r->body->stacked_end; k++) {
        bind_group(p, output_group(p, k),
                   result_at(r, k) + row * bytes_of(result_array(r->body, k)));
    }
    for (int k = r->body->stacked_end; k < p->output_count && i == 0; k++) {
        bind_group(p, output_group(p, k), kept_at(r, k));
    }
}

/* Without steps the first carries are the last ones. */
static void pass_carries(const scan_run *r) {
    int carry = 0;
    for (int input = 0; input < r->program->input_count; input++) {
        if (r->body->feeds[input] == FEED_CARRY) {
            const lego_array *first = r->call->x[1 + input];
            memcpy(r->call->y[carry++].data, first->data, (size_t)bytes_of(first));
        }
    }
}

static void move_variables(const scan_run *r, bool is_before) {
    const lego_call *call = r->call;
    for (int i = 0; i < r->body->copy_count; i++) {
        const lego_array *copy = &r->body->copies[i]->array;
        const lego_array *first = call->x[1 + r->program->input_count + i];
        const lego_array *last = &call->y[r->program->output_count + i];
        if (is_before) {
            memcpy(copy->data, first->data, (size_t)bytes_of(copy));
        } else {
            memcpy(last->data, copy->data, (size_t)bytes_of(copy));
        }
    }
}

/* All steps of the program, for the rows from `first` on. */
static lego_status run_steps(const lego_call *call, lego_program *program, int64_t first) {
    const scan_attributes *a = call->attributes;
    const scan_body *b = scan_body_of(call->x[0]);
    scan_run r = {call, b, program, a->length, first, NULL, places_of(b, 0, b->carry_count)};
    int64_t kept = first > 0 ? places_of(b, b->stacked_end, program->output_count) : 0;
    lego_status status = run_enter(program, 2 * r.row_bytes + kept, &r.places);
    if (status) {
        return status;
    }
    move_variables(&r, true);
    for (int64_t i = 0; i < r.length && status == LEGO_OK; i++) {
        bind_step(&r, i, a->is_reversed ? r.length - 1 - i : i);
        status = run_once(program);
    }
    if (r.length == 0) {
        pass_carries(&r);
    }
    move_variables(&r, false);
    run_leave(program);
    return status;
}

/* A loop whose blocks of rows threads share. */
typedef struct shared_run {
    const lego_call *call;
    atomic_bool has_failed;
} shared_run;

static void run_blocks(void *work, int64_t begin, int64_t end) {
    shared_run *s = work;
    const scan_rows *rows = &scan_body_of(s->call->x[0])->rows;
    for (int64_t i = begin; i < end; i++) {
        if (run_steps(s->call, rows->blocks[i].program, rows->blocks[i].first)) {
            atomic_store(&s->has_failed, true);
        }
    }
}

/* Where a block fails, its thread has the sentence: the whole loop runs in this one. */
static lego_status scan_kernel(const lego_call *call) {
    const scan_body *b = scan_body_of(call->x[0]);
    shared_run s = {.call = call};
    if (b->rows.count > 0) {
        atomic_init(&s.has_failed, false);
        threads_run_long(b->rows.count, run_blocks, &s);
        if (!atomic_load(&s.has_failed)) {
            return LEGO_OK;
        }
    }
    return run_steps(call, b->program, 0);
}

/* ---- the gradient face ----------------------------------------------------------------------- */

static lego_tensor *zeros_like(gradient_context *g, const lego_array *x) {
    struct {
        lego_ints shape;
        double value;
        int64_t dtype;
    } attributes = {.shape.count = x->rank, .dtype = x->dtype};
    memcpy(attributes.shape.values, x->shape, sizeof attributes.shape.values);
    return context_apply(g, "full", NULL, 0, &attributes);
}

/* y: the results of the gradient's loop, once it has run. */
static lego_tensor *tensor_from(gradient_context *g, const scan_body *b, scan_source source,
                                lego_tensor *const *y) {
    switch (source.kind) {
    case SOURCE_DY:
        return g->dy[source.index] ? g->dy[source.index]
                                   : zeros_like(g, &g->y[source.index]->array);
    case SOURCE_ZEROS:
        return zeros_like(g, &g->x[source.index]->array);
    case SOURCE_X:
        return g->x[source.index];
    case SOURCE_ROWS:
        return g->y[source.index];
    case SOURCE_OWN:
        return y[source.index];
    default:
        return g->y[b->stacked_end + source.index];
    }
}

/* An operand of the gradient's loop. */
static lego_tensor *operand_from(gradient_context *g, const scan_body *b, scan_source source) {
    lego_tensor *x = tensor_from(g, b, source, NULL);
    lego_ints axes = {.count = 2, .values = {1, 0}};
    return x && source.is_transposed ? context_apply(g, "transpose", &x, 1, &axes) : x;
}

/* What all steps give of a factor, as a matrix. */
static lego_tensor *matrix_of(gradient_context *g, const scan_body *b, const scan_factor *factor,
                              lego_tensor *const *y) {
    lego_tensor *x = tensor_from(g, b, factor->source, y);
    if (!x) {
        return NULL;
    }
    int64_t rows = factor->columns ? array_size(&x->array) / factor->columns : 0;
    lego_ints shape = {.count = 2, .values = {rows, factor->columns}};
    return context_apply(g, "reshape", &x, 1, &shape);
}

/* db = the sum of dy over the rows of all steps, in the shape of b. */
static lego_tensor *sum_of(gradient_context *g, lego_tensor *dy, const lego_tensor *b) {
    lego_ints columns = {.count = 1, .values = {dy ? dy->array.shape[1] : 0}};
    lego_tensor *sum = context_apply(g, "sum_to", &dy, 1, &columns);
    lego_ints shape = {.count = b->array.rank};
    memcpy(shape.values, b->array.shape, sizeof(int64_t) * (size_t)b->array.rank);
    return context_apply(g, "reshape", &sum, 1, &shape);
}

/* dw = a^T dy, or of several a the products one below another. */
static lego_tensor *product_of(gradient_context *g, const scan_body *b, const scan_product *product,
                               lego_tensor *const *y) {
    lego_tensor *dy = matrix_of(g, b, &product->dy, y);
    if (product->a_count == 0) {
        return sum_of(g, dy, g->x[product->target]);
    }
    size_t bytes = sizeof(lego_tensor *) * (size_t)product->a_count;
    lego_tensor **parts = memory_take(bytes);
    if (!parts) {
        context_fail(g, LEGO_NO_MEMORY, "no memory for its factors");
        return NULL;
    }
    for (int i = 0; i < product->a_count; i++) {
        lego_tensor *both[] = {matrix_of(g, b, &product->a[i], y), dy};
        parts[i] = context_apply(g, "matmul", both, 2, (int64_t[]){true, false});
    }
    lego_tensor *dw = product->a_count == 1 ? parts[0]
                                            : context_apply(g, "concatenate", parts,
                                                            product->a_count, (int64_t[]){0});
    memory_give(parts, bytes);
    return dw;
}

/* The loop of the gradient: from the step that ran last to the one that ran first. Then what is
 * computed over all steps. */
static void run_gradient(gradient_context *g, const scan_body *b, lego_tensor **x,
                         lego_tensor **y) {
    const scan_attributes *own = g->attributes;
    const scan_body *gradient = scan_body_of(&b->gradient->array);
    int inputs = gradient->program->input_count;
    int results = program_results(gradient);
    scan_attributes a = {results, own->length, !own->is_reversed};
    x[0] = b->gradient;
    for (int i = 0; i < inputs; i++) {
        x[1 + i] = operand_from(g, b, b->sources[i]);
    }
    if (g->status == LEGO_OK && results > 0) {
        context_apply_brick(g, scan_brick_for(gradient), x, 1 + inputs, &a, y, results);
    }
    for (int i = 0; i < b->target_count && g->status == LEGO_OK; i++) {
        g->dx[b->targets[i]] = y[i];
    }
    for (int i = 0; i < b->product_count && g->status == LEGO_OK; i++) {
        g->dx[b->products[i].target] = product_of(g, b, &b->products[i], y);
    }
}

static void scan_gradient(gradient_context *g) {
    const scan_body *b = scan_body_of(&g->x[0]->array);
    if (!b->gradient) {
        context_fail(g, LEGO_NO_GRADIENT, b->refusal);
        return;
    }
    const scan_body *gradient = scan_body_of(&b->gradient->array);
    size_t count = 1 + (size_t)gradient->program->input_count + (size_t)program_results(gradient);
    lego_tensor **lists = memory_take(count * sizeof *lists);
    if (!lists) {
        context_fail(g, LEGO_NO_MEMORY, "no memory for its operands");
        return;
    }
    run_gradient(g, b, lists, lists + 1 + gradient->program->input_count);
    memory_give(lists, count * sizeof *lists);
}

/* ---- the brick ------------------------------------------------------------------------------- */

#define SCAN                                                                                       \
    .name = "scan", .formula = "carry, y[i] = body(carry, x[i], w), for all i", .inputs = -1,      \
    .outputs = -1, .types = ".", .shape = scan_shape, .kernel = scan_kernel,                       \
    .gradient = scan_gradient, .operations = scan_operations, .chunks = scan_chunks,               \
    .attributes = {{"outputs", LEGO_INT}, {"length", LEGO_INT}, {"reverse", LEGO_INT}}

const lego_brick *scan_brick_for(const scan_body *b) {
    enum { FLAGS = LEGO_DENSE | LEGO_USES_Y | LEGO_ANY_DTYPE };
    static const lego_brick pure = {SCAN, .uses = "n", .flags = FLAGS};
    static const lego_brick effective = {SCAN, .uses = "n", .flags = FLAGS | LEGO_EFFECT};
    return scan_body_has_effect(b) ? &effective : &pure;
}

lego_program *lego_program_body(const lego_program *p, int index, int which) {
    bool is_there = index >= 0 && (size_t)index < p->instructions.count && which >= 0 &&
                    which < instruction_at(p, (size_t)index)->op_count;
    const program_op *op = is_there ? instruction_at(p, (size_t)index)->ops[which] : NULL;
    return op && op->brick->kernel == scan_kernel ? scan_body_of(&op->x[0].array)->program : NULL;
}
