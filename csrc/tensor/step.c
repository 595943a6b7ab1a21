/* One step of the walk back: what a gradient face gets, and how it applies bricks. */
#include "step.h"

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

lego_tensor *step_apply(lego_step *step, const char *name, lego_tensor *const *inputs, int count,
                        const void *attributes) {
    if (step->status) {
        return NULL;
    }
    lego_tensor *result = NULL;
    int outputs = 0;
    step->status =
        lego_apply(lego_brick_find(name), inputs, count, attributes, &result, 1, &outputs);
    return step->status ? NULL : note_made(step, result);
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
