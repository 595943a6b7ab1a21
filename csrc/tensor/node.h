/* Nodes: what the tape keeps of one application, for the backward pass.
 *
 * Ownership: a tensor holds the node that made it, and a node holds its inputs. So a tensor holds
 * its whole history, and nothing in a history holds a later tensor: there are no cycles. */
#ifndef LEGO_TENSOR_NODE_H
#define LEGO_TENSOR_NODE_H

#include "origin.h"
#include "storage.h"

typedef struct node {
    atomic_int references;
    uint64_t order; /* creation number, over all threads */
    origin origin;  /* the backward pass records its ops under the same label */
    size_t bytes;
    const lego_brick *brick;
    int input_count;
    int output_count;
    lego_tensor **x;     /* the inputs; ghosts where the gradient does not read their numbers */
    unsigned *versions;  /* of x's storages when they were read */
    bool *wanted;        /* whether gradients flow to x[i] */
    lego_array *y;       /* the outputs' layouts */
    storage **y_storage; /* kept only where the gradient reads y; else NULL */
    void *attributes;
} node;

#endif
