/* The instruction sets: which of them this machine can run, and which is in use. */
#include "sets.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../core/error.h"
#include "../core/isa.h"

/* The tables of bricks/families.c, kernels/updates.c, kernels/normalizations.c and
 * kernels/slopes.c, compiled for each set. */
extern const lego_brick *const FOR_ISA(families)[];
extern const pattern_kernel FOR_ISA(update_loops)[];
extern const pattern_kernel FOR_ISA(normalization_loops)[];
extern const pattern_kernel FOR_ISA(slope_loops)[];

enum { PATTERN_TABLES = 3 };

typedef struct brick_set {
    const char *name;
    const lego_brick *const *families;
    const pattern_kernel *pattern_loops[PATTERN_TABLES];
    bool (*runs)(void);
} brick_set;

static bool runs_everywhere(void) {
    return true;
}

#if defined(__x86_64__) && defined(LEGO_ALL_SETS)

extern const lego_brick *const families_avx2[];
extern const lego_brick *const families_avx512[];
extern const pattern_kernel update_loops_avx2[];
extern const pattern_kernel normalization_loops_avx2[];
extern const pattern_kernel slope_loops_avx2[];
extern const pattern_kernel update_loops_avx512[];
extern const pattern_kernel normalization_loops_avx512[];
extern const pattern_kernel slope_loops_avx512[];

/* The compiler's builtins also check that the system saves the wide registers. */
static bool runs_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void) {
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

/* Slowest first; a machine that runs one also runs those before it. */
static const brick_set sets[] = {
    {"generic",
     families_generic,
     {update_loops_generic, normalization_loops_generic, slope_loops_generic},
     runs_everywhere},
    {"avx2",
     families_avx2,
     {update_loops_avx2, normalization_loops_avx2, slope_loops_avx2},
     runs_avx2},
    {"avx512",
     families_avx512,
     {update_loops_avx512, normalization_loops_avx512, slope_loops_avx512},
     runs_avx512},
};

#else

/* Built alone, by one run of the compiler or while working on one set. */
static const brick_set sets[] = {
    {ISA_NAME,
     FOR_ISA(families),
     {FOR_ISA(update_loops), FOR_ISA(normalization_loops), FOR_ISA(slope_loops)},
     runs_everywhere}};

#endif

enum { SET_COUNT = sizeof sets / sizeof *sets };
_Static_assert((int)SET_COUNT <= (int)MOST_SETS, "the registry has room for MOST_SETS");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int runnable; /* how many sets this machine can run */
static atomic_int in_use;

static int find_set(const char *name) {
    for (int set = 0; set < runnable; set++) {
        if (strcmp(sets[set].name, name) == 0) {
            return set;
        }
    }
    return -1;
}

static void start(void) {
    while (runnable < SET_COUNT && sets[runnable].runs()) {
        runnable++;
    }
    const char *wish = getenv("PYLEGO_ISA");
    int wished = wish ? find_set(wish) : -1;
    atomic_store(&in_use, wished >= 0 ? wished : runnable - 1);
}

int set_in_use(void) {
    pthread_once(&once, start);
    return atomic_load_explicit(&in_use, memory_order_relaxed);
}

const lego_brick *const *set_families(int set) {
    return sets[set].families;
}

const pattern_kernel *set_pattern_kernel(int set, const char *name) {
    for (int table = 0; table < PATTERN_TABLES; table++) {
        for (const pattern_kernel *row = sets[set].pattern_loops[table]; row->name; row++) {
            if (strcmp(row->name, name) == 0) {
                return row;
            }
        }
    }
    return NULL;
}

int lego_isa_count(void) {
    pthread_once(&once, start);
    return runnable;
}

const char *lego_isa_at(int index) {
    return index >= 0 && index < lego_isa_count() ? sets[index].name : NULL;
}

const char *lego_isa(void) {
    return sets[set_in_use()].name;
}

lego_status lego_set_isa(const char *name) {
    int best = lego_isa_count() - 1;
    int set = name ? find_set(name) : -1;
    if (set < 0) {
        return fail(LEGO_BAD_VALUE,
                    "there is no instruction set \"%s\" that pylego was built for and this machine "
                    "runs: the best one here is \"%s\"",
                    name ? name : "NULL", sets[best].name);
    }
    atomic_store(&in_use, set);
    return LEGO_OK;
}
