/* Tensors: an array, the storage it lies over, and the node of the brick that made it. */
#ifndef LEGO_TENSOR_TENSOR_H
#define LEGO_TENSOR_TENSOR_H

#include <stdatomic.h>

#include "../core/array.h"

/* Memory that several tensors may lie over; freed with the last of them. */
typedef struct storage {
    atomic_int references;
    atomic_uint version; /* counts the writes, so that the backward pass notices one */
    void *memory;
    size_t bytes;
    int64_t owner;        /* 0: our own memory; else the caller's, named by this number */
    uint64_t symbolic_in; /* the recording whose program will fill it; 0: it holds numbers */
    int buffer;           /* its number there */
    bool is_variable;     /* bricks may write it */
    struct storage *next_released;
} storage;

typedef struct node node;

struct lego_tensor {
    atomic_int references;
    bool is_variable;
    bool is_trainable;
    bool is_asked; /* its gradient was asked for by name */
    lego_array array;
    storage *storage;      /* NULL in a ghost: shape and history without numbers */
    node *node;            /* the application that made it; NULL for leaves */
    int output_index;      /* which output of the node */
    lego_tensor *gradient; /* what lego_backward() left here */
    lego_tensor *next_dead;
};

storage *storage_new(size_t bytes);
storage *storage_retain(storage *s);
void storage_release(storage *s);

/* A tensor with that layout over the storage, which it retains (NULL: a ghost); `node` is retained
 * too. array->data is taken as it is. */
lego_tensor *tensor_over(const lego_array *array, storage *s, node *node, int output_index);

/* A tensor of that layout over memory of its own, not cleared. */
lego_tensor *tensor_with_memory(const lego_array *array);

/* A tensor of that layout without numbers: a program is going to make them. Its data counts bytes
 * from the start of a home that has no address yet. */
lego_tensor *tensor_symbolic(const lego_array *array, uint64_t recording, int buffer);

/* Releases count tensors, of which some may be NULL. */
void tensors_release(lego_tensor *const *tensors, int count);

#endif
