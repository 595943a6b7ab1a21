/* The reachable nodes of a backward pass: the nodes that gradients pass through, and where they
 * gather. */
#ifndef LEGO_TENSOR_REACHABLE_H
#define LEGO_TENSOR_REACHABLE_H

#include "../core/list.h"
#include "tape.h"

/* A gradient that is being gathered: for a leaf, or for one output of a node. */
typedef struct gradient_slot {
    lego_tensor *gradient; /* owned; NULL while nothing has arrived */
    bool is_source;        /* somebody waits for it: it outlives the node's turn */
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
    list nodes;  /* of stop, youngest first */
    list leaves; /* of leaf, sorted by address: those whose gradient is asked for */
    gradient_slot *slots;
    size_t slot_count;
} reachable;

/* Finds the way from the targets to the sources (to every watched leaf when `sources` is NULL).
 * To be closed also after a failure. */
lego_status reachable_open(reachable *r, lego_tensor *const *targets, int target_count,
                           lego_tensor *const *sources, int source_count);
void reachable_close(reachable *r);

static inline reachable_node *reachable_node_at(const reachable *r, size_t index) {
    return (reachable_node *)r->nodes.items + index;
}

static inline leaf *reachable_leaf_at(const reachable *r, size_t index) {
    return (leaf *)r->leaves.items + index;
}

/* Where x's gradient gathers; NULL when it lies off the reachable nodes. */
gradient_slot *gradient_slot_of(const reachable *r, const lego_tensor *x);

/* Whether a gradient handed to x reaches a source. */
bool leads_to_source_of(const reachable *r, const lego_tensor *x);

#endif
