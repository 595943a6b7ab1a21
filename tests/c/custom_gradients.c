/* Gradients that the caller computes. */
#include <string.h>

#include "check.h"
#include "tensor/custom_gradient.h"

enum { OWNER = 77 };

static lego_tensor *factor; /* what the caller keeps for its gradient */

/* dx_0 = factor dy, and nothing flows to x_1. */
static lego_status times_factor(int64_t owner, lego_tensor *dy, const bool *wanted, int count,
                                lego_tensor **dx) {
    CHECK(owner == OWNER && count == 2);
    lego_tensor *both[] = {factor, dy};
    int made = 0;
    return wanted[0] ? lego_apply(lego_brick_find("multiply"), both, 2, NULL, &dx[0], 1, &made)
                     : LEGO_OK;
}

static lego_status refuse(int64_t owner, lego_tensor *dy, const bool *wanted, int count,
                          lego_tensor **dx) {
    (void)owner, (void)dy, (void)wanted, (void)count, (void)dx;
    return LEGO_BAD_VALUE;
}

static lego_tensor *with_gradient(lego_tensor *value, lego_tensor *a, lego_tensor *b) {
    lego_tensor *inputs[] = {a, b};
    return keep(lego_with_gradient(value, inputs, 2, OWNER));
}

/* How many times the owner was let go since the last question. */
static int owners_released(void) {
    int64_t owners[8];
    int count = lego_released_owners(owners, 8);
    for (int i = 0; i < count; i++) {
        CHECK(owners[i] == OWNER);
    }
    return count;
}

static void the_caller_computes_gradients(void) {
    lego_set_gradient_caller(times_factor);
    factor = watched(5);
    lego_tensor *a = watched(2);
    lego_tensor *y = with_gradient(number(10), a, watched(3));
    lego_tensor *square = APPLY("multiply", NULL, y, y);
    CHECK(at(y, 0) == 10);
    lego_tensor *slope = gradient(square, a, true);
    CHECK(at(slope, 0) == 2 * 10 * 5);
    CHECK(at(gradient(slope, factor, false), 0) == 2 * 10);
    release_kept();
    CHECK(owners_released() == 1);
    lego_set_gradient_caller(NULL);
}

static void a_value_without_a_history_lets_the_owner_go(void) {
    lego_tensor *y = with_gradient(number(10), number(1), number(2));
    CHECK(at(y, 0) == 10 && !lego_tensor_is_watched(y));
    CHECK(owners_released() == 1);
}

static void refusals_end_the_backward_pass(void) {
    lego_tensor *a = watched(2);
    lego_tensor *y = with_gradient(number(10), a, number(3));
    lego_tensor *g = NULL;
    CHECK(lego_gradients(&y, NULL, 1, &a, 1, false, &g) == LEGO_NO_GRADIENT);
    CHECK(last_error_says("nobody computes"));
    lego_set_gradient_caller(refuse);
    CHECK(lego_gradients(&y, NULL, 1, &a, 1, false, &g) == LEGO_BAD_VALUE);
    lego_set_gradient_caller(NULL);
    CHECK(!with_gradient(NULL, a, a) && last_error_says("is NULL"));
    CHECK(!with_gradient(number(1), NULL, a) && last_error_says("is NULL"));
    CHECK(!lego_with_gradient(number(1), &a, 1, 0) && last_error_says("an owner other than 0"));
    lego_tensor *none = keep(lego_with_gradient(number(1), NULL, -3, OWNER));
    CHECK(at(none, 0) == 1);
    release_kept();
    CHECK(owners_released() == 4);
}

/* Each request for memory is refused in its turn. */
static void no_memory_is_survived(void) {
    lego_set_gradient_caller(times_factor);
    for (long refused = 0, is_done = 0; !is_done; refused++) {
        refuse_request(refused);
        factor = number(5);
        lego_tensor *a = watched(2);
        lego_tensor *value = number(10), *other = number(3);
        bool is_there = factor && a && value && other;
        lego_tensor *y = is_there ? with_gradient(value, a, other) : NULL;
        lego_tensor *g = NULL;
        bool worked = y && !lego_gradients(&y, NULL, 1, &a, 1, false, &g) && g;
        is_done = !has_refused();
        refuse_request(-1);
        lego_tensor_release(g);
        release_kept();
        owners_released();
        CHECK(worked == is_done);
        CHECK(lego_memory_used() == 0 && blocks_in_use() == 0);
    }
    lego_set_gradient_caller(NULL);
}

const test custom_gradient_tests[] = {
    {"the caller computes gradients", the_caller_computes_gradients},
    {"a value without a history lets the owner go", a_value_without_a_history_lets_the_owner_go},
    {"refusals end the backward pass", refusals_end_the_backward_pass},
    {"no memory is survived", no_memory_is_survived},
    {NULL, NULL},
};
