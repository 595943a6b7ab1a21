/* The graph of a program: who makes each value and who reads it; what may be joined, and how few
 * edges are followed to find that out, however long the program is. */
#include "check.h"
#include "graph/groups.h"
#include "graph/values.h"

enum { SHORT = 200, LONG = 800, SIDE = 4 };

/* A program that is being recorded on this thread, with one input. */
static lego_program *begin(lego_tensor **x) {
    lego_program *p = lego_program_new(NULL);
    *x = p ? keep(lego_program_input(p, LEGO_FLOAT32, 2, (int64_t[]){SIDE, SIDE}, NULL)) : NULL;
    lego_record(p);
    return p;
}

static void end(lego_program *p) {
    lego_record(NULL);
    lego_program_release(p);
    release_kept();
}

/* ---- makers and readers --------------------------------------------------------------------- */

static int reads_of(const value *v) {
    int reads = 0;
    for (const operand *x = v->first_read; x; x = x->next_read) {
        reads += x->value == v;
    }
    return reads == v->read_count ? reads : -1;
}

static void values_know_their_makers_and_readers(void) {
    lego_tensor *x;
    lego_program *p = begin(&x);
    lego_tensor *y = APPLY("tanh", NULL, x);
    if (CHECK(APPLY("multiply", NULL, y, y)) && CHECK(APPLY("add", NULL, y, x))) {
        value *made = op_of(p, 0)->y[0].value;
        CHECK(!value_of(p, 0)->maker && reads_of(value_of(p, 0)) == 2);
        CHECK(made->maker == op_of(p, 0) && reads_of(made) == 3);
        CHECK(made->first_read->op == op_of(p, 1) && made->last_read->op == op_of(p, 2));
        op_remove(op_of(p, 1));
        CHECK(reads_of(made) == 1 && made->first_read->op == op_of(p, 2));
        CHECK(program_settle(p) == LEGO_OK && p->instructions.count == 2);
        CHECK(op_of(p, 1)->instruction == 1 && op_of(p, 1)->x[0].value->maker == op_of(p, 0));
    }
    end(p);
}

static void an_assignment_begins_a_new_value(void) {
    lego_tensor *x;
    lego_tensor *w = keep(lego_variable_new(LEGO_FLOAT32, 2, (int64_t[]){SIDE, SIDE}, NULL, false));
    lego_program *p = begin(&x);
    lego_tensor *before = APPLY("tanh", NULL, w);
    if (CHECK(APPLY("assign", NULL, w, before)) && CHECK(APPLY("exp", NULL, w))) {
        value *former = op_of(p, 0)->x[0].value;
        value *later = op_of(p, 2)->x[0].value;
        CHECK(!former->maker && former->next == later && later->former == former);
        CHECK(later->maker == op_of(p, 1) && later->buffer == former->buffer);
        CHECK(reads_of(former) == 1 && reads_of(later) == 1);
    }
    end(p);
}

static void inserted_ops_stand_in_their_places_and_take_over(void) {
    lego_tensor *x;
    lego_program *p = begin(&x);
    lego_tensor *y = APPLY("tanh", NULL, x);
    if (CHECK(APPLY("exp", NULL, APPLY("exp", NULL, y)))) {
        program_op *inner = op_of(p, 1);
        program_op *outer = op_of(p, 2);
        program_op *first = op_like(p, inner, inner->x, 1, &inner->x[0].array);
        program_op *second = first ? op_like(p, outer, first->y, 1, &first->y[0].array) : NULL;
        if (CHECK(second) && CHECK(!op_insert(p, first, inner) && !op_insert(p, second, inner))) {
            const value *result = outer->y[0].value;
            op_take_over(second, outer);
            op_remove(inner);
            CHECK(program_settle(p) == LEGO_OK && p->instructions.count == 3);
            CHECK(op_of(p, 1) == first && op_of(p, 2) == second);
            CHECK(result->maker == second && second->y[0].value == result);
        }
    }
    end(p);
}

static void readers_move_to_a_value_that_is_equal(void) {
    lego_tensor *x;
    lego_program *p = begin(&x);
    lego_tensor *y = APPLY("tanh", NULL, x);
    lego_tensor *same = APPLY("tanh", NULL, x);
    if (CHECK(APPLY("add", NULL, same, y))) {
        value *kept = op_of(p, 0)->y[0].value;
        value_replace(op_of(p, 1)->y[0].value, kept);
        CHECK(reads_of(kept) == 2 && reads_of(op_of(p, 1)->y[0].value) == 0);
        CHECK(op_of(p, 2)->x[0].buffer == kept->buffer);
    }
    end(p);
}

/* ---- joins ---------------------------------------------------------------------------------- */

/* Each op reads what the two before it make: from every op paths lead to all that follow. */
static lego_tensor *record_ladder(lego_tensor *x, int ops) {
    lego_tensor *y = x;
    for (int i = 0; i < ops && y; i++) {
        lego_tensor *sum = APPLY("add", NULL, x, y);
        x = y;
        y = sum;
    }
    return y;
}

static void a_path_through_a_third_keeps_two_apart(void) {
    lego_tensor *x;
    grouping g;
    lego_program *p = begin(&x);
    lego_tensor *y = APPLY("tanh", NULL, x);
    if (CHECK(APPLY("add", NULL, y, APPLY("exp", NULL, y))) && CHECK(!grouping_make(p, &g))) {
        CHECK(grouping_join(&g, 0, 2)); /* tanh and add: exp has to run between them */
        CHECK(!grouping_join(&g, 0, 1));
        CHECK(!grouping_join(&g, 0, 2)); /* now exp is one of them */
        CHECK(g.group[2] == 0 && grouping_finish(&g) == LEGO_OK);
        CHECK(p->instructions.count == 1 && instruction_at(p, 0)->op_count == 3);
        grouping_free(&g);
    }
    end(p);
}

/* The edges that are followed when the ops of a ladder join in pairs. */
static int64_t edges_of_joins(int ops) {
    lego_tensor *x;
    grouping g;
    int64_t edges = -1;
    lego_program *p = begin(&x);
    if (CHECK(record_ladder(x, ops)) && CHECK(!grouping_make(p, &g))) {
        for (int i = 3; i < ops; i += 2) {
            CHECK(!grouping_join(&g, i - 1, i));
        }
        edges = g.edges;
        grouping_free(&g);
    }
    end(p);
    return edges;
}

static void joins_follow_few_edges(void) {
    int64_t edges = edges_of_joins(SHORT);
    CHECK(edges > 0 && edges < 8 * SHORT);
    CHECK(edges_of_joins(LONG) <= LONG / SHORT * edges + 64); /* a few pairs more */
}

/* ---- the group ------------------------------------------------------------------------------ */

const test graph_tests[] = {
    {"values know their makers and readers", values_know_their_makers_and_readers},
    {"an assignment begins a new value", an_assignment_begins_a_new_value},
    {"inserted ops stand in their places and take over",
     inserted_ops_stand_in_their_places_and_take_over},
    {"readers move to a value that is equal", readers_move_to_a_value_that_is_equal},
    {"a path through a third keeps two apart", a_path_through_a_third_keeps_two_apart},
    {"joins follow few edges", joins_follow_few_edges},
    {NULL, NULL},
};
