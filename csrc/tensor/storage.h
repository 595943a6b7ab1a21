/* Storages: memory that several tensors may share. */
#ifndef LEGO_TENSOR_STORAGE_H
#define LEGO_TENSOR_STORAGE_H

#include <stdatomic.h>

#include "../core/array.h"
#include "../core/kept.h"

/* Memory that one or more tensors lie over; freed with the last of them. */
typedef struct storage {
    atomic_int references;
    atomic_uint version; /* counts the writes, so that the backward pass notices one */
    void *memory;
    size_t bytes;
    int64_t owner;         /* 0: the engine's memory; else the caller's, named by this number */
    void (*give)(void *);  /* how memory that holds no numbers is given back; else NULL */
    uint64_t symbolic_in;  /* the recording whose program fills it; 0: it holds numbers */
    int buffer;            /* its number there */
    bool is_variable;      /* bricks may write it */
    bool is_joined;        /* its memory follows in the same block */
    uint16_t record_bytes; /* of that block, without such memory: see storage_new() */
    _Atomic(kept *) kept;  /* what kernels made of the numbers; NULL: they keep nothing */
    struct storage *next_released;
} storage;

/* A storage of the engine's memory, not cleared, at the start of a record of so many bytes. The
 * rest of the record is the caller's, as long as the storage lives. */
storage *storage_new(size_t record_bytes, size_t bytes);

/* A storage around memory that exists already. */
storage *storage_around(void *memory, size_t bytes, int64_t owner);

/* Drops a reference; true where it was the last one. Nobody takes a reference from the holder of
 * the only one, who therefore need not write it back. */
static inline bool is_last_reference(atomic_int *references) {
    return atomic_load(references) == 1 || atomic_fetch_sub(references, 1) == 1;
}

storage *storage_retain(storage *s);
void storage_release(storage *s);

/* Frees the record of a storage that no tensor holds; its memory stays the caller's. */
void storage_discard(storage *s);

/* What kernels keep that read its numbers: a variable's, of which all writes are counted. Other
 * tensors may be written through DLPack: NULL, as where there is no memory. */
kept *storage_kept(storage *s);

/* Whether memory of callers waits for lego_released_owners(). */
bool storage_any_released(void);

#endif
