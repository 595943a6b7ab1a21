/* The backward pass: gradients flow from the targets through the reachable nodes to the sources.
 *
 *     slot of each target       = its seed, or ones
 *     for each node, youngest first:
 *         dx                    = gradient face(x, y, dy)
 *         slot of each input x += dx
 *
 * A gradient face applies bricks. So gradients are ordinary tensors: they can be recorded in a
 * program, and differentiated again. */
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "gradient_context.h"
#include "reachable.h"

/* slot += gradient. The sum is made by the brick "add", so that it can be recorded and
 * differentiated, too. */
static lego_status accumulate(gradient_slot *slot, lego_tensor *gradient) {
    if (!slot->gradient) {
        slot->gradient = lego_tensor_retain(gradient);
        return LEGO_OK;
    }
    lego_tensor *both[] = {slot->gradient, gradient};
    lego_tensor *sum = NULL;
    int count = 0;
    lego_status status = lego_apply(lego_brick_find("add"), both, 2, NULL, &sum, 1, &count);
    if (status == LEGO_OK) {
        lego_tensor_release(slot->gradient);
        slot->gradient = sum;
    }
    return status;
}

/* ---- one node ----------------------------------------------------------------------------- */

static lego_status check_versions(const node *n) {
    for (int i = 0; i < n->input_count; i++) {
        bool was_read = brick_uses_input(n->brick, i) && n->x[i]->storage;
        if (was_read && atomic_load(&n->x[i]->storage->version) != n->versions[i]) {
            return fail(LEGO_NO_GRADIENT,
                        "%s: input %d of shape %s was assigned to after it had been used, so its "
                        "gradient would be wrong: take the gradient before you assign",
                        n->brick->name, i, array_text(&n->x[i]->array));
        }
    }
    return LEGO_OK;
}

/* dx in the shape of the input: where the input was broadcast, dx is summed over those axes. */
static lego_tensor *fit_to_input(gradient_context *context, int input) {
    lego_tensor *dx = context->dx[input];
    const lego_array *x = &context->x[input]->array;
    if (array_same_shape(&dx->array, x)) {
        return dx;
    }
    if (!(context->brick->flags & LEGO_BROADCASTS)) {
        context_fail(context, LEGO_BAD_SHAPE, "its gradient face made a gradient of another shape");
        return NULL;
    }
    lego_ints shape = {.count = x->rank};
    memcpy(shape.values, x->shape, sizeof(int64_t) * (size_t)x->rank);
    return context_apply(context, "sum_to", &dx, 1, &shape);
}

/* Adds each dx to the slot of its input. */
static lego_status add_to_inputs(const reachable *r, gradient_context *context) {
    for (int i = 0; i < context->input_count && !context->status; i++) {
        if (!context->wanted[i] || !context->dx[i]) {
            continue;
        }
        lego_tensor *dx = fit_to_input(context, i);
        if (dx) {
            context->status = accumulate(gradient_slot_of(r, context->x[i]), dx);
        }
    }
    return context->status;
}

/* The lists that a gradient face reads and writes for one node, in one block. */
typedef struct node_pass {
    lego_tensor **y;
    lego_tensor **dy;
    lego_tensor **dx;
    bool *wanted;
    void *block;
    size_t bytes;
} node_pass;

static bool node_pass_open(node_pass *s, const reachable *r, const reachable_node *at) {
    const node *n = at->node;
    size_t inputs = (size_t)n->input_count;
    size_t outputs = (size_t)n->output_count;
    s->bytes = (2 * outputs + inputs) * sizeof(lego_tensor *) + inputs * sizeof(bool);
    s->block = memory_take(s->bytes);
    if (!s->block) {
        return false;
    }
    memset(s->block, 0, s->bytes);
    s->y = s->block;
    s->dy = s->y + outputs;
    s->dx = s->dy + outputs;
    s->wanted = (bool *)(s->dx + inputs);
    for (int i = 0; i < n->input_count; i++) {
        s->wanted[i] = n->wanted[i] && leads_to_source_of(r, n->x[i]);
    }
    for (int i = 0; i < n->output_count; i++) {
        lego_array layout = n->y[i];
        layout.data = n->y_storage[i] ? layout.data : NULL;
        s->dy[i] = at->slots[i].gradient;
        s->y[i] = tensor_over(&layout, n->y_storage[i], at->node, i);
        if (!s->y[i]) {
            return false;
        }
    }
    return true;
}

static void node_pass_close(node_pass *s, int output_count) {
    if (s->block) {
        tensors_release(s->y, output_count);
        memory_give(s->block, s->bytes);
    }
}

static bool has_gradient(const reachable_node *at) {
    for (int i = 0; i < at->node->output_count; i++) {
        if (at->slots[i].gradient) {
            return true;
        }
    }
    return false;
}

static lego_status run_node(const reachable *r, const reachable_node *at) {
    node *n = at->node;
    lego_status status = check_versions(n);
    node_pass s = {.block = NULL};
    if (status == LEGO_OK && !node_pass_open(&s, r, at)) {
        status = LEGO_NO_MEMORY;
    }
    if (status == LEGO_OK) {
        gradient_context context = {
            .brick = n->brick,
            .attributes = n->attributes,
            .x = n->x,
            .input_count = n->input_count,
            .y = s.y,
            .output_count = n->output_count,
            .dy = s.dy,
            .wanted = s.wanted,
            .dx = s.dx,
        };
        origin former = origin_set((origin){n->origin.label, true});
        n->brick->gradient(&context);
        status = add_to_inputs(r, &context);
        context_close(&context);
        origin_set(former);
    }
    node_pass_close(&s, n->output_count);
    return status;
}

/* Releases the gradients of the node's outputs as soon as it has run, except those of sources. */
static void release_gradients(const reachable_node *at) {
    for (int i = 0; i < at->node->output_count; i++) {
        if (!at->slots[i].is_source) {
            lego_tensor_release(at->slots[i].gradient);
            at->slots[i].gradient = NULL;
        }
    }
}

/* ---- all nodes ---------------------------------------------------------------------------- */

static lego_tensor *ones_like(const lego_tensor *x) {
    struct {
        lego_ints shape;
        double value;
        int64_t dtype;
    } attributes = {.shape.count = x->array.rank, .value = 1, .dtype = x->array.dtype};
    memcpy(attributes.shape.values, x->array.shape, sizeof x->array.shape);
    lego_tensor *ones = NULL;
    int count = 0;
    lego_apply(lego_brick_find("full"), NULL, 0, &attributes, &ones, 1, &count);
    return ones;
}

static lego_status check_seed(const lego_tensor *target, const lego_tensor *seed) {
    if (!array_same_shape(&target->array, &seed->array) ||
        target->array.dtype != seed->array.dtype) {
        return fail(LEGO_BAD_SHAPE,
                    "the gradient that comes in must look like the target: %s of shape %s, got %s "
                    "of shape %s",
                    lego_dtype_name(target->array.dtype), array_text(&target->array),
                    lego_dtype_name(seed->array.dtype), array_text(&seed->array));
    }
    return LEGO_OK;
}

/* slot of the target += seed; NULL stands for ones. */
static lego_status add_seed(const reachable *r, lego_tensor *target, lego_tensor *seed) {
    gradient_slot *slot = gradient_slot_of(r, target);
    if (!slot) {
        return LEGO_OK; /* the target depends on no source */
    }
    lego_tensor *ones = seed ? NULL : ones_like(target);
    if (!seed && !ones) {
        return lego_last_status();
    }
    lego_status status = seed ? check_seed(target, seed) : LEGO_OK;
    if (status == LEGO_OK) {
        status = accumulate(slot, seed ? seed : ones);
    }
    lego_tensor_release(ones);
    return status;
}

static lego_status run_backward(const reachable *r, lego_tensor *const *targets,
                                lego_tensor *const *seeds, int target_count, bool record) {
    lego_taping former = lego_tape(record ? LEGO_TAPE_VARIABLES : LEGO_TAPE_PAUSED);
    lego_status status = LEGO_OK;
    for (int i = 0; i < target_count && !status; i++) {
        status = add_seed(r, targets[i], seeds ? seeds[i] : NULL);
    }
    for (size_t i = 0; i < r->nodes.count && !status; i++) {
        const reachable_node *at = reachable_node_at(r, i);
        if (at->leads_to_source && has_gradient(at)) {
            status = run_node(r, at);
        }
        release_gradients(at);
    }
    lego_tape(former);
    return status;
}

static lego_status check_tensors(lego_tensor *const *targets, int target_count,
                                 lego_tensor *const *sources, int source_count) {
    for (int i = 0; i < target_count; i++) {
        if (!targets[i]) {
            return fail(LEGO_BAD_VALUE, "gradients: target %d is NULL", i);
        }
    }
    for (int i = 0; i < source_count; i++) {
        if (!sources[i]) {
            return fail(LEGO_BAD_VALUE, "gradients: source %d is NULL", i);
        }
    }
    return LEGO_OK;
}

lego_status lego_gradients(lego_tensor *const *targets, lego_tensor *const *seeds, int target_count,
                           lego_tensor *const *sources, int source_count, bool record,
                           lego_tensor **gradients) {
    lego_status status = check_tensors(targets, target_count, sources, source_count);
    if (status) {
        return status;
    }
    reachable r;
    status = reachable_open(&r, targets, target_count, sources, source_count);
    if (status == LEGO_OK) {
        status = run_backward(&r, targets, seeds, target_count, record);
    }
    for (int i = 0; i < source_count && !status; i++) {
        const gradient_slot *slot = gradient_slot_of(&r, sources[i]);
        gradients[i] = slot ? lego_tensor_retain(slot->gradient) : NULL;
    }
    reachable_close(&r);
    return status;
}

/* tensor.gradient += the gradient in its slot */
static lego_status leave_gradient(leaf *l) {
    gradient_slot total = {.gradient = l->tensor->gradient};
    lego_status status = l->slot.gradient ? accumulate(&total, l->slot.gradient) : LEGO_OK;
    l->tensor->gradient = total.gradient;
    return status;
}

lego_status lego_backward(lego_tensor *x, lego_tensor *seed, bool record) {
    if (!x || !(x->node || x->is_asked)) {
        return fail(LEGO_NO_GRADIENT, "backward: this tensor depends on nothing whose gradient was "
                                      "asked for");
    }
    reachable r;
    lego_status status = reachable_open(&r, &x, 1, NULL, 0);
    if (status == LEGO_OK) {
        status = run_backward(&r, &x, seed ? &seed : NULL, 1, record);
    }
    for (size_t i = 0; i < r.leaves.count && !status; i++) {
        status = leave_gradient(reachable_leaf_at(&r, i));
    }
    reachable_close(&r);
    return status;
}

lego_tensor *lego_tensor_gradient(const lego_tensor *x) {
    return lego_tensor_retain(x->gradient);
}

void lego_tensor_forget_gradient(lego_tensor *x) {
    lego_tensor_release(x->gradient);
    x->gradient = NULL;
}
