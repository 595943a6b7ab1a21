/* Bits: results are the same on all machines. There are two sets of results: one for machines that
 * multiply and add with one rounding (AVX2, AVX-512, arm64), one for those that round twice (SSE2).
 *
 * The hashes below were computed once. A better kernel may add in another order: then the hashes
 * change for all machines at once, and with them this file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

typedef struct golden {
    uint64_t rounded_once;
    uint64_t rounded_twice;
} golden;

/* Without a product both sets are the same. */
static golden anywhere(uint64_t hash) {
    return (golden){hash, hash};
}

static uint64_t hash_of(const lego_tensor *x, uint64_t hash) {
    const unsigned char *bytes = x ? lego_tensor_data(x) : NULL;
    size_t count = x ? (size_t)lego_tensor_size(x) * lego_dtype_size(lego_tensor_dtype(x)) : 0;
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211); /* FNV-1a */
    }
    return hash;
}

static const uint64_t no_hash = UINT64_C(14695981039346656037);

/* Whether the instruction set in use has no instruction that multiplies and adds. */
static bool rounds_twice(void) {
#if defined(__x86_64__)
    return strcmp(lego_isa(), "generic") == 0;
#else
    return false;
#endif
}

/* clang fuses a product and a sum that stand in one basic block; the checks of its sanitizers lie
 * between the two. */
static bool is_fusing(void) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return false;
#endif
#endif
    return true;
}

static void check_hash(const char *what, uint64_t found, golden wanted) {
    printf("       %s, %s: %016" PRIx64 "\n", lego_isa(), what, found);
    if (!is_fusing() && wanted.rounded_once != wanted.rounded_twice) {
        return;
    }
    CHECK(found == (rounds_twice() ? wanted.rounded_twice : wanted.rounded_once));
}

/* Numbers between -1/2 and 1/2 in no visible order, made without a rounding. */
static float scattered_at(int64_t i, uint64_t seed) {
    uint64_t mixed = ((uint64_t)i + seed) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (float)(int64_t)(mixed >> 40) / 16777216 - 0.5F;
}

static lego_tensor *scattered(bool is_weight, uint64_t seed, int rank, const int64_t *shape) {
    lego_tensor *x = keep(lego_variable_new(LEGO_FLOAT32, rank, shape, NULL, is_weight));
    int64_t size = x ? lego_tensor_size(x) : 0;
    for (int64_t i = 0; i < size; i++) {
        ((float *)lego_tensor_data(x))[i] = scattered_at(i, seed);
    }
    return x;
}

/* ---- a convolutional network, trained by Adam ----------------------------------------------- */

enum { PICTURES = 16, SIDE = 14, FILTERS = 20, HIDDEN = 33, CLASSES = 10, STEPS = 6, WEIGHTS = 9 };

typedef struct convnet {
    lego_tensor *x;
    lego_tensor *t;
    lego_tensor *weights[WEIGHTS];
    lego_tensor *means[WEIGHTS];
    lego_tensor *squares[WEIGHTS];
} convnet;

static bool convnet_open(convnet *n) {
    static const struct {
        int rank;
        int64_t shape[4];
    } weights[WEIGHTS] = {
        {4, {3, 3, 3, FILTERS}}, {4, {1, 1, 1, FILTERS}},
        {4, {1, 1, 1, FILTERS}}, {4, {3, 3, FILTERS, FILTERS}},
        {4, {3, 3, 1, FILTERS}}, {2, {7 * 7 * FILTERS, HIDDEN}},
        {1, {HIDDEN}},           {2, {HIDDEN, CLASSES}},
        {1, {CLASSES}},
    };
    bool is_complete = true;
    n->x = scattered(false, 1, 4, (int64_t[]){PICTURES, SIDE, SIDE, 3});
    n->t = scattered(false, 2, 2, (int64_t[]){PICTURES, CLASSES});
    for (int i = 0; i < WEIGHTS; i++) {
        n->weights[i] = scattered(true, 10 + (uint64_t)i, weights[i].rank, weights[i].shape);
        n->means[i] =
            keep(lego_variable_new(LEGO_FLOAT32, weights[i].rank, weights[i].shape, NULL, false));
        n->squares[i] =
            keep(lego_variable_new(LEGO_FLOAT32, weights[i].rank, weights[i].shape, NULL, false));
        is_complete = is_complete && n->weights[i] && n->means[i] && n->squares[i];
    }
    return is_complete && n->x && n->t;
}

/* The first of the two outputs of a brick; both are kept. */
static lego_tensor *apply_pair(const char *name, const void *attributes, lego_tensor *x,
                               lego_tensor **second) {
    lego_tensor *outputs[2] = {NULL, NULL};
    int count = 0;
    if (!x || lego_apply(lego_brick_find(name), &x, 1, attributes, outputs, 2, &count)) {
        return NULL;
    }
    *second = keep(outputs[1]);
    return keep(outputs[0]);
}

static lego_tensor *constant(float value) {
    return keep(lego_tensor_new(LEGO_FLOAT32, 0, NULL, &value));
}

static const struct {
    ints strides, dilation, before, after;
    int64_t groups;
} same = {{2, {1, 1}}, {2, {1, 1}}, {2, {1, 1}}, {2, {1, 1}}, 1},
  depthwise = {{2, {1, 1}}, {2, {1, 1}}, {2, {1, 1}}, {2, {1, 1}}, FILTERS};

static const struct {
    ints size, strides, before, after;
} halves = {{2, {2, 2}}, {2, {2, 2}}, {2, {0, 0}}, {2, {0, 0}}};

static lego_tensor *normalized(const convnet *n, lego_tensor *x) {
    const ints batch = {3, {0, 1, 2}};
    lego_tensor *variance = NULL;
    lego_tensor *mean = apply_pair("moments", &batch, x, &variance);
    lego_tensor *root = APPLY("rsqrt", NULL, APPLY("add", NULL, variance, constant(1e-3F)));
    return APPLY("normalize", NULL, x, mean, APPLY("multiply", NULL, root, n->weights[1]),
                 n->weights[2]);
}

static lego_tensor *dense(lego_tensor *x, lego_tensor *w, lego_tensor *b) {
    const int64_t not_transposed[] = {0, 0};
    return APPLY("add", NULL, APPLY("matmul", not_transposed, x, w), b);
}

static lego_tensor *logits(const convnet *n) {
    const ints flat = {2, {PICTURES, 7 * 7 * FILTERS}};
    lego_tensor *argmax = NULL;
    lego_tensor *x = normalized(n, APPLY("conv", &same, n->x, n->weights[0]));
    x = APPLY("conv", &same, APPLY("relu", NULL, x), n->weights[3]);
    x = apply_pair("max_pool", &halves, APPLY("relu", NULL, x), &argmax);
    x = APPLY("tanh", NULL, APPLY("conv", &depthwise, x, n->weights[4]));
    x = dense(APPLY("reshape", &flat, x), n->weights[5], n->weights[6]);
    return dense(APPLY("sigmoid", NULL, x), n->weights[7], n->weights[8]);
}

static lego_tensor *loss_of(const convnet *n) {
    const axes_attributes all = {.axes = {2, {0, 1}}};
    const int64_t last[] = {1};
    lego_taping former = lego_tape(LEGO_TAPE_VARIABLES);
    lego_tensor *y = APPLY("log_softmax", last, logits(n));
    lego_tensor *loss = APPLY("mean", &all, APPLY("multiply", NULL, y, n->t));
    lego_tape(former);
    return loss;
}

static bool adam(const convnet *n, int i, lego_tensor *g) {
    lego_tensor *m = APPLY("lerp", NULL, n->means[i], g, constant(0.1F));
    lego_tensor *v = APPLY("lerp", NULL, n->squares[i], APPLY("square", NULL, g), constant(0.01F));
    lego_tensor *root = APPLY("add", NULL, APPLY("sqrt", NULL, v), constant(1e-7F));
    lego_tensor *step = APPLY("divide", NULL, APPLY("multiply", NULL, m, constant(0.01F)), root);
    return APPLY("assign", NULL, n->means[i], m) && APPLY("assign", NULL, n->squares[i], v) &&
           APPLY("assign", NULL, n->weights[i], APPLY("subtract", NULL, n->weights[i], step));
}

static bool learn(const convnet *n) {
    lego_tensor *gradients[WEIGHTS];
    lego_tensor *loss = loss_of(n);
    if (!loss || lego_gradients(&loss, NULL, 1, n->weights, WEIGHTS, false, gradients)) {
        return false;
    }
    bool done = true;
    for (int i = 0; i < WEIGHTS; i++) {
        done = adam(n, i, keep(gradients[i])) && done;
    }
    return done;
}

static uint64_t hash_of_weights(const convnet *n) {
    uint64_t hash = no_hash;
    for (int i = 0; i < WEIGHTS; i++) {
        hash = hash_of(n->weights[i], hash);
    }
    return hash;
}

static const golden after_training = {UINT64_C(0x5e7c9f826faf7d9f), UINT64_C(0xfc5e9a80b258cd38)};

static void a_trained_network_is_the_same_on_all_machines(void) {
    convnet n;
    CHECK(convnet_open(&n));
    lego_program *program = lego_program_new(NULL);
    lego_program *former = lego_record(program);
    bool is_recorded = learn(&n);
    lego_record(former);
    CHECK(is_recorded && !lego_program_finish(program, NULL, 0, LEGO_PASS_ALL));
    for (int i = 0; i < STEPS; i++) {
        CHECK(!lego_program_run(program, NULL, 0, NULL, 0));
    }
    lego_program_release(program);
    check_hash("a trained network", hash_of_weights(&n), after_training);
}

static void the_eager_network_is_the_same(void) {
    convnet n;
    CHECK(convnet_open(&n));
    for (int i = 0; i < STEPS; i++) {
        CHECK(learn(&n));
    }
    check_hash("an eager network", hash_of_weights(&n), after_training);
}

/* ---- functions and draws, without a product ------------------------------------------------- */

static void functions_are_the_same_on_all_machines(void) {
    static const char *const names[] = {"exp",        "expm1",      "log",   "log1p", "tanh",
                                        "sigmoid",    "softplus",   "erf",   "sqrt",  "rsqrt",
                                        "normal_cdf", "reciprocal", "round", "floor", "sign"};
    uint64_t hash = no_hash;
    lego_tensor *x = scattered(false, 5, 1, &(int64_t){10000});
    x = APPLY("multiply", NULL, x, constant(20));
    lego_tensor *above = APPLY("absolute", NULL, x);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool is_root = strstr("log log1p sqrt rsqrt", names[i]) != NULL;
        lego_tensor *y = APPLY(names[i], NULL, is_root ? above : x);
        CHECK(y != NULL);
        hash = hash_of(y, hash);
    }
    check_hash("functions", hash,
               (golden){UINT64_C(0x2c90b9ffb0ba76c5), UINT64_C(0x09bfb108d9dc6164)});
}

static void draws_are_the_same_on_all_machines(void) {
    const struct {
        ints shape;
        double first, second;
        int64_t dtype;
    } of = {{1, {10000}}, -1, 2, LEGO_FLOAT32};
    const int64_t numbers[] = {3, 4};
    lego_tensor *key = keep(lego_tensor_new(LEGO_INT64, 1, &(int64_t){2}, numbers));
    uint64_t hash = hash_of(APPLY("random_uniform", &of, key), no_hash);
    hash = hash_of(APPLY("random_normal", &of, key), hash);
    hash = hash_of(APPLY("truncated_normal", &of, key), hash);
    check_hash("draws", hash, anywhere(UINT64_C(0xf7c5795061c8ed85)));
}

/* Adam corrects its rate by powers. */
static void corrections_of_adam_are_the_same_on_all_machines(void) {
    const float shares[] = {0.9F, 0.999F};
    uint64_t hash = no_hash;
    lego_tensor *steps = rising(LEGO_FLOAT32, 1, &(int64_t){1000});
    steps = APPLY("round", NULL, APPLY("multiply", NULL, steps, constant(10)));
    for (int i = 0; i < 2; i++) {
        hash = hash_of(APPLY("power", NULL, constant(shares[i]), steps), hash);
    }
    check_hash("powers", hash, anywhere(UINT64_C(0x43852f740dcde2ac)));
}

/* x x^T beside x times a copy of x, transposed: of one block, or of many that are mirrored. */
static void check_product_with_itself(lego_dtype dtype, int64_t rows) {
    const int64_t shape[] = {rows, 9}, transposed_b[] = {0, 1};
    lego_tensor *x = APPLY("sin", NULL, rising(dtype, 2, shape));
    lego_tensor *copy = APPLY("sin", NULL, rising(dtype, 2, shape));
    lego_tensor *of_itself = APPLY("matmul", transposed_b, x, x);
    lego_tensor *of_copy = APPLY("matmul", transposed_b, x, copy);
    CHECK(of_itself && of_copy && hash_of(of_itself, no_hash) == hash_of(of_copy, no_hash));
}

static void a_product_with_itself_has_the_bits_of_any_other(void) {
    for (int64_t rows = 127; rows < 500; rows += 93) {
        check_product_with_itself(LEGO_FLOAT32, rows);
        check_product_with_itself(LEGO_FLOAT64, rows);
    }
}

/* ---- the group ------------------------------------------------------------------------------- */

const test bits_tests[] = {
    {"a trained network is the same on all machines",
     a_trained_network_is_the_same_on_all_machines},
    {"the eager network is the same", the_eager_network_is_the_same},
    {"functions are the same on all machines", functions_are_the_same_on_all_machines},
    {"draws are the same on all machines", draws_are_the_same_on_all_machines},
    {"corrections of Adam are the same on all machines",
     corrections_of_adam_are_the_same_on_all_machines},
    {"a product with itself has the bits of any other",
     a_product_with_itself_has_the_bits_of_any_other},
    {NULL, NULL},
};
