/* Tensors: an array, the storage it lies over, and the node of the brick that made it. */
#include "tensor.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "tape.h"

/* ---- storage ------------------------------------------------------------------------------ */

/* Storages of others whose last tensor is gone, linked to each other. Without a lock, so that a
 * fork in the middle leaves nothing locked in the child. */
static _Atomic(storage *) released;

static storage *storage_around(void *memory, size_t bytes, int64_t owner) {
    storage *s = memory_take(sizeof *s);
    if (s) {
        *s = (storage){.memory = memory, .bytes = bytes, .owner = owner};
        atomic_init(&s->references, 1);
        atomic_init(&s->version, 0);
    }
    return s;
}

storage *storage_new(size_t bytes) {
    void *memory = memory_take(bytes);
    storage *s = memory ? storage_around(memory, bytes, 0) : NULL;
    if (!s) {
        memory_give(memory, bytes);
    }
    return s;
}

storage *storage_retain(storage *s) {
    if (s) {
        atomic_fetch_add(&s->references, 1);
    }
    return s;
}

static void announce_release(storage *s) {
    s->next_released = atomic_load(&released);
    while (!atomic_compare_exchange_weak(&released, &s->next_released, s)) {
    }
}

void storage_release(storage *s) {
    if (!s || atomic_fetch_sub(&s->references, 1) > 1) {
        return;
    }
    if (s->owner) {
        announce_release(s);
        return;
    }
    memory_give(s->memory, s->bytes);
    memory_give(s, sizeof *s);
}

int lego_released_owners(int64_t *owners, int room) {
    int count = 0;
    storage *s = atomic_exchange(&released, NULL);
    while (s) {
        storage *next = s->next_released;
        if (count < room) {
            owners[count++] = s->owner;
            memory_give(s, sizeof *s);
        } else {
            announce_release(s); /* for the next call */
        }
        s = next;
    }
    return count;
}

/* ---- making tensors ----------------------------------------------------------------------- */

lego_tensor *tensor_over(const lego_array *array, storage *s, node *node, int output_index) {
    lego_tensor *x = memory_take(sizeof *x);
    if (!x) {
        return NULL;
    }
    memset(x, 0, sizeof *x);
    atomic_init(&x->references, 1);
    x->array = *array;
    x->storage = storage_retain(s);
    x->node = node_retain(node);
    x->output_index = output_index;
    return x;
}

lego_tensor *tensor_with_memory(const lego_array *array) {
    size_t bytes = (size_t)array_size(array) * lego_dtype_size(array->dtype);
    storage *s = storage_new(bytes);
    if (!s) {
        return NULL;
    }
    lego_array placed = *array;
    placed.data = s->memory;
    lego_tensor *x = tensor_over(&placed, s, NULL, 0);
    storage_release(s); /* x holds it now, or nothing does */
    return x;
}

lego_tensor *tensor_symbolic(const lego_array *array, uint64_t recording, int buffer) {
    storage *s = storage_around(NULL, 0, 0);
    if (!s) {
        return NULL;
    }
    s->symbolic_in = recording;
    s->buffer = buffer;
    lego_array unplaced = *array;
    unplaced.data = NULL;
    lego_tensor *x = tensor_over(&unplaced, s, NULL, 0);
    storage_release(s);
    return x;
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
        memory_give(s, sizeof *s); /* not announced: the memory stays the caller's */
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

/* Nobody but the variable itself lies over its memory: what is assigned to it shows nowhere else.
 */
static lego_tensor *copy_of_variable(lego_tensor *x) {
    lego_tensor *copy = NULL;
    int count = 0;
    lego_taping former = lego_tape(LEGO_TAPE_PAUSED);
    lego_apply(lego_brick_find("copy"), &x, 1, NULL, &copy, 1, &count);
    lego_tape(former);
    return copy;
}

lego_tensor *lego_tensor_detach(lego_tensor *x) {
    return x->is_variable ? copy_of_variable(x) : tensor_over(&x->array, x->storage, NULL, 0);
}

/* ---- references --------------------------------------------------------------------------- */

lego_tensor *lego_tensor_retain(lego_tensor *x) {
    if (x) {
        atomic_fetch_add(&x->references, 1);
    }
    return x;
}

/* Gives one reference back; a tensor without any joins the list of the dead. */
static lego_tensor *drop(lego_tensor *x, lego_tensor *dead) {
    if (!x || atomic_fetch_sub(&x->references, 1) > 1) {
        return dead;
    }
    x->next_dead = dead;
    return x;
}

static lego_tensor *drop_node(node *n, lego_tensor *dead) {
    if (!n || atomic_fetch_sub(&n->references, 1) > 1) {
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

/* A list and not a recursion: a history of 100,000 bricks may hang on one tensor. */
static void bury(lego_tensor *dead) {
    while (dead) {
        lego_tensor *gone = dead;
        dead = drop_node(gone->node, drop(gone->gradient, gone->next_dead));
        storage_release(gone->storage);
        memory_give(gone, sizeof *gone);
    }
}

bool lego_tensor_release(lego_tensor *x) {
    bury(drop(x, NULL));
    return atomic_load(&released) != NULL;
}

void node_release(node *n) {
    bury(drop_node(n, NULL));
}

void tensors_release(lego_tensor *const *tensors, int count) {
    for (int i = 0; i < count; i++) {
        lego_tensor_release(tensors[i]);
    }
}

/* ---- looking at them ---------------------------------------------------------------------- */

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
