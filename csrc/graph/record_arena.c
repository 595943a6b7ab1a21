/* Record arenas: memory for many small records, taken one by one and given back as a whole. */
#include "record_arena.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"

enum { BLOCK_BYTES = 1 << 14, ALIGNMENT = 16 };

struct record_block {
    record_block *former;
    size_t bytes;
    size_t used; /* with this head */
};

static size_t aligned(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool add_block(record_arena *p, size_t bytes) {
    size_t head = aligned(sizeof(record_block));
    size_t whole = bytes + head > BLOCK_BYTES ? bytes + head : BLOCK_BYTES;
    record_block *block = memory_take(whole);
    if (!block) {
        return false;
    }
    *block = (record_block){p->blocks, whole, head};
    p->blocks = block;
    return true;
}

void *record_arena_take(record_arena *p, size_t count, size_t size) {
    int64_t bytes;
    if (!size_multiply((int64_t)count, (int64_t)size, &bytes) || bytes > INT64_MAX / 2) {
        fail(LEGO_NO_MEMORY, "no memory: %zu items of %zu bytes overflow", count, size);
        return NULL;
    }
    size_t wish = aligned((size_t)bytes);
    record_block *block = p->blocks;
    if ((!block || block->bytes - block->used < wish) && !add_block(p, wish)) {
        return NULL;
    }
    block = p->blocks;
    void *memory = (char *)block + block->used;
    block->used += wish;
    return memset(memory, 0, wish);
}

void record_arena_free(record_arena *p) {
    while (p->blocks) {
        record_block *block = p->blocks;
        p->blocks = block->former;
        memory_give(block, block->bytes);
    }
}

size_t record_arena_bytes(const record_arena *p) {
    size_t bytes = 0;
    for (const record_block *block = p->blocks; block; block = block->former) {
        bytes += lego_memory_block(block->bytes);
    }
    return bytes;
}
