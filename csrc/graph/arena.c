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
    arena *next; /* of all arenas */
    arena **link;
};

/* ---- all arenas ----------------------------------------------------------------------------- */

static pthread_mutex_t lock_of_all = PTHREAD_MUTEX_INITIALIZER;
static arena *all;

static void hold_all(void) {
    pthread_mutex_lock(&lock_of_all);
}

static void let_all_go(void) {
    pthread_mutex_unlock(&lock_of_all);
}

/* fork() copies the thread that calls it and no other: who ran in an arena then will never leave it
 * in the child, so all of them are free there. What they hold is scratch, made anew by each run.
 * Not so the variables of a step that was under way: the child finds some of them from before it
 * and some from after. It is one step, not a wrong one, and to wait for whole steps would make
 * every fork as slow as the longest run. */
static void free_all(void) {
    for (arena *a = all; a; a = a->next) {
        pthread_mutex_init(&a->lock, NULL);
    }
    pthread_mutex_unlock(&lock_of_all);
}

static bool survives_forks;

/* Those of memory.c were set before, as an arena is memory; so at a fork they are called after
 * these, and who makes an arena larger has both locks in the order that fork() takes them. */
static void prepare_for_forks(void) {
    survives_forks = pthread_atfork(hold_all, let_all_go, free_all) == 0;
}

static void enlist(arena *a) {
    pthread_mutex_lock(&lock_of_all);
    a->next = all;
    a->link = &all;
    if (all) {
        all->link = &a->next;
    }
    all = a;
    pthread_mutex_unlock(&lock_of_all);
}

static void strike_off(arena *a) {
    pthread_mutex_lock(&lock_of_all);
    *a->link = a->next;
    if (a->next) {
        a->next->link = a->link;
    }
    pthread_mutex_unlock(&lock_of_all);
}

/* ---- one arena ------------------------------------------------------------------------------ */

arena *arena_new(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    arena *a = memory_take(sizeof *a);
    if (!a) {
        return NULL;
    }
    *a = (arena){.memory = NULL};
    atomic_init(&a->references, 1);
    pthread_once(&once, prepare_for_forks);
    if (!survives_forks || pthread_mutex_init(&a->lock, NULL)) {
        memory_give(a, sizeof *a);
        fail(LEGO_NO_MEMORY, "no memory for another lock");
        return NULL;
    }
    enlist(a);
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
    strike_off(a);
    pthread_mutex_destroy(&a->lock);
    memory_give_exactly(a->memory, a->bytes);
    memory_give(a, sizeof *a);
}

/* What lay in the memory before is of no use any more: it is given back first, and not copied. So
 * are free blocks, if they hold as much: those of a time when weights were made or other programs
 * ran, and a program asks for few of its own. No fork may come in between, for the child would find
 * memory that is gone. */
static bool grow(arena *a, size_t bytes) {
    pthread_mutex_lock(&lock_of_all);
    memory_give_exactly(a->memory, a->bytes);
    if (lego_memory_kept() >= bytes) {
        lego_memory_trim();
    }
    a->memory = memory_take_exactly(bytes);
    a->bytes = a->memory ? bytes : 0;
    pthread_mutex_unlock(&lock_of_all);
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
