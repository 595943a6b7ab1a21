/* The team: where the workers of the thread pool come from.
 *
 * With OpenMP they are the members of a parallel region that is opened once and never left. (A
 * region for each job costs more than most jobs on a busy machine; the pool wakes a worker when a
 * job is worth it.) OpenMP sets their number, places and stacks: OMP_THREAD_LIMIT,
 * OMP_PLACES, OMP_PROC_BIND, OMP_STACKSIZE.
 *
 *     caller:    offers a job, works       place 0
 *     member 0:  opens the region, sleeps  place 0
 *     member i:  works                     place i
 *
 * The region has a thread of its own, for two reasons. A caller must come back from it. And after
 * fork() GCC's runtime hangs in a thread that had a region; a new thread of the child may open one.
 * Member 0 stands for the caller, so that each thread that works has a place for itself.
 *
 * Without OpenMP each worker is a thread of POSIX. */
#define _GNU_SOURCE /* sigset_t */
#include "team.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "../lego.h"

/* ---- threads that run as long as the process ------------------------------------------------ */

/* A new thread inherits the signal mask of its parent. Signals such as Ctrl-C must reach the
 * threads of the user's program. Signals that a thread causes itself, such as SIGSEGV, stay open.
 */
static void block_signals(sigset_t *former) {
    sigset_t blocked;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    pthread_sigmask(SIG_SETMASK, &blocked, former);
}

static bool start(const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    pthread_t thread;
    sigset_t former;
    block_signals(&former);
    bool has_started = pthread_create(&thread, attributes, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return has_started;
}

/* Starts a thread that is not joined. False when the system refuses. */
static bool spawn(void *(*run)(void *), void *argument) {
    const size_t stack_bytes = (size_t)2 << 20; /* musl gives 128 KB, macOS 512 KB */
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes)) {
        return false;
    }
    bool has_started = !pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) &&
                       !pthread_attr_setstacksize(&attributes, stack_bytes) &&
                       start(&attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return has_started;
}

#ifdef _OPENMP

/* ---- OpenMP --------------------------------------------------------------------------------- */

/* Held while a region is opened: a fork() then would copy the runtime with its locks taken. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static bool survives_forks;

static void lock_before_fork(void) {
    pthread_mutex_lock(&opening);
}

static void unlock_after_fork(void) {
    pthread_mutex_unlock(&opening);
}

static void prepare_for_forks(void) {
    survives_forks = pthread_atfork(lock_before_fork, unlock_after_fork, unlock_after_fork) == 0;
}

static void *pass(void *gate) {
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/* How many of the `wanted` threads the system gives. OpenMP ends the process when it is refused
 * one, so threads that do nothing try before. They are twice as many: a thread may count for some
 * time after its end. */
static int threads_given(int wanted) {
    const int twice = 2 * wanted;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = calloc((size_t)twice, sizeof *threads);
    int count = 0;
    pthread_mutex_lock(&gate);
    while (threads && count < twice && !pthread_create(&threads[count], NULL, pass, &gate)) {
        count++;
    }
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    free(threads);
    return count / 2;
}

typedef struct team_order {
    int workers;
    team_work *work;
} team_order;

/* The runtime may not choose fewer members by the load of this moment: the team stays. */
static void *open_region(void *argument) {
    team_order order = *(team_order *)argument;
    free(argument);
    int members = 1 + threads_given(order.workers);
    pthread_mutex_lock(&opening);
    omp_set_dynamic(0);
#pragma omp parallel num_threads(members)
    {
        if (omp_get_thread_num() > 0) {
            order.work(NULL);
        }
        pthread_mutex_unlock(&opening);
        for (;;) {
            pause();
        }
    }
    return NULL;
}

void team_open(int workers, team_work *work) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare_for_forks);
    team_order *order = survives_forks ? malloc(sizeof *order) : NULL;
    if (order) {
        *order = (team_order){workers, work};
        if (!spawn(open_region, order)) {
            free(order);
        }
    }
}

/* With OMP_PLACES, GCC's runtime binds the thread that loads it to one place, and the system would
 * name the cores of that place. LLVM's binds the thread that first asks it, so we do not ask. */
int team_cores(void) {
#ifdef __clang__
    return 0;
#else
    return omp_get_num_procs();
#endif
}

const char *lego_threading(void) {
    return "OpenMP";
}

#else

/* ---- POSIX threads -------------------------------------------------------------------------- */

void team_open(int workers, team_work *work) {
    for (int i = 0; i < workers && spawn(work, NULL); i++) {
    }
}

int team_cores(void) {
    return 0;
}

const char *lego_threading(void) {
    return "pthreads";
}

#endif
