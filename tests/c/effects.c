/* Ops with an effect, and with more inputs than any brick of the registry reads: bricks of the
 * tests' own append to a log. */
#include <string.h>

#include "check.h"
#include "tensor/gradient_context.h"

enum { INPUTS = 5, MOST_ENTRIES = 64 };

static double entries[MOST_ENTRIES];
static int entry_count;

static void clear_log(void) {
    entry_count = 0;
}

static void add_entry(double entry) {
    if (entry_count < MOST_ENTRIES) {
        entries[entry_count++] = entry;
    }
}

/* ---- the bricks: what they compute is appended to the log ------------------------------------ */

static lego_status log_shape(const lego_call *call) {
    array_set(call->y, call->x[0]->dtype, call->x[0]->rank, call->x[0]->shape);
    return LEGO_OK;
}

static lego_status log_kernel(const lego_call *call) {
    double x[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
        x[i] = *(const double *)call->x[i]->data;
    }
    double y = x[0] + x[1] + x[2] + x[3] * x[4];
    *(double *)call->y->data = y;
    add_entry(y);
    return LEGO_OK;
}

static lego_status note_kernel(const lego_call *call) {
    double x = *(const double *)call->x[0]->data;
    *(double *)call->y->data = x;
    add_entry(x);
    return LEGO_OK;
}

static void log_gradient(gradient_context *g) {
    for (int i = 0; i < 3; i++) {
        g->dx[i] = g->dy[0];
    }
    g->dx[3] = context_apply(g, "multiply", (lego_tensor *[]){g->dy[0], g->x[4]}, 2, NULL);
    g->dx[4] = context_apply(g, "multiply", (lego_tensor *[]){g->dy[0], g->x[3]}, 2, NULL);
}

/* A fused loop would take it for elementwise, and would forget the log. */
static void forgetful_loop(int64_t n, const void *const *x, const int64_t *steps, void *y) {
    (void)x;
    (void)steps;
    memset(y, 0, sizeof(double) * (size_t)n);
}

static element_loop *note_loop(const lego_call *call) {
    (void)call;
    return forgetful_loop;
}

static const lego_brick log_brick = {
    .name = "log",
    .formula = "y = a + b + c + d e, appended to a log",
    .inputs = INPUTS,
    .outputs = 1,
    .types = "p",
    .uses = "n",
    .flags = LEGO_EFFECT,
    .shape = log_shape,
    .kernel = log_kernel,
    .gradient = log_gradient,
};

static const lego_brick note_brick = {
    .name = "note",
    .formula = "y = x, appended to a log",
    .inputs = 1,
    .outputs = 1,
    .types = "p",
    .flags = LEGO_EFFECT,
    .shape = log_shape,
    .kernel = note_kernel,
    .gradient = no_gradient,
    .choose_loop = note_loop,
};

/* Appends to the log; kept. */
static lego_tensor *append(lego_tensor *a, lego_tensor *b, lego_tensor *c, lego_tensor *d,
                           lego_tensor *e) {
    lego_tensor *x[] = {a, b, c, d, e};
    lego_tensor *y = NULL;
    int count = 0;
    lego_apply(&log_brick, x, INPUTS, NULL, &y, 1, &count);
    return keep(y);
}

static lego_tensor *note(lego_tensor *x) {
    lego_tensor *y = NULL;
    int count = 0;
    lego_apply(&note_brick, &x, 1, NULL, &y, 1, &count);
    return keep(y);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Whether the log has these entries and no others. */
static bool log_is(const double *expected, int count) {
    return entry_count == count && memcmp(entries, expected, sizeof *expected * (size_t)count) == 0;
}

static void any_input_may_be_read_by_the_gradient(void) {
    lego_tensor *x[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
        x[i] = watched(i + 2);
    }
    lego_tensor *y = append(x[0], x[1], x[2], x[3], x[4]);
    const double expected[INPUTS] = {1, 1, 1, 6, 5};
    CHECK(y && at(y, 0) == 2 + 3 + 4 + 5 * 6);
    for (int i = 0; i < INPUTS; i++) {
        CHECK(at(gradient(y, x[i], false), 0) == expected[i]);
    }
}

static void an_input_that_was_assigned_to_is_noticed_wherever_it_stands(void) {
    lego_tensor *x = watched(1);
    lego_tensor *last = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, NULL, false));
    lego_tensor *y = append(x, x, x, x, last);
    CHECK(APPLY("assign", NULL, last, number(3)));
    CHECK(y && !gradient(y, x, false) && last_error_says("log: input 4"));
}

/* Of the results some are not read, some are alike, and all are of constants. Between them stand
 * ops that passes drop, fold and fuse, and an assignment. */
static bool record_entries(lego_tensor *x, lego_tensor *total) {
    lego_tensor *two = number(2);
    note(number(1));
    lego_tensor *doubled = APPLY("add", NULL, x, x);
    note(two);
    note(two);
    APPLY("exp", NULL, doubled);
    lego_tensor *read = note(APPLY("multiply", NULL, doubled, number(10)));
    note(total);
    lego_tensor *next = APPLY("add", NULL, total, APPLY("add", NULL, read, doubled));
    return APPLY("assign", NULL, total, next) && note(number(5)) && note(total);
}

static void effects_come_in_their_order_whatever_the_passes_do(void) {
    for (unsigned passes = 0; passes < 2 * lego_pass_flag(lego_pass_count() - 1); passes++) {
        lego_program *p = lego_program_new(NULL);
        lego_tensor *x = keep(lego_program_input(p, LEGO_FLOAT64, 0, NULL, NULL));
        lego_tensor *total = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, NULL, false));
        lego_record(p);
        CHECK(record_entries(x, total));
        lego_record(NULL);
        CHECK(!lego_program_finish(p, NULL, 0, passes));
        clear_log();
        lego_tensor *three = number(3);
        CHECK(!lego_program_run(p, &three, 1, NULL, 0) && !lego_program_run(p, &three, 1, NULL, 0));
        const double expected[] = {1, 2, 2, 60, 0, 5, 66, 1, 2, 2, 60, 66, 5, 132};
        CHECK(log_is(expected, 14));
        lego_program_release(p);
        release_kept();
    }
}

/* Two ops become one loop, which needs the later effect: it would draw that one in front of the
 * earlier one. */
static void what_is_fused_does_not_draw_effects_forward(void) {
    lego_program *p = lego_program_new(NULL);
    lego_tensor *x = keep(lego_program_input(p, LEGO_FLOAT64, 1, (int64_t[]){3}, NULL));
    lego_record(p);
    lego_tensor *early = APPLY("exp", NULL, x);
    note(number(1));
    lego_tensor *late = note(APPLY("sum", &(axes_attributes){.axes.count = 1}, x));
    lego_tensor *y = APPLY("multiply", NULL, early, late);
    lego_record(NULL);
    CHECK(!lego_program_finish(p, &y, 1, LEGO_PASS_ALL));
    clear_log();
    lego_tensor *numbers = rising(LEGO_FLOAT64, 1, (int64_t[]){3});
    lego_tensor *result = NULL;
    CHECK(!lego_program_run(p, &numbers, 1, &result, 1) && keep(result));
    CHECK(entry_count == 2 && entries[0] == 1);
    lego_program_release(p);
}

static void effects_come_at_once_without_a_recording(void) {
    lego_tensor *total = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, NULL, false));
    clear_log();
    CHECK(record_entries(number(3), total));
    const double expected[] = {1, 2, 2, 60, 0, 5, 66};
    CHECK(log_is(expected, 7));
}

/* A loop over a body with an effect has the effect at each step, also where nobody reads it. */
static void effects_in_the_body_of_a_loop(void) {
    lego_program *p = lego_program_new(NULL);
    lego_record(p);
    for (int turn = 0; turn < 2; turn++) {
        lego_program *body = lego_body_new();
        lego_tensor *carry = keep(lego_body_carry(body, number(turn * 10)));
        lego_record(body);
        note(carry);
        lego_tensor *next = APPLY("add", NULL, carry, number(1));
        lego_record(p);
        lego_tensor *last = NULL;
        int count = 0;
        CHECK(!lego_scan(body, &next, 1, 3, false, &last, 1, &count));
        keep(last);
    }
    lego_record(NULL);
    CHECK(!lego_program_finish(p, NULL, 0, LEGO_PASS_ALL));
    clear_log();
    CHECK(!lego_program_run(p, NULL, 0, NULL, 0));
    CHECK(log_is((const double[]){0, 1, 2, 10, 11, 12}, 6));
    lego_program_release(p);
}

const test effect_tests[] = {
    {"any input may be read by the gradient", any_input_may_be_read_by_the_gradient},
    {"an input that was assigned to is noticed wherever it stands",
     an_input_that_was_assigned_to_is_noticed_wherever_it_stands},
    {"effects come in their order whatever the passes do",
     effects_come_in_their_order_whatever_the_passes_do},
    {"what is fused does not draw effects forward", what_is_fused_does_not_draw_effects_forward},
    {"effects come at once without a recording", effects_come_at_once_without_a_recording},
    {"effects in the body of a loop", effects_in_the_body_of_a_loop},
    {NULL, NULL},
};
