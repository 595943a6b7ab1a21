/* Gradients that the caller computes: lego_with_gradient().
 *
 *     y = value                     a view of it: nothing is computed, now or in a program
 *     dx_i = what `compute` makes   of dy, by applying bricks: it is recorded and differentiated
 *                                   again as the gradient face of a brick is
 *
 * The inputs are the value, a tensor whose storage belongs to the owner (so the owner is let go
 * with the node), and the tensors whose gradients are computed. */
#include "custom_gradient.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "gradient_context.h"

enum { VALUE = 0, OWNER = 1, FIRST = 2 };

typedef struct custom_attributes {
    int64_t owner;
} custom_attributes;

typedef lego_status compute_face(int64_t owner, lego_tensor *dy, const bool *wanted, int count,
                                 lego_tensor **dx);
static compute_face *compute;

void lego_set_gradient_caller(compute_face *function) {
    compute = function;
}

static lego_status custom_shape(const lego_call *call) {
    const lego_array *value = call->x[VALUE];
    array_set(&call->y[0], value->dtype, value->rank, value->shape);
    memcpy(call->y[0].strides, value->strides, sizeof(int64_t) * (size_t)value->rank);
    call->views[0].is_view = true;
    return LEGO_OK;
}

/* Never called: y is a view. */
static lego_status custom_kernel(const lego_call *call) {
    (void)call;
    return LEGO_OK;
}

static void custom_gradient(gradient_context *g) {
    const custom_attributes *a = g->attributes;
    int count = g->input_count - FIRST;
    if (!compute) {
        context_fail(g, LEGO_NO_GRADIENT, "nobody computes the gradients of lego_with_gradient()");
        return;
    }
    g->status = compute(a->owner, g->dy[0], g->wanted + FIRST, count, g->dx + FIRST);
    for (int i = FIRST; i < g->input_count; i++) {
        g->dx[i] = g->dx[i] ? context_own(g, g->dx[i]) : NULL;
    }
}

static const lego_brick custom_brick = {
    .name = "with_gradient",
    .formula = "y = value",
    .inputs = -1,
    .outputs = 1,
    .types = ".",
    .uses = ".n.",
    .flags = LEGO_VIEWS | LEGO_ANY_DTYPE,
    .shape = custom_shape,
    .kernel = custom_kernel,
    .gradient = custom_gradient,
    .attributes = {{"owner", LEGO_INT}},
};

lego_tensor *lego_with_gradient(lego_tensor *value, lego_tensor *const *inputs, int count,
                                int64_t owner) {
    static const bool nothing;
    count = count > 0 ? count : 0;
    size_t bytes = sizeof(lego_tensor *) * ((size_t)count + FIRST);
    lego_tensor **all = memory_take(bytes);
    lego_tensor *held = lego_tensor_wrap(LEGO_BOOL, 0, NULL, NULL, (void *)&nothing, owner);
    lego_tensor *y = NULL;
    if (all && held) {
        all[VALUE] = value;
        all[OWNER] = held;
        for (int i = 0; i < count; i++) {
            all[FIRST + i] = inputs[i];
        }
        custom_attributes a = {owner};
        int made = 0;
        lego_apply(&custom_brick, all, FIRST + count, &a, &y, 1, &made);
    }
    lego_tensor_release(held);
    if (all) {
        memory_give(all, bytes);
    }
    return y;
}
