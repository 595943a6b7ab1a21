/* How the body of a loop's gradient captures the values of a forward step.
 *
 * What it captures the forward loop stacks, for all steps: that is written to memory and read from
 * there. A value that is quickly made of a single other one is made anew instead, from that one:
 * the gradient of f h + (1 - f) new reads f and 1 - f, of which f alone is stacked. */
#include "scan_capture.h"

#include <string.h>

#include "scan_residuals.h"

/* Whether it takes an instruction for each number, or two: less than to read the result. */
static bool is_quick(const lego_brick *brick) {
    static const char *const names[] = {"add", "subtract", "multiply", "negative", "square"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(brick->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- what is there already ------------------------------------------------------------------- */

static bool same_numbers(const lego_tensor *a, const lego_tensor *b) {
    return a->storage->symbolic_in == b->storage->symbolic_in &&
           a->storage->buffer == b->storage->buffer && a->array.data == b->array.data &&
           array_same_shape(&a->array, &b->array) && array_is_contiguous(&a->array) &&
           array_is_contiguous(&b->array);
}

/* The input that stands for the same numbers; NULL: none. */
static lego_tensor *known_input(const lego_program *body, const lego_tensor *x) {
    for (size_t i = 0; i < body->feeds.count; i++) {
        const feed *f = feed_at(body, (int)i);
        if (f->outer && f->outer->storage->symbolic_in && same_numbers(f->outer, x)) {
            return f->inner;
        }
    }
    return NULL;
}

/* ---- what is made anew ----------------------------------------------------------------------- */

/* The quick op that makes all of x in the step; NULL: there is none. */
static const program_op *quick_maker(const lego_program *step, const lego_tensor *x) {
    const program_buffer *b = buffer_at(step, x->storage->buffer);
    const program_op *op = b->first_value->maker;
    bool is_it = op && is_quick(op->brick) && residual_is_whole(b, &x->array) &&
                 array_same_shape(&op->y[0].array, &x->array);
    return is_it ? op : NULL;
}

static bool is_constant(const lego_program *step, const operand *o) {
    return buffer_at(step, o->buffer)->kind == LEGO_BUFFER_CONSTANT && array_size(&o->array) == 1;
}

/* Whether the operand is all of another value, as large as x. */
static bool is_as_large(const lego_program *step, const operand *o, const lego_tensor *x) {
    const program_buffer *b = buffer_at(step, o->buffer);
    bool is_of_step = b->kind == LEGO_BUFFER_ARENA || b->kind == LEGO_BUFFER_INPUT;
    return is_of_step && o->offset == 0 && array_is_contiguous(&o->array) &&
           operand_bytes(o) == b->bytes && array_same_shape(&o->array, &x->array) &&
           o->array.dtype == x->array.dtype;
}

/* Whether the op makes x of one value, and perhaps a constant number. */
static bool takes_one_value(const lego_program *step, const program_op *op, const lego_tensor *x) {
    int values = 0;
    for (int i = 0; i < op->x_count; i++) {
        if (is_as_large(step, &op->x[i], x)) {
            values++;
        } else if (!is_constant(step, &op->x[i])) {
            return false;
        }
    }
    return values == 1;
}

lego_tensor *scan_tensor_of(const lego_program *p, const operand *x) {
    lego_tensor *tensor = tensor_symbolic(&x->array, p->recorder.number, x->buffer);
    if (tensor) {
        tensor->array.data = (void *)(uintptr_t)x->offset;
    }
    return tensor;
}

/* A constant is the same tensor in all programs. */
static lego_tensor *input_of(const lego_program *step, const operand *o) {
    lego_tensor *constant = buffer_at(step, o->buffer)->tensor;
    return constant ? lego_tensor_retain(constant) : scan_tensor_of(step, o);
}

/* In the gradient's body, whatever is recorded inside of that. */
static lego_tensor *made_anew(recorder *r, const lego_program *step, const program_op *op) {
    lego_tensor *x[2] = {NULL};
    lego_tensor *y = NULL;
    int count = 0;
    bool has_inputs = true;
    for (int i = 0; i < op->x_count; i++) {
        x[i] = input_of(step, &op->x[i]);
        has_inputs = has_inputs && x[i];
    }
    recorder *former = recorder_set(r);
    if (has_inputs) {
        lego_apply(op->brick, x, op->x_count, op->attributes, &y, 1, &count);
    }
    recorder_set(former);
    tensors_release(x, op->x_count);
    return y;
}

/* ---- capturing ------------------------------------------------------------------------------- */

lego_tensor *scan_capture(recorder *r, lego_tensor *x) {
    const lego_program *step = (const lego_program *)r->around;
    if (x->storage->symbolic_in != step->recorder.number) {
        return body_capture(r, x);
    }
    lego_tensor *known = known_input((const lego_program *)r, x);
    if (known) {
        return lego_tensor_retain(known);
    }
    const program_op *op = quick_maker(step, x);
    bool is_quick = op && takes_one_value(step, op, x);
    return is_quick ? made_anew(r, step, op) : body_capture(r, x);
}
