/* The reachable nodes of a backward pass: the nodes between targets and sources, and the slots
 * where their gradients are summed. */
#ifndef LEGO_TENSOR_REACHABLE_H
#define LEGO_TENSOR_REACHABLE_H

#include "../core/list.h"
#include "tensor.h"

/* The sum of the gradients of a leaf, or of one output of a node. */
typedef struct gradient_slot {
    lego_tensor *gradient; /* owned; NULL while nothing has arrived */
    bool is_source;        /* the caller wants it: it stays after the node has run */
} gradient_slot;

typedef struct leaf {
    lego_tensor *tensor; /* borrowed: the caller or a node holds it */
    gradient_slot slot;
} leaf;

typedef struct reachable_node {
    node *node;           /* borrowed: the targets hold the whole history */
    gradient_slot *slots; /* one per output */
    bool leads_to_source;
} reachable_node;

typedef struct reachable {
    list nodes;  /* of reachable_node, youngest first */
    list leaves; /* of leaf, sorted by address: the sources without a node */
    gradient_slot *slots;
    size_t slot_count;
} reachable;

/* Finds the nodes between the targets and the sources (every watched leaf when `sources` is NULL).
 * Must be closed after a failure, too. */
lego_status reachable_open(reachable *r, lego_tensor *const *targets, int target_count,
                           lego_tensor *const *sources, int source_count);
void reachable_close(reachable *r);

static inline reachable_node *reachable_node_at(const reachable *r, size_t index) {
    return (reachable_node *)r->nodes.items + index;
}

static inline leaf *reachable_leaf_at(const reachable *r, size_t index) {
    return (leaf *)r->leaves.items + index;
}

/* The entry of a node, and of a leaf; NULL when it is not among them. */
reachable_node *reachable_find(const reachable *r, const node *n);
leaf *reachable_find_leaf(const reachable *r, const lego_tensor *x);

/* The slot of x; NULL when x is not between targets and sources. */
gradient_slot *gradient_slot_of(const reachable *r, const lego_tensor *x);

/* Whether a gradient of x reaches a source. */
bool leads_to_source_of(const reachable *r, const lego_tensor *x);

#endif
