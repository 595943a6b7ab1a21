/* Register steps: long chains of cheap ops run in registers, with the bits of the ops. */
#include <string.h>

#include "check.h"
#include "graph/fused_loop.h"

enum { INPUTS = 4 };

/* x, a row b, a row g, and a number s. */
typedef lego_tensor *expression(lego_tensor *const *x);

/* |(sqrt((x s + b)^2 + s) - x g) / (max(x, s) + s)| - b: values that are read again, and ops whose
 * other input is in the registers. */
static lego_tensor *record_long(lego_tensor *const *in) {
    lego_tensor *x = in[0], *b = in[1], *g = in[2], *s = in[3];
    lego_tensor *line = APPLY("add", NULL, APPLY("multiply", NULL, x, s), b);
    lego_tensor *root = APPLY("sqrt", NULL, APPLY("add", NULL, APPLY("square", NULL, line), s));
    lego_tensor *above = APPLY("subtract", NULL, root, APPLY("multiply", NULL, x, g));
    lego_tensor *below = APPLY("add", NULL, APPLY("maximum", NULL, x, s), s);
    lego_tensor *share = APPLY("divide", NULL, above, below);
    return APPLY("subtract", NULL, APPLY("absolute", NULL, share), b);
}

/* s - 1 / max(0, min(-sqrt(x), b) / -g): the ops that the one above has not. */
static lego_tensor *record_other_ops(lego_tensor *const *in) {
    lego_tensor *x = in[0], *b = in[1], *g = in[2], *s = in[3];
    lego_tensor *root = APPLY("negative", NULL, APPLY("rsqrt", NULL, x));
    lego_tensor *least = APPLY("negative", NULL, APPLY("minimum", NULL, root, b));
    lego_tensor *positive = APPLY("relu", NULL, APPLY("divide", NULL, g, least));
    return APPLY("subtract", NULL, s, APPLY("reciprocal", NULL, positive));
}

static lego_tensor *record_short(lego_tensor *const *in) {
    return APPLY("subtract", NULL, APPLY("absolute", NULL, in[0]), in[3]);
}

static const int64_t shapes[][2] = {{3, 769}, {2, 128}, {5, 40}, {40, 20}, {1, 1000}, {2, 3}};

static lego_tensor *input_like(const lego_program *p, lego_dtype dtype, int64_t rows,
                               int64_t columns) {
    return keep(lego_program_input((lego_program *)p, dtype, 2, (int64_t[]){rows, columns}, NULL));
}

static lego_program *program_of(expression *record, lego_dtype dtype, const int64_t *shape,
                                unsigned passes) {
    lego_program *p = lego_program_new(NULL);
    lego_tensor *in[INPUTS] = {
        input_like(p, dtype, shape[0], shape[1]),
        input_like(p, dtype, 1, shape[1]),
        input_like(p, dtype, 1, shape[1]),
        input_like(p, dtype, 1, 1),
    };
    lego_program *former = lego_record(p);
    lego_tensor *y = record(in);
    lego_record(former);
    if (!CHECK(y && !lego_program_finish(p, &y, 1, passes))) {
        lego_program_release(p);
        return NULL;
    }
    return p;
}

static lego_tensor *result_of(lego_program *p, lego_dtype dtype, const int64_t *shape) {
    lego_tensor *in[INPUTS] = {
        rising(dtype, 2, shape),
        rising(dtype, 2, (int64_t[]){1, shape[1]}),
        rising(dtype, 2, (int64_t[]){1, shape[1]}),
        rising(dtype, 2, (int64_t[]){1, 1}),
    };
    lego_tensor *y = NULL;
    return p && !lego_program_run(p, in, INPUTS, &y, 1) ? keep(y) : NULL;
}

/* The runs of all fused loops; of those that write over what they read, where that is asked for. */
static int runs_of(const lego_program *p, bool over) {
    int runs = 0;
    for (size_t i = 0; i < p->instructions.count; i++) {
        const fused_loop *c = instruction_at(p, i)->fused_loop;
        for (const register_run *r = c ? c->runs : NULL; r; r = r->next) {
            runs += !over || r->reads_over;
        }
    }
    return runs;
}

static void check_bits(expression *record, lego_dtype dtype, const int64_t *shape, int runs) {
    lego_program *fused = program_of(record, dtype, shape, LEGO_PASS_ALL);
    lego_program *plain = program_of(record, dtype, shape, 0);
    const lego_tensor *y = result_of(fused, dtype, shape);
    const lego_tensor *wanted = result_of(plain, dtype, shape);
    size_t bytes = (size_t)(shape[0] * shape[1]) * lego_dtype_size(dtype);
    CHECK(fused && runs_of(fused, false) == runs);
    CHECK(y && wanted && !memcmp(lego_tensor_data(y), lego_tensor_data(wanted), bytes));
    lego_program_release(fused);
    lego_program_release(plain);
    release_kept();
}

static void long_chains_have_the_bits_of_their_ops(void) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        check_bits(record_long, LEGO_FLOAT32, shapes[i], 1);
        check_bits(record_long, LEGO_FLOAT64, shapes[i], 1);
        check_bits(record_other_ops, LEGO_FLOAT32, shapes[i], 1);
        check_bits(record_other_ops, LEGO_FLOAT64, shapes[i], 1);
    }
}

static void short_chains_run_stage_by_stage(void) {
    check_bits(record_short, LEGO_FLOAT32, shapes[0], 0);
}

static void integers_run_stage_by_stage(void) {
    lego_program *p = lego_program_new(NULL);
    lego_tensor *x = input_like(p, LEGO_INT32, 3, 100);
    lego_program *former = lego_record(p);
    lego_tensor *y = x;
    for (int i = 0; i < 6; i++) {
        y = APPLY("square", NULL, APPLY("absolute", NULL, y));
    }
    lego_record(former);
    CHECK(y && !lego_program_finish(p, &y, 1, LEGO_PASS_ALL) && runs_of(p, false) == 0);
    lego_program_release(p);
    release_kept();
}

/* w = (|w g + g| + g)^2, `size` numbers: the last elements must not be computed twice. */
static lego_tensor *updated(int64_t size, unsigned passes, int *runs) {
    const int64_t shape[] = {size};
    lego_tensor *first = rising(LEGO_FLOAT32, 1, shape);
    lego_tensor *w = keep(lego_variable_new(LEGO_FLOAT32, 1, shape, lego_tensor_data(first), true));
    lego_program *p = lego_program_new(NULL);
    lego_tensor *g = keep(lego_program_input(p, LEGO_FLOAT32, 1, shape, NULL));
    lego_program *former = lego_record(p);
    lego_tensor *y = APPLY("add", NULL, APPLY("multiply", NULL, w, g), g);
    y = APPLY("square", NULL, APPLY("add", NULL, APPLY("absolute", NULL, y), g));
    bool is_recorded = APPLY("assign", NULL, w, y);
    lego_record(former);
    CHECK(is_recorded && !lego_program_finish(p, NULL, 0, passes));
    CHECK(!lego_program_run(p, &first, 1, NULL, 0));
    *runs = runs_of(p, true);
    lego_program_release(p);
    return w;
}

static void what_is_written_over_is_read_once(void) {
    const int64_t sizes[] = {300, 128, 1000, 5};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int runs, none;
        const lego_tensor *w = updated(sizes[i], LEGO_PASS_ALL, &runs);
        const lego_tensor *wanted = updated(sizes[i], 0, &none);
        CHECK(runs == 1 && none == 0);
        CHECK(!memcmp(lego_tensor_data(w), lego_tensor_data(wanted),
                      (size_t)sizes[i] * sizeof(float)));
        release_kept();
    }
}

const test register_tests[] = {
    {"long chains have the bits of their ops", long_chains_have_the_bits_of_their_ops},
    {"short chains run stage by stage", short_chains_run_stage_by_stage},
    {"integers run stage by stage", integers_run_stage_by_stage},
    {"what is written over is read once", what_is_written_over_is_read_once},
    {NULL, NULL},
};
