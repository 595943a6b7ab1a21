/* A pool: memory that is taken in bits and pieces and given back as a whole. */
#include "pool.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"

enum { BLOCK_BYTES = 1 << 14, ALIGNMENT = 16 };

struct pool_block {
    pool_block *former;
    size_t bytes;
    size_t used; /* with this head */
};

static size_t aligned(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool add_block(pool *p, size_t bytes) {
    size_t head = aligned(sizeof(pool_block));
    size_t whole = bytes + head > BLOCK_BYTES ? bytes + head : BLOCK_BYTES;
    pool_block *block = memory_take(whole);
    if (!block) {
        return false;
    }
    *block = (pool_block){p->blocks, whole, head};
    p->blocks = block;
    return true;
}

void *pool_take(pool *p, size_t count, size_t size) {
    int64_t bytes;
    if (!size_multiply((int64_t)count, (int64_t)size, &bytes) || bytes > INT64_MAX / 2) {
        fail(LEGO_NO_MEMORY, "no memory: %zu items of %zu bytes overflow", count, size);
        return NULL;
    }
    size_t wish = aligned((size_t)bytes);
    pool_block *block = p->blocks;
    if ((!block || block->bytes - block->used < wish) && !add_block(p, wish)) {
        return NULL;
    }
    block = p->blocks;
    void *memory = (char *)block + block->used;
    block->used += wish;
    return memset(memory, 0, wish);
}

void pool_free(pool *p) {
    while (p->blocks) {
        pool_block *block = p->blocks;
        p->blocks = block->former;
        memory_give(block, block->bytes);
    }
}

size_t pool_bytes(const pool *p) {
    size_t bytes = 0;
    for (const pool_block *block = p->blocks; block; block = block->former) {
        bytes += lego_memory_block(block->bytes);
    }
    return bytes;
}
