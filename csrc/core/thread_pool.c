/* The thread pool: long-lived worker threads that run one job at a time together with its caller.
 *
 * A job is a number of chunks. The caller and the workers take chunk numbers from one atomic
 * counter until none is left. How many workers take part is kept in one atomic word, the state:
 *
 *     bits 31..16   slots offered: how many more workers may enter the job
 *     bit 15        the caller sleeps until the last worker leaves
 *     bits 14..0    workers inside the job
 *
 * 1. The caller takes the pool, writes the job, and offers slots.
 * 2. A worker enters: in one atomic step it takes a slot and counts as inside. It runs chunks until
 *    none is left, withdraws the slots that are still offered, and leaves.
 * 3. The caller runs chunks, too. Then it withdraws the slots and waits until no worker is inside.
 *
 * Only workers inside read the job, and the caller writes the next job only when none is inside. So
 * a job needs no lock. A slot always belongs to the current job: a worker that comes late for one
 * job simply enters the next. The caller never waits for a worker that has not entered.
 *
 * Waiting: first a thread spins, since sleeping and waking take longer than most chunks. Then it
 * sleeps, since on a busy machine a spinning thread takes time from other programs. A worker spins
 * as long as its wakings took lately: so waiting never costs more than twice the best that it could
 * have done (ski rental; Karlin et al., Algorithmica 11, 1994). On a core of its own a waking takes
 * some 50 microseconds; where the core is virtual and was given back, up to milliseconds.
 *
 * Places: the system may wake a worker on the caller's own core, although others are idle (a
 * virtual core that halted looks taken). There it would stop the caller and do its work. So it
 * moves away.
 *
 * Working alone: on a busy machine the system may stop a worker in the middle of a chunk, and the
 * caller waits for it. Such long waits may take a 16th of the time that the caller works, and no
 * more: after one it works without the pool for 16 times as long as it waited, less what it has
 * worked with the pool since the last one. So a wait that comes alone, as they do on an idle
 * machine too, changes nothing, and where they follow each other the pool rests. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "cores.h"
#include "denormals.h"
#include "sizes.h"
#include "team.h"

/* The fields of the state. */
enum { WORKER_INSIDE = 1, CALLER_SLEEPS = 1 << 15, SLOT_OFFERED = 1 << 16 };
enum { WORKERS_INSIDE = CALLER_SLEEPS - 1, NO_SLOTS = SLOT_OFFERED - 1 };
_Static_assert(MOST_THREADS <= (int)WORKERS_INSIDE, "all workers may be inside");

static atomic_uint state;

/* The job: the caller writes it while no worker is inside. */
static struct job {
    thread_pool_task *task;
    void *work;
    int64_t chunks;
} job;
static _Atomic int64_t next_chunk;
static atomic_int core_of_caller = NO_CORE;

/* Whether a caller has the pool. Only that caller reads and writes the numbers below. */
static atomic_bool is_taken;
static int workers;    /* that the team was asked for */
static int64_t worked; /* nanoseconds with the pool that no long wait was set against */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t slots_offered = PTHREAD_COND_INITIALIZER;
static pthread_cond_t all_left = PTHREAD_COND_INITIALIZER;
static atomic_int sleepers; /* workers that sleep; changes under the lock only */

static const int64_t spin_nanoseconds = 50000;        /* before a caller sleeps */
static const int64_t most_spin_nanoseconds = 1000000; /* before a worker sleeps */

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

/* Some cycles in which the core's other hardware thread runs alone. */
static void pause_for_cycles(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Spins until the condition holds; false when the time is over before. With `yields`, other threads
 * may run on this core in between. */
static bool spin_until(bool (*holds)(void), int64_t limit, bool yields) {
    const int checks = 16;
    int64_t began = nanoseconds();
    do {
        for (int i = 0; i < checks; i++) {
            if (holds()) {
                return true;
            }
            pause_for_cycles();
        }
        if (yields) {
            sched_yield();
        }
    } while (nanoseconds() - began < limit);
    return false;
}

/* Wakes one sleeping thread. A thread checks under the lock that it must sleep: once we have had
 * the lock, it sleeps already and hears the signal. */
static void wake(pthread_cond_t *condition) {
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(condition);
}

/* How long wakings of workers took lately, and since when one is on its way; 0: none. */
static _Atomic int64_t waking_nanoseconds;
static _Atomic int64_t waking_since;

static void wake_worker(void) {
    atomic_store(&waking_since, nanoseconds());
    wake(&slots_offered);
}

static void note_waking(void) {
    int64_t since = atomic_exchange(&waking_since, 0);
    if (since) {
        int64_t lately = atomic_load(&waking_nanoseconds);
        atomic_store(&waking_nanoseconds, (3 * lately + nanoseconds() - since) / 4);
    }
}

static int64_t worth_spinning(void) {
    int64_t lately = atomic_load(&waking_nanoseconds);
    return lately < spin_nanoseconds        ? spin_nanoseconds
           : lately > most_spin_nanoseconds ? most_spin_nanoseconds
                                            : lately;
}

/* Returns after one sleep, also without a slot: a worker that woke too late spins again, and is in
 * time for the next job. */
static void await_slot(void) {
    if (spin_until(is_slot_offered, worth_spinning(), false)) {
        return;
    }
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&sleepers, 1);
    if (!is_slot_offered()) {
        pthread_cond_wait(&slots_offered, &lock);
    }
    atomic_fetch_sub(&sleepers, 1);
    pthread_mutex_unlock(&lock);
    note_waking();
}

/* Until this time callers work alone; 0: they use the pool. */
static _Atomic int64_t alone_until;

/* Hours without a wait do not excuse seconds of them. */
static void note_work(int64_t spent) {
    const int64_t most = 250000000;
    worked = smaller(worked + spent, most);
}

/* A wait is long when it takes more than the last chunk can explain: the system has stopped the
 * worker, because other programs use the cores. */
int64_t thread_pool_rest(int64_t *with_pool, int64_t waited, int64_t chunk) {
    const int64_t times = 16;
    const int64_t fair = 2 * chunk; /* the last chunk may begin late, and be a long one */
    if (waited <= spin_nanoseconds + fair) {
        return 0;
    }
    int64_t rest = times * (waited - fair) - *with_pool;
    *with_pool = larger(-rest, 0);
    return larger(rest, 0);
}

static bool works_alone(void) {
    int64_t end = atomic_load(&alone_until);
    if (end && nanoseconds() >= end) {
        atomic_store(&alone_until, 0);
        return false;
    }
    return end;
}

/* Waits until no worker is inside; `chunk` is the time that a chunk takes. The last worker may have
 * been woken on the caller's core, while another program uses the other core: so the caller yields
 * between its checks. */
static void await_workers(int64_t chunk) {
    if (have_all_left()) {
        return;
    }
    int64_t began = nanoseconds();
    if (spin_until(have_all_left, spin_nanoseconds, true)) {
        return;
    }
    pthread_mutex_lock(&lock);
    atomic_fetch_or(&state, CALLER_SLEEPS);
    while (!have_all_left()) {
        pthread_cond_wait(&all_left, &lock);
    }
    pthread_mutex_unlock(&lock);
    const int64_t ended = nanoseconds(), rest = thread_pool_rest(&worked, ended - began, chunk);
    if (rest > 0) {
        atomic_store(&alone_until, ended + rest);
    }
}

/* ---- workers -------------------------------------------------------------------------------- */

/* Takes a slot, and counts as inside. False when none is offered. */
static bool enter(void) {
    unsigned now = atomic_load(&state);
    while (now >= SLOT_OFFERED) {
        if (atomic_compare_exchange_weak(&state, &now, now - SLOT_OFFERED + WORKER_INSIDE)) {
            return true;
        }
    }
    return false;
}

/* No chunk is left to begin, so no other worker need enter: the slots are withdrawn. */
static void leave(void) {
    atomic_fetch_and(&state, NO_SLOTS);
    if (atomic_fetch_sub(&state, WORKER_INSIDE) == (WORKER_INSIDE | CALLER_SLEEPS)) {
        wake(&all_left);
    }
}

/* The number of a chunk that no thread has begun, or a number above all chunks. */
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
        cores_leave(atomic_load(&core_of_caller));
        if (enter()) {
            run_as_worker();
            leave();
        }
    }
    return nothing;
}

/* ---- starting workers ----------------------------------------------------------------------- */

/* fork() copies only the calling thread: the child's pool has no workers and no job. The lock is
 * held over the fork, so that no lost thread holds it in the child. The conditions are made anew,
 * since they still count threads of the parent. */
static void lock_before_fork(void) {
    pthread_mutex_lock(&lock);
}

static void unlock_after_fork(void) {
    pthread_mutex_unlock(&lock);
}

static void restart_in_child(void) {
    atomic_store(&state, 0);
    atomic_store(&sleepers, 0);
    atomic_store(&alone_until, 0);
    workers = 0;
    pthread_cond_init(&slots_offered, NULL);
    pthread_cond_init(&all_left, NULL);
    pthread_mutex_unlock(&lock);
    atomic_store(&is_taken, false);
}

static bool survives_forks;

static void prepare_for_forks(void) {
    survives_forks = pthread_atfork(lock_before_fork, unlock_after_fork, restart_in_child) == 0;
}

/* Jobs of few chunks want few workers, but the first of them starts all that later jobs can want.
 */
static void start_workers(int wanted) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare_for_forks);
    if (survives_forks) {
        team_open(wanted - workers, worker_main);
    }
    workers = wanted;
}

/* ---- the caller ----------------------------------------------------------------------------- */

/* Whether to wake one sleeping worker. Waking costs the caller some tens of microseconds, and the
 * worker needs as long until it enters. So the caller adds up two times: that of the chunks which a
 * sleeping worker could have run so far (`missed`), and that of the chunks which are left. It wakes
 * a worker when the sum is over 200 microseconds. Jobs that follow each other closely are added up
 * together; small jobs from time to time stay with the caller. */
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

/* Returns the mean time of a chunk. */
static int64_t run_as_caller(void) {
    int64_t start = nanoseconds();
    int64_t count = 0;
    for (int64_t chunk = begin_chunk(); chunk < job.chunks; chunk = begin_chunk(), count++) {
        bool is_missed = is_slot_offered() && atomic_load(&sleepers) > 0;
        int64_t began = is_missed ? nanoseconds() : 0;
        job.task(job.work, chunk);
        if (is_missed && is_worth_waking(began, nanoseconds())) {
            wake_worker();
        }
    }
    int64_t spent = nanoseconds() - start;
    note_work(spent);
    return count > 0 ? spent / count : 0;
}

bool thread_pool_run(int64_t chunks, int threads, bool are_long, thread_pool_task *task,
                     void *work) {
    int wanted = chunks < threads ? (int)chunks - 1 : threads - 1;
    if (wanted < 1 || works_alone() || atomic_exchange(&is_taken, true)) {
        return false;
    }
    if (threads - 1 > workers) {
        start_workers(threads - 1);
    }
    job = (struct job){task, work, chunks};
    atomic_store(&next_chunk, 0);
    atomic_store(&core_of_caller, cores_current());
    atomic_store(&state, (unsigned)wanted * SLOT_OFFERED);
    for (int i = 0; are_long && i < wanted && atomic_load(&sleepers) > 0; i++) {
        wake_worker();
    }
    int64_t chunk = run_as_caller();
    atomic_fetch_and(&state, NO_SLOTS);
    await_workers(chunk);
    atomic_store(&is_taken, false);
    return true;
}
