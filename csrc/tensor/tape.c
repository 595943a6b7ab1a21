/* The tape: each application that gradients must pass through makes a node. */
#include "tape.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"

static _Thread_local lego_taping taping = LEGO_TAPE_ASKED;
static atomic_ullong nodes_created;

lego_taping lego_tape(lego_taping wish) {
    lego_taping former = taping;
    taping = wish;
    return former;
}

bool lego_tensor_is_watched(const lego_tensor *x) {
    bool is_watched_variable = x->is_trainable && taping == LEGO_TAPE_VARIABLES;
    return dtype_is_float(x->array.dtype) && (x->node || x->is_asked || is_watched_variable);
}

lego_status lego_tensor_watch(lego_tensor *x, bool watch) {
    if (watch && !dtype_is_float(x->array.dtype)) {
        return fail(LEGO_BAD_DTYPE,
                    "only float tensors have gradients, this one is %s: cast it to float32 first",
                    lego_dtype_name(x->array.dtype));
    }
    x->is_asked = watch;
    return LEGO_OK;
}

bool tape_wants(const lego_brick *brick, lego_tensor *const *x, int count) {
    if (taping == LEGO_TAPE_PAUSED || brick->flags & LEGO_WRITES) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (lego_tensor_is_watched(x[i])) {
            return true;
        }
    }
    return false;
}

/* What a node keeps of an input. It keeps the tensor when the gradient reads its numbers, and when
 * it is a watched leaf, since gradients find a leaf by its address. Else it keeps a ghost, so that
 * the memory of the numbers is free for others. */
static lego_tensor *kept_input(const lego_brick *brick, int input, lego_tensor *x) {
    bool is_leaf = !x->node;
    bool keeps = brick_uses_input(brick, input) || (is_leaf && lego_tensor_is_watched(x));
    if (keeps) {
        return lego_tensor_retain(x);
    }
    lego_array layout = x->array;
    layout.data = NULL;
    return tensor_over(&layout, NULL, x->node, x->output_index);
}

/* One block holds the node and its lists. The widest elements come first, so that each list is
 * aligned. */
static node *node_allocate(const lego_call *call) {
    size_t inputs = (size_t)call->input_count;
    size_t outputs = (size_t)call->output_count;
    size_t attribute_bytes = sizeof(int64_t) * (size_t)brick_attribute_slots(call->brick);
    size_t bytes = sizeof(node) + outputs * (sizeof(lego_array) + sizeof(storage *)) +
                   inputs * (sizeof(lego_tensor *) + sizeof(unsigned) + sizeof(bool)) +
                   attribute_bytes;
    node *n = memory_take(bytes);
    if (!n) {
        return NULL;
    }
    memset(n, 0, bytes);
    atomic_init(&n->references, 1);
    n->bytes = bytes;
    n->brick = call->brick;
    n->input_count = call->input_count;
    n->output_count = call->output_count;
    n->y = (lego_array *)(n + 1);
    n->y_storage = (storage **)(n->y + outputs);
    n->x = (lego_tensor **)(n->y_storage + outputs);
    n->attributes = n->x + inputs;
    n->versions = (unsigned *)((char *)n->attributes + attribute_bytes);
    n->wanted = (bool *)(n->versions + inputs);
    memcpy(n->attributes, call->attributes, attribute_bytes);
    return n;
}

node *node_new(const lego_call *call, lego_tensor *const *x, lego_tensor *const *y) {
    node *n = node_allocate(call);
    if (!n) {
        return NULL;
    }
    for (int i = 0; i < n->input_count; i++) {
        n->wanted[i] = lego_tensor_is_watched(x[i]);
        n->versions[i] = x[i]->storage ? atomic_load(&x[i]->storage->version) : 0;
        n->x[i] = kept_input(n->brick, i, x[i]);
        if (!n->x[i]) {
            tensors_release(n->x, i);
            memory_give(n, n->bytes);
            return NULL;
        }
    }
    for (int i = 0; i < n->output_count; i++) {
        n->y[i] = y[i]->array;
        n->y_storage[i] = n->brick->flags & LEGO_USES_Y ? storage_retain(y[i]->storage) : NULL;
    }
    n->order = atomic_fetch_add(&nodes_created, 1);
    n->origin = origin_now();
    return n;
}
