/* The refusals of gradient faces. */
#include "gradient_face.h"

#include "../core/error.h"

void context_fail(gradient_context *context, lego_status status, const char *sentence) {
    if (!context->status) {
        context->status = fail(status, "%s: %s", context->brick->name, sentence);
    }
}

void no_gradient(gradient_context *context) {
    context_fail(
        context, LEGO_NO_GRADIENT,
        "it has no gradient, but the result depends on it: keep it out of the loss, or pass "
        "its input through stop_gradient");
}
