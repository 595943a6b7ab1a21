/* From the recording of a body to a loop that has run, or is recorded itself. */
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../tensor/tape.h"
#include "scan.h"
#include "scan_doubles.h"
#include "scan_gradient.h"

/* A loop that is being made. */
typedef struct scan_making {
    scan_body *body; /* owned, until `operands` has it */
    scan_gradient gradient;
    list results;  /* of lego_tensor *: what a step gives, and keeps for the gradient */
    list kept;     /* of lego_tensor *: what all steps keep for it in common */
    list written;  /* of lego_tensor *: variables that the body assigns to */
    list operands; /* of lego_tensor * */
    int *places;   /* of what the caller gave as results: where each is among all */
    int asked;     /* how many those are */
} scan_making;

/* ---- what a step gives ----------------------------------------------------------------------- */

/* x as the body has it; of a variable the value at the end of the step. */
static lego_tensor *result_of(lego_program *program, lego_tensor *x) {
    if (!x->is_variable) {
        return recorder_take(&program->recorder, x, "the body of a loop");
    }
    lego_tensor *copy = NULL;
    int count = 0;
    lego_program *former = lego_record(program);
    lego_apply(lego_brick_find("copy"), &x, 1, NULL, &copy, 1, &count);
    lego_record(former);
    return copy;
}

static lego_status check_carry(const lego_program *p, int carry, const lego_tensor *next) {
    int input = 0;
    for (int before = carry; before > 0 || feed_at(p, input)->kind != FEED_CARRY; input++) {
        before -= feed_at(p, input)->kind == FEED_CARRY;
    }
    const lego_array *first = &feed_at(p, input)->inner->array;
    if (next->array.dtype == first->dtype && array_same_shape(&next->array, first)) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_SHAPE,
                "scan: carry %d begins as %s of shape %s, but a step makes %s of shape %s of it: "
                "it must keep its shape and dtype",
                carry, lego_dtype_name(first->dtype), array_text(first),
                lego_dtype_name(next->array.dtype), array_text(&next->array));
}

static lego_status take_results(scan_making *m, lego_tensor *const *results, int count) {
    lego_program *p = m->body->program;
    if (count < m->body->carry_count) {
        return fail(LEGO_BAD_VALUE, "scan: the body carries %d values, but a step gives %d",
                    m->body->carry_count, count);
    }
    for (int i = 0; i < count; i++) {
        if (!results[i] || !results[i]->storage) {
            return fail(LEGO_BAD_VALUE, "scan: result %d of a step has no numbers", i);
        }
        lego_tensor *x = result_of(p, results[i]);
        if (!x || !list_add(&m->results, &x)) {
            lego_tensor_release(x);
            return lego_last_status();
        }
        lego_status status = i < m->body->carry_count ? check_carry(p, i, x) : LEGO_OK;
        if (status) {
            return status;
        }
    }
    return LEGO_OK;
}

/* ---- the gradient ---------------------------------------------------------------------------- */

/* Whether the tape notes the loop: something that goes into it is watched. */
static bool is_taped(const scan_body *body) {
    const lego_program *p = body->program;
    const lego_brick *scan = scan_brick_for(body);
    for (size_t i = 0; i < p->feeds.count; i++) {
        if (tape_wants(scan, &feed_at(p, (int)i)->outer, 1)) {
            return true;
        }
    }
    for (size_t i = 0; i < p->buffers.count; i++) {
        const program_buffer *b = buffer_at(p, (int)i);
        if (b->kind == LEGO_BUFFER_VARIABLE && tape_wants(scan, &b->tensor, 1)) {
            return true;
        }
    }
    return false;
}

/* What all steps have in common comes behind what is stacked. */
static lego_status append_kept(scan_making *m) {
    lego_tensor *const *kept = m->kept.items;
    m->body->stacked_end = (int)m->results.count;
    for (size_t i = 0; i < m->kept.count; i++) {
        if (!list_add(&m->results, &kept[i])) {
            return LEGO_NO_MEMORY;
        }
        lego_tensor_retain(kept[i]);
    }
    return LEGO_OK;
}

/* Both bodies, finished. */
static lego_status finish(scan_making *m) {
    lego_status status = LEGO_OK;
    if (is_taped(m->body)) {
        status =
            scan_gradient_record(&m->gradient, m->body, m->results.items, (int)m->results.count);
    }
    if (status == LEGO_OK) {
        status = scan_body_take_variables(m->body, &m->written);
    }
    if (status == LEGO_OK) {
        status = scan_gradient_finish(&m->gradient, &m->results, &m->kept);
    }
    if (status == LEGO_OK) {
        status = append_kept(m);
    }
    return status ? status : scan_body_finish(m->body, m->results.items, (int)m->results.count);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Takes x over. */
static lego_status add_operand(scan_making *m, lego_tensor *x) {
    if (x && list_add(&m->operands, &x)) {
        return LEGO_OK;
    }
    lego_tensor_release(x);
    return LEGO_NO_MEMORY;
}

/* Of variables that the body writes the loop takes a copy: its node must not refuse the backward
 * pass because they were assigned to. */
static lego_tensor *copy_of(lego_tensor *variable) {
    lego_tensor *copy = NULL;
    int count = 0;
    lego_apply(lego_brick_find("copy"), &variable, 1, NULL, &copy, 1, &count);
    return copy;
}

static lego_status add_operands(scan_making *m) {
    lego_program *p = m->body->program;
    lego_tensor *body = scan_body_tensor(m->body);
    lego_tensor *const *written = m->written.items;
    m->body = NULL;
    lego_status status = add_operand(m, body);
    for (size_t i = 0; status == LEGO_OK && i < p->feeds.count; i++) {
        status = add_operand(m, lego_tensor_retain(feed_at(p, (int)i)->outer));
    }
    for (size_t i = 0; i < m->written.count && status == LEGO_OK; i++) {
        status = add_operand(m, copy_of(written[i]));
    }
    if (status == LEGO_OK) {
        program_forget_feeds(p);
    }
    return status;
}

/* What the caller has asked for of all that the loop gives; the variables come last. */
static void hand_out(const scan_making *m, lego_tensor **all, int count, lego_tensor **outputs) {
    int written = (int)m->written.count;
    for (int i = 0; i < m->asked; i++) {
        outputs[i] = lego_tensor_retain(all[m->places[i]]);
    }
    for (int i = 0; i < written; i++) {
        outputs[m->asked + i] = lego_tensor_retain(all[count - written + i]);
    }
    tensors_release(all, count);
}

static lego_status apply(scan_making *m, scan_attributes a, lego_tensor **outputs, int room,
                         int *output_count) {
    int asked = m->asked + (int)m->written.count;
    const scan_body *b = scan_body_of(&((lego_tensor **)m->operands.items)[0]->array);
    a.outputs = (int64_t)m->results.count + (int64_t)m->written.count;
    size_t bytes = sizeof(lego_tensor *) * (size_t)a.outputs;
    if (asked > room || asked == 0) {
        return fail(LEGO_BAD_VALUE, "scan: room for %d outputs, but it makes %d", room, asked);
    }
    lego_tensor **all = memory_take(bytes);
    int count = 0;
    lego_status status = all ? lego_apply(scan_brick_for(b), m->operands.items,
                                          (int)m->operands.count, &a, all, (int)a.outputs, &count)
                             : LEGO_NO_MEMORY;
    if (status == LEGO_OK) {
        hand_out(m, all, count, outputs);
        *output_count = asked;
    }
    memory_give(all, bytes);
    return status;
}

static lego_status check_loop(const lego_program *body, int64_t length) {
    if (!body->recorder.capture || body->is_closed) {
        return fail(LEGO_BAD_VALUE, "scan: the body must be new, from lego_body_new()");
    }
    return length >= 0 ? LEGO_OK
                       : fail(LEGO_BAD_VALUE, "scan: %lld steps are none", (long long)length);
}

/* Without steps a carry is what it was before. */
static lego_status drop_doubles(scan_making *m, int64_t length) {
    m->asked = (int)m->results.count;
    m->places = record_arena_take(&m->body->records, (size_t)m->asked + 1, sizeof *m->places);
    if (!m->places) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < m->asked; i++) {
        m->places[i] = i;
    }
    if (length > 0) {
        scan_doubles_drop(m->body->program, &m->results, m->places);
        m->body->carry_count = body_carries(m->body->program);
    }
    return LEGO_OK;
}

static void close_making(scan_making *m) {
    scan_gradient_close(&m->gradient);
    tensor_list_free(&m->results);
    tensor_list_free(&m->kept);
    tensor_list_free(&m->written);
    tensor_list_free(&m->operands);
    scan_body_release(m->body);
}

lego_status lego_scan(lego_program *program, lego_tensor *const *results, int count, int64_t length,
                      bool is_reversed, lego_tensor **outputs, int room, int *output_count) {
    if (!program) {
        return fail(LEGO_BAD_VALUE, "scan: there is no body");
    }
    scan_making m = {
        .body = scan_body_new(program, length),
        .results.item_size = sizeof(lego_tensor *),
        .kept.item_size = sizeof(lego_tensor *),
        .written.item_size = sizeof(lego_tensor *),
        .operands.item_size = sizeof(lego_tensor *),
    };
    lego_status status = m.body ? LEGO_OK : LEGO_NO_MEMORY;
    if (status == LEGO_OK) {
        status = check_loop(program, length);
    }
    if (status == LEGO_OK) {
        status = take_results(&m, results, count);
    }
    if (status == LEGO_OK) {
        status = drop_doubles(&m, length);
    }
    if (status == LEGO_OK) {
        status = finish(&m);
    }
    if (status == LEGO_OK) {
        status = add_operands(&m);
    }
    if (status == LEGO_OK) {
        scan_attributes a = {.length = length, .is_reversed = is_reversed};
        status = apply(&m, a, outputs, room, output_count);
    }
    close_making(&m);
    return status;
}
