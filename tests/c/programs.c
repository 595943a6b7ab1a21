/* Programs: recorded, finished and run; with too little memory; misused; by several threads. */
#define _POSIX_C_SOURCE 200809L /* fork, alarm */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "graph/fused_loop.h"
#include "net.h"

enum { ROWS = 12, INPUTS = 5, HIDDEN = 8, BATCH = 4 };

/* ---- a network's training step as a program -------------------------------------------------- */

typedef struct trainer {
    net n;
    lego_program *program;
} trainer;

static void close_trainer(trainer *t) {
    lego_program_release(t->program);
    release_kept();
}

/* Takes the net's own x and t as inputs, instead of as constants. */
static bool add_inputs(trainer *t) {
    t->n.x =
        keep(lego_program_input(t->program, LEGO_FLOAT32, 2, (int64_t[]){BATCH, INPUTS}, NULL));
    t->n.t = keep(lego_program_input(t->program, LEGO_FLOAT32, 2, (int64_t[]){BATCH, 1}, NULL));
    return t->n.x && t->n.t;
}

/* The loss of a recorded step, symbolic; NULL when something failed. */
static lego_tensor *record_step(trainer *t) {
    lego_program *former = lego_record(t->program);
    lego_tensor *loss = net_train(&t->n);
    lego_record(former);
    return loss;
}

/* A program that learns from batches of BATCH rows; false when something failed. */
static bool open_trainer(trainer *t, lego_program *sibling, unsigned passes) {
    lego_tensor *loss = NULL;
    t->program = NULL;
    if (!net_open(&t->n, ROWS, INPUTS, HIDDEN) || !(t->program = lego_program_new(sibling))) {
        return false;
    }
    return add_inputs(t) && (loss = record_step(t)) &&
           !lego_program_finish(t->program, &loss, 1, passes);
}

static lego_tensor *batch_of(int64_t columns) {
    return rising(LEGO_FLOAT32, 2, (int64_t[]){BATCH, columns});
}

/* One run; the loss, kept. */
static lego_tensor *run(lego_program *program) {
    lego_tensor *inputs[] = {batch_of(INPUTS), batch_of(1)};
    lego_tensor *loss = NULL;
    if (!inputs[0] || !inputs[1] || lego_program_run(program, inputs, 2, &loss, 1)) {
        return NULL;
    }
    return keep(loss);
}

static float loss_of(const lego_tensor *loss) {
    return loss ? *(const float *)lego_tensor_data(loss) : -1;
}

static float first_weight(const trainer *t) {
    return *(const float *)lego_tensor_data(t->n.weights[0]);
}

static void every_pass_gives_the_same_bits(void) {
    float first_loss = 0, weight = 0; /* without passes */
    for (unsigned passes = 0; passes < 2 * lego_pass_flag(lego_pass_count() - 1); passes++) {
        trainer t;
        if (CHECK(open_trainer(&t, NULL, passes))) {
            CHECK(run(t.program) != NULL);
            float loss = loss_of(run(t.program));
            if (passes == 0) {
                first_loss = loss;
                weight = first_weight(&t);
            }
            CHECK(loss > 0 && loss == first_loss);
            CHECK(first_weight(&t) == weight);
        }
        close_trainer(&t);
    }
}

static void a_program_learns_what_its_bricks_learn(void) {
    trainer t;
    net n;
    if (CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL)) && CHECK(net_open(&n, ROWS, INPUTS, HIDDEN))) {
        n.x = batch_of(INPUTS);
        n.t = batch_of(1);
        for (int step = 0; step < 3; step++) {
            CHECK(loss_of(net_train(&n)) == loss_of(run(t.program)));
        }
        CHECK(memcmp(lego_tensor_data(n.weights[0]), lego_tensor_data(t.n.weights[0]),
                     sizeof(float) * INPUTS * HIDDEN) == 0);
    }
    close_trainer(&t);
}

/* ---- over batches ---------------------------------------------------------------------------- */

/* Three shuffled batches; how many were run, or -1. */
static int64_t run_rows(lego_program *program) {
    const int64_t order[3 * BATCH] = {11, 0, 5, 3, 2, 2, 9, 7, 1, 8, 4, 10};
    lego_tensor *columns[] = {rising(LEGO_FLOAT32, 2, (int64_t[]){ROWS, INPUTS}),
                              rising(LEGO_FLOAT32, 2, (int64_t[]){ROWS, 1})};
    lego_tensor *loss = keep(lego_tensor_new(LEGO_FLOAT32, 0, NULL, NULL));
    int64_t done = 0;
    if (!columns[0] || !columns[1] || !loss ||
        lego_program_run_batches(program, columns, 2, order, 3 * BATCH, 0, 3, 60, &loss, 1, false,
                                 &done)) {
        return -1;
    }
    return done;
}

static void rows_are_gathered_in_any_order(void) {
    trainer t;
    if (CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL))) {
        float before = first_weight(&t);
        CHECK(run_rows(t.program) == 3);
        CHECK(first_weight(&t) != before);
    }
    close_trainer(&t);
}

/* ---- no memory ------------------------------------------------------------------------------- */

static bool is_unchanged(const net *n) {
    net fresh;
    return net_open(&fresh, ROWS, INPUTS, HIDDEN) &&
           memcmp(lego_tensor_data(n->weights[0]), lego_tensor_data(fresh.weights[0]),
                  sizeof(float) * INPUTS * HIDDEN) == 0;
}

/* Whichever request for memory is refused while a step is recorded and finished: weights do not
 * change, no memory is lost, and a program that is not finished is not run. Returns whether nothing
 * was refused any more. */
static bool survives_refusal(long request) {
    trainer t;
    refuse_request(request);
    bool is_open = open_trainer(&t, NULL, LEGO_PASS_ALL);
    bool was_refused = has_refused();
    lego_status status = lego_last_status();
    refuse_request(-1);
    CHECK(is_open || was_refused); /* what could not be folded is computed in each run */
    CHECK(is_open || status == LEGO_NO_MEMORY);
    if (t.program && t.n.weights[3]) {
        CHECK(is_unchanged(&t.n));
        CHECK((run(t.program) != NULL) == is_open);
    }
    close_trainer(&t);
    CHECK(lego_memory_used() == 0 && blocks_in_use() == 0);
    return !was_refused;
}

static void recording_survives_every_refusal(void) {
    long request = 0;
    int former = failures();
    while (failures() == former && !survives_refusal(request)) {
        request++;
    }
    CHECK(request > 100);
}

/* A run that gets no memory leaves the weights as they are, and the next run works. */
static bool run_survives_refusal(long request, bool over_rows) {
    trainer t;
    bool is_done = true;
    if (CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL))) {
        refuse_request(request);
        is_done = over_rows ? run_rows(t.program) == 3 : run(t.program) != NULL;
        bool was_refused = has_refused();
        refuse_request(-1);
        CHECK(is_done == !was_refused);
        CHECK(is_done || lego_last_status() == LEGO_NO_MEMORY);
        CHECK(is_done || is_unchanged(&t.n));
        CHECK(run(t.program) != NULL);
    }
    close_trainer(&t);
    return is_done;
}

static void runs_survive_every_refusal(void) {
    for (int over_rows = 0; over_rows < 2; over_rows++) {
        long request = 0;
        int former = failures();
        while (failures() == former && !run_survives_refusal(request, over_rows)) {
            request++;
        }
        CHECK(request > 2);
    }
}

/* ---- misuse ---------------------------------------------------------------------------------- */

static void an_unfinished_program_is_not_run(void) {
    lego_program *p = lego_program_new(NULL);
    lego_tensor *outputs[1];
    CHECK(lego_program_run(p, NULL, 0, outputs, 0) == LEGO_BAD_VALUE);
    CHECK(last_error_says("must be finished"));
    lego_program_release(p);
    lego_program_release(NULL);
}

static void a_program_is_closed_when_it_is_finished(void) {
    trainer t;
    if (CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL))) {
        CHECK(lego_program_finish(t.program, NULL, 0, 0) == LEGO_BAD_VALUE);
        CHECK(last_error_says("finished"));
        CHECK(!lego_program_input(t.program, LEGO_FLOAT32, 0, NULL, NULL));
        lego_record(t.program);
        CHECK(!APPLY("exp", NULL, number(1)) && lego_last_status() == LEGO_BAD_VALUE);
        lego_tensor *weight = t.n.weights[3];
        CHECK(!APPLY("assign", NULL, weight, weight) && last_error_says("finished"));
        lego_record(NULL);
        CHECK(run(t.program) != NULL);
    }
    close_trainer(&t);
}

static void outputs_without_numbers_are_refused(void) {
    lego_program *p = lego_program_new(NULL);
    lego_program *other = lego_program_new(NULL);
    lego_tensor *foreign = keep(lego_program_input(other, LEGO_FLOAT64, 0, NULL, NULL));
    lego_tensor *none[] = {number(1), NULL};
    lego_tensor *outputs[] = {NULL};
    CHECK(lego_program_finish(p, &foreign, 1, 0) == LEGO_BAD_VALUE);
    CHECK(lego_program_finish(p, none, 2, 0) == LEGO_BAD_VALUE && last_error_says("output 1"));
    CHECK(lego_program_finish(p, none, 1, LEGO_PASS_ALL) == LEGO_OK);
    CHECK(lego_program_run(p, NULL, 0, outputs, 1) == LEGO_OK && at(keep(outputs[0]), 0) == 1);
    lego_program_release(p);
    lego_program_release(other);
}

static void inputs_that_do_not_fit_are_refused(void) {
    trainer t;
    if (CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL))) {
        lego_tensor *loss = NULL;
        lego_tensor *swapped[] = {batch_of(1), batch_of(INPUTS)};
        lego_tensor *missing[] = {batch_of(INPUTS), NULL};
        lego_tensor *symbolic[] = {batch_of(INPUTS), t.n.t};
        CHECK(lego_program_run(t.program, swapped, 2, &loss, 1) == LEGO_BAD_SHAPE);
        CHECK(lego_program_run(t.program, missing, 2, &loss, 1) == LEGO_BAD_VALUE);
        CHECK(lego_program_run(t.program, symbolic, 2, &loss, 1) == LEGO_BAD_VALUE);
        CHECK(lego_program_run(t.program, swapped, 1, &loss, 1) == LEGO_BAD_VALUE);
        CHECK(lego_program_run(t.program, swapped, 2, &loss, 0) == LEGO_BAD_VALUE);
        CHECK(is_unchanged(&t.n));
    }
    close_trainer(&t);
}

static void symbolic_tensors_have_no_numbers(void) {
    lego_program *p = lego_program_new(NULL);
    lego_tensor *x = keep(lego_program_input(p, LEGO_FLOAT64, 0, NULL, NULL));
    CHECK(lego_tensor_is_symbolic(x) && !APPLY("exp", NULL, x) && last_error_says("promised"));
    lego_record(p);
    CHECK(lego_is_recording() && lego_tensor_is_symbolic(APPLY("exp", NULL, x)));
    CHECK(lego_record(NULL) == p && !lego_is_recording());
    lego_program_release(p);
    CHECK(!APPLY("exp", NULL, x)); /* its program is gone */
}

static void info_of_what_is_not_there_is_refused(void) {
    trainer t;
    if (CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL))) {
        lego_buffer_info info;
        lego_instruction_info instruction;
        lego_op_info op;
        lego_operand_info operand;
        int buffers = lego_program_buffer_count(t.program);
        int instructions = lego_program_instruction_count(t.program);
        CHECK(lego_program_buffer(t.program, buffers, &info) == LEGO_BAD_INDEX);
        CHECK(lego_program_buffer(t.program, -1, &info) == LEGO_BAD_INDEX);
        CHECK(lego_program_instruction(t.program, instructions, &instruction) == LEGO_BAD_INDEX);
        CHECK(lego_program_op(t.program, 0, 1000, &op) == LEGO_BAD_INDEX);
        CHECK(lego_program_operand(t.program, 0, 0, 1000, &operand) == LEGO_BAD_INDEX);
        CHECK(!lego_program_label_name(t.program, 1));
    }
    close_trainer(&t);
}

static void each_pass_has_a_name_and_a_flag(void) {
    unsigned flags = 0;
    for (int i = 0; i < lego_pass_count(); i++) {
        CHECK(lego_pass_name(i) && lego_pass_flag(i) && !(flags & lego_pass_flag(i)));
        CHECK((lego_pass_needs(i) & ~flags) == 0); /* what it needs runs before it */
        flags |= lego_pass_flag(i);
    }
    CHECK((flags & LEGO_PASS_ALL) == flags);
    CHECK(!lego_pass_name(-1) && !lego_pass_flag(-1));
    CHECK(!lego_pass_name(lego_pass_count()) && !lego_pass_flag(lego_pass_count()));
}

/* ---- several threads ------------------------------------------------------------------------- */

enum { RUNS = 60 };

static void *run_often(void *program) {
    for (int i = 0; i < RUNS; i++) {
        CHECK(run(program) != NULL);
        CHECK(run_rows(program) == 3);
    }
    release_kept();
    return NULL;
}

/* Siblings run one at a time: each does its runs, although two threads ask at once. */
static void siblings_take_turns(void) {
    trainer first;
    trainer second;
    trainer alone;
    pthread_t threads[2];
    CHECK(open_trainer(&first, NULL, LEGO_PASS_ALL));
    CHECK(open_trainer(&second, first.program, 0));
    CHECK(open_trainer(&alone, NULL, LEGO_PASS_ALL));
    pthread_create(&threads[0], NULL, run_often, first.program);
    pthread_create(&threads[1], NULL, run_often, second.program);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    for (int i = 0; i < RUNS; i++) {
        run(alone.program);
        run_rows(alone.program);
    }
    CHECK(first_weight(&first) == first_weight(&alone));
    CHECK(first_weight(&second) == first_weight(&alone));
    lego_program_release(first.program);
    CHECK(run(second.program) != NULL); /* the arena is still there */
    lego_program_release(second.program);
    close_trainer(&alone);
}

/* Two threads run the same program: each run is whole, none is lost. */
static void one_program_is_run_by_two_threads(void) {
    trainer t;
    trainer alone;
    pthread_t threads[2];
    CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL));
    CHECK(open_trainer(&alone, NULL, LEGO_PASS_ALL));
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, run_often, t.program);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK(first_weight(&t) != first_weight(&alone));
    CHECK(run(t.program) != NULL);
    lego_program_release(alone.program);
    close_trainer(&t);
}

/* ---- fork ------------------------------------------------------------------------------------ */

enum { CHILDREN = 50, SECONDS_OF_A_CHILD = 60 };

typedef struct looping {
    lego_program *program;
    atomic_bool has_begun;
    atomic_bool is_over;
} looping;

static void *run_until_over(void *shared) {
    looping *l = shared;
    while (!atomic_load(&l->is_over)) {
        CHECK(run(l->program) != NULL);
        release_kept();
        atomic_store(&l->has_begun, true);
    }
    return NULL;
}

/* A child that waited for a thread of its parent would wait for ever. */
static bool does_child_run(lego_program *program, lego_program *sibling) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS_OF_A_CHILD);
        _exit(run(program) && run(sibling) && run(program) ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void a_child_runs_what_another_thread_was_running(void) {
    trainer t;
    trainer sibling;
    pthread_t other;
    CHECK(open_trainer(&t, NULL, LEGO_PASS_ALL));
    CHECK(open_trainer(&sibling, t.program, LEGO_PASS_ALL));
    looping l = {.program = t.program};
    CHECK(pthread_create(&other, NULL, run_until_over, &l) == 0);
    while (!atomic_load(&l.has_begun)) {
        sched_yield();
    }
    int children = 0;
    while (children < CHILDREN && CHECK(does_child_run(t.program, sibling.program))) {
        children++;
    }
    atomic_store(&l.is_over, true);
    pthread_join(other, NULL);
    lego_program_release(sibling.program);
    close_trainer(&t);
}

/* ---- patterns -------------------------------------------------------------------------------- */

enum { WEIGHTS = 300 };

/* What Adam does to w, m and v. Where `is_split`, the mean of squares is used once more, so that
 * no pattern covers it all. */
static bool record_adam(lego_tensor *const *x, bool is_split) {
    lego_tensor *w = x[0], *m = x[1], *v = x[2], *g = x[3], *share = x[4];
    lego_tensor *next_m = APPLY("lerp", NULL, m, g, share);
    lego_tensor *next_v = APPLY("lerp", NULL, v, APPLY("square", NULL, g), share);
    lego_tensor *root = APPLY("sqrt", NULL, next_v);
    lego_tensor *scaled = APPLY("multiply", NULL, next_m, share);
    lego_tensor *step = APPLY("divide", NULL, scaled, APPLY("add", NULL, root, share));
    lego_tensor *last = is_split ? APPLY("add", NULL, step, root) : step;
    return APPLY("assign", NULL, m, next_m) && APPLY("assign", NULL, v, next_v) &&
           APPLY("assign", NULL, w, APPLY("subtract", NULL, w, last));
}

static lego_tensor *weights_of(lego_dtype dtype, const int64_t *shape) {
    lego_tensor *numbers = rising(dtype, 1, shape);
    return numbers ? keep(lego_variable_new(dtype, 1, shape, lego_tensor_data(numbers), true))
                   : NULL;
}

/* Adam as a program that has run once; NULL when something failed. x[] receives its tensors. */
static lego_program *adam_program(lego_dtype dtype, int64_t weights, unsigned passes, bool is_split,
                                  lego_tensor **x) {
    for (int i = 0; i < 5; i++) {
        x[i] = weights_of(dtype, &(int64_t){i < 4 ? weights : 1});
    }
    lego_program *program = lego_program_new(NULL);
    lego_program *former = lego_record(program);
    bool is_recorded = record_adam(x, is_split);
    lego_record(former);
    if (!CHECK(is_recorded && !lego_program_finish(program, NULL, 0, passes)) ||
        !CHECK(!lego_program_run(program, NULL, 0, NULL, 0))) {
        lego_program_release(program);
        return NULL;
    }
    return program;
}

static int patterns_of(const lego_program *program) {
    int patterns = 0;
    for (size_t i = 0; i < program->instructions.count; i++) {
        const fused_loop *c = instruction_at(program, i)->fused_loop;
        for (int k = 0; c && k < c->stage_count; k++) {
            patterns += c->stages[k].pattern != NULL;
        }
    }
    return patterns;
}

/* With a pattern and without: the same bits in all variables. */
static void check_adam(lego_dtype dtype, int64_t weights, bool is_split, int patterns) {
    lego_tensor *matched[5];
    lego_tensor *plain[5];
    lego_program *with = adam_program(dtype, weights, LEGO_PASS_ALL, is_split, matched);
    lego_program *without = adam_program(dtype, weights, 0, is_split, plain);
    CHECK(with && patterns_of(with) == patterns);
    CHECK(without && patterns_of(without) == 0);
    for (int i = 0; i < 3 && with && without; i++) {
        CHECK(memcmp(lego_tensor_data(matched[i]), lego_tensor_data(plain[i]),
                     (size_t)weights * lego_dtype_size(dtype)) == 0);
    }
    lego_program_release(with);
    lego_program_release(without);
    release_kept();
}

static void bricks_in_a_row_become_a_pattern(void) {
    check_adam(LEGO_FLOAT32, WEIGHTS, false, 1);
    check_adam(LEGO_FLOAT64, WEIGHTS, false, 1);
    check_adam(LEGO_FLOAT32, WEIGHTS * WEIGHTS, false, 1);
}

static void what_is_read_elsewhere_is_no_pattern(void) {
    check_adam(LEGO_FLOAT32, WEIGHTS, true, 1); /* lerp(v, square(g), S) is still one */
    check_adam(LEGO_FLOAT32, 1, false, 0);      /* single numbers have no vectors */
}

/* ---- numbers of rows, read where they lie -----------------------------------------------------
 */

/* How many stages of the sum of (x - c) c run row by row; x has so many columns. */
static int stages_by_rows(int64_t columns) {
    const axes_attributes all = {.axes = {2, {0, 1}}};
    lego_program *program = lego_program_new(NULL);
    lego_tensor *x =
        keep(lego_program_input(program, LEGO_FLOAT32, 2, (int64_t[]){30, columns}, NULL));
    lego_tensor *c = keep(lego_program_input(program, LEGO_FLOAT32, 2, (int64_t[]){30, 1}, NULL));
    lego_program *former = lego_record(program);
    lego_tensor *y = APPLY("multiply", NULL, APPLY("subtract", NULL, x, c), c);
    lego_tensor *sum = APPLY("sum", &all, y);
    lego_record(former);
    int stages = 0;
    if (CHECK(sum && !lego_program_finish(program, &sum, 1, LEGO_PASS_ALL))) {
        for (size_t i = 0; i < program->instructions.count; i++) {
            const fused_loop *loop = instruction_at(program, i)->fused_loop;
            for (int k = 0; loop && k < loop->stage_count; k++) {
                stages += loop->stages[k].is_by_rows;
            }
        }
    }
    lego_program_release(program);
    release_kept();
    return stages;
}

static void long_rows_are_walked_one_by_one(void) {
    CHECK(stages_by_rows(100) == 2);
    CHECK(stages_by_rows(20) == 0);
}

/* ---- the group ------------------------------------------------------------------------------- */

const test program_tests[] = {
    {"every pass gives the same bits", every_pass_gives_the_same_bits},
    {"a program learns what its bricks learn", a_program_learns_what_its_bricks_learn},
    {"rows are gathered in any order", rows_are_gathered_in_any_order},
    {"recording survives every refusal", recording_survives_every_refusal},
    {"runs survive every refusal", runs_survive_every_refusal},
    {"an unfinished program is not run", an_unfinished_program_is_not_run},
    {"a program is closed when it is finished", a_program_is_closed_when_it_is_finished},
    {"outputs without numbers are refused", outputs_without_numbers_are_refused},
    {"inputs that do not fit are refused", inputs_that_do_not_fit_are_refused},
    {"symbolic tensors have no numbers", symbolic_tensors_have_no_numbers},
    {"info of what is not there is refused", info_of_what_is_not_there_is_refused},
    {"each pass has a name and a flag", each_pass_has_a_name_and_a_flag},
    {"siblings take turns", siblings_take_turns},
    {"bricks in a row become a pattern", bricks_in_a_row_become_a_pattern},
    {"what is read elsewhere is not part of a pattern", what_is_read_elsewhere_is_no_pattern},
    {"long rows are walked one by one", long_rows_are_walked_one_by_one},
    {"one program is run by two threads", one_program_is_run_by_two_threads},
    {"a child runs what another thread was running", a_child_runs_what_another_thread_was_running},
    {NULL, NULL},
};
