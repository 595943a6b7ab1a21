/* The tape and the backward pass. */
#include <pthread.h>
#include <string.h>

#include "check.h"

static const int64_t three[] = {3};
static const int64_t two_by_three[] = {2, 3};

static lego_tensor *times(lego_tensor *a, lego_tensor *b) {
    return APPLY("multiply", NULL, a, b);
}

static lego_tensor *plus(lego_tensor *a, lego_tensor *b) {
    return APPLY("add", NULL, a, b);
}

/* The first element of d target / d source; -77 when there is none. */
static double slope(lego_tensor *target, lego_tensor *source) {
    lego_tensor *g = gradient(target, source, false);
    return g ? at(g, 0) : -77;
}

/* ---- values --------------------------------------------------------------------------------- */

/* A node whose result is used twice must have both gradients before it runs. */
static void results_used_twice_add_up(void) {
    lego_tensor *a = watched(3);
    lego_tensor *b = plus(a, a);
    lego_tensor *c = plus(b, b);
    CHECK(slope(c, a) == 4);
    CHECK(slope(c, b) == 2);
    CHECK(slope(c, c) == 1);
    CHECK(slope(a, a) == 1);
    CHECK(slope(plus(times(a, a), a), a) == 7);
}

static void paths_of_different_lengths_meet(void) {
    lego_tensor *x = watched(2);
    lego_tensor *y = x;
    for (int i = 0; i < 5; i++) {
        y = plus(times(y, x), x); /* x is read in each round */
    }
    CHECK(slope(y, x) == 6 * 32 + 5 * 16 + 4 * 8 + 3 * 4 + 2 * 2 + 1);
}

static void gradients_can_be_differentiated_again(void) {
    lego_tensor *x = watched(2);
    lego_tensor *cube = times(times(x, x), x);
    lego_tensor *first = gradient(cube, x, true);
    lego_tensor *second = gradient(first, x, true);
    lego_tensor *third = gradient(second, x, true);
    CHECK(at(first, 0) == 12 && at(second, 0) == 12 && at(third, 0) == 6);
    CHECK(gradient(third, x, true) == NULL);
    CHECK(gradient(gradient(cube, x, false), x, false) == NULL);
}

static void gradients_of_broadcast_inputs_are_summed(void) {
    lego_tensor *x = rising(LEGO_FLOAT64, 1, three);
    lego_tensor_watch(x, true);
    lego_tensor *g = gradient(plus(rising(LEGO_FLOAT64, 2, two_by_three), x), x, false);
    CHECK(lego_tensor_rank(g) == 1 && lego_tensor_shape(g)[0] == 3 && at(g, 2) == 2);
}

static void a_source_that_is_not_reached_has_no_gradient(void) {
    lego_tensor *x = watched(2);
    lego_tensor *other = watched(3);
    CHECK(gradient(times(x, x), other, false) == NULL);
    CHECK(gradient(number(1), x, false) == NULL);
}

static void several_targets_and_sources(void) {
    lego_tensor *a = watched(2);
    lego_tensor *b = watched(3);
    lego_tensor *targets[] = {times(a, b), plus(a, b)};
    lego_tensor *seeds[] = {number(10), NULL};
    lego_tensor *sources[] = {a, b, a};
    lego_tensor *found[3] = {NULL};
    CHECK(!lego_gradients(targets, seeds, 2, sources, 3, false, found));
    CHECK(at(keep(found[0]), 0) == 31 && at(keep(found[1]), 0) == 21);
    CHECK(at(keep(found[2]), 0) == 31);
}

static void seeds_that_do_not_fit_are_refused(void) {
    lego_tensor *x = watched(2);
    lego_tensor *y = times(x, x);
    lego_tensor *nothing = NULL;
    lego_tensor *found = NULL;
    lego_tensor *long_seed = rising(LEGO_FLOAT64, 1, three);
    lego_tensor *single_seed = rising(LEGO_FLOAT32, 0, NULL);
    CHECK(lego_gradients(&y, &long_seed, 1, &x, 1, false, &found) == LEGO_BAD_SHAPE);
    CHECK(lego_gradients(&y, &single_seed, 1, &x, 1, false, &found) == LEGO_BAD_SHAPE);
    CHECK(lego_gradients(&nothing, NULL, 1, &x, 1, false, &found) == LEGO_BAD_VALUE);
    CHECK(lego_gradients(&y, NULL, 1, &nothing, 1, false, &found) == LEGO_BAD_VALUE);
    CHECK(lego_backward(NULL, NULL, false) == LEGO_NO_GRADIENT);
    CHECK(lego_backward(number(1), NULL, false) == LEGO_NO_GRADIENT);
}

/* ---- length --------------------------------------------------------------------------------- */

enum { ADDITIONS = 100000, SMALL_STACK = 256 * 1024 };

static lego_tensor *add_often(lego_tensor *x, lego_tensor *step) {
    lego_tensor *y = lego_tensor_retain(x);
    for (int i = 0; i < ADDITIONS && y; i++) {
        lego_tensor *next = NULL;
        int count = 0;
        lego_apply(lego_brick_find("add"), (lego_tensor *[]){y, step}, 2, NULL, &next, 1, &count);
        lego_tensor_release(y);
        y = next;
    }
    return y;
}

static void *go_back_far(void *unused) {
    lego_tensor *x = watched(1);
    lego_tensor *y = add_often(x, number(0.5));
    if (CHECK(y != NULL)) {
        CHECK(at(y, 0) == 1 + ADDITIONS * 0.5);
        CHECK(slope(y, x) == 1);
        lego_tensor_release(y); /* the last reference to 100,000 nodes */
    }
    release_kept();
    return unused;
}

/* A recursion with one call per node would need megabytes. */
static void a_long_history_needs_no_stack(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, SMALL_STACK) == 0);
    CHECK(pthread_create(&thread, &attributes, go_back_far, NULL) == 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

/* ---- memory of the history ------------------------------------------------------------------- */

/* Bytes that are freed when y of y = brick(x, x), z = brick(y, y) is released before z. */
static size_t bytes_freed_by(const char *brick) {
    const int64_t many[] = {100000};
    lego_tensor *x = rising(LEGO_FLOAT64, 1, many);
    lego_tensor_watch(x, true);
    lego_tensor *y = NULL;
    int count = 0;
    CHECK(!lego_apply(lego_brick_find(brick), (lego_tensor *[]){x, x}, 2, NULL, &y, 1, &count));
    CHECK(APPLY(brick, NULL, y, y) != NULL);
    size_t before = lego_memory_used();
    lego_tensor_release(y);
    return before - lego_memory_used();
}

/* The gradient of add reads shapes only: the history keeps ghosts, and the numbers are freed. */
static void numbers_that_no_gradient_reads_are_freed(void) {
    CHECK(bytes_freed_by("add") >= 100000 * sizeof(double));
    CHECK(bytes_freed_by("multiply") == 0);
}

static void an_assigned_input_is_noticed(void) {
    const double two = 2;
    lego_tensor *w = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, &two, true));
    lego_tape(LEGO_TAPE_VARIABLES);
    lego_tensor *product = times(w, w);
    lego_tensor *sum = plus(w, w);
    lego_tape(LEGO_TAPE_ASKED);
    CHECK(slope(product, w) == 4);
    CHECK(APPLY("assign", NULL, w, number(5)) != NULL);
    CHECK(gradient(product, w, false) == NULL);
    CHECK(lego_last_status() == LEGO_NO_GRADIENT && last_error_says("multiply"));
    CHECK(slope(sum, w) == 2); /* its gradient does not read w */
}

/* ---- taping --------------------------------------------------------------------------------- */

static void each_taping_mode_records_its_own_tensors(void) {
    const double two = 2;
    lego_tensor *trainable = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, &two, true));
    lego_tensor *fixed = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, &two, false));
    lego_tensor *asked = watched(2);
    CHECK(lego_tape(LEGO_TAPE_PAUSED) == LEGO_TAPE_ASKED);
    CHECK(!lego_tensor_is_watched(times(asked, asked)));
    CHECK(lego_tape(LEGO_TAPE_VARIABLES) == LEGO_TAPE_PAUSED);
    CHECK(lego_tensor_is_watched(trainable) && !lego_tensor_is_watched(fixed));
    CHECK(lego_tensor_is_watched(times(trainable, fixed)));
    CHECK(lego_tensor_is_watched(times(asked, fixed)));
    CHECK(lego_tape(LEGO_TAPE_ASKED) == LEGO_TAPE_VARIABLES);
    CHECK(!lego_tensor_is_watched(times(trainable, fixed)));
    lego_tensor_watch(asked, false);
    CHECK(!lego_tensor_is_watched(times(asked, asked)));
}

static void integers_have_no_gradients(void) {
    const int64_t two = 2;
    const int64_t to_float64[] = {LEGO_FLOAT64};
    lego_tensor *n = keep(lego_tensor_new(LEGO_INT64, 0, NULL, &two));
    CHECK(lego_tensor_watch(n, true) == LEGO_BAD_DTYPE && last_error_says("int64"));
    lego_tensor *x = watched(3);
    CHECK(slope(times(x, n), x) == 2);
    CHECK(gradient(APPLY("cast", to_float64, n), n, false) == NULL);
}

/* ---- backward ------------------------------------------------------------------------------- */

static double gradient_left_at(lego_tensor *x) {
    lego_tensor *g = keep(lego_tensor_gradient(x));
    return g ? at(g, 0) : -77;
}

static void backward_leaves_gradients_that_add_up(void) {
    lego_tensor *a = watched(2);
    lego_tensor *b = watched(3);
    lego_tensor *y = times(a, b);
    CHECK(lego_tensor_gradient(a) == NULL);
    CHECK(!lego_backward(y, NULL, false) && gradient_left_at(a) == 3 && gradient_left_at(b) == 2);
    CHECK(!lego_backward(y, number(10), false) && gradient_left_at(a) == 33 &&
          gradient_left_at(b) == 22);
    lego_tensor_forget_gradient(a);
    CHECK(lego_tensor_gradient(a) == NULL && gradient_left_at(b) == 22);
    CHECK(!lego_backward(a, NULL, false) && gradient_left_at(a) == 1);
}

static void backward_reaches_trainable_variables(void) {
    const double two = 2;
    lego_tensor *w = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, &two, true));
    lego_tape(LEGO_TAPE_VARIABLES);
    lego_tensor *y = times(w, number(7));
    lego_tape(LEGO_TAPE_ASKED);
    CHECK(!lego_backward(y, NULL, false) && gradient_left_at(w) == 7);
}

/* b = a + a; c = b * b: two nodes, of which the younger one keeps the numbers of b. */
static void a_history_shows_its_nodes(void) {
    lego_tensor *a = watched(3);
    lego_tensor *b = plus(a, a);
    lego_history *h = lego_tensor_history(times(b, b));
    lego_node_info node;
    lego_node_operand x;
    CHECK(lego_history_count(h) == 2);
    CHECK(!lego_history_node(h, 0, &node) && node.inputs == 2 && node.outputs == 1);
    CHECK(!strcmp(lego_brick_name(node.brick), "multiply"));
    CHECK(!lego_history_operand(h, 0, 1, &x) && x.node == 1 && x.leaf == -1 && x.keeps_numbers);
    CHECK(!lego_history_operand(h, 1, 0, &x) && x.node == -1 && x.leaf == 0 && !x.keeps_numbers);
    CHECK(!lego_history_operand(h, 1, 2, &x) && x.rank == 0 && x.dtype == LEGO_FLOAT64);
    CHECK(lego_history_node(h, 2, &node) == LEGO_BAD_INDEX);
    CHECK(lego_history_operand(h, 0, 3, &x) == LEGO_BAD_INDEX);
    lego_history_free(h);
}

/* ---- the group ------------------------------------------------------------------------------ */

const test backward_tests[] = {
    {"results used twice add up", results_used_twice_add_up},
    {"paths of different lengths meet", paths_of_different_lengths_meet},
    {"gradients can be differentiated again", gradients_can_be_differentiated_again},
    {"gradients of broadcast inputs are summed", gradients_of_broadcast_inputs_are_summed},
    {"a source that is not reached has no gradient", a_source_that_is_not_reached_has_no_gradient},
    {"several targets and sources", several_targets_and_sources},
    {"seeds that do not fit are refused", seeds_that_do_not_fit_are_refused},
    {"a long history needs no stack", a_long_history_needs_no_stack},
    {"numbers that no gradient reads are freed", numbers_that_no_gradient_reads_are_freed},
    {"an assigned input is noticed", an_assigned_input_is_noticed},
    {"each taping mode records its own tensors", each_taping_mode_records_its_own_tensors},
    {"integers have no gradients", integers_have_no_gradients},
    {"backward leaves gradients that add up", backward_leaves_gradients_that_add_up},
    {"backward reaches trainable variables", backward_reaches_trainable_variables},
    {"a history shows its nodes", a_history_shows_its_nodes},
    {NULL, NULL},
};
