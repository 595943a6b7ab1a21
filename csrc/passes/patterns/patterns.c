/* All patterns, in the order in which they are tried, with their bricks and loops in each
 * instruction set. Bricks are compared by address: names are looked up once. */
#include "patterns.h"

#include <pthread.h>

#include "../../registry/sets.h"

static const pattern *const tables[] = {
    adam_patterns,
    adagrad_patterns,
    ftrl_patterns,
    lion_patterns,
    rmsprop_patterns,
    weight_decay_patterns,
    sgd_patterns,
    normalization_patterns,
    slope_patterns,
    relu_pooling_patterns,
    repeated_number_patterns,
    sgd_rows_patterns,
    NULL,
};

enum { MOST_LOOP_PATTERNS = 64 }; /* of a set, with the ends of lists */

/* A brick, and the patterns that end with it. */
typedef struct pattern_root {
    const lego_brick *brick;
    const loop_pattern *list;
} pattern_root;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const lego_brick *bricks[MOST_SETS][PATTERN_BRICK_COUNT];
static loop_pattern loop_patterns[MOST_SETS][MOST_LOOP_PATTERNS];
static pattern_root roots[MOST_SETS * PATTERN_BRICK_COUNT];
static int root_count;

static const pattern *pattern_at(int index) {
    for (const pattern *const *table = tables; *table && index >= 0; table++) {
        for (const pattern *row = *table; row->name; row++) {
            if (index-- == 0) {
                return row;
            }
        }
    }
    return NULL;
}

/* Lists the patterns with a loop that end with a brick, and returns the end of the list. */
static loop_pattern *list_root(int set, int root, loop_pattern *list) {
    loop_pattern *end = list;
    for (int i = 0; pattern_at(i); i++) {
        const pattern *next = pattern_at(i);
        const pattern_kernel *kernel = set_pattern_kernel(set, next->name);
        bool has_room = end < loop_patterns[set] + MOST_LOOP_PATTERNS - 1;
        if (next->whole->brick == root && kernel && has_room) {
            *end++ = (loop_pattern){next, bricks[set], kernel};
        }
    }
    if (end == list) {
        return list;
    }
    roots[root_count++] = (pattern_root){bricks[set][root], list};
    return end + 1; /* what is left empty has a NULL pattern */
}

static void resolve(void) {
    static const char *const names[] = {
#define BRICK_NAME(name) #name,
        PATTERN_BRICKS(BRICK_NAME)};
    for (int set = 0; set < lego_isa_count(); set++) {
        loop_pattern *next = loop_patterns[set];
        for (int i = 0; i < PATTERN_BRICK_COUNT; i++) {
            bricks[set][i] = set_brick(set, names[i]);
        }
        for (int i = 0; i < PATTERN_BRICK_COUNT; i++) {
            next = list_root(set, i, next);
        }
    }
}

const loop_pattern *patterns_ending_with(const lego_brick *brick) {
    pthread_once(&once, resolve);
    for (int i = 0; i < root_count; i++) {
        if (roots[i].brick == brick) {
            return roots[i].list;
        }
    }
    return NULL;
}

bool pattern_found(const lego_program *p, const pattern *wanted, program_op *last,
                   pattern_match *m) {
    pthread_once(&once, resolve);
    const pattern_scope all = {.p = p};
    int set = 0;
    while (set < lego_isa_count() && bricks[set][wanted->whole->brick] != last->brick) {
        set++;
    }
    return set < lego_isa_count() && pattern_matches(wanted, &all, bricks[set], last, m);
}

/* ---- for print-outs ------------------------------------------------------------------------- */

int lego_pattern_count(void) {
    int count = 0;
    while (pattern_at(count)) {
        count++;
    }
    return count;
}

const char *lego_pattern_name(int index) {
    const pattern *found = pattern_at(index);
    return found ? found->name : NULL;
}

const char *lego_pattern_formula(int index) {
    const pattern *found = pattern_at(index);
    return found ? found->formula : NULL;
}

const char *lego_pattern_python(int index) {
    const pattern *found = pattern_at(index);
    return found ? found->python : NULL;
}

const char *lego_pattern_pass(int index) {
    const pattern *found = pattern_at(index);
    return found ? found->pass : NULL;
}
