/* The thread pool: long-lived worker threads that run one job at a time together with its caller.
 */
#ifndef LEGO_CORE_THREAD_POOL_H
#define LEGO_CORE_THREAD_POOL_H

#include <stdbool.h>
#include <stdint.h>

enum { MOST_THREADS = 1024 };

/* Runs one chunk of a job, by its number. */
typedef void thread_pool_task(void *work, int64_t chunk);

/* Runs the task for the chunks 0 <= chunk < chunks, each once, on the caller and on workers, at
 * most `threads` threads in all; returns when all chunks are done. Sleeping workers are woken once
 * the time of the first chunks shows that it pays; if chunks are long, at once. False, with nothing
 * done:
 * - when there is only one chunk or one thread;
 * - for some time after a caller had to wait long for a worker;
 * - while the pool is in use, by another caller or by the job that this call belongs to. */
bool thread_pool_run(int64_t chunks, int threads, bool are_long, thread_pool_task *task,
                     void *work);

/* How many nanoseconds a caller works alone after it has waited for workers, when a chunk takes
 * `chunk`. *with_pool: what it has worked with the pool and no wait was set against; of that, what
 * is left. Here for the tests. */
int64_t thread_pool_rest(int64_t *with_pool, int64_t waited, int64_t chunk);

#endif
