/* The route of a walk back: the nodes that gradients pass through, and where they gather. */
#ifndef LEGO_TENSOR_ROUTE_H
#define LEGO_TENSOR_ROUTE_H

#include "../core/list.h"
#include "tape.h"

/* A gradient that is being gathered: for a leaf, or for one output of a node. */
typedef struct place {
    lego_tensor *gradient; /* owned; NULL while nothing has arrived */
    bool is_source;        /* somebody waits for it: it outlives the node's turn */
} place;

typedef struct leaf {
    lego_tensor *tensor; /* borrowed: the caller or a node holds it */
    place place;
} leaf;

typedef struct stop {
    node *node;    /* borrowed: the targets hold the whole history */
    place *places; /* one per output */
    bool leads_to_source;
} stop;

typedef struct route {
    list stops;  /* of stop, youngest first */
    list leaves; /* of leaf, sorted by address: those whose gradient is asked for */
    place *places;
    size_t place_count;
} route;

/* Finds the way from the targets to the sources (to every watched leaf when `sources` is NULL).
 * To be closed also after a failure. */
lego_status route_open(route *r, lego_tensor *const *targets, int target_count,
                       lego_tensor *const *sources, int source_count);
void route_close(route *r);

static inline stop *route_stop(const route *r, size_t index) {
    return (stop *)r->stops.items + index;
}

static inline leaf *route_leaf(const route *r, size_t index) {
    return (leaf *)r->leaves.items + index;
}

/* Where x's gradient gathers; NULL when it lies off the route. */
place *route_place(const route *r, const lego_tensor *x);

/* Whether a gradient handed to x reaches a source. */
bool route_leads_to_source(const route *r, const lego_tensor *x);

#endif
