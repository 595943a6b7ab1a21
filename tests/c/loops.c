/* Loops: bodies that run once per step; with too little memory; misused. */
#include <string.h>

#include "check.h"

enum { STEPS = 4, ROWS = 3 };

/* A loop h' = tanh(h w + x), y = h', with a captured w, and what comes out of it. */
typedef struct loop {
    lego_tensor *w; /* a variable */
    lego_tensor *h;
    lego_tensor *xs;
    lego_tensor *last;
    lego_tensor *ys;
} loop;

static bool open_loop(loop *l) {
    const double start[] = {0.5, -0.25, 0.125};
    l->w = keep(lego_variable_new(LEGO_FLOAT64, 1, (int64_t[]){ROWS}, start, true));
    l->h = rising(LEGO_FLOAT64, 1, (int64_t[]){ROWS});
    l->xs = rising(LEGO_FLOAT64, 2, (int64_t[]){STEPS, ROWS});
    return l->w && l->h && l->xs;
}

static lego_tensor *step_of(const loop *l, lego_tensor *h, lego_tensor *x) {
    return APPLY("tanh", NULL, APPLY("add", NULL, APPLY("multiply", NULL, h, l->w), x));
}

/* The body, with its result; NULL when something failed. */
static lego_program *record_body(const loop *l, lego_tensor **next) {
    lego_program *body = lego_body_new();
    lego_tensor *carry = body ? keep(lego_body_carry(body, l->h)) : NULL;
    lego_tensor *row = carry ? keep(lego_body_row(body, l->xs)) : NULL;
    if (row) {
        lego_program *former = lego_record(body);
        *next = step_of(l, carry, row);
        lego_record(former);
    }
    if (row && *next) {
        return body;
    }
    lego_program_release(body);
    return NULL;
}

static bool run_loop(loop *l, bool is_reversed) {
    lego_tensor *next = NULL;
    lego_program *body = record_body(l, &next);
    lego_tensor *results[] = {next, next};
    lego_tensor *outputs[2];
    int count = 0;
    if (!body || lego_scan(body, results, 2, STEPS, is_reversed, outputs, 2, &count)) {
        return false;
    }
    l->last = keep(outputs[0]);
    l->ys = keep(outputs[1]);
    return CHECK(count == 2);
}

/* The same without a loop: an op for each step. */
static lego_tensor *last_of_steps(const loop *l) {
    lego_tensor *h = l->h;
    for (int64_t i = 0; i < STEPS && h; i++) {
        lego_tensor *index = keep(lego_tensor_new(LEGO_INT64, 0, NULL, &i));
        h = step_of(l, h, APPLY("take", (int64_t[]){0}, l->xs, index));
    }
    return h;
}

static bool same(const lego_tensor *a, const lego_tensor *b) {
    return a && b && lego_tensor_size(a) == lego_tensor_size(b) &&
           memcmp(lego_tensor_data(a), lego_tensor_data(b),
                  sizeof(double) * (size_t)lego_tensor_size(a)) == 0;
}

static void a_loop_gives_what_its_steps_give(void) {
    loop l;
    lego_taping former = lego_tape(LEGO_TAPE_VARIABLES);
    if (CHECK(open_loop(&l)) && CHECK(run_loop(&l, false))) {
        lego_tensor *last = last_of_steps(&l);
        CHECK(same(l.last, last));
        CHECK(memcmp((const double *)lego_tensor_data(l.ys) + (STEPS - 1) * ROWS,
                     lego_tensor_data(last), sizeof(double) * ROWS) == 0);
        CHECK(same(gradient(l.last, l.w, false), gradient(last, l.w, false)));
    }
    lego_tape(former);
}

static void a_loop_may_run_backwards(void) {
    loop l;
    if (CHECK(open_loop(&l)) && CHECK(run_loop(&l, true))) {
        CHECK(memcmp(lego_tensor_data(l.ys), lego_tensor_data(l.last), sizeof(double) * ROWS) == 0);
    }
}

/* ---- blocks of rows -------------------------------------------------------------------------- */

enum { LONG = 16, BATCH = 32, UNITS = 64 };

/* h' = tanh(h w + x) for a batch that is large enough to be cut into blocks of rows. */
static lego_tensor *wide_step(const loop *l, lego_tensor *h, lego_tensor *x) {
    lego_tensor *product = APPLY("matmul", ((int64_t[]){0, 0}), h, l->w);
    return APPLY("tanh", NULL, APPLY("add", NULL, product, x));
}

static bool open_wide(loop *l) {
    double start[UNITS * UNITS];
    for (int i = 0; i < UNITS * UNITS; i++) {
        start[i] = (i * 37 % 101 - 50) / 1000.0;
    }
    l->w = keep(lego_variable_new(LEGO_FLOAT64, 2, (int64_t[]){UNITS, UNITS}, start, true));
    l->h = rising(LEGO_FLOAT64, 2, (int64_t[]){BATCH, UNITS});
    l->xs = rising(LEGO_FLOAT64, 3, (int64_t[]){LONG, BATCH, UNITS});
    return l->w && l->h && l->xs;
}

static bool run_wide(loop *l) {
    lego_program *body = lego_body_new();
    lego_tensor *carry = body ? keep(lego_body_carry(body, l->h)) : NULL;
    lego_tensor *row = carry ? keep(lego_body_row(body, l->xs)) : NULL;
    lego_program *former = lego_record(body);
    lego_tensor *next = row ? wide_step(l, carry, row) : NULL;
    lego_record(former);
    if (!next) {
        lego_program_release(body);
        return false;
    }
    int count = 0;
    return lego_scan(body, &next, 1, LONG, false, &l->last, 1, &count) == LEGO_OK && keep(l->last);
}

static void blocks_of_rows_give_what_steps_give(void) {
    loop l;
    lego_taping former = lego_tape(LEGO_TAPE_VARIABLES);
    if (CHECK(open_wide(&l)) && CHECK(run_wide(&l))) {
        lego_tensor *h = l.h;
        for (int64_t i = 0; i < LONG && h; i++) {
            lego_tensor *index = keep(lego_tensor_new(LEGO_INT64, 0, NULL, &i));
            h = wide_step(&l, h, APPLY("take", (int64_t[]){0}, l.xs, index));
        }
        CHECK(same(l.last, h));
        CHECK(gradient(l.last, l.w, false));
    }
    lego_tape(former);
}

/* ---- no memory ------------------------------------------------------------------------------- */

/* Whichever request is refused, nothing is lost. Returns whether none was. */
static bool survives_refusal(long request, bool is_wide) {
    loop l = {.last = NULL};
    lego_taping former = lego_tape(LEGO_TAPE_VARIABLES);
    refuse_request(request);
    bool is_run = is_wide ? open_wide(&l) && run_wide(&l) : open_loop(&l) && run_loop(&l, false);
    bool is_done = is_run && gradient(l.last, l.w, false);
    bool was_refused = has_refused();
    lego_status status = lego_last_status();
    refuse_request(-1);
    lego_tape(former);
    CHECK(is_done || (was_refused && status == LEGO_NO_MEMORY));
    release_kept();
    CHECK(lego_memory_used() == 0 && blocks_in_use() == 0);
    return !was_refused;
}

static void survive_every_refusal(bool is_wide) {
    long request = 0;
    int former = failures();
    while (failures() == former && !survives_refusal(request, is_wide)) {
        request++;
    }
    CHECK(request > 100);
}

static void loops_survive_every_refusal(void) {
    survive_every_refusal(false);
}

static void blocks_of_rows_survive_every_refusal(void) {
    survive_every_refusal(true);
}

/* ---- misuse ---------------------------------------------------------------------------------- */

/* Of what a step gives, the first is the next carry. */
static lego_status scan_with(const loop *l, lego_tensor *next, int count, int room) {
    lego_tensor *own = NULL;
    lego_program *body = record_body(l, &own);
    lego_tensor *results[] = {next ? next : own, own};
    lego_tensor *outputs[2] = {NULL, NULL};
    int made = 0;
    lego_status status = lego_scan(body, results, count, STEPS, false, outputs, room, &made);
    for (int i = 0; i < made && !status; i++) {
        keep(outputs[i]);
    }
    return status;
}

static void results_that_do_not_fit_are_refused(void) {
    loop l;
    if (CHECK(open_loop(&l))) {
        lego_program *other = lego_program_new(NULL);
        lego_tensor *foreign = keep(lego_program_input(other, LEGO_FLOAT64, 0, NULL, NULL));
        CHECK(scan_with(&l, NULL, 2, 2) == LEGO_OK);
        CHECK(scan_with(&l, number(1), 2, 2) == LEGO_BAD_SHAPE && last_error_says("carry 0"));
        CHECK(scan_with(&l, foreign, 2, 2) == LEGO_BAD_VALUE && last_error_says("promised"));
        CHECK(scan_with(&l, NULL, 0, 2) == LEGO_BAD_VALUE && last_error_says("carries 1"));
        CHECK(scan_with(&l, NULL, 2, 1) == LEGO_BAD_VALUE && last_error_says("room for 1"));
        lego_program_release(other);
    }
}

static void what_is_no_body_is_refused(void) {
    lego_tensor *outputs[1];
    int count = 0;
    lego_tensor *x = number(1);
    lego_program *plain = lego_program_new(NULL);
    CHECK(!lego_body_carry(plain, x) && last_error_says("lego_body_new"));
    CHECK(lego_scan(plain, &x, 1, 1, false, outputs, 1, &count) == LEGO_BAD_VALUE);
    CHECK(lego_scan(NULL, &x, 1, 1, false, outputs, 1, &count) == LEGO_BAD_VALUE);
    lego_program *body = lego_body_new();
    CHECK(!lego_body_carry(body, NULL) && !lego_body_row(body, x));
    CHECK(!lego_body_variable(body, 0));
    CHECK(lego_scan(body, &x, 1, -1, false, outputs, 1, &count) == LEGO_BAD_VALUE);
}

const test loop_tests[] = {
    {"a loop gives what its steps give", a_loop_gives_what_its_steps_give},
    {"a loop may run backwards", a_loop_may_run_backwards},
    {"blocks of rows give what steps give", blocks_of_rows_give_what_steps_give},
    {"loops survive every refusal", loops_survive_every_refusal},
    {"blocks of rows survive every refusal", blocks_of_rows_survive_every_refusal},
    {"results that do not fit are refused", results_that_do_not_fit_are_refused},
    {"what is not a body is refused", what_is_no_body_is_refused},
    {NULL, NULL},
};
