/* The body of a loop's gradient, recorded from the tape of the loop's body.
 *
 * With c' , y = f(c, x, w) at each step, the gradient walks the steps in reverse order:
 *
 *     dc, dx, dw_step = f's backward pass (dc', dy)
 *     dw              = dw + dw_step
 *
 * It is a body like the forward one. Its carries are dc and the sums dw, so the order of the sums
 * is fixed; its rows are dy, and what the backward pass reads of the forward step. For this body is
 * recorded inside of the forward one: the values of a step that it captures are the residuals, all
 * of them and no others. The forward loop stacks them. To keep only the carries and to compute each
 * step anew would take less memory and twice the time, and would be wrong where a step draws random
 * numbers. */
#include "scan_gradient.h"

#include <stdio.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"

/* An input that the gradient's loop makes itself. */
typedef struct made_input {
    int input;
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
    made.input = (int)g->body->program->feeds.count;
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
        made_input made = {0, {SOURCE_DY, i}, NULL};
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
    made_input made = {0, {SOURCE_ZEROS, -1}, x};
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
    g->body = program ? scan_body_new(program) : NULL;
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

/* The operand of the loop that x stands for at a step; -1: none. */
static int operand_of(const scan_gradient *g, const lego_tensor *x) {
    const lego_program *p = g->forward->program;
    for (size_t i = 0; i < p->feeds.count; i++) {
        const feed *f = feed_at(p, (int)i);
        if (f->inner == x || (!f->inner && f->outer == x)) {
            return 1 + (int)i;
        }
    }
    return -1;
}

/* Whether x is all of a buffer in row-major order, under any shape. */
static bool is_whole(const program_buffer *b, const lego_tensor *x) {
    int64_t bytes = array_size(&x->array) * (int64_t)lego_dtype_size(x->array.dtype);
    return !x->array.data && array_is_contiguous(&x->array) && bytes == b->bytes;
}

/* The number of x among results[count] from `first` on; it is added if need be. -1: no memory. */
static int result_for(list *results, size_t first, lego_tensor *x) {
    for (size_t i = first; i < results->count; i++) {
        const lego_tensor *other = ((lego_tensor **)results->items)[i];
        bool is_same = other->storage == x->storage && other->array.data == x->array.data &&
                       array_size(&other->array) == array_size(&x->array) &&
                       array_is_contiguous(&other->array) && array_is_contiguous(&x->array);
        if (other == x || is_same) {
            return (int)i;
        }
    }
    if (!list_add(results, &x)) {
        return -1;
    }
    lego_tensor_retain(x);
    return (int)results->count - 1;
}

/* Marks the buffers of the forward body that hold the same at all steps: what is made of nothing
 * else, such as a slice of a weight. */
static bool *find_common(const scan_gradient *g) {
    lego_program *p = g->forward->program;
    bool *is_common = record_arena_take(&p->records, p->buffers.count, sizeof *is_common);
    for (int i = 0; is_common && i < (int)p->buffers.count; i++) {
        const program_buffer *b = buffer_at(p, i);
        is_common[i] = b->kind == LEGO_BUFFER_CONSTANT ||
                       (b->kind == LEGO_BUFFER_INPUT && feed_at(p, b->slot)->kind == FEED_WHOLE);
    }
    for (size_t i = 0; is_common && i < p->instructions.count; i++) {
        const program_op *op = op_of(p, i);
        bool is_same = !op_has_effect(op);
        for (int k = 0; k < op->x_count; k++) {
            is_same &= is_common[op->x[k].buffer];
        }
        for (int k = 0; k < op->y_count; k++) {
            is_common[op->y[k].buffer] |= is_same;
        }
    }
    return is_common;
}

/* What the forward loop gives to the gradient's: all that results do. */
typedef struct residuals {
    const bool *is_common;
    list *rows;
    list *kept;
} residuals;

/* An input of the forward body is taken as that one has it. All else is a result of its loop, and
 * so is a carry, of which the loop keeps only the last one. */
static lego_status find_captured(scan_gradient *g, feed *f, residuals *r, scan_source *source) {
    lego_program *p = g->forward->program;
    lego_tensor *x = f->outer;
    if (x->is_variable) {
        *source = (scan_source){SOURCE_X, operand_of(g, x)};
        if (source->index < 0) {
            refuse(g->forward, "the gradient reads a variable that the body assigns to: carry its "
                               "value instead");
        }
        return LEGO_OK;
    }
    const program_buffer *b = buffer_at(p, x->storage->buffer);
    feed_kind kind = b->kind == LEGO_BUFFER_INPUT ? feed_at(p, b->slot)->kind : FEED_CARRY;
    if (kind != FEED_CARRY && is_whole(b, x)) {
        *source = (scan_source){SOURCE_X, 1 + b->slot};
    } else if (r->is_common[x->storage->buffer]) {
        kind = FEED_WHOLE;
        *source = (scan_source){SOURCE_KEPT, result_for(r->kept, 0, x)};
    } else {
        kind = FEED_ROW;
        int first = g->forward->carry_count;
        *source = (scan_source){SOURCE_ROWS, result_for(r->rows, (size_t)first, x)};
    }
    f->kind = kind;
    return source->index < 0 ? LEGO_NO_MEMORY : LEGO_OK;
}

static lego_status find_sources(scan_gradient *g, residuals *r) {
    lego_program *p = g->body->program;
    const made_input *made = g->made.items;
    size_t next = 0;
    lego_status status = LEGO_OK;
    scan_source *sources = record_arena_take(&g->forward->records, p->feeds.count, sizeof *sources);
    g->forward->sources = sources;
    for (size_t i = 0; sources && i < p->feeds.count && status == LEGO_OK; i++) {
        if (next < g->made.count && made[next].input == (int)i) {
            sources[i] = made[next].source;
            sources[i].index =
                made[next].of ? operand_of(g, made[next].of) : made[next].source.index;
            next++;
        } else {
            status = find_captured(g, feed_at(p, (int)i), r, &sources[i]);
        }
    }
    return sources ? status : LEGO_NO_MEMORY;
}

static lego_status find_targets(scan_gradient *g) {
    int *targets = record_arena_take(&g->forward->records, g->of.count + 1, sizeof *targets);
    for (size_t i = 0; targets && i < g->of.count; i++) {
        targets[i] = operand_of(g, ((lego_tensor **)g->of.items)[i]);
    }
    g->forward->targets = targets;
    return targets ? LEGO_OK : LEGO_NO_MEMORY;
}

lego_status scan_gradient_finish(scan_gradient *g, list *rows, list *kept) {
    if (!g->body) {
        return LEGO_OK;
    }
    list written = {.item_size = sizeof(lego_tensor *)}; /* backward passes write none */
    lego_status status = scan_body_take_variables(g->body, &written);
    tensor_list_free(&written);
    residuals r = {find_common(g), rows, kept};
    if (status == LEGO_OK) {
        status = r.is_common ? find_sources(g, &r) : LEGO_NO_MEMORY;
    }
    if (status == LEGO_OK) {
        status = find_targets(g);
    }
    if (status || g->forward->refusal[0]) {
        return status;
    }
    refuse(g->body, "second derivatives through a loop are not there: write the loop in Python");
    g->body->stacked_end = (int)g->results.count;
    status = scan_body_finish(g->body, g->results.items, (int)g->results.count);
    program_forget_feeds(g->body->program);
    if (status == LEGO_OK) {
        g->forward->gradient = scan_body_tensor(g->body);
        g->body = NULL;
        status = g->forward->gradient ? LEGO_OK : LEGO_NO_MEMORY;
    }
    return status;
}

void scan_gradient_close(scan_gradient *g) {
    drop_body(g);
    tensor_list_free(&g->results);
    list_free(&g->asked);
    list_free(&g->made);
    list_free(&g->of);
}
