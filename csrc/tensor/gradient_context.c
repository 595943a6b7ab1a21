/* How a gradient face applies bricks. */
#include "gradient_context.h"

#include <string.h>

#include "../core/memory.h"

struct made {
    lego_tensor *tensor;
    made *former;
};

lego_tensor *context_own(gradient_context *context, lego_tensor *tensor) {
    made *note = memory_take(sizeof *note);
    if (!note) {
        lego_tensor_release(tensor);
        context->status = LEGO_NO_MEMORY;
        return NULL;
    }
    *note = (made){tensor, context->all_made};
    context->all_made = note;
    return tensor;
}

void context_apply_brick(gradient_context *context, const lego_brick *brick,
                         lego_tensor *const *inputs, int count, const void *attributes,
                         lego_tensor **outputs, int output_count) {
    memset(outputs, 0, sizeof(lego_tensor *) * (size_t)output_count);
    if (context->status) {
        return;
    }
    int made_count = 0;
    context->status =
        lego_apply(brick, inputs, count, attributes, outputs, output_count, &made_count);
    for (int i = 0; i < made_count; i++) {
        outputs[i] = context_own(context, outputs[i]);
    }
}

void context_apply_all(gradient_context *context, const char *name, lego_tensor *const *inputs,
                       int count, const void *attributes, lego_tensor **outputs, int output_count) {
    context_apply_brick(context, lego_brick_find(name), inputs, count, attributes, outputs,
                        output_count);
}

lego_tensor *context_apply(gradient_context *context, const char *name, lego_tensor *const *inputs,
                           int count, const void *attributes) {
    lego_tensor *result;
    context_apply_all(context, name, inputs, count, attributes, &result, 1);
    return result;
}

void context_close(gradient_context *context) {
    while (context->all_made) {
        made *note = context->all_made;
        context->all_made = note->former;
        lego_tensor_release(note->tensor);
        memory_give(note, sizeof *note);
    }
}
