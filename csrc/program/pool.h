/* A pool: memory that is taken in bits and pieces and given back as a whole. */
#ifndef LEGO_PROGRAM_POOL_H
#define LEGO_PROGRAM_POOL_H

#include <stddef.h>

typedef struct pool_block pool_block;

/* Starts as {NULL}. */
typedef struct pool {
    pool_block *blocks;
} pool;

/* `count` items of `size` bytes, cleared, aligned for any type; NULL when there is no memory, or
 * when their size overflows. */
void *pool_take(pool *p, size_t count, size_t size);

void pool_free(pool *p);

/* What the pool takes of memory. */
size_t pool_bytes(const pool *p);

#endif
