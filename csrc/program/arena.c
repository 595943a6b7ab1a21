/* Arenas: memory that the runs of sibling programs take turns in. */
#include "arena.h"

#include <pthread.h>
#include <stdatomic.h>

#include "../core/error.h"
#include "../core/memory.h"

struct arena {
    atomic_int references;
    pthread_mutex_t lock;
    char *memory;
    size_t bytes;
};

arena *arena_new(void) {
    arena *a = memory_take(sizeof *a);
    if (!a) {
        return NULL;
    }
    *a = (arena){.memory = NULL};
    atomic_init(&a->references, 1);
    if (pthread_mutex_init(&a->lock, NULL)) {
        memory_give(a, sizeof *a);
        fail(LEGO_NO_MEMORY, "no memory for another lock");
        return NULL;
    }
    return a;
}

arena *arena_retain(arena *a) {
    atomic_fetch_add(&a->references, 1);
    return a;
}

void arena_release(arena *a) {
    if (!a || atomic_fetch_sub(&a->references, 1) > 1) {
        return;
    }
    pthread_mutex_destroy(&a->lock);
    memory_give_exactly(a->memory, a->bytes);
    memory_give(a, sizeof *a);
}

/* What lay in the memory before is of no use any more: it is given back first, and not copied. */
static bool grow(arena *a, size_t bytes) {
    memory_give_exactly(a->memory, a->bytes);
    a->memory = memory_take_exactly(bytes);
    a->bytes = a->memory ? bytes : 0;
    return a->memory;
}

char *arena_enter(arena *a, int64_t bytes) {
    pthread_mutex_lock(&a->lock);
    size_t wish = bytes > 0 ? (size_t)bytes : 1;
    if (a->bytes < wish && !grow(a, wish)) {
        pthread_mutex_unlock(&a->lock);
        return NULL;
    }
    return a->memory;
}

void arena_leave(arena *a) {
    pthread_mutex_unlock(&a->lock);
}
