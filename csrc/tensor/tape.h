/* The tape: each application that gradients must pass through makes a node, which its outputs
 * hold. A node is created after the nodes of its inputs, so creation order is a topological order:
 * the backward pass needs no sort and no recursion. */
#ifndef LEGO_TENSOR_TAPE_H
#define LEGO_TENSOR_TAPE_H

#include "brick.h"
#include "tensor.h"

/* Whether the application of the brick to x[count] needs a node. */
bool tape_wants(const lego_brick *brick, lego_tensor *const *x, int count);

/* A node for that application. The caller sets the node in the outputs y[output_count], and owns
 * the reference that is returned. */
node *node_new(const lego_call *call, lego_tensor *const *x, lego_tensor *const *y);

#endif
