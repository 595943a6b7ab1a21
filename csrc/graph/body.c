/* Bodies: programs that a loop runs once per step, recorded inside of another computation. */
#include "body.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"

/* ---- what comes from outside ----------------------------------------------------------------- */

static bool same_numbers(const lego_tensor *a, const lego_tensor *b) {
    size_t axes = sizeof(int64_t) * (size_t)a->array.rank;
    return a->storage == b->storage && a->array.data == b->array.data &&
           a->array.dtype == b->array.dtype && array_same_shape(&a->array, &b->array) &&
           memcmp(a->array.strides, b->array.strides, axes) == 0;
}

/* Whether both are one value to the tape, too: it finds a leaf by its address. */
static bool same_value(const lego_tensor *a, const lego_tensor *b) {
    bool are_leaves_apart = a != b && (a->is_asked || b->is_asked);
    return !are_leaves_apart && same_numbers(a, b) && a->node == b->node &&
           a->output_index == b->output_index;
}

static lego_tensor *known_capture(const lego_program *body, const lego_tensor *x) {
    for (size_t i = 0; i < body->feeds.count; i++) {
        const feed *f = feed_at(body, (int)i);
        if (f->kind == FEED_WHOLE && f->outer && same_value(f->outer, x)) {
            return f->inner;
        }
    }
    return NULL;
}

static bool is_captured(const lego_tensor *x) {
    return x->storage->symbolic_in || x->node || x->is_asked;
}

/* What stands for x, which the recording around knows (or a tensor with numbers). */
static lego_tensor *stand_in(lego_program *body, lego_tensor *x) {
    if (!is_captured(x)) {
        return lego_tensor_retain(x);
    }
    lego_tensor *known = known_capture(body, x);
    return lego_tensor_retain(known ? known : body_input(body, FEED_WHOLE, &x->array, x));
}

lego_tensor *body_capture(recorder *r, lego_tensor *x) {
    if (x->storage->symbolic_in == r->number || x->storage->is_variable) {
        return lego_tensor_retain(x);
    }
    lego_tensor *outside = recorder_take(r->around, x, "the body of a loop");
    lego_tensor *inside = outside ? stand_in((lego_program *)r, outside) : NULL;
    lego_tensor_release(outside);
    return inside;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

lego_program *body_new(recorder *around) {
    lego_program *body = lego_program_new(NULL);
    if (body) {
        body->recorder.around = around;
        body->recorder.capture = body_capture;
    }
    return body;
}

lego_tensor *body_input(lego_program *body, feed_kind kind, const lego_array *array,
                        lego_tensor *outer) {
    lego_tensor *inner = lego_program_input(body, array->dtype, array->rank, array->shape, NULL);
    if (!inner) {
        return NULL;
    }
    inner->is_asked = dtype_is_float(array->dtype) &&
                      (kind == FEED_CARRY || (outer && lego_tensor_is_watched(outer)));
    feed f = {kind, lego_tensor_retain(outer), inner};
    if (!list_add(&body->feeds, &f)) {
        lego_tensor_release(outer);
        lego_tensor_release(inner);
        return NULL;
    }
    return inner;
}

void body_drop_input(lego_program *body, int slot) {
    feed *feeds = body->feeds.items;
    size_t behind = (size_t)(body->input_count - slot - 1);
    buffer_at(body, body->inputs[slot].buffer)->kind = LEGO_BUFFER_ARENA;
    lego_tensor_release(feeds[slot].outer);
    lego_tensor_release(feeds[slot].inner);
    memmove(feeds + slot, feeds + slot + 1, behind * sizeof *feeds);
    memmove(body->inputs + slot, body->inputs + slot + 1, behind * sizeof *body->inputs);
    body->feeds.count--;
    body->input_count--;
    for (int i = slot; i < body->input_count; i++) {
        buffer_at(body, body->inputs[i].buffer)->slot = i;
    }
}

int body_carries(const lego_program *body) {
    int count = 0;
    for (size_t i = 0; i < body->feeds.count; i++) {
        count += feed_at(body, (int)i)->kind == FEED_CARRY;
    }
    return count;
}

/* ---- the face -------------------------------------------------------------------------------- */

lego_program *lego_body_new(void) {
    return body_new(recorder_now());
}

/* Whether the body can still be recorded, and x has numbers or is known around it. */
static lego_status check_outer(const lego_program *body, const lego_tensor *x) {
    if (!body->recorder.capture || body->is_closed) {
        return fail(LEGO_BAD_VALUE, "scan: the body must be new, from lego_body_new()");
    }
    if (!x || !x->storage) {
        return fail(LEGO_BAD_VALUE, "scan: a tensor to loop over has no numbers");
    }
    return LEGO_OK;
}

lego_tensor *lego_body_carry(lego_program *body, lego_tensor *first) {
    if (check_outer(body, first)) {
        return NULL;
    }
    return lego_tensor_retain(body_input(body, FEED_CARRY, &first->array, first));
}

lego_tensor *lego_body_row(lego_program *body, lego_tensor *sequence) {
    if (check_outer(body, sequence)) {
        return NULL;
    }
    const lego_array *all = &sequence->array;
    if (all->rank == 0) {
        fail(LEGO_BAD_SHAPE, "scan: a sequence needs an axis to loop over, got shape ()");
        return NULL;
    }
    lego_array row;
    array_set(&row, all->dtype, all->rank - 1, all->shape + 1);
    return lego_tensor_retain(body_input(body, FEED_ROW, &row, sequence));
}

bool body_writes(const program_buffer *b) {
    return b->kind == LEGO_BUFFER_VARIABLE && b->first_value != b->last_value;
}

const void *lego_body_variable(const lego_program *body, int index) {
    for (size_t i = 0; i < body->buffers.count; i++) {
        const program_buffer *b = buffer_at(body, (int)i);
        if (body_writes(b) && index-- == 0) {
            return b->tensor->storage->memory;
        }
    }
    return NULL;
}
