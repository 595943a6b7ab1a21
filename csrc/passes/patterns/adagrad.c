/* Adagrad: pylego/optimizers/adagrad.py, all that Adagrad.update_step() does to one variable.
 *
 *     next_squares = squares + ops.square(gradient)
 *     self.assign_sub(variable, rate * gradient / ops.sqrt(next_squares + self.epsilon))
 *
 * Adadelta: pylego/optimizers/adadelta.py. m is the mean of squared steps, which is made beside the
 * weights and not on the way to them.
 *
 *     next_v = ops.lerp(v, ops.square(gradient), 1 - self.rho)
 *     step = gradient * ops.sqrt((d + self.epsilon) / (next_v + self.epsilon))
 *     self.assign(d, ops.lerp(d, ops.square(step), 1 - self.rho))
 *     self.assign_sub(variable, step * ops.cast(learning_rate, variable.dtype)) */
#include "patterns.h"

#define NEXT_SUM  RESULT(V, add, EACH(V), OP(square, EACH(G)))
#define NEXT_V    RESULT(V, lerp, EACH(V), OP(square, EACH(G)), ONE(V_SHARE))
#define QUOTIENT  OP(divide, OP(add, EACH(M), ONE(EPSILON)), OP(add, NEXT_V, ONE(EPSILON)))
#define NEXT_STEP TWICE(STEP, multiply, EACH(G), OP(sqrt, QUOTIENT))

const pattern adagrad_patterns[] = {
    {
        .name = "adagrad",
        .formula = "v += g^2, w -= g rate / sqrt(v + epsilon)",
        .python = "pylego/optimizers/adagrad.py: update_step",
        .pass = "fuse",
        .whole = RESULT(W, subtract, EACH(W),
                        OP(divide, OP(multiply, EACH(G), ONE(RATE)),
                           OP(sqrt, OP(add, NEXT_SUM, ONE(EPSILON))))),
        .x = {W, G, V, RATE, EPSILON},
        .y = {W, V},
    },
    {
        .name = "adadelta",
        .formula = "v += (g^2 - v) v_share, step = g sqrt((m + epsilon) / (v + epsilon)), "
                   "m += (step^2 - m) m_share, w -= step rate",
        .python = "pylego/optimizers/adadelta.py: update_step",
        .pass = "fuse",
        .whole = RESULT(W, subtract, EACH(W), OP(multiply, NEXT_STEP, ONE(RATE))),
        .beside = RESULT(M, lerp, EACH(M), OP(square, SAME(STEP)), ONE(M_SHARE)),
        .x = {W, G, V, M, RATE, V_SHARE, M_SHARE, EPSILON},
        .y = {W, V, M},
    },
    {.name = NULL},
};
