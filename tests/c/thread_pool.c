/* The thread pool: every chunk runs once, with several callers, nested calls and forks. */
#define _GNU_SOURCE /* SIG_BLOCK, fork, alarm, nanosleep, sched_setaffinity */
#include "core/thread_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

#include "check.h"
#include "core/cores.h"
#include "core/denormals.h"
#include "core/threads.h"

/* ---- every chunk once ----------------------------------------------------------------------- */

enum { CHUNKS = 1000, ROUNDS = 200 };

typedef struct tally {
    int runs[CHUNKS]; /* not atomic: TSan reports a chunk that two threads run */
} tally;

/* Long enough that workers enter in between. */
static void count_chunk(void *work, int64_t chunk) {
    tally *t = work;
    for (volatile int i = 0; i < 50; i++) {
    }
    t->runs[chunk]++;
}

static bool is_each_counted(const tally *t, int chunks, int runs) {
    for (int i = 0; i < CHUNKS; i++) {
        if (t->runs[i] != (i < chunks ? runs : 0)) {
            return false;
        }
    }
    return true;
}

/* After a long wait callers work alone for some time: then we call again. */
static bool run_job(int64_t chunks, int threads, bool are_long, thread_pool_task *task,
                    void *work) {
    for (int i = 0; i < 100000; i++) {
        if (thread_pool_run(chunks, threads, are_long, task, work)) {
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    return false;
}

static bool run_in_pool(int64_t chunks, int threads, thread_pool_task *task, void *work) {
    return run_job(chunks, threads, false, task, work);
}

static void each_chunk_runs_once(void) {
    for (int threads = 2; threads <= 9; threads += threads == 3 ? 5 : 1) {
        for (int chunks = 2; chunks <= CHUNKS; chunks = 2 * chunks + 1) {
            tally t = {{0}};
            for (int round = 0; round < ROUNDS; round++) {
                CHECK(run_in_pool(chunks, threads, count_chunk, &t));
            }
            CHECK(is_each_counted(&t, chunks, ROUNDS));
        }
    }
}

static void jobs_for_one_thread_are_left_to_the_caller(void) {
    tally t = {{0}};
    CHECK(!thread_pool_run(0, 8, false, count_chunk, &t));
    CHECK(!thread_pool_run(1, 8, false, count_chunk, &t));
    CHECK(!thread_pool_run(CHUNKS, 1, false, count_chunk, &t));
    CHECK(is_each_counted(&t, 0, 0));
}

/* ---- the workers ---------------------------------------------------------------------------- */

enum { MOST_SECONDS = 20 };

/* What a worker finds on its thread. */
typedef struct worker_report {
    pthread_t caller;
    float caller_product;
    atomic_bool has_run;
    bool flushes_alike;
    bool takes_interrupts;
} worker_report;

/* A denormal number; 0 when denormals are flushed. */
static float smallest_product(void) {
    volatile float x = 1e-30f;
    volatile float y = x * 1e-10f;
    return y;
}

static void inspect_thread(void *work, int64_t chunk) {
    worker_report *w = work;
    (void)chunk;
    if (pthread_equal(pthread_self(), w->caller)) {
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
        return;
    }
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    w->takes_interrupts = !sigismember(&blocked, SIGINT);
    w->flushes_alike = smallest_product() == w->caller_product;
    atomic_store(&w->has_run, true);
}

/* A worker stops for long in the middle of a chunk. */
static void stop_in_chunk(void *work, int64_t chunk) {
    worker_report *w = work;
    inspect_thread(work, chunk);
    if (!pthread_equal(pthread_self(), w->caller)) {
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
}

/* Calls until a worker has run a chunk, also on a busy machine. */
static bool await_worker(worker_report *w) {
    time_t begun = time(NULL);
    while (!atomic_load(&w->has_run) && time(NULL) - begun < MOST_SECONDS) {
        thread_pool_run(20, 2, false, inspect_thread, w);
    }
    return atomic_load(&w->has_run);
}

static void workers_flush_denormals_like_their_caller(void) {
    uint64_t former = denormals_flush();
    worker_report w = {.caller = pthread_self(), .caller_product = smallest_product()};
    CHECK(await_worker(&w));
    denormals_restore(former);
    CHECK(w.flushes_alike);
}

/* ---- long chunks ---------------------------------------------------------------------------- */

typedef struct meeting {
    atomic_int begun;
    atomic_bool is_missed;
} meeting;

/* Ends when the other chunk has begun, too: never on one thread. */
static void meet(void *work, int64_t chunk) {
    meeting *m = work;
    time_t since = time(NULL);
    (void)chunk;
    atomic_fetch_add(&m->begun, 1);
    while (atomic_load(&m->begun) < 2 && !atomic_load(&m->is_missed)) {
        if (time(NULL) - since > MOST_SECONDS) {
            atomic_store(&m->is_missed, true);
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
}

/* A caller that measured its first chunk before it wakes anyone would never meet the other. */
static void long_chunks_wake_a_sleeping_worker_at_once(void) {
    meeting m;
    atomic_init(&m.begun, 0);
    atomic_init(&m.is_missed, false);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL); /* workers fall asleep */
    CHECK(run_job(2, 2, true, meet, &m));
    CHECK(atomic_load(&m.begun) == 2 && !atomic_load(&m.is_missed));
}

static void after_a_long_wait_the_caller_works_alone(void) {
    worker_report w = {.caller = pthread_self()};
    tally t = {{0}};
    time_t begun = time(NULL);
    while (!atomic_load(&w.has_run) && time(NULL) - begun < MOST_SECONDS) {
        thread_pool_run(20, 2, false, stop_in_chunk, &w);
    }
    CHECK(!thread_pool_run(2, 2, false, count_chunk, &t));
    CHECK(is_each_counted(&t, 0, 0));
    CHECK(run_in_pool(2, 2, count_chunk, &t));
    CHECK(is_each_counted(&t, 2, 1));
}

static void a_long_wait_is_set_against_work(void) {
    const int64_t ms = 1000000;
    int64_t worked = 100 * ms;
    CHECK(thread_pool_rest(&worked, 2 * ms, ms) == 0 && worked == 100 * ms); /* no long wait */
    CHECK(thread_pool_rest(&worked, 6 * ms, ms) == 0 && worked == 36 * ms);
    CHECK(thread_pool_rest(&worked, 6 * ms, ms) == 28 * ms && worked == 0);
    CHECK(thread_pool_rest(&worked, 6 * ms, ms) == 64 * ms && worked == 0);
}

static void workers_block_signals(void) {
    worker_report w = {.caller = pthread_self()};
    sigset_t blocked;
    CHECK(await_worker(&w) && !w.takes_interrupts);
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    CHECK(!sigismember(&blocked, SIGINT));
}

/* ---- nested and simultaneous calls ---------------------------------------------------------- */

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

static void a_task_may_start_another_job(void) {
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
    worker_report w = {.caller = pthread_self()};
    alarm(60); /* a child that waits for its parent's threads waits for ever */
    call_often(sums);
    return await_worker(&w) && are_sums(sums, ROUNDS) ? 0 : 1;
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

static void a_forked_child_has_a_pool_of_its_own(void) {
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

/* ---- places --------------------------------------------------------------------------------- */

#ifdef __linux__
/* The system may move a thread at any time, also back: so not each try must succeed. */
static bool leaves_its_core(void) {
    for (int tries = 0; tries < 100; tries++) {
        int core = cores_current();
        cores_leave(core);
        if (cores_current() != core) {
            return true;
        }
    }
    return false;
}

/* Under an emulator of another machine the cores' numbers may not be the system's. */
static void a_thread_leaves_a_core_when_it_may(void) {
    cpu_set_t allowed;
    CHECK(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    CHECK(leaves_its_core() == (CPU_COUNT(&allowed) > 1));
    cpu_set_t after;
    CHECK(sched_getaffinity(0, sizeof after, &after) == 0 && CPU_EQUAL(&allowed, &after));

    int core = cores_current();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0) {
        cores_leave(core);
        CHECK(cores_current() == core);
        sched_setaffinity(0, sizeof allowed, &allowed);
    }
}

static _Thread_local bool is_caller;

typedef struct places {
    int caller;
    atomic_int together; /* chunks of workers on the caller's core */
    atomic_int apart;
} places;

/* Some 20 microseconds. */
static void note_place(void *work, int64_t chunk) {
    places *p = work;
    (void)chunk;
    for (volatile int i = 0; i < 20000; i++) {
    }
    if (!is_caller) {
        atomic_fetch_add(cores_current() == p->caller ? &p->together : &p->apart, 1);
    }
}

/* Each job begins with sleeping workers, which may be woken anywhere. */
static void workers_keep_off_the_core_of_their_caller(void) {
    places p = {.caller = NO_CORE};
    is_caller = true;
    for (int round = 0; cores_allowed() > 1 && round < 50; round++) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        for (int job = 0; job < 10; job++) {
            p.caller = cores_current();
            thread_pool_run(40, 2, false, note_place, &p);
        }
    }
    CHECK(atomic_load(&p.together) <= atomic_load(&p.apart)); /* none, on a quiet machine */
}
#endif

/* ---- the group ------------------------------------------------------------------------------ */

const test thread_pool_tests[] = {
    {"each chunk runs once", each_chunk_runs_once},
    {"jobs for one thread are left to the caller", jobs_for_one_thread_are_left_to_the_caller},
    {"workers flush denormals like their caller", workers_flush_denormals_like_their_caller},
    {"after a long wait the caller works alone", after_a_long_wait_the_caller_works_alone},
    {"a long wait is set against work", a_long_wait_is_set_against_work},
    {"long chunks wake a sleeping worker at once", long_chunks_wake_a_sleeping_worker_at_once},
    {"workers block signals", workers_block_signals},
    {"a task may start another job", a_task_may_start_another_job},
    {"callers do not disturb each other", callers_do_not_disturb_each_other},
#ifdef __linux__
    {"a thread leaves a core when it may", a_thread_leaves_a_core_when_it_may},
    {"workers keep off the core of their caller", workers_keep_off_the_core_of_their_caller},
#endif
    {"a forked child has a pool of its own", a_forked_child_has_a_pool_of_its_own},
    {NULL, NULL},
};
