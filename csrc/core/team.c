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
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "denormals.h"
#include "spawn.h"

/* The table: workers who sit, whether the caller sleeps, and above it the seats offered. */
enum { SITTER = 1, CALLER_SLEEPS = 1 << 15, SEAT = 1 << 16 };
enum { SITTERS = CALLER_SLEEPS - 1, NO_SEATS = SEAT - 1 };
_Static_assert(MOST_THREADS <= (int)SITTERS, "all may sit");

static atomic_uint table;

/* The job: written by the caller while nobody sits. */
static struct job {
    team_task *task;
    void *work;
    int64_t pieces;
} job;
static _Atomic int64_t next_piece;

/* Who has the team. The numbers of workers are that caller's alone. */
static atomic_bool is_taken;
static int workers;
static int most_wanted;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t seats_offered = PTHREAD_COND_INITIALIZER;
static pthread_cond_t all_risen = PTHREAD_COND_INITIALIZER;
static atomic_int sleepers; /* changes under the lock only */

static const int64_t patience = 50000; /* nanoseconds that a wait spins */

/* ---- waiting -------------------------------------------------------------------------------- */

static bool is_seat_free(void) {
    return atomic_load(&table) >= SEAT;
}

static bool have_all_risen(void) {
    return (atomic_load(&table) & SITTERS) == 0;
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
    } while (nanoseconds() - began < patience);
    return false;
}

/* Wakes one sleeper. Who saw under the lock that it must sleep does so when we get the lock. */
static void wake(pthread_cond_t *condition) {
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(condition);
}

/* Not a loop: who is woken too late for a seat spins again, in time for the next job. */
static void await_seat(void) {
    if (spin_until(is_seat_free, false)) {
        return;
    }
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&sleepers, 1);
    if (!is_seat_free()) {
        pthread_cond_wait(&seats_offered, &lock);
    }
    atomic_fetch_sub(&sleepers, 1);
    pthread_mutex_unlock(&lock);
}

/* Until when the team is left alone; 0: it is not. */
static _Atomic int64_t rest_ends;

/* Where busy programs have the cores, a worker may lose its own in the middle of a piece, and the
 * caller waits until it comes back. So whoever had to wait for longer than a piece takes works
 * alone for many times as long: of the time that passes, such waits are a small part. */
static void rest_after(int64_t waited, int64_t piece) {
    const int64_t times = 16;
    const int64_t fair = 2 * piece; /* the last piece may begin late, and be a long one */
    if (waited > patience + fair) {
        atomic_store(&rest_ends, nanoseconds() + times * (waited - fair));
    }
}

static bool is_resting(void) {
    int64_t end = atomic_load(&rest_ends);
    if (end && nanoseconds() >= end) {
        atomic_store(&rest_ends, 0);
        return false;
    }
    return end;
}

/* The last worker may have been woken on the caller's own core, while a busy program has the other
 * one: so the caller lends it. */
static void await_sitters(int64_t piece) {
    if (have_all_risen()) {
        return;
    }
    int64_t began = nanoseconds();
    if (spin_until(have_all_risen, true)) {
        return;
    }
    pthread_mutex_lock(&lock);
    atomic_fetch_or(&table, CALLER_SLEEPS);
    while (!have_all_risen()) {
        pthread_cond_wait(&all_risen, &lock);
    }
    pthread_mutex_unlock(&lock);
    rest_after(nanoseconds() - began, piece);
}

/* ---- workers -------------------------------------------------------------------------------- */

static bool sit_down(void) {
    unsigned now = atomic_load(&table);
    while (now >= SEAT) {
        if (atomic_compare_exchange_weak(&table, &now, now - SEAT + SITTER)) {
            return true;
        }
    }
    return false;
}

/* No piece is left to begin, so nobody else need sit down. */
static void rise(void) {
    atomic_fetch_and(&table, NO_SEATS);
    if (atomic_fetch_sub(&table, SITTER) == (SITTER | CALLER_SLEEPS)) {
        wake(&all_risen);
    }
}

/* The number of a piece that nobody has begun, or one above all numbers. */
static int64_t begin_piece(void) {
    return atomic_fetch_add(&next_piece, 1);
}

static void run_as_worker(void) {
    for (int64_t piece = begin_piece(); piece < job.pieces; piece = begin_piece()) {
        job.task(job.work, piece);
    }
}

static void take_name(void) {
#if defined(__APPLE__)
    pthread_setname_np("pylego");
#elif defined(__GLIBC__)
    pthread_setname_np(pthread_self(), "pylego");
#endif
}

static void *live(void *nothing) {
    take_name();
    denormals_flush();
    for (;;) {
        await_seat();
        if (sit_down()) {
            run_as_worker();
            rise();
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

static void begin_anew(void) {
    atomic_store(&table, 0);
    atomic_store(&sleepers, 0);
    atomic_store(&rest_ends, 0);
    workers = 0;
    most_wanted = 0;
    pthread_cond_init(&seats_offered, NULL);
    pthread_cond_init(&all_risen, NULL);
    pthread_mutex_unlock(&lock);
    atomic_store(&is_taken, false);
}

static bool survives_forks;

static void prepare_for_forks(void) {
    survives_forks = pthread_atfork(hold_lock, let_lock_go, begin_anew) == 0;
}

/* Where the system refuses a thread, fewer do the work; it is asked again when more are wanted. */
static void hire(int wanted) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare_for_forks);
    while (survives_forks && workers < wanted && spawn(live)) {
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
    int64_t left = job.pieces - atomic_load(&next_piece);
    int64_t spent = ended - began;
    missed = began - missed_last < patience ? missed + spent : spent;
    missed_last = ended;
    bool is_worth = (double)missed + (double)spent * (double)(left > 0 ? left : 0) > worth;
    missed = is_worth ? 0 : missed;
    return is_worth;
}

/* Returns how long a piece took. */
static int64_t run_as_caller(void) {
    int64_t start = nanoseconds();
    int64_t count = 0;
    for (int64_t piece = begin_piece(); piece < job.pieces; piece = begin_piece(), count++) {
        bool is_missed = is_seat_free() && atomic_load(&sleepers) > 0;
        int64_t began = is_missed ? nanoseconds() : 0;
        job.task(job.work, piece);
        if (is_missed && is_worth_waking(began, nanoseconds())) {
            wake(&seats_offered);
        }
    }
    return count > 0 ? (nanoseconds() - start) / count : 0;
}

bool team_run(int64_t pieces, int threads, team_task *task, void *work) {
    int wanted = pieces < threads ? (int)pieces - 1 : threads - 1;
    if (wanted < 1 || is_resting() || atomic_exchange(&is_taken, true)) {
        return false;
    }
    if (wanted > most_wanted) {
        hire(wanted);
    }
    job = (struct job){task, work, pieces};
    atomic_store(&next_piece, 0);
    atomic_store(&table, (unsigned)(wanted < workers ? wanted : workers) * SEAT);
    int64_t piece = run_as_caller();
    atomic_fetch_and(&table, NO_SEATS);
    await_sitters(piece);
    atomic_store(&is_taken, false);
    return true;
}
