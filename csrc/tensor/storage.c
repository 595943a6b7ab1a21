/* Storages: memory that several tensors may share. */
#include "storage.h"

#include "../core/memory.h"

/* Storages of callers' memory whose last tensor is gone, as a linked list. The list has no lock, so
 * that a fork in the middle of a change leaves nothing locked in the child. */
static _Atomic(storage *) released;

/* Few bytes lie behind the record of their storage: one block to take and to give back. Blocks of a
 * kilobyte come in steps that are fine enough for one to be as large as two would be. */
enum { MOST_JOINED_BLOCK = 1024, ALIGNMENT = 64 };

static storage *storage_in(size_t block_bytes, size_t record_bytes) {
    storage *s = memory_take(block_bytes);
    if (s) {
        *s = (storage){.record_bytes = (uint16_t)record_bytes};
        atomic_init(&s->references, 1);
        atomic_init(&s->version, 0);
    }
    return s;
}

storage *storage_around(void *memory, size_t bytes, int64_t owner) {
    storage *s = storage_in(sizeof *s, sizeof *s);
    if (s) {
        s->memory = memory;
        s->bytes = bytes;
        s->owner = owner;
    }
    return s;
}

storage *storage_new(size_t record_bytes, size_t bytes) {
    record_bytes = (record_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    bool is_joined = bytes <= MOST_JOINED_BLOCK - record_bytes;
    storage *s = storage_in(record_bytes + (is_joined ? bytes : 0), record_bytes);
    if (!s) {
        return NULL;
    }
    s->bytes = bytes;
    s->is_joined = is_joined;
    s->memory = is_joined ? (char *)s + record_bytes : memory_take(bytes);
    if (!s->memory) {
        memory_give(s, record_bytes);
        return NULL;
    }
    return s;
}

storage *storage_retain(storage *s) {
    if (s) {
        atomic_fetch_add(&s->references, 1);
    }
    return s;
}

kept *storage_kept(storage *s) {
    kept *now = atomic_load(&s->kept);
    if (now || !s->is_variable || s->owner || s->symbolic_in) {
        return now;
    }
    kept *made = kept_new(&s->version);
    if (made && !atomic_compare_exchange_strong(&s->kept, &now, made)) {
        kept_free(made); /* another thread was faster */
        return now;
    }
    return made;
}

static void announce_release(storage *s) {
    s->next_released = atomic_load(&released);
    while (!atomic_compare_exchange_weak(&released, &s->next_released, s)) {
    }
}

void storage_release(storage *s) {
    if (!s || !is_last_reference(&s->references)) {
        return;
    }
    if (s->owner) {
        announce_release(s);
        return;
    }
    kept_free(atomic_load(&s->kept));
    if (s->is_joined) {
        memory_give(s, s->record_bytes + s->bytes);
        return;
    }
    if (s->give) {
        s->give(s->memory);
    } else {
        memory_give(s->memory, s->bytes);
    }
    memory_give(s, s->record_bytes);
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
