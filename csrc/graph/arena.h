/* Arenas: memory that the runs of sibling programs take turns in. */
#ifndef LEGO_GRAPH_ARENA_H
#define LEGO_GRAPH_ARENA_H

#include "../lego.h"

typedef struct arena arena;

/* An arena without memory, with one reference. NULL on failure. */
arena *arena_new(void);
arena *arena_retain(arena *a);
void arena_release(arena *a);

/* Waits until nobody runs in the arena, and returns at least `bytes` of memory, aligned to 64. What
 * it returned before may have moved. NULL on failure, and then nothing is held. */
char *arena_enter(arena *a, int64_t bytes);
void arena_leave(arena *a);

#endif
