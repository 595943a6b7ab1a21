/* Memory: 64-byte aligned blocks from a caching allocator, with sizes checked for overflow. */
#ifndef LEGO_CORE_MEMORY_H
#define LEGO_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block of at least `bytes` bytes, not cleared; NULL, with a sentence for lego_last_error(), when
 * there is no memory. memory_give() needs the same size. */
void *memory_take(size_t bytes);
void memory_give(void *memory, size_t bytes);

/* The same for memory that is held for long, such as an arena: the size is rounded up to 64 bytes
 * only, and the block goes back to the system and not to a free list. */
void *memory_take_exactly(size_t bytes);
void memory_give_exactly(void *memory, size_t bytes);

/* *product = a * b; false when that does not fit. */
static inline bool size_multiply(int64_t a, int64_t b, int64_t *product) {
    return !__builtin_mul_overflow(a, b, product);
}

#endif
