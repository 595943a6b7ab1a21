/* Lion: pylego/optimizers/lion.py, all that Lion.update_step() does to one variable. The mean of
 * gradients is made beside the weights, whose step has a mean of its own.
 *
 *     change = gradient - m
 *     direction = ops.sign(m + change * (1 - self.beta_1))
 *     self.assign(m, m + change * (1 - self.beta_2))
 *     self.assign_sub(variable, direction * ops.cast(learning_rate, variable.dtype)) */
#include "patterns.h"

#define CHANGE    TWICE(STEP, subtract, EACH(G), EACH(M))
#define DIRECTION OP(sign, OP(add, EACH(M), OP(multiply, CHANGE, ONE(AHEAD))))

const pattern lion_patterns[] = {
    {
        .name = "lion",
        .formula = "w -= sign(m + (g - m) ahead) rate, m += (g - m) m_share",
        .python = "pylego/optimizers/lion.py: update_step",
        .pass = "fuse",
        .whole = RESULT(W, subtract, EACH(W), OP(multiply, DIRECTION, ONE(RATE))),
        .beside = RESULT(M, add, EACH(M), OP(multiply, SAME(STEP), ONE(M_SHARE))),
        .x = {W, M, G, AHEAD, RATE, M_SHARE},
        .y = {W, M},
    },
    {.name = NULL},
};
