/* Patterns: several ops that belong together, described as data.
 *
 * A pattern is a tree of bricks. Its leaves are operands, and each has a name:
 *
 *     OP(subtract, EACH(W), OP(multiply, EACH(G), ONE(RATE)))          w - g rate
 *
 * The matcher begins at the op that makes the whole and follows operands to the ops that make them.
 * It finds each way in which the tree fits, so inputs of bricks that commute may come in either
 * order. Nothing else is assumed of arithmetic: sums are not regrouped.
 *
 * The patterns themselves lie in passes/patterns/. */
#ifndef LEGO_GRAPH_PATTERN_H
#define LEGO_GRAPH_PATTERN_H

#include "program.h"

typedef enum pattern_kind {
    PATTERN_OP,      /* what a brick makes of x */
    PATTERN_EACH,    /* an operand with a number for each element, of the dtype of the whole */
    PATTERN_CHANNEL, /* an operand with a number for each place on the last axes, of that dtype */
    PATTERN_ONE,     /* an operand with one number for all elements, of that dtype */
    PATTERN_ANY,     /* an operand of any kind */
    PATTERN_ZERO,    /* a constant of one number, +0 */
    PATTERN_SAME     /* what another op of the pattern makes, read again */
} pattern_kind;

enum { MOST_NODE_INPUTS = 4, MOST_PATTERN_OPS = 16, MOST_PATTERN_NAMES = 28 };

/* Names are small numbers from 1 on, 0 is none. One name stands for one operand wherever it is. */
typedef struct pattern_node pattern_node;
struct pattern_node {
    pattern_kind kind;
    int brick;      /* of an op: its number in the table that the matcher is given */
    int name;       /* of an operand, or of what an op makes */
    bool is_shared; /* ops outside the pattern may read what the op makes, too */
    bool is_twice;  /* two operands of the pattern read it: the other one is SAME */
    const pattern_node *x[MOST_NODE_INPUTS];
};

typedef struct pattern_match pattern_match;

typedef struct pattern {
    const char *name;
    const char *formula;
    const char *python; /* the code that it is made for: "file: function" */
    const char *pass;   /* the pass that uses it */
    const pattern_node *whole;
    const pattern_node *beside; /* what the loop of `whole` makes beside it, of the same; or NULL */
    bool (*accepts)(const pattern_match *m); /* what a tree cannot say; or NULL */

    /* Of a pattern with a loop: the names of its x and y, in their order. y[0] is the whole. */
    int x[MOST_PATTERN_INPUTS];
    int y[MOST_PATTERN_RESULTS];
} pattern;

/* How patterns are written: OP(brick, ...) is made for this pattern alone, no other op reads it;
 * NAMED() has a name as well; TWICE() too, and is read by a SAME() of that name; RESULT() has a
 * name, and other ops may read it. */
#define NODE(...)      (&(const pattern_node){__VA_ARGS__})
#define OP(which, ...) NODE(.kind = PATTERN_OP, .brick = BRICK_##which, .x = {__VA_ARGS__})
#define NAMED(as, which, ...)                                                                      \
    NODE(.kind = PATTERN_OP, .brick = BRICK_##which, .name = as, .x = {__VA_ARGS__})
#define TWICE(as, which, ...)                                                                      \
    NODE(.kind = PATTERN_OP, .brick = BRICK_##which, .name = as, .is_twice = true,                 \
         .x = {__VA_ARGS__})
#define RESULT(as, which, ...)                                                                     \
    NODE(.kind = PATTERN_OP, .brick = BRICK_##which, .name = as, .is_shared = true,                \
         .x = {__VA_ARGS__})
#define EACH(as)    NODE(.kind = PATTERN_EACH, .name = as)
#define CHANNEL(as) NODE(.kind = PATTERN_CHANNEL, .name = as)
#define ONE(as)     NODE(.kind = PATTERN_ONE, .name = as)
#define ANY(as)     NODE(.kind = PATTERN_ANY, .name = as)
#define SAME(as)    NODE(.kind = PATTERN_SAME, .name = as)
#define ZERO        NODE(.kind = PATTERN_ZERO)

/* Where a pattern is looked for: in a whole program before ops are joined, or among the ops of one
 * fused loop. */
typedef struct pattern_scope {
    const lego_program *p; /* NULL: it is a fused loop, and no operand counts as a constant */
    program_op *const *ops;
    int count;
    const bool *is_inner; /* of each buffer: whether only these ops read it */
} pattern_scope;

/* How far a search is. It is all that is set back where another order is tried. */
typedef struct match_progress {
    unsigned operands; /* bits of the names that operands have */
    unsigned results;  /* and results */
    int op_count;
} match_progress;

/* What has been found: ops and operands by their names. */
struct pattern_match {
    const pattern *pattern;
    const pattern_scope *scope;
    const lego_brick *const *bricks; /* of the instruction set of the ops, by their numbers */
    lego_dtype dtype;                /* of the whole */
    match_progress progress;
    const operand *x[MOST_PATTERN_NAMES];
    program_op *made[MOST_PATTERN_NAMES]; /* the ops that make the named results */
    program_op *ops[MOST_PATTERN_OPS];    /* all of them, the last one first */
};

/* Whether the pattern describes ops that end with `last`; m says then which. */
bool pattern_matches(const pattern *wanted, const pattern_scope *scope,
                     const lego_brick *const *bricks, program_op *last, pattern_match *m);

/* A pattern that one loop computes, with the bricks and the loops of one instruction set. */
typedef struct loop_pattern {
    const pattern *pattern;
    const lego_brick *const *bricks;
    const pattern_kernel *kernel;
} loop_pattern;

#endif
