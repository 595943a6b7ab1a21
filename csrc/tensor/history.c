/* The history of a tensor, for print-outs: the nodes of its tape and what each of them keeps. */
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "brick.h"
#include "reachable.h"

struct lego_history {
    lego_tensor *x; /* retained: it holds all nodes */
    reachable found;
};

lego_history *lego_tensor_history(lego_tensor *x) {
    lego_history *h = memory_take(sizeof *h);
    if (!h) {
        return NULL;
    }
    h->x = lego_tensor_retain(x);
    if (reachable_open(&h->found, &x, 1, NULL, 0)) {
        lego_history_free(h);
        return NULL;
    }
    return h;
}

void lego_history_free(lego_history *h) {
    if (h) {
        reachable_close(&h->found);
        lego_tensor_release(h->x);
        memory_give(h, sizeof *h);
    }
}

int lego_history_count(const lego_history *h) {
    return (int)h->found.nodes.count;
}

lego_status lego_history_node(const lego_history *h, int index, lego_node_info *info) {
    if (index < 0 || index >= lego_history_count(h)) {
        return fail(LEGO_BAD_INDEX, "the history has no node %d", index);
    }
    const node *n = reachable_node_at(&h->found, (size_t)index)->node;
    *info = (lego_node_info){n->brick, n->input_count, n->output_count};
    return LEGO_OK;
}

static void set_layout(lego_node_operand *info, const lego_array *array) {
    info->dtype = array->dtype;
    info->rank = array->rank;
    memcpy(info->shape, array->shape, sizeof(int64_t) * (size_t)array->rank);
}

/* The position of the node that made it, or of the leaf; -1 for what gradients do not reach. */
static void set_origin(lego_node_operand *info, const lego_history *h, const lego_tensor *x) {
    if (x->node) {
        info->node = (int)(reachable_find(&h->found, x->node) - reachable_node_at(&h->found, 0));
    } else {
        info->leaf = (int)(reachable_find_leaf(&h->found, x) - reachable_leaf_at(&h->found, 0));
    }
    info->output = x->output_index;
}

lego_status lego_history_operand(const lego_history *h, int index, int which,
                                 lego_node_operand *info) {
    lego_node_info of = {0};
    lego_status status = lego_history_node(h, index, &of);
    if (status) {
        return status;
    }
    if (which < 0 || which >= of.inputs + of.outputs) {
        return fail(LEGO_BAD_INDEX, "node %d has no operand %d", index, which);
    }
    const node *n = reachable_node_at(&h->found, (size_t)index)->node;
    *info = (lego_node_operand){.node = -1, .leaf = -1};
    if (which >= of.inputs) {
        set_layout(info, &n->y[which - of.inputs]);
        info->keeps_numbers = n->y_storage[which - of.inputs] != NULL;
        return LEGO_OK;
    }
    set_layout(info, &n->x[which]->array);
    info->keeps_numbers = brick_uses_input(n->brick, which);
    if (n->wanted[which]) {
        set_origin(info, h, n->x[which]);
    }
    return LEGO_OK;
}
