/* The patterns that passes know, each in the file of what it is made for. */
#ifndef LEGO_PASSES_PATTERNS_PATTERNS_H
#define LEGO_PASSES_PATTERNS_PATTERNS_H

#include "../../graph/pattern.h"

/* The bricks that they are made of, in OP() and the like. */
#define PATTERN_BRICKS(EACH_BRICK)                                                                 \
    EACH_BRICK(absolute)                                                                           \
    EACH_BRICK(add)                                                                                \
    EACH_BRICK(clip)                                                                               \
    EACH_BRICK(divide)                                                                             \
    EACH_BRICK(full)                                                                               \
    EACH_BRICK(lerp)                                                                               \
    EACH_BRICK(less_equal)                                                                         \
    EACH_BRICK(max_pool)                                                                           \
    EACH_BRICK(max_pool_gradient)                                                                  \
    EACH_BRICK(maximum)                                                                            \
    EACH_BRICK(minimum)                                                                            \
    EACH_BRICK(multiply)                                                                           \
    EACH_BRICK(negative)                                                                           \
    EACH_BRICK(normalize)                                                                          \
    EACH_BRICK(relu)                                                                               \
    EACH_BRICK(scatter_add)                                                                        \
    EACH_BRICK(sign)                                                                               \
    EACH_BRICK(silu)                                                                               \
    EACH_BRICK(sqrt)                                                                               \
    EACH_BRICK(square)                                                                             \
    EACH_BRICK(subtract)                                                                           \
    EACH_BRICK(subtract_rows)                                                                      \
    EACH_BRICK(where)

#define BRICK_NUMBER(name) BRICK_##name,
enum { PATTERN_BRICKS(BRICK_NUMBER) PATTERN_BRICK_COUNT };

/* What optimizers compute with; each is an operand, the result of the same name what becomes of it.
 */
enum {
    W = 1,    /* a variable */
    G,        /* its gradient */
    M,        /* the mean of gradients */
    M_KEEP,   /* the share of the former mean */
    M_SHARE,  /* the share of the gradient */
    V,        /* the mean of their squares */
    V_KEEP,   /* the share of the former mean */
    V_SHARE,  /* the share of the square */
    PEAK,     /* the largest v so far */
    SPEED,    /* the last step */
    FRICTION, /* the share of it in the next one: momentum */
    AHEAD,    /* the share of the next one that Nesterov looks ahead */
    STEP,     /* rate g */
    RATE,
    DECAY,
    EPSILON,
    ROOT,     /* of v */
    PULL,     /* what draws a weight of Ftrl away from 0 */
    PER_RATE, /* 1 / rate */
    SHRINK,   /* what a weight adds to its gradient */
    LOW,      /* limits between which a pull comes to nothing */
    HIGH,
    HOLD /* what holds a weight at 0 */
};

/* Tables of patterns; NULL as a name ends each. Patterns that are part of others come later. */
extern const pattern adam_patterns[];
extern const pattern adagrad_patterns[];
extern const pattern ftrl_patterns[];
extern const pattern lion_patterns[];
extern const pattern rmsprop_patterns[];
extern const pattern weight_decay_patterns[];
extern const pattern sgd_patterns[];
extern const pattern normalization_patterns[];
extern const pattern slope_patterns[];

extern const pattern relu_pooling_patterns[];
extern const pattern repeated_number_patterns[];
extern const pattern sgd_rows_patterns[];

/* Names of the pattern relu_pooling. */
enum { RELU_X = 1, RELU_DY, RELU_WHOLE, RELU_MASK, RELU_BACK, RELU_POOL };

/* Names of the pattern sgd_rows, beside W and RATE. */
enum { ROWS_SCATTER = HOLD + 1, ROWS_INDICES, ROWS_UPDATES };

/* Those with a loop whose last op is of this brick, in the order in which they are tried; a NULL
 * pattern ends the list. NULL: none. */
const loop_pattern *patterns_ending_with(const lego_brick *brick);

/* Whether a pattern describes ops of the program that end with `last`, before ops are joined. */
bool pattern_found(const lego_program *p, const pattern *wanted, program_op *last,
                   pattern_match *m);

#endif
