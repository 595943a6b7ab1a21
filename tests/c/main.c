/* Runs the C tests for each instruction set: all of them, or those whose group or name was given.
 */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

extern const test core_tests[];
extern const test axes_tests[];
extern const test depthwise_tests[];
extern const test thread_tests[];
extern const test thread_pool_tests[];
extern const test tensor_tests[];
extern const test backward_tests[];
extern const test custom_gradient_tests[];
extern const test registry_tests[];
extern const test graph_tests[];
extern const test program_tests[];
extern const test pattern_tests[];
extern const test effect_tests[];
extern const test loop_tests[];
extern const test misuse_tests[];
extern const test scarcity_tests[];
extern const test bits_tests[];
extern const test word_tests[];
extern const test register_tests[];

static const struct group {
    const char *name;
    const test *tests;
} groups[] = {
    {"core", core_tests},          {"axes", axes_tests},
    {"threads", thread_tests},     {"thread_pool", thread_pool_tests},
    {"tensors", tensor_tests},     {"backward", backward_tests},
    {"registry", registry_tests},  {"programs", program_tests},
    {"effects", effect_tests},     {"loops", loop_tests},
    {"misuse", misuse_tests},      {"scarcity", scarcity_tests},
    {"bits", bits_tests},          {"graph", graph_tests},
    {"patterns", pattern_tests},   {"custom_gradients", custom_gradient_tests},
    {"words", word_tests},         {"depthwise", depthwise_tests},
    {"registers", register_tests},
};

enum { GROUP_COUNT = sizeof groups / sizeof *groups };

/* Each test begins and ends with nothing in use. */
static bool run(const char *group, const test *t) {
    int before = failures();
    t->run();
    release_kept();
    CHECK(lego_memory_used() == 0);
    CHECK(blocks_in_use() == 0);
    bool passed = failures() == before;
    printf("%s %s, %s: %s\n", passed ? "ok    " : "FAILED", lego_isa(), group, t->name);
    return passed;
}

static bool is_wanted(const char *group, const char *name, int count, char **wishes) {
    for (int i = 0; i < count; i++) {
        if (strcmp(wishes[i], group) == 0 || strcmp(wishes[i], name) == 0) {
            return true;
        }
    }
    return count == 0;
}

static void run_wanted(int count, char **wishes, int *done, int *failed) {
    for (int i = 0; i < GROUP_COUNT; i++) {
        for (const test *t = groups[i].tests; t->name; t++) {
            if (is_wanted(groups[i].name, t->name, count, wishes)) {
                ++*done;
                *failed += !run(groups[i].name, t);
            }
        }
    }
}

/* Threads of the tests run programs, whose fused loops keep tiles on the stack, and musl gives
 * threads 128 KB. Workers of the engine have stacks of their own size. */
static void widen_stacks(void) {
#ifdef __linux__
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)8 << 20);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
#endif
}

int main(int count, char **arguments) {
    int done = 0;
    int failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0); /* to stay in order with stderr */
    install_test_allocator();
    widen_stacks();
    for (int set = 0; set < lego_isa_count(); set++) {
        lego_set_isa(lego_isa_at(set));
        run_wanted(count - 1, arguments + 1, &done, &failed);
    }
    printf("%d tests, %d failed\n", done, failed);
    return failed || done == 0;
}
