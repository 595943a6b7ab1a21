/* Storages: memory that several tensors may share. */
#ifndef LEGO_TENSOR_STORAGE_H
#define LEGO_TENSOR_STORAGE_H

#include <stdatomic.h>

#include "../core/array.h"

/* Memory that one or more tensors lie over; freed with the last of them. */
typedef struct storage {
    atomic_int references;
    atomic_uint version; /* counts the writes, so that the backward pass notices one */
    void *memory;
    size_t bytes;
    int64_t owner;        /* 0: the engine's memory; else the caller's, named by this number */
    void (*give)(void *); /* how memory that holds no numbers is given back; else NULL */
    uint64_t symbolic_in; /* the recording whose program fills it; 0: it holds numbers */
    int buffer;           /* its number there */
    bool is_variable;     /* bricks may write it */
    bool is_joined;       /* its memory follows in the same block */
    struct storage *next_released;
} storage;

/* A storage of the engine's memory, not cleared. */
storage *storage_new(size_t bytes);

/* A storage around memory that exists already. */
storage *storage_around(void *memory, size_t bytes, int64_t owner);

storage *storage_retain(storage *s);
void storage_release(storage *s);

/* Frees the record of a storage that no tensor holds; its memory stays the caller's. */
void storage_discard(storage *s);

/* Whether memory of callers waits for lego_released_owners(). */
bool storage_any_released(void);

#endif
