/* Tensors: an array, the storage it lies over, and the node of the brick that made it. */
#ifndef LEGO_TENSOR_TENSOR_H
#define LEGO_TENSOR_TENSOR_H

#include "node.h"
#include "storage.h"

struct lego_tensor {
    atomic_int references;
    bool is_variable;
    bool is_trainable;
    bool is_asked;      /* lego_tensor_watch() asked for its gradient */
    bool is_in_storage; /* it lies in the block of its storage */
    lego_array array;
    storage *storage;      /* NULL in a ghost, a tensor of shape and history only */
    node *node;            /* the application that made it; NULL for leaves */
    int output_index;      /* which output of the node */
    lego_tensor *gradient; /* the sum of what lego_backward() left here */
    lego_tensor *next_dead;
};

/* A tensor with that layout over the storage, which it retains (NULL: a ghost); `node` is retained
 * too. array->data is taken as it is. */
lego_tensor *tensor_over(const lego_array *array, storage *s, node *node, int output_index);

/* A tensor of that layout over new memory, not cleared. */
lego_tensor *tensor_with_memory(const lego_array *array);

/* A symbolic tensor of that layout: the recording's program computes its numbers later. Its data
 * counts bytes from the start of a buffer that has no address yet. */
lego_tensor *tensor_symbolic(const lego_array *array, uint64_t recording, int buffer);

/* Releases count tensors, of which some may be NULL. */
void tensors_release(lego_tensor *const *tensors, int count);

node *node_retain(node *n);

/* The last reference frees the node and everything that only the node held. */
void node_release(node *n);

#endif
