/* The tape: each application that gradients must pass through leaves a node, which its outputs
 * hold. A node is created after the nodes of its inputs, so that creation order is a topological
 * order: the backward pass needs no sort and no recursion. */
#ifndef LEGO_TENSOR_TAPE_H
#define LEGO_TENSOR_TAPE_H

#include "brick.h"
#include "recorder.h"
#include "tensor.h"

struct node {
    atomic_int references;
    uint64_t order; /* creation number, over all threads */
    origin origin;  /* so that the backward pass knows whose gradient it records */
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
};

/* Whether an application of the brick to x[count] has to be written down now. */
bool tape_wants(const lego_brick *brick, lego_tensor *const *x, int count);

/* The node of that application; its outputs y[output_count] are linked to it by the caller, who
 * owns the one reference that comes back. */
node *node_new(const lego_call *call, lego_tensor *const *x, lego_tensor *const *y);

node *node_retain(node *n);

/* The last reference gives back the node and all that only it held. */
void node_release(node *n);

#endif
