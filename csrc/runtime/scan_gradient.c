/* The body of a loop's gradient, recorded from the tape of the loop's body.
 *
 * With c' , y = f(c, x, w) at each step, the gradient walks the steps in reverse order:
 *
 *     dc, dx, dw_step = f's backward pass (dc', dy)
 *     dw              = dw + dw_step
 *
 * It is a body like the forward one. Its carries are dc and the sums dw, so the order of the sums
 * is fixed (products are summed at once, scan_products.c); its rows are dy, and what the backward
 * pass reads of the forward step (scan_residuals.c). To keep only the carries and to compute each
 * step anew would take less memory and twice the time, and would be wrong where a step draws random
 * numbers. */
#include "scan_gradient.h"

#include <stdio.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../graph/values.h"
#include "scan_capture.h"

/* An input that the gradient's loop makes itself: it comes from no tensor outside. */
typedef struct made_input {
    scan_source source;    /* of a sum: its operand is found later */
    const lego_tensor *of; /* the tensor whose gradients are summed; else NULL */
} made_input;

/* ---- by what is differentiated --------------------------------------------------------------- */

static bool add_asked(scan_gradient *g, lego_tensor *x) {
    return list_add(&g->asked, &x);
}

static void refuse(scan_body *forward, const char *sentence) {
    snprintf(forward->refusal, sizeof forward->refusal, "%s", sentence);
}

static lego_status find_asked(scan_gradient *g) {
    lego_program *p = g->forward->program;
    bool is_noted = true;
    for (size_t i = 0; i < p->feeds.count && is_noted; i++) {
        lego_tensor *inner = feed_at(p, (int)i)->inner;
        is_noted = !inner->is_asked || add_asked(g, inner);
    }
    for (size_t i = 0; i < p->buffers.count && is_noted; i++) {
        const program_buffer *b = buffer_at(p, (int)i);
        bool is_watched = b->kind == LEGO_BUFFER_VARIABLE && lego_tensor_is_watched(b->tensor);
        if (is_watched && body_writes(b)) {
            refuse(g->forward, "the body assigns to a trainable variable, so the gradient by it is "
                               "not known: carry its value instead");
        }
        is_noted = !is_watched || add_asked(g, b->tensor);
    }
    return is_noted ? LEGO_OK : LEGO_NO_MEMORY;
}

/* ---- recording ------------------------------------------------------------------------------- */

/* The nodes of the step carry labels by number. */
static lego_status copy_labels(const lego_program *from, lego_program *to) {
    for (int label = 1; lego_program_label_name(from, label); label++) {
        if (lego_program_label(to, lego_program_label_name(from, label)) < 0) {
            return LEGO_NO_MEMORY;
        }
    }
    return LEGO_OK;
}

static lego_tensor *add_input(scan_gradient *g, feed_kind kind, const lego_tensor *like,
                              made_input made) {
    lego_tensor *x = body_input(g->body->program, kind, &like->array, NULL);
    return x && list_add(&g->made, &made) ? x : NULL;
}

/* Takes the gradient over. */
static lego_status add_result(scan_gradient *g, lego_tensor *gradient, const lego_tensor *of) {
    if (!gradient || !list_add(&g->results, &gradient)) {
        lego_tensor_release(gradient);
        return lego_last_status();
    }
    return list_add(&g->of, &of) ? LEGO_OK : LEGO_NO_MEMORY;
}

/* The seeds of one step: inputs for the gradients of all results that have one. Carries come first,
 * and a float has an input even where the next carry does not depend on anything: its gradient of
 * the first step is zero, but has a place. */
typedef struct step_seeds {
    lego_tensor **targets;
    lego_tensor **seeds;
    int count;
} step_seeds;

static lego_status make_seeds(scan_gradient *g, lego_tensor *const *results, int count,
                              step_seeds *s) {
    record_arena *records = &g->forward->records;
    s->targets = record_arena_take(records, (size_t)count + 1, sizeof *s->targets);
    s->seeds = record_arena_take(records, (size_t)count + 1, sizeof *s->seeds);
    s->count = 0;
    if (!s->targets || !s->seeds) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < count; i++) {
        bool is_carry = i < g->forward->carry_count;
        bool is_watched = lego_tensor_is_watched(results[i]);
        if (!dtype_is_float(results[i]->array.dtype) || !(is_carry || is_watched)) {
            continue;
        }
        made_input made = {{.kind = SOURCE_DY, .index = i}, NULL};
        lego_tensor *seed = add_input(g, is_carry ? FEED_CARRY : FEED_ROW, results[i], made);
        if (!seed) {
            return LEGO_NO_MEMORY;
        }
        if (is_watched) {
            s->targets[s->count] = results[i];
            s->seeds[s->count++] = seed;
        }
    }
    return LEGO_OK;
}

static lego_tensor *apply_one(const char *name, lego_tensor *const *x, int count,
                              const void *attributes) {
    lego_tensor *y = NULL;
    int made = 0;
    lego_apply(lego_brick_find(name), x, count, attributes, &y, 1, &made);
    return y;
}

static lego_tensor *zeros_like(const lego_array *x) {
    struct {
        lego_ints shape;
        double value;
        int64_t dtype;
    } attributes = {.shape.count = x->rank, .dtype = x->dtype};
    memcpy(attributes.shape.values, x->shape, sizeof attributes.shape.values);
    return apply_one("full", NULL, 0, &attributes);
}

static feed_kind kind_of(const scan_gradient *g, const lego_tensor *asked) {
    const lego_program *p = g->forward->program;
    for (size_t i = 0; i < p->feeds.count; i++) {
        if (feed_at(p, (int)i)->inner == asked) {
            return feed_at(p, (int)i)->kind;
        }
    }
    return FEED_WHOLE;
}

/* The next carry: the gradient of a carry, or a sum over steps. */
static lego_status add_next_carry(scan_gradient *g, feed_kind kind, lego_tensor *x,
                                  lego_tensor *gradient) {
    if (kind == FEED_CARRY) {
        return add_result(g, gradient ? lego_tensor_retain(gradient) : zeros_like(&x->array), x);
    }
    made_input made = {{.kind = SOURCE_ZEROS, .index = -1}, x};
    lego_tensor *sum = add_input(g, FEED_CARRY, x, made);
    lego_tensor *both[] = {sum, gradient};
    return sum ? add_result(g, apply_one("add", both, 2, NULL), x) : LEGO_NO_MEMORY;
}

/* A gradient by an input of that kind, which is NULL where none flows. */
static lego_status add_gradient(scan_gradient *g, feed_kind kind, lego_tensor *x,
                                lego_tensor *gradient) {
    if (!gradient && kind != FEED_CARRY) {
        return LEGO_OK;
    }
    step_product product = {
        .of = x,
        .op = kind == FEED_WHOLE ? scan_product_op(g->body->program, gradient) : NULL,
    };
    if (product.op) {
        return list_add(&g->products, &product) ? LEGO_OK : LEGO_NO_MEMORY;
    }
    return kind == FEED_ROW ? add_result(g, lego_tensor_retain(gradient), x)
                            : add_next_carry(g, kind, x, gradient);
}

/* Next carries come before what is stacked: carries, sums, rows. */
static lego_status add_results(scan_gradient *g, lego_tensor *const *gradients) {
    static const feed_kind order[] = {FEED_CARRY, FEED_WHOLE, FEED_ROW};
    lego_tensor *const *asked = g->asked.items;
    lego_status status = LEGO_OK;
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < g->asked.count && status == LEGO_OK; i++) {
            if (kind_of(g, asked[i]) == order[turn]) {
                status = add_gradient(g, order[turn], asked[i], gradients[i]);
            }
        }
    }
    return status;
}

/* The backward pass of a step, recorded into the gradient's body. */
static lego_status record_step(scan_gradient *g, lego_tensor *const *results, int count) {
    step_seeds s;
    int asked = (int)g->asked.count;
    lego_tensor **gradients =
        record_arena_take(&g->forward->records, (size_t)asked + 1, sizeof *gradients);
    lego_status status = gradients ? make_seeds(g, results, count, &s) : LEGO_NO_MEMORY;
    if (status == LEGO_OK) {
        status =
            lego_gradients(s.targets, s.seeds, s.count, g->asked.items, asked, false, gradients);
    }
    if (status == LEGO_OK) {
        status = add_results(g, gradients);
        tensors_release(gradients, asked);
    }
    return status;
}

static lego_status open_body(scan_gradient *g) {
    lego_program *step = g->forward->program;
    lego_program *program = body_new(&step->recorder);
    if (program) {
        program->recorder.capture = scan_capture;
    }
    g->body = program ? scan_body_new(program, g->forward->length) : NULL;
    return g->body ? copy_labels(step, program) : LEGO_NO_MEMORY;
}

static void drop_body(scan_gradient *g) {
    scan_body_release(g->body);
    g->body = NULL;
}

lego_status scan_gradient_record(scan_gradient *g, scan_body *forward, lego_tensor *const *results,
                                 int count) {
    *g = (scan_gradient){
        .forward = forward,
        .asked.item_size = sizeof(lego_tensor *),
        .made.item_size = sizeof(made_input),
        .results.item_size = sizeof(lego_tensor *),
        .of.item_size = sizeof(lego_tensor *),
        .products.item_size = sizeof(step_product),
    };
    lego_status status = find_asked(g);
    if (status || forward->refusal[0] || g->asked.count == 0) {
        return status;
    }
    status = open_body(g);
    if (status) {
        return status;
    }
    lego_program *former = lego_record(g->body->program);
    int label = lego_set_label(0);
    lego_taping taping = lego_tape(LEGO_TAPE_PAUSED);
    status = record_step(g, results, count);
    lego_tape(taping);
    lego_set_label(label);
    lego_record(former);
    if (status && status != LEGO_NO_MEMORY) {
        refuse(forward, lego_last_error());
        status = LEGO_OK;
        drop_body(g);
    }
    return status;
}

/* ---- where everything comes from and goes to ------------------------------------------------- */

/* A variable that the body assigns to has another value at each step, which nothing keeps. */
static lego_status find_captured(scan_gradient *g, feed *f, residuals *r, scan_source *source) {
    if (!f->outer->is_variable) {
        return residual_source(r, f->outer, &f->kind, source);
    }
    *source = (scan_source){.kind = SOURCE_X, .index = residual_operand(r, f->outer)};
    if (source->index < 0) {
        refuse(g->forward, "the gradient reads a variable that the body assigns to: carry its "
                           "value instead");
    }
    return LEGO_OK;
}

static lego_status find_sources(scan_gradient *g, residuals *r) {
    lego_program *p = g->body->program;
    const made_input *made = g->made.items;
    lego_status status = LEGO_OK;
    scan_source *sources = record_arena_take(&g->forward->records, p->feeds.count, sizeof *sources);
    g->forward->sources = sources;
    for (size_t i = 0; sources && i < p->feeds.count && status == LEGO_OK; i++) {
        if (feed_at(p, (int)i)->outer) {
            status = find_captured(g, feed_at(p, (int)i), r, &sources[i]);
            continue;
        }
        sources[i] = made->source;
        sources[i].index = made->of ? residual_operand(r, made->of) : made->source.index;
        made++;
    }
    return sources ? status : LEGO_NO_MEMORY;
}

static lego_status find_targets(scan_gradient *g, const residuals *r) {
    int *targets = record_arena_take(&g->forward->records, g->of.count + 1, sizeof *targets);
    for (size_t i = 0; targets && i < g->of.count; i++) {
        targets[i] = residual_operand(r, ((lego_tensor **)g->of.items)[i]);
    }
    g->forward->targets = targets;
    g->forward->target_count = (int)g->of.count;
    return targets ? LEGO_OK : LEGO_NO_MEMORY;
}

/* Whether the matrix is read only as the second factor of products, and transposed. */
static bool is_read_transposed(const lego_program *p, const operand *w) {
    const value *v = buffer_at(p, w->buffer)->first_value;
    bool is_so = v->read_count > 0 && w->array.rank == 2;
    for (const operand *x = v->first_read; x && is_so; x = x->next_read) {
        is_so = strcmp(x->op->brick->name, "matmul") == 0 && x == &x->op->x[1] &&
                ((const int64_t *)x->op->attributes)[1] && x->offset == 0 &&
                array_same_shape(&x->array, &w->array) && array_is_contiguous(&x->array);
    }
    return is_so;
}

static void transpose(lego_array *x) {
    array_set(x, x->dtype, 2, (int64_t[]){x->shape[1], x->shape[0]});
}

/* A product with few rows reads a matrix where it lies, but one that lies transposed it must pack
 * first, at each step. So the loop takes it with its axes exchanged, once. */
static lego_status transpose_weights(scan_gradient *g) {
    lego_program *p = g->body->program;
    for (int i = 0; i < p->input_count; i++) {
        operand *w = &p->inputs[i];
        if (feed_at(p, i)->kind != FEED_WHOLE || !is_read_transposed(p, w)) {
            continue;
        }
        for (operand *x = value_of(p, w->buffer)->first_read; x; x = x->next_read) {
            int64_t *transposes = record_arena_take(&p->records, 2, sizeof *transposes);
            if (!transposes) {
                return LEGO_NO_MEMORY;
            }
            transposes[0] = *(const int64_t *)x->op->attributes;
            x->op->attributes = transposes;
            transpose(&x->array);
        }
        transpose(&w->array);
        g->forward->sources[i].is_transposed = true;
    }
    return LEGO_OK;
}

/* Where everything comes from and goes to. */
static lego_status connect(scan_gradient *g, residuals *r) {
    lego_program *p = g->body->program;
    lego_status status = scan_products_take_out(&g->products, p, &g->results, r);
    if (status == LEGO_OK) {
        status = find_sources(g, r);
    }
    if (status == LEGO_OK) {
        status = find_targets(g, r);
    }
    if (status == LEGO_OK && !g->forward->refusal[0]) {
        status = scan_products_find(&g->products, p, &g->results, body_carries(p), r);
    }
    if (status == LEGO_OK && !g->forward->refusal[0]) {
        status = transpose_weights(g);
    }
    return status;
}

/* Finished, the body belongs to the forward one. */
static lego_status finish_body(scan_gradient *g) {
    refuse(g->body, "second derivatives through a loop are not there: write the loop in Python");
    g->body->stacked_end = (int)g->results.count;
    lego_status status = scan_body_finish(g->body, g->results.items, (int)g->results.count);
    program_forget_feeds(g->body->program);
    if (status == LEGO_OK) {
        g->forward->gradient = scan_body_tensor(g->body);
        g->body = NULL;
        status = g->forward->gradient ? LEGO_OK : LEGO_NO_MEMORY;
    }
    return status;
}

lego_status scan_gradient_finish(scan_gradient *g, list *rows, list *kept) {
    if (!g->body) {
        return LEGO_OK;
    }
    list written = {.item_size = sizeof(lego_tensor *)}; /* backward passes write none */
    lego_status status = scan_body_take_variables(g->body, &written);
    tensor_list_free(&written);
    residuals r;
    if (status == LEGO_OK) {
        status = residuals_begin(&r, g->forward, rows, kept);
    }
    if (status == LEGO_OK) {
        status = connect(g, &r);
    }
    return status || g->forward->refusal[0] ? status : finish_body(g);
}

void scan_gradient_close(scan_gradient *g) {
    drop_body(g);
    tensor_list_free(&g->results);
    list_free(&g->asked);
    list_free(&g->made);
    list_free(&g->of);
    list_free(&g->products);
}
