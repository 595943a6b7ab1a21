/* No memory: whichever request is refused, the caller gets a status and nothing leaks. */
#include <math.h>

#include "check.h"
#include "net.h"

/* Runs the work again and again: first its first request is refused, then its second, and so on. */
static void refuse_each_request_of(bool (*work)(void)) {
    long refused = 0;
    for (bool is_done = false; !is_done; refused++) {
        refuse_request(refused);
        bool worked = work();
        is_done = !has_refused();
        lego_status status = lego_last_status();
        refuse_request(-1);
        release_kept();
        bool is_expected = CHECK(worked == is_done) && CHECK(is_done || status == LEGO_NO_MEMORY) &&
                           CHECK(lego_memory_used() == 0) && CHECK(blocks_in_use() == 0);
        if (!is_expected) {
            return;
        }
    }
    CHECK(refused > 20);
}

static bool train(void) {
    net n;
    return net_open(&n, 4, 2, 8) && net_train(&n);
}

static void training_survives_every_refusal(void) {
    refuse_each_request_of(train);
}

/* A backward pass with a history of its own, and gradients that add up at leaves. */
static bool go_back_twice(void) {
    lego_tensor *x = watched(2);
    lego_tensor *cube = APPLY("multiply", NULL, APPLY("multiply", NULL, x, x), x);
    lego_tensor *slope = gradient(cube, x, true);
    lego_history *history = slope ? lego_tensor_history(slope) : NULL;
    bool is_there = history != NULL;
    lego_history_free(history);
    return is_there && !lego_backward(slope, NULL, false) && !lego_backward(cube, NULL, false);
}

static void backward_passes_survive_every_refusal(void) {
    refuse_each_request_of(go_back_twice);
}

/* Bricks with several outputs, with views, and with scratch memory. */
static bool split_and_join(void) {
    const int64_t shape[] = {4, 3};
    const int64_t order[] = {3, 0, 3};
    const int64_t halves[] = {2, 0};
    const int64_t axis[] = {0};
    const ints swapped = {2, {1, 0}};
    const ints flat = {1, {6}};
    lego_tensor *parts[2] = {NULL};
    int count = 0;
    lego_tensor *x = rising(LEGO_FLOAT64, 2, shape);
    lego_tensor *indices = keep(lego_tensor_new(LEGO_INT64, 1, (int64_t[]){3}, order));
    if (!x || !indices || lego_tensor_watch(x, true) ||
        lego_apply(lego_brick_find("split"), &x, 1, halves, parts, 2, &count)) {
        return false;
    }
    lego_tensor *first = keep(parts[0]);
    lego_tensor *rows = APPLY("take", axis, x, indices);
    lego_tensor *all = APPLY("concatenate", axis, first, rows, keep(parts[1]));
    lego_tensor *dense = APPLY("reshape", &flat, APPLY("transpose", &swapped, first));
    lego_tensor *targets[] = {all, dense};
    lego_tensor *found = NULL;
    if (!all || !dense || lego_gradients(targets, NULL, 2, &x, 1, false, &found)) {
        return false;
    }
    return keep(found) != NULL;
}

static void splitting_survives_every_refusal(void) {
    refuse_each_request_of(split_and_join);
}

/* The attributes of "conv". */
typedef struct conv_attributes {
    ints strides;
    ints dilation;
    ints before;
    ints after;
    int64_t groups;
} conv_attributes;

/* A convolution and its gradients: 48 channels take Winograd's algorithm, 5 the direct one, and 8
 * in 8 groups the loops of depthwise convolutions; 3 filters the narrow gradient by the kernel, and
 * 3 groups of 5 channels and 6 filters the loops of grouped ones. */
static bool convolve(int64_t channels, int64_t filters, int64_t groups) {
    const int64_t shape[] = {2, 5, 6, channels};
    const int64_t taps[] = {3, 3, channels / groups, filters};
    const conv_attributes same = {{2, {1, 1}}, {2, {1, 1}}, {2, {1, 1}}, {2, {1, 1}}, groups};
    lego_tensor *both[] = {rising(LEGO_FLOAT32, 4, shape), rising(LEGO_FLOAT32, 4, taps)};
    if (!both[0] || !both[1] || lego_tensor_watch(both[0], true) ||
        lego_tensor_watch(both[1], true)) {
        return false;
    }
    lego_tensor *y = APPLY("conv", &same, both[0], both[1]);
    lego_tensor *found[2] = {NULL};
    if (!y || lego_gradients(&y, NULL, 1, both, 2, false, found)) {
        return false;
    }
    keep(found[0]);
    return keep(found[1]) != NULL;
}

static bool convolve_by_winograd(void) {
    return convolve(48, 48, 1);
}

static bool convolve_directly(void) {
    return convolve(5, 16, 1);
}

static bool convolve_depthwise(void) {
    return convolve(8, 16, 8);
}

static bool convolve_narrow(void) {
    return convolve(16, 3, 1);
}

static bool convolve_groups(void) {
    return convolve(15, 18, 3);
}

/* On one thread, since the test allocator takes the next request of any thread for the repetition
 * of the one that it refused. */
static void convolutions_survive_every_refusal(void) {
    int before = lego_threads();
    lego_set_threads(1);
    refuse_each_request_of(convolve_by_winograd);
    refuse_each_request_of(convolve_narrow);
    refuse_each_request_of(convolve_directly);
    refuse_each_request_of(convolve_depthwise);
    refuse_each_request_of(convolve_groups);
    lego_set_threads(before);
}

/* Attention, whose tasks take memory of their own; few groups, so that their keys are cut. */
static bool attend(void) {
    const int64_t shape[] = {1, 300, 1, 2};
    const int64_t draw[] = {1, 2};
    const bool all = true;
    const double one = 1;
    const struct {
        double scale, soft_cap;
        int64_t is_causal;
        double rate;
    } attributes = {1, INFINITY, 1, 0.5};
    lego_tensor *x[6] = {
        rising(LEGO_FLOAT64, 4, shape),
        rising(LEGO_FLOAT64, 4, shape),
        rising(LEGO_FLOAT64, 4, shape),
        keep(lego_tensor_new(LEGO_BOOL, 0, NULL, &all)),
        keep(lego_tensor_new(LEGO_FLOAT64, 0, NULL, &one)),
        keep(lego_tensor_new(LEGO_INT64, 1, (int64_t[]){2}, draw)),
    };
    lego_tensor *y[3] = {NULL};
    int count = 0;
    for (int i = 0; i < 6; i++) {
        if (!x[i] || (i < 3 && lego_tensor_watch(x[i], true))) {
            return false;
        }
    }
    if (lego_apply(lego_brick_find("attention"), x, 6, &attributes, y, 3, &count)) {
        return false;
    }
    lego_tensor *found[3] = {NULL};
    lego_tensor *outputs[3] = {keep(y[0]), keep(y[1]), keep(y[2])};
    bool is_done = !lego_gradients(outputs, NULL, 1, x, 3, false, found);
    for (int i = 0; i < 3; i++) {
        is_done &= keep(found[i]) != NULL;
    }
    return is_done;
}

static void attention_survives_every_refusal(void) {
    int before = lego_threads();
    lego_set_threads(1);
    refuse_each_request_of(attend);
    lego_set_threads(before);
}

const test scarcity_tests[] = {
    {"training survives every refusal", training_survives_every_refusal},
    {"backward passes survive every refusal", backward_passes_survive_every_refusal},
    {"splitting survives every refusal", splitting_survives_every_refusal},
    {"convolutions survive every refusal", convolutions_survive_every_refusal},
    {"attention survives every refusal", attention_survives_every_refusal},
    {NULL, NULL},
};
