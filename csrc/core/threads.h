/* Threads: work cut by its size alone, so that the bits of a result never depend on them. */
#ifndef LEGO_CORE_THREADS_H
#define LEGO_CORE_THREADS_H

#include <stdint.h>

#include "../lego.h"

/* Part of a piece of work: items begin <= i < end. */
typedef void threads_task(void *work, int64_t begin, int64_t end);

/* Runs task over [0, count) in pieces of `grain` items (the last may be smaller), each piece
 * whole on one thread. A task writes only what its items own. Where pieces leave partial results
 * that are joined later, piece number begin / grain is the same for any number of threads.
 *
 * The team's threads flush denormals, so the caller must do so, too (denormals.h). */
void threads_run(int64_t count, int64_t grain, threads_task *task, void *work);

/* How many pieces threads_run() makes. */
static inline int64_t threads_chunks(int64_t count, int64_t grain) {
    return count / grain + (count % grain != 0);
}

/* Items per piece so that a piece is worth a thread: about 32,768 simple operations. */
int64_t threads_grain(int64_t operations_per_item);

#endif
