/* The team: every piece once, whoever calls, from wherever, while what else goes on. */
#define _POSIX_C_SOURCE 200809L /* SIG_BLOCK, fork, alarm, nanosleep */
#include "core/thread_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "core/denormals.h"
#include "core/threads.h"

/* ---- every piece once ----------------------------------------------------------------------- */

enum { PIECES = 1000, ROUNDS = 200 };

typedef struct tally {
    int runs[PIECES]; /* not atomic: a piece that two threads ran is a race that TSan sees */
} tally;

/* Long enough for workers to come in between. */
static void count_piece(void *work, int64_t piece) {
    tally *t = work;
    for (volatile int i = 0; i < 50; i++) {
    }
    t->runs[piece]++;
}

static bool is_each_counted(const tally *t, int pieces, int runs) {
    for (int i = 0; i < PIECES; i++) {
        if (t->runs[i] != (i < pieces ? runs : 0)) {
            return false;
        }
    }
    return true;
}

/* After the team kept its caller waiting it rests: then we ask again. */
static bool run_rested(int64_t pieces, int threads, thread_pool_task *task, void *work) {
    for (int i = 0; i < 100000; i++) {
        if (thread_pool_run(pieces, threads, task, work)) {
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    return false;
}

static void each_piece_runs_once(void) {
    for (int threads = 2; threads <= 9; threads += threads == 3 ? 5 : 1) {
        for (int pieces = 2; pieces <= PIECES; pieces = 2 * pieces + 1) {
            tally t = {{0}};
            for (int round = 0; round < ROUNDS; round++) {
                CHECK(run_rested(pieces, threads, count_piece, &t));
            }
            CHECK(is_each_counted(&t, pieces, ROUNDS));
        }
    }
}

static void what_is_no_work_for_two_is_left_to_the_caller(void) {
    tally t = {{0}};
    CHECK(!thread_pool_run(0, 8, count_piece, &t));
    CHECK(!thread_pool_run(1, 8, count_piece, &t));
    CHECK(!thread_pool_run(PIECES, 1, count_piece, &t));
    CHECK(is_each_counted(&t, 0, 0));
}

/* ---- who runs them -------------------------------------------------------------------------- */

enum { SECONDS_TO_COME = 20 };

/* What a worker found on its own thread. */
typedef struct witness {
    pthread_t caller;
    float caller_product;
    atomic_bool has_come;
    bool calculates_alike;
    bool hears_interrupts;
} witness;

/* A denormal number, when they are not flushed. */
static float smallest_product(void) {
    volatile float x = 1e-30f;
    volatile float y = x * 1e-10f;
    return y;
}

static void look_around(void *work, int64_t piece) {
    witness *w = work;
    (void)piece;
    if (pthread_equal(pthread_self(), w->caller)) {
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
        return;
    }
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    w->hears_interrupts = !sigismember(&blocked, SIGINT);
    w->calculates_alike = smallest_product() == w->caller_product;
    atomic_store(&w->has_come, true);
}

/* A worker that is away for long in the middle of a piece. */
static void dawdle(void *work, int64_t piece) {
    witness *w = work;
    look_around(work, piece);
    if (!pthread_equal(pthread_self(), w->caller)) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
}

/* Calls until a worker has run a piece, be the machine as busy as it may. */
static bool meet_a_worker(witness *w) {
    time_t begun = time(NULL);
    while (!atomic_load(&w->has_come) && time(NULL) - begun < SECONDS_TO_COME) {
        thread_pool_run(20, 2, look_around, w);
    }
    return atomic_load(&w->has_come);
}

static void workers_calculate_like_their_caller(void) {
    uint64_t former = denormals_flush();
    witness w = {.caller = pthread_self(), .caller_product = smallest_product()};
    CHECK(meet_a_worker(&w));
    denormals_restore(former);
    CHECK(w.calculates_alike);
}

static void who_keeps_the_caller_waiting_is_left_alone(void) {
    witness w = {.caller = pthread_self()};
    tally t = {{0}};
    time_t begun = time(NULL);
    while (!atomic_load(&w.has_come) && time(NULL) - begun < SECONDS_TO_COME) {
        thread_pool_run(20, 2, dawdle, &w);
    }
    CHECK(!thread_pool_run(2, 2, count_piece, &t));
    CHECK(is_each_counted(&t, 0, 0));
    CHECK(run_rested(2, 2, count_piece, &t));
    CHECK(is_each_counted(&t, 2, 1));
}

static void workers_leave_signals_to_others(void) {
    witness w = {.caller = pthread_self()};
    sigset_t blocked;
    CHECK(meet_a_worker(&w) && !w.hears_interrupts);
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    CHECK(!sigismember(&blocked, SIGINT));
}

/* ---- callers within and beside each other --------------------------------------------------- */

enum { OUTER = 40, INNER = 50 };

static void add_items(void *work, int64_t begin, int64_t end) {
    int64_t *sums = work;
    for (int64_t i = begin; i < end; i++) {
        sums[i] += i;
    }
}

static void run_inner(void *work, int64_t begin, int64_t end) {
    int64_t (*sums)[INNER] = work;
    for (int64_t i = begin; i < end; i++) {
        threads_run(INNER, 7, add_items, sums[i]);
    }
}

static void a_task_may_hand_out_work(void) {
    int64_t sums[OUTER][INNER] = {{0}};
    lego_set_threads(3);
    for (int round = 0; round < ROUNDS; round++) {
        threads_run(OUTER, 3, run_inner, sums);
    }
    for (int64_t i = 0; i < OUTER * INNER; i++) {
        CHECK(sums[i / INNER][i % INNER] == ROUNDS * (i % INNER));
    }
}

enum { ITEMS = 5000 };

static void *call_often(void *sums) {
    for (int round = 0; round < ROUNDS; round++) {
        threads_run(ITEMS, 37, add_items, sums);
    }
    return NULL;
}

static bool are_sums(const int64_t *sums, int64_t rounds) {
    for (int64_t i = 0; i < ITEMS; i++) {
        if (sums[i] != rounds * i) {
            return false;
        }
    }
    return true;
}

enum { CALLERS = 3 };

static void callers_do_not_disturb_each_other(void) {
    static int64_t sums[CALLERS][ITEMS];
    pthread_t callers[CALLERS];
    memset(sums, 0, sizeof sums); /* this test runs once for each instruction set */
    for (int i = 0; i < CALLERS; i++) {
        CHECK(pthread_create(&callers[i], NULL, call_often, sums[i]) == 0);
    }
    for (int round = 0; round < 10 * ROUNDS; round++) {
        lego_set_threads(1 + round % 5);
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i], NULL);
        CHECK(are_sums(sums[i], ROUNDS));
    }
}

/* ---- fork ----------------------------------------------------------------------------------- */

static atomic_bool is_over;

static void *call_until_over(void *sums) {
    while (!atomic_load(&is_over)) {
        threads_run(ITEMS, 37, add_items, sums);
    }
    return NULL;
}

static int work_in_child(void) {
    static int64_t sums[ITEMS];
    witness w = {.caller = pthread_self()};
    alarm(60); /* a child that waits for its parent's threads waits for ever */
    call_often(sums);
    return meet_a_worker(&w) && are_sums(sums, ROUNDS) ? 0 : 1;
}

static bool does_child_work(void) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        _exit(work_in_child());
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void a_child_has_a_team_of_its_own(void) {
    static int64_t others[ITEMS];
    pthread_t other;
    lego_set_threads(2);
    atomic_store(&is_over, false);
    CHECK(pthread_create(&other, NULL, call_until_over, others) == 0);
    int children = 0;
    while (children < 10 && CHECK(does_child_work())) {
        children++;
    }
    atomic_store(&is_over, true);
    pthread_join(other, NULL);
}

/* ---- the group ------------------------------------------------------------------------------ */

const test thread_pool_tests[] = {
    {"each piece runs once", each_piece_runs_once},
    {"what is no work for two is left to the caller",
     what_is_no_work_for_two_is_left_to_the_caller},
    {"workers calculate like their caller", workers_calculate_like_their_caller},
    {"who keeps the caller waiting is left alone", who_keeps_the_caller_waiting_is_left_alone},
    {"workers leave signals to others", workers_leave_signals_to_others},
    {"a task may hand out work", a_task_may_hand_out_work},
    {"callers do not disturb each other", callers_do_not_disturb_each_other},
    {"a child has a team of its own", a_child_has_a_team_of_its_own},
    {NULL, NULL},
};
