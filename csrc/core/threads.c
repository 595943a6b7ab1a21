/* Threads: work cut by its size alone, so that the bits of a result never depend on them. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "error.h"

enum { MOST_THREADS = 1024 };

static atomic_int thread_count;
static atomic_bool is_forked_child;

#ifdef _OPENMP
#ifdef __linux__
/* What a container may use: "200000 100000" are two cores' worth of every period, "max" is no
 * limit (kernel documentation, cgroup-v2, cpu.max). */
static int cores_in_quota(void) {
    long long quota = 0;
    long long period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    bool is_limited = file && fscanf(file, "%lld %lld", &quota, &period) == 2 && period > 0;
    if (file) {
        fclose(file);
    }
    if (!is_limited || quota / period >= MOST_THREADS) {
        return MOST_THREADS;
    }
    return quota < period ? 1 : (int)(quota / period);
}

/* What taskset, cpusets and containers leave us. */
static int available_cores(void) {
    cpu_set_t cores;
    int allowed = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    int quota = cores_in_quota();
    return allowed < quota ? allowed : quota;
}
#else
static int available_cores(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}
#endif

static int threads_at_start(void) {
    const char *wish = getenv("OMP_NUM_THREADS");
    int count = wish ? atoi(wish) : 0;
    return count > 0 && count <= MOST_THREADS ? count : available_cores();
}
#else
static int threads_at_start(void) {
    return 1;
}
#endif

/* GNU OpenMP's team does not survive fork(): a child that asks for it waits for ever. The child
 * works alone, with the same bits. */
static void note_forked_child(void) {
    atomic_store(&is_forked_child, true);
}

static void start(void) {
    pthread_atfork(NULL, NULL, note_forked_child);
    atomic_store(&thread_count, threads_at_start());
}

int lego_threads(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    return atomic_load(&is_forked_child) ? 1 : atomic_load(&thread_count);
}

lego_status lego_set_threads(int count) {
    if (count < 1 || count > MOST_THREADS) {
        return fail(LEGO_BAD_VALUE, "the number of threads must be 1 to %d, got %d", MOST_THREADS,
                    count);
    }
    lego_threads(); /* so that the start does not overwrite what is set here */
    atomic_store(&thread_count, lego_has_openmp() ? count : 1);
    return LEGO_OK;
}

bool lego_has_openmp(void) {
#ifdef _OPENMP
    return true;
#else
    return false;
#endif
}

static void run_piece(int64_t piece, int64_t count, int64_t grain, threads_task *task, void *work) {
    int64_t begin = piece * grain;
    int64_t end = count - begin < grain ? count : begin + grain;
    task(work, begin, end);
}

static void run_alone(int64_t count, int64_t grain, threads_task *task, void *work) {
    int64_t pieces = threads_pieces(count, grain);
    for (int64_t piece = 0; piece < pieces; piece++) {
        run_piece(piece, count, grain, task, work);
    }
}

#ifdef _OPENMP
static void run_together(int64_t count, int64_t grain, threads_task *task, void *work,
                         int threads) {
    int64_t pieces = threads_pieces(count, grain);
#pragma omp parallel num_threads(threads)
    {
        uint64_t former = denormals_flush();
#pragma omp for schedule(static)
        for (int64_t piece = 0; piece < pieces; piece++) {
            run_piece(piece, count, grain, task, work);
        }
        denormals_restore(former);
    }
}
#endif

void threads_run(int64_t count, int64_t grain, threads_task *task, void *work) {
#ifdef _OPENMP
    int64_t pieces = threads_pieces(count, grain);
    int threads = pieces > 1 ? lego_threads() : 1;
    if (threads > 1) {
        run_together(count, grain, task, work, pieces < threads ? (int)pieces : threads);
        return;
    }
#endif
    run_alone(count, grain, task, work);
}

int64_t threads_grain(int64_t operations_per_item) {
    const int64_t worth_a_thread = 32768;
    return operations_per_item < worth_a_thread
               ? worth_a_thread / (operations_per_item < 1 ? 1 : operations_per_item)
               : 1;
}

#if defined(__x86_64__)

uint64_t denormals_flush(void) {
    const unsigned flush_to_zero = 0x8000;
    const unsigned denormals_are_zero = 0x0040;
    unsigned former = _mm_getcsr();
    _mm_setcsr(former | flush_to_zero | denormals_are_zero);
    return former;
}

void denormals_restore(uint64_t former) {
    _mm_setcsr((unsigned)former);
}

#elif defined(__aarch64__)

/* Neither C11 nor both compilers name the control register, hence the two instructions. */
uint64_t denormals_flush(void) {
    const uint64_t flush_to_zero = (uint64_t)1 << 24;
    uint64_t former;
    __asm__ volatile("mrs %0, fpcr" : "=r"(former));
    __asm__ volatile("msr fpcr, %0" : : "r"(former | flush_to_zero));
    return former;
}

void denormals_restore(uint64_t former) {
    __asm__ volatile("msr fpcr, %0" : : "r"(former));
}

#else

uint64_t denormals_flush(void) {
    return 0;
}

void denormals_restore(uint64_t former) {
    (void)former;
}

#endif
