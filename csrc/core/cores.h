/* Cores of the processor, as the system counts them, and the threads that run on them. */
#ifndef LEGO_CORE_CORES_H
#define LEGO_CORE_CORES_H

enum { NO_CORE = -1, NO_QUOTA = 0 };

/* The core that the calling thread runs on at this moment; NO_CORE where the system does not tell.
 */
int cores_current(void);

/* How many cores the calling thread may use: what taskset and cpusets allow; at least 1. */
int cores_allowed(void);

/* Of how many cores a container may use the time, at least 1; NO_QUOTA where there is no limit. */
int cores_in_quota(void);

/* Moves the calling thread to another core when it runs on `core`. It stays where it is when no
 * other core is allowed, or when OpenMP or the user has bound it to one. */
void cores_leave(int core);

#endif
