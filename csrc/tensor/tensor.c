/* Tensors: an array, the storage it lies over, and the node of the brick that made it. */
#include "tensor.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"

/* ---- making tensors ----------------------------------------------------------------------- */

/* Field by field: to clear it first would take as long again. */
static lego_tensor *tensor_set(lego_tensor *x, const lego_array *array, storage *s) {
    atomic_init(&x->references, 1);
    x->is_variable = x->is_trainable = x->is_asked = x->is_in_storage = false;
    x->array = *array;
    x->storage = s;
    x->node = NULL;
    x->output_index = 0;
    x->gradient = NULL;
    return x;
}

/* Takes one reference to the storage; also without memory for the tensor. */
static lego_tensor *tensor_taking(const lego_array *array, storage *s) {
    lego_tensor *x = memory_take(sizeof *x);
    if (!x) {
        storage_release(s);
        return NULL;
    }
    return tensor_set(x, array, s);
}

lego_tensor *tensor_over(const lego_array *array, storage *s, node *node, int output_index) {
    lego_tensor *x = tensor_taking(array, storage_retain(s));
    if (x) {
        x->node = node_retain(node);
        x->output_index = output_index;
    }
    return x;
}

/* A storage and the tensor that it is made for, in one block. When the tensor goes, its place stays
 * empty until the storage goes, too, which views of it may hold. */
typedef struct storage_of_tensor {
    storage storage;
    lego_tensor tensor;
} storage_of_tensor;

lego_tensor *tensor_with_memory(const lego_array *array) {
    size_t bytes = (size_t)array_size(array) * lego_dtype_size(array->dtype);
    storage *s = storage_new(sizeof(storage_of_tensor), bytes);
    if (!s) {
        return NULL;
    }
    lego_tensor *x = tensor_set(&((storage_of_tensor *)s)->tensor, array, s);
    x->array.data = s->memory;
    x->is_in_storage = true;
    return x;
}

lego_tensor *tensor_symbolic(const lego_array *array, uint64_t recording, int buffer) {
    storage *s = storage_around(NULL, 0, 0);
    if (!s) {
        return NULL;
    }
    s->symbolic_in = recording;
    s->buffer = buffer;
    lego_array layout = *array;
    layout.data = NULL;
    return tensor_taking(&layout, s);
}

lego_tensor *lego_tensor_new(lego_dtype dtype, int rank, const int64_t *shape, const void *data) {
    if (array_check("tensor", dtype, rank, shape)) {
        return NULL;
    }
    lego_array array;
    array_set(&array, dtype, rank, shape);
    lego_tensor *x = tensor_with_memory(&array);
    if (x) {
        size_t bytes = (size_t)array_size(&array) * lego_dtype_size(dtype);
        if (data) {
            memcpy(x->array.data, data, bytes);
        } else {
            memset(x->array.data, 0, bytes);
        }
    }
    return x;
}

lego_tensor *lego_tensor_wrap(lego_dtype dtype, int rank, const int64_t *shape,
                              const int64_t *strides, void *data, int64_t owner) {
    if (array_check("tensor", dtype, rank, shape)) {
        return NULL;
    }
    if (owner == 0) {
        fail(LEGO_BAD_VALUE, "tensor: memory of the caller needs an owner other than 0");
        return NULL;
    }
    lego_array array;
    array_set(&array, dtype, rank, shape);
    for (int axis = 0; strides && axis < rank; axis++) {
        array.strides[axis] = strides[axis];
    }
    array.data = data;
    storage *s = storage_around(data, 0, owner);
    lego_tensor *x = s ? tensor_over(&array, s, NULL, 0) : NULL;
    if (x) {
        storage_release(s); /* x holds it now */
    } else {
        storage_discard(s); /* not announced: the memory stays the caller's */
    }
    return x;
}

lego_tensor *lego_variable_new(lego_dtype dtype, int rank, const int64_t *shape, const void *data,
                               bool trainable) {
    lego_tensor *x = lego_tensor_new(dtype, rank, shape, data);
    if (x) {
        x->is_variable = true;
        x->is_trainable = trainable;
        x->storage->is_variable = true;
    }
    return x;
}

/* ---- references --------------------------------------------------------------------------- */

lego_tensor *lego_tensor_retain(lego_tensor *x) {
    if (x) {
        atomic_fetch_add(&x->references, 1);
    }
    return x;
}

node *node_retain(node *n) {
    if (n) {
        atomic_fetch_add(&n->references, 1);
    }
    return n;
}

/* Drops one reference. A tensor without references is put in front of the list of dead tensors. */
static lego_tensor *drop(lego_tensor *x, lego_tensor *dead) {
    if (!x || !is_last_reference(&x->references)) {
        return dead;
    }
    x->next_dead = dead;
    return x;
}

/* The same for a node: the inputs that only it held are put in front. */
static lego_tensor *drop_node(node *n, lego_tensor *dead) {
    if (!n || !is_last_reference(&n->references)) {
        return dead;
    }
    for (int i = 0; i < n->input_count; i++) {
        dead = drop(n->x[i], dead);
    }
    for (int i = 0; i < n->output_count; i++) {
        storage_release(n->y_storage[i]);
    }
    memory_give(n, n->bytes);
    return dead;
}

/* A loop over a list instead of a recursion: one tensor may hold a history of 100,000 nodes. */
static void free_dead(lego_tensor *dead) {
    while (dead) {
        lego_tensor *gone = dead;
        bool is_in_storage = gone->is_in_storage; /* of which this may be the last moment */
        dead = drop_node(gone->node, drop(gone->gradient, gone->next_dead));
        storage_release(gone->storage);
        if (!is_in_storage) {
            memory_give(gone, sizeof *gone);
        }
    }
}

bool lego_tensor_release(lego_tensor *x) {
    free_dead(drop(x, NULL));
    return storage_any_released();
}

void node_release(node *n) {
    free_dead(drop_node(n, NULL));
}

void tensors_release(lego_tensor *const *tensors, int count) {
    for (int i = 0; i < count; i++) {
        lego_tensor_release(tensors[i]);
    }
}

/* ---- queries ------------------------------------------------------------------------------- */

lego_dtype lego_tensor_dtype(const lego_tensor *x) {
    return x->array.dtype;
}

int lego_tensor_rank(const lego_tensor *x) {
    return x->array.rank;
}

const int64_t *lego_tensor_shape(const lego_tensor *x) {
    return x->array.shape;
}

const int64_t *lego_tensor_strides(const lego_tensor *x) {
    return x->array.strides;
}

int64_t lego_tensor_size(const lego_tensor *x) {
    return array_size(&x->array);
}

void *lego_tensor_data(const lego_tensor *x) {
    return x->array.data;
}

bool lego_tensor_is_variable(const lego_tensor *x) {
    return x->is_variable;
}

bool lego_tensor_is_symbolic(const lego_tensor *x) {
    return x->storage && x->storage->symbolic_in;
}

void lego_variable_set_trainable(lego_tensor *variable, bool trainable) {
    variable->is_trainable = variable->is_variable && trainable;
}
