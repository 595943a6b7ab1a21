/* Cores of the processor. Only Linux tells where a thread runs, and lets it move. */
#define _GNU_SOURCE /* sched_getaffinity, sched_getcpu */
#include "cores.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>

int cores_current(void) {
    return sched_getcpu();
}

int cores_allowed(void) {
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

/* "200000 100000" means the time of two cores in each period; "max" means no limit (kernel
 * documentation, cgroup-v2, cpu.max). */
int cores_in_quota(void) {
    long long quota = 0;
    long long period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    bool is_limited = file && fscanf(file, "%lld %lld", &quota, &period) == 2 && period > 0;
    if (file) {
        fclose(file);
    }
    if (!is_limited || quota / period >= INT_MAX) {
        return NO_QUOTA;
    }
    return quota < period ? 1 : (int)(quota / period);
}

/* A thread whose core is no longer allowed moves at once. Then all are allowed again: the system
 * may move it as before. */
void cores_leave(int core) {
    cpu_set_t allowed;
    if (core < 0 || core >= CPU_SETSIZE || sched_getcpu() != core ||
        sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) {
        return;
    }
    cpu_set_t others = allowed;
    CPU_CLR(core, &others);
    if (sched_setaffinity(0, sizeof others, &others) == 0) {
        sched_setaffinity(0, sizeof allowed, &allowed);
    }
}

#else

int cores_current(void) {
    return NO_CORE;
}

int cores_allowed(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

int cores_in_quota(void) {
    return NO_QUOTA;
}

void cores_leave(int core) {
    (void)core;
}

#endif
