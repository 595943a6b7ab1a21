/* One step of the backward pass: what a gradient face gets, and how it applies bricks. */
#include "gradient_context.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"

struct made {
    lego_tensor *tensor;
    made *former;
};

/* Takes ownership of the tensor, even when there is no memory to note it. */
static lego_tensor *note_made(gradient_context *step, lego_tensor *tensor) {
    made *note = memory_take(sizeof *note);
    if (!note) {
        lego_tensor_release(tensor);
        step->status = LEGO_NO_MEMORY;
        return NULL;
    }
    *note = (made){tensor, step->all_made};
    step->all_made = note;
    return tensor;
}

void context_apply_all(gradient_context *step, const char *name, lego_tensor *const *inputs,
                       int count, const void *attributes, lego_tensor **outputs, int output_count) {
    memset(outputs, 0, sizeof(lego_tensor *) * (size_t)output_count);
    if (step->status) {
        return;
    }
    int made_count = 0;
    step->status = lego_apply(lego_brick_find(name), inputs, count, attributes, outputs,
                              output_count, &made_count);
    for (int i = 0; i < made_count && !step->status; i++) {
        outputs[i] = note_made(step, outputs[i]);
    }
}

lego_tensor *context_apply(gradient_context *step, const char *name, lego_tensor *const *inputs,
                           int count, const void *attributes) {
    lego_tensor *result;
    context_apply_all(step, name, inputs, count, attributes, &result, 1);
    return result;
}

void context_fail(gradient_context *step, lego_status status, const char *sentence) {
    if (!step->status) {
        step->status = fail(status, "%s: %s", step->brick->name, sentence);
    }
}

void no_gradient(gradient_context *step) {
    context_fail(
        step, LEGO_NO_GRADIENT,
        "it has no gradient, but the result depends on it: keep it out of the loss, or pass "
        "its input through stop_gradient");
}

void context_close(gradient_context *step) {
    while (step->all_made) {
        made *note = step->all_made;
        step->all_made = note->former;
        lego_tensor_release(note->tensor);
        memory_give(note, sizeof *note);
    }
}
