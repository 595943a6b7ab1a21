/* Threads: work is cut into chunks by its size alone, so that the bits of a result never depend on
 * the number of threads. */
#ifndef LEGO_CORE_THREADS_H
#define LEGO_CORE_THREADS_H

#include <stdint.h>

#include "../lego.h"
#include "sizes.h"

/* Works on the items begin <= i < end. */
typedef void threads_task(void *work, int64_t begin, int64_t end);

/* Runs the task over [0, count) in chunks of `grain` items (the last may be smaller), each chunk on
 * one thread. A task writes only the outputs of its items. Where chunks leave partial results that
 * are added later, the chunk number begin / grain is the same for any number of threads.
 *
 * Workers flush denormals, so the caller must do so, too (denormals.h). */
void threads_run(int64_t count, int64_t grain, threads_task *task, void *work);

/* The same for items of one operation each, of which none leaves partial results: an even number of
 * equal chunks, so that two or four threads end together. */
void threads_run_evenly(int64_t count, threads_task *task, void *work);

/* The same, where each item is a chunk that takes much longer than a sleeping thread needs to wake:
 * all threads are woken at once. */
void threads_run_long(int64_t count, threads_task *task, void *work);

/* How many chunks threads_run() makes. */
static inline int64_t threads_chunks(int64_t count, int64_t grain) {
    return divide_up(count, grain);
}

/* Items per chunk, so that a chunk is worth a thread: about 32,768 simple operations. */
int64_t threads_grain(int64_t operations_per_item);

#endif
