/* The team: long-lived threads that share the pieces of one job at a time with their caller. */
#ifndef LEGO_CORE_THREAD_POOL_H
#define LEGO_CORE_THREAD_POOL_H

#include <stdbool.h>
#include <stdint.h>

enum { MOST_THREADS = 1024 };

/* One piece of a job, by its number. */
typedef void thread_pool_task(void *work, int64_t chunk);

/* Runs the task for the pieces 0 <= piece < pieces, each once, on the caller and as many others of
 * the team as make `threads` in all; returns when all are done. False, and nothing done, when it
 * is not worth it, when the team has lately kept a caller waiting, or when it is taken: by another
 * caller, or by the job that this call is a part of. */
bool thread_pool_run(int64_t chunks, int threads, thread_pool_task *task, void *work);

#endif
