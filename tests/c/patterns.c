/* Patterns: which ops a tree describes, what commutes, and whether the tables are sound. */
#include "passes/patterns/patterns.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "registry/sets.h"

enum { A = 1, B, C };

/* ---- the matcher ----------------------------------------------------------------------------- */

/* a b - b: only the other operands say which factor is b. */
static const pattern product_less_factor = {
    .name = "product_less_factor",
    .whole = OP(subtract, OP(multiply, EACH(A), EACH(B)), EACH(B)),
};

static const pattern step = {
    .name = "step",
    .whole = OP(subtract, EACH(A), OP(multiply, EACH(B), ONE(C))),
};

static const pattern shared_step = {
    .name = "shared_step",
    .whole = OP(subtract, EACH(A), RESULT(B, multiply, EACH(B), ONE(C))),
};

static const pattern twice = {
    .name = "twice",
    .whole = OP(add, EACH(A), OP(multiply, EACH(A), ONE(C))),
};

/* A recording, and the tensors that tests record with. */
typedef struct sheet {
    lego_program *program;
    lego_program *former;
    lego_tensor *a, *b, *c, *one;
} sheet;

static sheet open_sheet(void) {
    const int64_t shape[] = {3, 4};
    sheet s = {.program = lego_program_new(NULL)};
    s.a = rising(LEGO_FLOAT32, 2, shape);
    s.b = rising(LEGO_FLOAT32, 2, shape);
    s.c = rising(LEGO_FLOAT32, 2, shape);
    s.one = rising(LEGO_FLOAT32, 0, NULL);
    s.former = lego_record(s.program);
    return s;
}

/* Whether the pattern describes ops that end with the last one that was recorded. */
static bool ends_with(sheet *s, const pattern *wanted, pattern_match *m) {
    size_t count = s->program->instructions.count;
    return CHECK(count > 0) && pattern_found(s->program, wanted, op_of(s->program, count - 1), m);
}

static void close_sheet(sheet *s) {
    lego_record(s->former);
    lego_program_release(s->program);
    release_kept();
}

static void both_orders_are_tried_to_the_end(void) {
    pattern_match m;
    sheet s = open_sheet();
    lego_tensor *product = APPLY("multiply", NULL, s.a, s.b);
    APPLY("subtract", NULL, product, s.b);
    CHECK(ends_with(&s, &product_less_factor, &m));
    close_sheet(&s);

    s = open_sheet();
    product = APPLY("multiply", NULL, s.b, s.a);
    APPLY("subtract", NULL, product, s.b);
    CHECK(ends_with(&s, &product_less_factor, &m) && m.x[B]->value == m.ops[0]->x[1].value);
    CHECK(m.progress.op_count == 2 && m.x[A]->value != m.x[B]->value);
    close_sheet(&s);

    s = open_sheet();
    product = APPLY("multiply", NULL, s.a, s.b);
    APPLY("subtract", NULL, product, s.c);
    CHECK(!ends_with(&s, &product_less_factor, &m));
    close_sheet(&s);
}

static void a_difference_has_one_order(void) {
    pattern_match m;
    sheet s = open_sheet();
    APPLY("subtract", NULL, s.a, APPLY("multiply", NULL, s.one, s.b));
    CHECK(ends_with(&s, &step, &m));
    APPLY("subtract", NULL, APPLY("multiply", NULL, s.one, s.b), s.a);
    CHECK(!ends_with(&s, &step, &m));
    APPLY("subtract", NULL, s.a, APPLY("multiply", NULL, s.c, s.b));
    CHECK(!ends_with(&s, &step, &m)); /* no number for all */
    close_sheet(&s);
}

static void what_others_read_is_only_part_of_a_pattern_that_says_so(void) {
    pattern_match m;
    sheet s = open_sheet();
    lego_tensor *product = APPLY("multiply", NULL, s.b, s.one);
    APPLY("exp", NULL, product);
    APPLY("subtract", NULL, s.a, product);
    CHECK(!ends_with(&s, &step, &m));
    CHECK(ends_with(&s, &shared_step, &m) && m.made[B] == op_of(s.program, 0));
    close_sheet(&s);
}

/* v + v c, with or without an assignment to v between the two reads. */
static void check_variable(bool is_assigned) {
    pattern_match m;
    sheet s = open_sheet();
    const float numbers[] = {1, 2, 3};
    lego_tensor *v = keep(lego_variable_new(LEGO_FLOAT32, 1, &(int64_t){3}, numbers, true));
    lego_tensor *product = APPLY("multiply", NULL, v, s.one);
    if (is_assigned) {
        APPLY("assign", NULL, v, APPLY("exp", NULL, v));
    }
    APPLY("add", NULL, v, product);
    CHECK(ends_with(&s, &twice, &m) == !is_assigned);
    close_sheet(&s);
}

static void a_variable_that_was_assigned_is_another_operand(void) {
    check_variable(false);
    check_variable(true);
}

/* ---- what commutes --------------------------------------------------------------------------- */

/* All pairs of a few numbers, in both orders. */
static void check_commutes(const lego_brick *brick, lego_dtype dtype) {
    const double of[] = {0.0, -0.0, 1.0, 3.0, -2.0, 0.1, 1e-310, 1e308, INFINITY, -INFINITY, NAN};
    int64_t count = lego_dtype_kind_of(dtype) == LEGO_KIND_FLOAT ? 11 : 4;
    const int64_t cast = dtype;
    lego_tensor *row = keep(lego_tensor_new(LEGO_FLOAT64, 1, &count, of));
    lego_tensor *column =
        keep(lego_tensor_new(LEGO_FLOAT64, 2, (int64_t[]){count, 1}, lego_tensor_data(row)));
    row = APPLY("cast", &cast, row);
    column = APPLY("cast", &cast, column);
    lego_tensor *one = APPLY(lego_brick_name(brick), NULL, row, column);
    lego_tensor *other = APPLY(lego_brick_name(brick), NULL, column, row);
    size_t bytes = one ? (size_t)(count * count) * lego_dtype_size(lego_tensor_dtype(one)) : 0;
    CHECK(one && other && !memcmp(lego_tensor_data(one), lego_tensor_data(other), bytes));
}

static void bricks_that_commute_do_so_bit_for_bit(void) {
    int found = 0;
    for (int i = 0; i < lego_brick_count(); i++) {
        const lego_brick *brick = lego_brick_at(i);
        for (int d = 0; d < LEGO_DTYPE_COUNT && brick->flags & LEGO_COMMUTES; d++, found++) {
            CHECK(brick->inputs == 2);
            check_commutes(brick, (lego_dtype)d);
        }
    }
    CHECK(found == 8 * LEGO_DTYPE_COUNT);
}

/* max(0, -0) is the first of them. */
static void the_larger_of_two_zeros_depends_on_the_order(void) {
    lego_tensor *zero = number(0.0);
    lego_tensor *minus = number(-0.0);
    CHECK(!signbit(at(APPLY("maximum", NULL, zero, minus), 0)));
    CHECK(signbit(at(APPLY("maximum", NULL, minus, zero), 0)));
    CHECK(!(lego_brick_find("maximum")->flags & LEGO_COMMUTES));
    CHECK(!(lego_brick_find("minimum")->flags & LEGO_COMMUTES));
}

/* ---- the tables ------------------------------------------------------------------------------ */

typedef struct tree_count {
    int ops;
    int read_twice; /* results that only the pattern reads, and that it reads again */
    int read_again;
    bool is_operand[MOST_PATTERN_NAMES];
    bool is_result[MOST_PATTERN_NAMES];
} tree_count;

static void count_tree(const pattern_node *node, tree_count *c) {
    CHECK(node->name >= 0 && node->name < MOST_PATTERN_NAMES);
    c->ops += node->kind == PATTERN_OP;
    c->is_result[node->name] |= node->kind == PATTERN_OP && node->is_shared;
    c->read_twice += node->is_twice;
    c->read_again += node->kind == PATTERN_SAME && !c->is_result[node->name];
    c->is_operand[node->name] |=
        node->kind == PATTERN_EACH || node->kind == PATTERN_CHANNEL || node->kind == PATTERN_ONE;
    for (int i = 0; i < MOST_NODE_INPUTS && node->x[i]; i++) {
        count_tree(node->x[i], c);
    }
}

/* Each operand is named in x, each named result in y, and y[0] is the whole. */
static void check_names(const pattern *p) {
    tree_count c = {0};
    count_tree(p->whole, &c);
    if (p->beside) {
        count_tree(p->beside, &c);
    }
    CHECK(c.read_twice == c.read_again);
    CHECK(c.ops <= MOST_PATTERN_OPS && p->y[0] == p->whole->name);
    bool is_x[MOST_PATTERN_NAMES] = {false};
    bool is_y[MOST_PATTERN_NAMES] = {false};
    for (int i = 0; i < MOST_PATTERN_INPUTS; i++) {
        is_x[p->x[i]] = true;
    }
    for (int i = 0; i < MOST_PATTERN_RESULTS; i++) {
        is_y[p->y[i]] = true;
    }
    for (int name = 1; name < MOST_PATTERN_NAMES; name++) {
        CHECK(is_x[name] == c.is_operand[name] && is_y[name] == c.is_result[name]);
    }
}

static void each_pattern_names_its_operands_and_has_loops(void) {
    static const pattern *const tables[] = {
        adam_patterns,    adagrad_patterns,      ftrl_patterns, lion_patterns,
        rmsprop_patterns, weight_decay_patterns, sgd_patterns,  normalization_patterns};
    for (size_t table = 0; table < sizeof tables / sizeof *tables; table++) {
        for (const pattern *p = tables[table]; p->name; p++) {
            check_names(p);
            const pattern_kernel *kernel = set_pattern_kernel(set_in_use(), p->name);
            bool is_float32_alone = strcmp(p->name, "normalization_silu") == 0;
            CHECK(kernel && kernel->loops[LEGO_FLOAT32]);
            CHECK(kernel && !kernel->loops[LEGO_FLOAT64] == is_float32_alone);
        }
    }
}

static void each_brick_of_a_pattern_is_there(void) {
    static const char *const names[] = {
#define NAME_OF(name) #name,
        PATTERN_BRICKS(NAME_OF)};
    for (int i = 0; i < PATTERN_BRICK_COUNT; i++) {
        CHECK(set_brick(set_in_use(), names[i]) == lego_brick_find(names[i]));
        CHECK(lego_brick_find(names[i]) != NULL);
    }
}

/* Patterns are tried from the first one on: the root of each list is the brick that was asked for,
 * in the set in use. */
static void patterns_are_listed_by_their_last_brick(void) {
    int listed = 0;
    for (int i = 0; i < lego_brick_count(); i++) {
        const loop_pattern *list = patterns_ending_with(lego_brick_at(i));
        for (; list && list->pattern; list++, listed++) {
            CHECK(list->bricks[list->pattern->whole->brick] == lego_brick_at(i));
            CHECK(list->kernel == set_pattern_kernel(set_in_use(), list->pattern->name));
        }
    }
    CHECK(listed == lego_pattern_count() - 3); /* relu_pooling, repeated_number, sgd_rows */
}

static void each_pattern_says_what_it_is(void) {
    int count = lego_pattern_count();
    for (int i = 0; i < count; i++) {
        CHECK(lego_pattern_name(i) && lego_pattern_formula(i) && lego_pattern_python(i) &&
              lego_pattern_pass(i));
    }
    CHECK(!lego_pattern_name(-1) && !lego_pattern_formula(-1));
    CHECK(!lego_pattern_python(count) && !lego_pattern_pass(count));
}

/* ---- the group ------------------------------------------------------------------------------- */

const test pattern_tests[] = {
    {"both orders are tried to the end", both_orders_are_tried_to_the_end},
    {"a difference has one order", a_difference_has_one_order},
    {"what others read is only part of a pattern that says so",
     what_others_read_is_only_part_of_a_pattern_that_says_so},
    {"a variable that was assigned is another operand",
     a_variable_that_was_assigned_is_another_operand},
    {"bricks that commute do so bit for bit", bricks_that_commute_do_so_bit_for_bit},
    {"the larger of two zeros depends on the order", the_larger_of_two_zeros_depends_on_the_order},
    {"each pattern names its operands and has loops",
     each_pattern_names_its_operands_and_has_loops},
    {"each brick of a pattern is there", each_brick_of_a_pattern_is_there},
    {"patterns are listed by their last brick", patterns_are_listed_by_their_last_brick},
    {"each pattern says what it is", each_pattern_says_what_it_is},
    {NULL, NULL},
};
