/* The team: long-lived threads that share the pieces of one job at a time with their caller.
 *
 * One atomic word, the table, says how a job stands. A caller who got the team writes the job down
 * and offers seats. A worker who gets one runs pieces until none is left to begin, and rises. The
 * job is over when no seat is offered and nobody sits. So a job is read only by those who sit, who
 * keep the caller from writing the next; it does not matter which job a late worker saw first, as
 * any seat is a seat at the job of now; and nobody waits for a worker who has not begun a piece.
 *
 * Who waits spins, since to sleep and to be woken takes longer than most pieces, and after some
 * tens of microseconds it sleeps, since on a busy machine who spins keeps others from their work.
 */
#define _GNU_SOURCE /* pthread_setname_np */
#include "thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "denormals.h"
#include "spawn.h"

/* The table: workers who sit, whether the caller sleeps, and above it the seats offered. */
enum { WORKER_INSIDE = 1, CALLER_SLEEPS = 1 << 15, SLOT_OFFERED = 1 << 16 };
enum { WORKERS_INSIDE = CALLER_SLEEPS - 1, NO_SLOTS = SLOT_OFFERED - 1 };
_Static_assert(MOST_THREADS <= (int)WORKERS_INSIDE, "all may sit");

static atomic_uint state;

/* The job: written by the caller while nobody sits. */
static struct job {
    thread_pool_task *task;
    void *work;
    int64_t chunks;
} job;
static _Atomic int64_t next_chunk;

/* Who has the team. The numbers of workers are that caller's alone. */
static atomic_bool is_taken;
static int workers;
static int most_wanted;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t slots_offered = PTHREAD_COND_INITIALIZER;
static pthread_cond_t all_left = PTHREAD_COND_INITIALIZER;
static atomic_int sleepers; /* changes under the lock only */

static const int64_t spin_nanoseconds = 50000; /* nanoseconds that a wait spins */

/* ---- waiting -------------------------------------------------------------------------------- */

static bool is_slot_offered(void) {
    return atomic_load(&state) >= SLOT_OFFERED;
}

static bool have_all_left(void) {
    return (atomic_load(&state) & WORKERS_INSIDE) == 0;
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Some cycles in which the core's other hardware thread has it for itself. */
static void pause_for_cycles(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Whether it came about before patience was at its end. Who lends its core between looks lets
 * another program have it, too. */
static bool spin_until(bool (*is_so)(void), bool lends_core) {
    const int looks = 16;
    int64_t began = nanoseconds();
    do {
        for (int i = 0; i < looks; i++) {
            if (is_so()) {
                return true;
            }
            pause_for_cycles();
        }
        if (lends_core) {
            sched_yield();
        }
    } while (nanoseconds() - began < spin_nanoseconds);
    return false;
}

/* Wakes one sleeper. Who saw under the lock that it must sleep does so when we get the lock. */
static void wake(pthread_cond_t *condition) {
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(condition);
}

/* Not a loop: who is woken too late for a seat spins again, in time for the next job. */
static void await_slot(void) {
    if (spin_until(is_slot_offered, false)) {
        return;
    }
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&sleepers, 1);
    if (!is_slot_offered()) {
        pthread_cond_wait(&slots_offered, &lock);
    }
    atomic_fetch_sub(&sleepers, 1);
    pthread_mutex_unlock(&lock);
}

/* Until when the team is left alone; 0: it is not. */
static _Atomic int64_t alone_until;

/* Where busy programs have the cores, a worker may lose its own in the middle of a piece, and the
 * caller waits until it comes back. So whoever had to wait for longer than a piece takes works
 * alone for many times as long: of the time that passes, such waits are a small part. */
static void work_alone_after(int64_t waited, int64_t chunk) {
    const int64_t times = 16;
    const int64_t fair = 2 * chunk; /* the last piece may begin late, and be a long one */
    if (waited > spin_nanoseconds + fair) {
        atomic_store(&alone_until, nanoseconds() + times * (waited - fair));
    }
}

static bool works_alone(void) {
    int64_t end = atomic_load(&alone_until);
    if (end && nanoseconds() >= end) {
        atomic_store(&alone_until, 0);
        return false;
    }
    return end;
}

/* The last worker may have been woken on the caller's own core, while a busy program has the other
 * one: so the caller lends it. */
static void await_workers(int64_t chunk) {
    if (have_all_left()) {
        return;
    }
    int64_t began = nanoseconds();
    if (spin_until(have_all_left, true)) {
        return;
    }
    pthread_mutex_lock(&lock);
    atomic_fetch_or(&state, CALLER_SLEEPS);
    while (!have_all_left()) {
        pthread_cond_wait(&all_left, &lock);
    }
    pthread_mutex_unlock(&lock);
    work_alone_after(nanoseconds() - began, chunk);
}

/* ---- workers -------------------------------------------------------------------------------- */

static bool enter(void) {
    unsigned now = atomic_load(&state);
    while (now >= SLOT_OFFERED) {
        if (atomic_compare_exchange_weak(&state, &now, now - SLOT_OFFERED + WORKER_INSIDE)) {
            return true;
        }
    }
    return false;
}

/* No piece is left to begin, so nobody else need sit down. */
static void leave(void) {
    atomic_fetch_and(&state, NO_SLOTS);
    if (atomic_fetch_sub(&state, WORKER_INSIDE) == (WORKER_INSIDE | CALLER_SLEEPS)) {
        wake(&all_left);
    }
}

/* The number of a piece that nobody has begun, or one above all numbers. */
static int64_t begin_chunk(void) {
    return atomic_fetch_add(&next_chunk, 1);
}

static void run_as_worker(void) {
    for (int64_t chunk = begin_chunk(); chunk < job.chunks; chunk = begin_chunk()) {
        job.task(job.work, chunk);
    }
}

static void take_name(void) {
#if defined(__APPLE__)
    pthread_setname_np("pylego");
#elif defined(__GLIBC__)
    pthread_setname_np(pthread_self(), "pylego");
#endif
}

static void *worker_main(void *nothing) {
    take_name();
    denormals_flush();
    for (;;) {
        await_slot();
        if (enter()) {
            run_as_worker();
            leave();
        }
    }
    return nothing;
}

/* ---- hiring --------------------------------------------------------------------------------- */

/* fork() copies no threads: the child's team is idle and has no workers. The lock is held over the
 * fork, for then nobody else has it in the child; the conditions still know sleepers of old. */
static void hold_lock(void) {
    pthread_mutex_lock(&lock);
}

static void let_lock_go(void) {
    pthread_mutex_unlock(&lock);
}

static void restart_in_child(void) {
    atomic_store(&state, 0);
    atomic_store(&sleepers, 0);
    atomic_store(&alone_until, 0);
    workers = 0;
    most_wanted = 0;
    pthread_cond_init(&slots_offered, NULL);
    pthread_cond_init(&all_left, NULL);
    pthread_mutex_unlock(&lock);
    atomic_store(&is_taken, false);
}

static bool survives_forks;

static void prepare_for_forks(void) {
    survives_forks = pthread_atfork(hold_lock, let_lock_go, restart_in_child) == 0;
}

/* Where the system refuses a thread, fewer do the work; it is asked again when more are wanted. */
static void start_workers(int wanted) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare_for_forks);
    while (survives_forks && workers < wanted && spawn(worker_main)) {
        workers++;
    }
    most_wanted = wanted;
}

/* ---- the caller ----------------------------------------------------------------------------- */

/* To wake a sleeper costs the caller some tens of microseconds, and it is as long until the sleeper
 * has come. So the caller keeps an account: the time of the pieces that a sleeper could have run,
 * and of those that are left. When both together are worth it, one is woken. Jobs which follow each
 * other closely count together; small ones from time to time stay with the caller. */
static bool is_worth_waking(int64_t began, int64_t ended) {
    static int64_t missed;
    static int64_t missed_last;
    const int64_t worth = 200000;
    int64_t left = job.chunks - atomic_load(&next_chunk);
    int64_t spent = ended - began;
    missed = began - missed_last < spin_nanoseconds ? missed + spent : spent;
    missed_last = ended;
    bool is_worth = (double)missed + (double)spent * (double)(left > 0 ? left : 0) > worth;
    missed = is_worth ? 0 : missed;
    return is_worth;
}

/* Returns how long a piece took. */
static int64_t run_as_caller(void) {
    int64_t start = nanoseconds();
    int64_t count = 0;
    for (int64_t chunk = begin_chunk(); chunk < job.chunks; chunk = begin_chunk(), count++) {
        bool is_missed = is_slot_offered() && atomic_load(&sleepers) > 0;
        int64_t began = is_missed ? nanoseconds() : 0;
        job.task(job.work, chunk);
        if (is_missed && is_worth_waking(began, nanoseconds())) {
            wake(&slots_offered);
        }
    }
    return count > 0 ? (nanoseconds() - start) / count : 0;
}

bool thread_pool_run(int64_t chunks, int threads, thread_pool_task *task, void *work) {
    int wanted = chunks < threads ? (int)chunks - 1 : threads - 1;
    if (wanted < 1 || works_alone() || atomic_exchange(&is_taken, true)) {
        return false;
    }
    if (wanted > most_wanted) {
        start_workers(wanted);
    }
    job = (struct job){task, work, chunks};
    atomic_store(&next_chunk, 0);
    atomic_store(&state, (unsigned)(wanted < workers ? wanted : workers) * SLOT_OFFERED);
    int64_t chunk = run_as_caller();
    atomic_fetch_and(&state, NO_SLOTS);
    await_workers(chunk);
    atomic_store(&is_taken, false);
    return true;
}
