/* Threads: work is cut into chunks by its size alone, so that the bits of a result never depend on
 * the number of threads. */
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cores.h"
#include "error.h"
#include "team.h"
#include "thread_pool.h"

static atomic_int thread_count;
static int thread_limit; /* OMP_THREAD_LIMIT; 0: none */

/* What taskset, cpusets and containers allow. */
static int available_cores(void) {
    int known = team_cores();
    int allowed = known > 0 ? known : cores_allowed();
    int quota = cores_in_quota();
    return quota != NO_QUOTA && quota < allowed ? quota : allowed;
}

/* The number that an environment variable begins with, as "4" and "4,2" do; 0 where it has none. */
static int wish(const char *variable) {
    const char *text = getenv(variable);
    long count = text ? strtol(text, NULL, 10) : 0;
    return count > 0 && count <= MOST_THREADS ? (int)count : 0;
}

static int limited(int count) {
    return thread_limit > 0 && thread_limit < count ? thread_limit : count;
}

static void start(void) {
    int count = wish("OMP_NUM_THREADS");
    thread_limit = wish("OMP_THREAD_LIMIT");
    atomic_store(&thread_count, limited(count > 0 ? count : available_cores()));
}

int lego_threads(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    return atomic_load(&thread_count);
}

lego_status lego_set_threads(int count) {
    if (count < 1 || count > MOST_THREADS) {
        return fail(LEGO_BAD_VALUE, "the number of threads must be 1 to %d, got %d", MOST_THREADS,
                    count);
    }
    lego_threads(); /* the default is set first, so that it cannot overwrite `count` later */
    atomic_store(&thread_count, limited(count));
    return LEGO_OK;
}

/* How a job is cut: chunk number c begins at item c * grain. */
typedef struct cut_job {
    int64_t count;
    int64_t grain;
    threads_task *task;
    void *work;
} cut_job;

static void run_chunk(void *work, int64_t chunk) {
    const cut_job *c = work;
    int64_t begin = chunk * c->grain;
    int64_t end = begin + smaller(c->grain, c->count - begin);
    c->task(c->work, begin, end);
}

static void run_job(const cut_job *c, bool are_long) {
    int64_t chunks = threads_chunks(c->count, c->grain);
    if (chunks > 1 && thread_pool_run(chunks, lego_threads(), are_long, run_chunk, (void *)c)) {
        return;
    }
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        run_chunk((void *)c, chunk);
    }
}

void threads_run(int64_t count, int64_t grain, threads_task *task, void *work) {
    run_job(&(cut_job){count, grain, task, work}, false);
}

void threads_run_evenly(int64_t count, threads_task *task, void *work) {
    const int64_t items_of_a_line = 64; /* of the narrowest dtype: no two chunks write one */
    const int64_t chunks = threads_chunks(count, threads_grain(1));
    const int64_t shared = chunks > 1 ? round_up(chunks, 2) : 1;
    const int64_t grain = round_up(larger(divide_up(count, shared), 1), items_of_a_line);
    run_job(&(cut_job){count, grain, task, work}, false);
}

void threads_run_long(int64_t count, threads_task *task, void *work) {
    run_job(&(cut_job){count, 1, task, work}, true);
}

int64_t threads_grain(int64_t operations_per_item) {
    const int64_t worth_a_thread = 32768;
    return operations_per_item < worth_a_thread
               ? worth_a_thread / (operations_per_item < 1 ? 1 : operations_per_item)
               : 1;
}
