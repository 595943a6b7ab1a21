/* One step of the walk back: what a gradient face gets, and how it applies bricks. */
#include "step.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"

struct made {
    lego_tensor *tensor;
    made *former;
};

/* Takes ownership of the tensor, even when there is no memory to note it. */
static lego_tensor *note_made(lego_step *step, lego_tensor *tensor) {
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

void step_apply_all(lego_step *step, const char *name, lego_tensor *const *inputs, int count,
                    const void *attributes, lego_tensor **outputs, int output_count) {
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

lego_tensor *step_apply(lego_step *step, const char *name, lego_tensor *const *inputs, int count,
                        const void *attributes) {
    lego_tensor *result;
    step_apply_all(step, name, inputs, count, attributes, &result, 1);
    return result;
}

void step_fail(lego_step *step, lego_status status, const char *sentence) {
    if (!step->status) {
        step->status = fail(status, "%s: %s", step->brick->name, sentence);
    }
}

void no_gradient(lego_step *step) {
    step_fail(step, LEGO_NO_GRADIENT,
              "it has no gradient, but the result depends on it: keep it out of the loss, or pass "
              "its input through stop_gradient");
}

void step_close(lego_step *step) {
    while (step->all_made) {
        made *note = step->all_made;
        step->all_made = note->former;
        lego_tensor_release(note->tensor);
        memory_give(note, sizeof *note);
    }
}
