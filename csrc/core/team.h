/* The team: long-lived threads that share the pieces of one job at a time with their caller. */
#ifndef LEGO_CORE_TEAM_H
#define LEGO_CORE_TEAM_H

#include <stdbool.h>
#include <stdint.h>

enum { MOST_THREADS = 1024 };

/* One piece of a job, by its number. */
typedef void team_task(void *work, int64_t piece);

/* Runs the task for the pieces 0 <= piece < pieces, each once, on the caller and as many others of
 * the team as make `threads` in all; returns when all are done. False, and nothing done, when it
 * is not worth it, when the team has lately kept a caller waiting, or when it is taken: by another
 * caller, or by the job that this call is a part of. */
bool team_run(int64_t pieces, int threads, team_task *task, void *work);

#endif
