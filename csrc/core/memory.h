/* Memory: 64-byte aligned blocks from a caching allocator, with sizes checked for overflow. */
#ifndef LEGO_CORE_MEMORY_H
#define LEGO_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block of at least `bytes` bytes, not cleared; NULL, with the sentence left, when there is
 * none. A block is given back with the size that it was taken with. */
void *memory_take(size_t bytes);
void memory_give(void *memory, size_t bytes);

/* The same for what is held for long, such as an arena: not rounded up to a size that others may
 * ask for (only to 64 bytes), and returned to the system when it is given back. */
void *memory_take_exactly(size_t bytes);
void memory_give_exactly(void *memory, size_t bytes);

/* *product = a * b; false when that does not fit. */
static inline bool size_multiply(int64_t a, int64_t b, int64_t *product) {
    return !__builtin_mul_overflow(a, b, product);
}

#endif
