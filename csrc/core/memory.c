/* Memory: 64-byte aligned blocks from a caching allocator, with sizes checked for overflow.
 *
 * Training asks for the same sizes again and again. A large malloc is a new mapping, and its first
 * page faults cost more than the arithmetic on the numbers. So sizes are rounded up to one of four
 * classes per power of two, and a block that is given back stays in the free list of its class.
 * Large blocks ask for huge pages: that is a fault for 2 MB instead of 4 KB. */
#ifdef __linux__
#define _DEFAULT_SOURCE /* madvise() */
#endif
#include "memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "error.h"

enum { ALIGNMENT = 64, SIZES_PER_DOUBLING = 4, CLASS_COUNT = SIZES_PER_DOUBLING * 56 };

static const size_t most_kept = (size_t)512 << 20;

/* A free block holds the pointer to the next one in its own first bytes. */
typedef struct free_block {
    struct free_block *next;
} free_block;

static atomic_bool is_locked;
static free_block *lists[CLASS_COUNT];
static size_t used;
static size_t kept;
static void *(*take_elsewhere)(size_t bytes);
static void (*give_elsewhere)(void *memory);

/* A small tensor takes and gives blocks in less time than a mutex takes. What is done under the
 * lock is a few loads and stores, so it is free again at once, unless its thread was interrupted
 * there: then others yield. */
static void lock(void) {
    while (atomic_exchange_explicit(&is_locked, true, memory_order_acquire)) {
        sched_yield();
    }
}

static void unlock(void) {
    atomic_store_explicit(&is_locked, false, memory_order_release);
}

/* The size class of a request and, in *bytes, the class's size: (4 + quarter) * 2^(power - 2). */
static int size_class(size_t *bytes) {
    size_t request = *bytes < ALIGNMENT ? ALIGNMENT : *bytes;
    int power = 63 - __builtin_clzll(request);
    size_t step = (size_t)1 << (power - 2);
    size_t quarter = (request - ((size_t)1 << power) + step - 1) >> (power - 2);
    size_t rounded = ((size_t)1 << power) + (quarter << (power - 2));
    *bytes = (rounded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return (power - 6) * SIZES_PER_DOUBLING + (int)quarter;
}

static void *take_from_list(int class, size_t bytes) {
    free_block *block = lists[class];
    if (block) {
        lists[class] = block->next;
        kept -= bytes;
    }
    return block;
}

/* The huge pages that lie wholly in a block, if it has several. It is an advice: nothing is lost
 * where the system does not follow it. */
static void advise_huge_pages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)2 << 20;
    uintptr_t begin = ((uintptr_t)memory + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)memory + bytes) / page * page;
    if (memory && bytes >= 2 * page && end > begin) {
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
    }
#else
    (void)memory;
    (void)bytes;
#endif
}

static void *take_from_system(size_t bytes) {
    if (take_elsewhere) {
        return take_elsewhere(bytes);
    }
    void *memory = aligned_alloc(ALIGNMENT, bytes); /* size classes are multiples of it */
    advise_huge_pages(memory, bytes);
    return memory;
}

static void give_to_system(void *memory) {
    if (give_elsewhere) {
        give_elsewhere(memory);
    } else {
        free(memory);
    }
}

/* A fork while another thread holds the lock would leave it locked in the child for ever. */
static void survive_forks(void) {
    pthread_atfork(lock, unlock, unlock);
}

static bool is_possible(size_t bytes) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, survive_forks);
    if (bytes > (size_t)1 << 60) {
        fail(LEGO_NO_MEMORY, "no memory: %zu bytes are more than any machine has", bytes);
        return false;
    }
    return true;
}

static void count_used(size_t more, size_t less) {
    lock();
    used += more;
    used -= less;
    unlock();
}

/* From the system, for bytes that are counted already; the sentence of a failure names `request`.
 */
static void *take_counted(size_t bytes, size_t request) {
    void *memory = take_from_system(bytes);
    if (!memory) { /* the free lists may hold the memory that is missing */
        lego_memory_trim();
        memory = take_from_system(bytes);
    }
    if (!memory) {
        count_used(0, bytes);
        fail(LEGO_NO_MEMORY, "no memory: %zu more bytes were refused, with %zu in use", request,
             lego_memory_used());
    }
    return memory;
}

void *memory_take(size_t bytes) {
    size_t request = bytes;
    if (!is_possible(bytes)) {
        return NULL;
    }
    int class = size_class(&bytes);
    lock();
    void *memory = take_from_list(class, bytes);
    used += bytes;
    unlock();
    return memory ? memory : take_counted(bytes, request);
}

void memory_give(void *memory, size_t bytes) {
    if (!memory) {
        return;
    }
    int class = size_class(&bytes);
    lock();
    used -= bytes;
    bool keep = !give_elsewhere && kept + bytes <= most_kept;
    if (keep) {
        free_block *block = memory;
        block->next = lists[class];
        lists[class] = block;
        kept += bytes;
    }
    unlock();
    if (!keep) {
        give_to_system(memory);
    }
}

static size_t rounded(size_t bytes) {
    return bytes > 0 ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
}

void *memory_take_exactly(size_t bytes) {
    if (!is_possible(bytes)) {
        return NULL;
    }
    count_used(rounded(bytes), 0);
    return take_counted(rounded(bytes), bytes);
}

void memory_give_exactly(void *memory, size_t bytes) {
    if (memory) {
        count_used(0, rounded(bytes));
        give_to_system(memory);
    }
}

size_t lego_memory_block(size_t bytes) {
    size_class(&bytes);
    return bytes;
}

size_t lego_memory_used(void) {
    lock();
    size_t bytes = used;
    unlock();
    return bytes;
}

size_t lego_memory_kept(void) {
    lock();
    size_t bytes = kept;
    unlock();
    return bytes;
}

void lego_memory_trim(void) {
    free_block *taken[CLASS_COUNT];
    lock();
    memcpy(taken, lists, sizeof lists);
    memset(lists, 0, sizeof lists);
    kept = 0;
    unlock();
    for (int class = 0; class < CLASS_COUNT; class++) {
        while (taken[class]) {
            free_block *block = taken[class];
            taken[class] = block->next;
            give_to_system(block);
        }
    }
}

void lego_set_allocator(void *(*take)(size_t bytes), void (*give)(void *memory)) {
    lego_memory_trim();
    lock();
    take_elsewhere = take;
    give_elsewhere = give;
    unlock();
}
