/* Record arenas: memory for many small records, taken one by one and given back as a whole. */
#ifndef LEGO_GRAPH_RECORD_ARENA_H
#define LEGO_GRAPH_RECORD_ARENA_H

#include <stddef.h>

typedef struct record_block record_block;

/* Starts as {NULL}. */
typedef struct record_arena {
    record_block *blocks;
} record_arena;

/* `count` items of `size` bytes, cleared, aligned for any type; NULL when there is no memory, or
 * when their size overflows. */
void *record_arena_take(record_arena *p, size_t count, size_t size);

void record_arena_free(record_arena *p);

/* The bytes of memory that it takes. */
size_t record_arena_bytes(const record_arena *p);

#endif
