/* Storages: memory that several tensors may share. */
#include "storage.h"

#include "../core/memory.h"

/* Storages of callers' memory whose last tensor is gone, as a linked list. The list has no lock, so
 * that a fork in the middle of a change leaves nothing locked in the child. */
static _Atomic(storage *) released;

/* Few bytes lie behind the record of their storage: one block to take and to give back. Up to 512
 * bytes blocks come in steps of 64, so that one is as large as two would be. */
enum { MOST_JOINED = 512 - 64, RECORD_BYTES = (sizeof(storage) + 63) / 64 * 64 };

static void storage_set(storage *s, void *memory, size_t bytes, int64_t owner) {
    *s = (storage){.memory = memory, .bytes = bytes, .owner = owner};
    atomic_init(&s->references, 1);
    atomic_init(&s->version, 0);
}

storage *storage_around(void *memory, size_t bytes, int64_t owner) {
    storage *s = memory_take(sizeof *s);
    if (s) {
        storage_set(s, memory, bytes, owner);
    }
    return s;
}

static storage *storage_joined(size_t bytes) {
    storage *s = memory_take(RECORD_BYTES + bytes);
    if (s) {
        storage_set(s, (char *)s + RECORD_BYTES, bytes, 0);
        s->is_joined = true;
    }
    return s;
}

storage *storage_new(size_t bytes) {
    if (bytes <= MOST_JOINED) {
        return storage_joined(bytes);
    }
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
    if (s->is_joined) {
        memory_give(s, RECORD_BYTES + s->bytes);
        return;
    }
    if (s->give) {
        s->give(s->memory);
    } else {
        memory_give(s->memory, s->bytes);
    }
    memory_give(s, sizeof *s);
}

void storage_discard(storage *s) {
    memory_give(s, sizeof *s);
}

bool storage_any_released(void) {
    return atomic_load(&released) != NULL;
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
