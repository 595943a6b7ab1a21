/* Times the algorithms of convolutions: benchmarks/conv_algorithms.py compiles this with the
 * engine's objects and says which. One thread, CPU time.
 *
 * Each line of the input is a task: an algorithm's name, what it computes ("forward", "input" or
 * "kernel": the gradients), and the numbers of a `conv`. The answer is the name that conv.c chooses
 * and the nanoseconds of one run. Arrays are of the largest size, once. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/denormals.h"
#include "kernels/conv.h"
#include "kernels/conv_algorithms.h"

static const double LEAST_SECONDS = 0.002;

typedef struct algorithm {
    const char *name;
    conv_forward_function *forward;
    conv_gradient_function *input;
    conv_gradient_function *kernel;
} algorithm;

static const algorithm algorithms[] = {
    {"narrow", NULL, NULL, narrow_kernel_gradient},
    {"pointwise", pointwise_forward, pointwise_input_gradient, pointwise_kernel_gradient},
    {"depthwise", depthwise_forward, depthwise_input_gradient, depthwise_kernel_gradient},
    {"grouped", grouped_forward, grouped_input_gradient, grouped_kernel_gradient},
    {"winograd", winograd_forward, winograd_input_gradient, winograd_kernel_gradient},
    {"direct", direct_forward, direct_input_gradient, direct_kernel_gradient},
};

typedef struct task {
    const algorithm *algorithm;
    conv_action action;
    conv conv;
    void *x;
    void *kernel;
    void *y;
} task;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Numbers between -1 and 1. */
static void *array_of(lego_dtype dtype, int64_t count) {
    size_t bytes = (size_t)count * (dtype == LEGO_FLOAT32 ? 4 : 8);
    void *data = aligned_alloc(64, (bytes + 127) / 64 * 64);
    for (int64_t i = 0; data && i < count; i++) {
        double number = (double)(i * 7919 % 2001 - 1000) / 1000;
        if (dtype == LEGO_FLOAT32) {
            ((float *)data)[i] = (float)number;
        } else {
            ((double *)data)[i] = number;
        }
    }
    return data;
}

static void run_once(const task *t) {
    const algorithm *a = t->algorithm;
    if (t->action == CONV_FORWARD) {
        a->forward(&t->conv, t->x, t->kernel, t->y, NULL);
    } else if (t->action == CONV_INPUT_GRADIENT) {
        a->input(&t->conv, t->y, t->kernel, t->x);
    } else {
        a->kernel(&t->conv, t->x, t->y, t->kernel);
    }
}

/* Seconds of a run: enough of them to be measured, after one that nobody counts. */
static double seconds_of(const task *t) {
    run_once(t);
    for (int64_t runs = 1;; runs *= 4) {
        double began = now();
        for (int64_t i = 0; i < runs; i++) {
            run_once(t);
        }
        double seconds = now() - began;
        if (seconds > LEAST_SECONDS) {
            return seconds / (double)runs;
        }
    }
}

static void time_task(task *t) {
    const conv *c = &t->conv;
    int64_t inputs = c->batch * c->groups * c->channels;
    int64_t outputs = c->batch * c->groups * c->filters;
    int64_t taps = c->groups * c->channels * c->filters;
    for (int i = 0; i < CONV_AXES; i++) {
        inputs *= c->axes[i].input;
        outputs *= c->axes[i].output;
        taps *= c->axes[i].taps;
    }
    t->x = array_of(c->dtype, inputs);
    t->kernel = array_of(c->dtype, taps);
    t->y = array_of(c->dtype, outputs);
    printf("%s %.0f\n", conv_algorithm_name(c, t->action), 1e9 * seconds_of(t));
    fflush(stdout);
    free(t->x);
    free(t->kernel);
    free(t->y);
}

/* False at the end of the input. */
static bool read_task(task *t) {
    char name[16];
    char what[16];
    char dtype[16];
    conv *c = &t->conv;
    if (scanf("%15s %15s %15s %d %ld %ld %ld %ld", name, what, dtype, &c->winograd, &c->batch,
              &c->groups, &c->channels, &c->filters) != 8) {
        return false;
    }
    t->action = what[0] == 'f'   ? CONV_FORWARD
                : what[0] == 'i' ? CONV_INPUT_GRADIENT
                                 : CONV_KERNEL_GRADIENT;
    c->dtype = strcmp(dtype, "float32") == 0 ? LEGO_FLOAT32 : LEGO_FLOAT64;
    for (int i = 0; i < CONV_AXES; i++) {
        conv_axis *a = &c->axes[i];
        if (scanf("%ld %ld %ld %ld %ld %ld", &a->input, &a->output, &a->taps, &a->stride,
                  &a->dilation, &a->before) != 6) {
            return false;
        }
    }
    t->algorithm = algorithms;
    while (strcmp(t->algorithm->name, name) != 0) {
        t->algorithm++;
    }
    return true;
}

int main(void) {
    lego_set_threads(1);
    denormals_flush();
    for (task t; read_task(&t);) {
        time_task(&t);
    }
    return 0;
}
