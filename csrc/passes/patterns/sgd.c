/* SGD: pylego/optimizers/sgd.py, all that SGD.update_step() does to one variable.
 *
 *     step = gradient * ops.cast(learning_rate, variable.dtype)
 *     self.assign_sub(variable, step)                                           without momentum
 *     next_velocity = self.momentum * velocity - step                              with momentum
 *     self.assign_add(variable, next_velocity)                                     with momentum
 *     self.assign_add(variable, self.momentum * next_velocity - step)              with Nesterov's
 */
#include "patterns.h"

#define NEXT_SPEED(step) RESULT(SPEED, subtract, OP(multiply, EACH(SPEED), ONE(FRICTION)), step)

const pattern sgd_patterns[] = {
    {
        .name = "sgd_nesterov",
        .formula = "step = g rate, speed = speed friction - step, w += speed friction - step",
        .python = "pylego/optimizers/sgd.py: update_step",
        .pass = "fuse",
        .whole = RESULT(
            W, add, EACH(W),
            OP(subtract,
               OP(multiply, NEXT_SPEED(TWICE(STEP, multiply, EACH(G), ONE(RATE))), ONE(AHEAD)),
               SAME(STEP))),
        .x = {W, SPEED, G, FRICTION, RATE, AHEAD},
        .y = {W, SPEED},
    },
    {
        .name = "sgd_momentum",
        .formula = "speed = speed friction - g rate, w += speed",
        .python = "pylego/optimizers/sgd.py: update_step",
        .pass = "fuse",
        .whole = RESULT(W, add, EACH(W), NEXT_SPEED(OP(multiply, EACH(G), ONE(RATE)))),
        .x = {W, SPEED, G, FRICTION, RATE},
        .y = {W, SPEED},
    },
    {
        .name = "sgd",
        .formula = "w -= g rate",
        .python = "pylego/optimizers/sgd.py: update_step",
        .pass = "fuse",
        .whole = RESULT(W, subtract, EACH(W), OP(multiply, EACH(G), ONE(RATE))),
        .x = {W, G, RATE},
        .y = {W},
    },
    {.name = NULL},
};
