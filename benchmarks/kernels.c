/* Times the kernels of bricks, without tensors and tape around them: benchmarks/kernels.py compiles
 * this with the engine's objects and prints what it says. One thread.
 *
 * For each set of instructions and each case: a line of the set, the case and the nanoseconds. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/threads.h"
#include "tensor/brick.h"

enum { REPEATS = 15 };
static const double LEAST_SECONDS = 0.002;

typedef struct timed_case {
    const char *name;
    const char *brick;
    int64_t shapes[2][2]; /* of the inputs; 0: there is no such axis */
    int input_count;
    int64_t attributes[2 + LEGO_MAX_RANK];
} timed_case;

#define PRODUCT(m, k, n)                                                                           \
    {#m "x" #k "x" #n " ab", "matmul", {{m, k}, {k, n}}, 2, {0, 0}},                               \
        {#m "x" #k "x" #n " aTb", "matmul", {{k, m}, {k, n}}, 2, {1, 0}}, {                        \
        #m "x" #k "x" #n " abT", "matmul", {{m, k}, {n, k}}, 2, {0, 1}                             \
    }

static const timed_case cases[] = {
    PRODUCT(10, 64, 64),
    PRODUCT(64, 10, 64),
    PRODUCT(64, 64, 64),
    PRODUCT(32, 784, 512),
    PRODUCT(32, 512, 512),
    PRODUCT(784, 32, 512),
    PRODUCT(512, 32, 512),
    PRODUCT(32, 512, 10),
    PRODUCT(32, 10, 512),
    PRODUCT(512, 32, 10),
    PRODUCT(512, 512, 512),
    PRODUCT(1, 784, 512),
    PRODUCT(1, 512, 512),
    PRODUCT(1, 64, 64),
    PRODUCT(1, 512, 10),
    {"relu of 10x64", "relu", {{10, 64}}, 1, {0}},
    {"add 10x64 + 10x64", "add", {{10, 64}, {10, 64}}, 2, {0}},
    {"add 10x64 + 64", "add", {{10, 64}, {64}}, 2, {0}},
    {"multiply 10x64 by one", "multiply", {{10, 64}, {1}}, 2, {0}},
    {"sum of 10x64 over rows", "sum", {{10, 64}}, 1, {1, 0}},
    {"sum of 32x512 over rows", "sum", {{32, 512}}, 1, {1, 0}},
    {"mean of 10", "mean", {{10}}, 1, {1, 0}},
};

enum { CASE_COUNT = sizeof cases / sizeof *cases };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* An array of numbers between -1 and 1. */
static lego_array array_of(const int64_t *shape) {
    lego_array x;
    array_set(&x, LEGO_FLOAT32, shape[1] ? 2 : 1, shape);
    float *numbers = aligned_alloc(64, ((size_t)array_size(&x) * sizeof(float) + 63) / 64 * 64);
    x.data = numbers;
    for (int64_t i = 0; numbers && i < array_size(&x); i++) {
        numbers[i] = (float)(i * 7919 % 2001 - 1000) / 1000;
    }
    return x;
}

/* Seconds of one call, the least of several stretches. */
static double seconds_of(const lego_call *call) {
    double least = 1e9;
    int calls = 1;
    for (int repeat = 0; repeat < REPEATS;) {
        double began = now();
        for (int i = 0; i < calls; i++) {
            call->brick->kernel(call);
        }
        double seconds = now() - began;
        if (seconds < LEAST_SECONDS) {
            calls *= 2;
            continue;
        }
        least = seconds / calls < least ? seconds / calls : least;
        repeat++;
    }
    return least;
}

static void run(const timed_case *c) {
    lego_array x[2] = {array_of(c->shapes[0]), array_of(c->shapes[1])};
    lego_array y = {0};
    lego_view view = {0};
    lego_call call = {
        .brick = lego_brick_find(c->brick),
        .attributes = c->attributes,
        .x = (const lego_array *const[]){&x[0], &x[1]},
        .input_count = c->input_count,
        .y = &y,
        .output_count = 1,
        .views = &view,
    };
    if (call.brick->shape(&call) == LEGO_OK) {
        int64_t shape[] = {array_size(&y), 0};
        y.data = array_of(shape).data;
        printf("%s\t%s\t%.1f\n", lego_isa(), c->name, 1e9 * seconds_of(&call));
        fflush(stdout);
    }
    free(x[0].data);
    free(x[1].data);
    free(y.data);
}

/* Round by round, so that a busy minute of the machine does not fall on one set alone. */
int main(int count, char **wishes) {
    lego_set_threads(1);
    denormals_flush();
    for (int i = 0; i < CASE_COUNT; i++) {
        for (int set = 0; set < lego_isa_count(); set++) {
            lego_set_isa(lego_isa_at(set));
            if (count < 2 || atoi(wishes[1]) == i) {
                run(&cases[i]);
            }
        }
    }
    return 0;
}
