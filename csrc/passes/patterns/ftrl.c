/* Ftrl: pylego/optimizers/ftrl.py, all that Ftrl.update_step() does to one variable, for roots
 * (learning_rate_power -0.5).
 *
 *     before, next_squares = self._raised(squares), squares + ops.square(gradient)
 *     after = self._raised(next_squares)
 *     next_z = z + gradient - (after - before) * variable * per_rate + shrinkage * variable
 *     pull = next_z - ops.clip(next_z, -limit, limit)
 *     self.assign(variable, pull / (after * -per_rate - held)) */
#include "patterns.h"

#define NEXT_V    RESULT(V, add, EACH(V), OP(square, EACH(G)))
#define AFTER     TWICE(ROOT, sqrt, NEXT_V)
#define GROWTH    OP(subtract, AFTER, OP(sqrt, EACH(V)))
#define TAKEN     OP(multiply, OP(multiply, GROWTH, EACH(W)), ONE(PER_RATE))
#define DRAWN     OP(subtract, OP(add, EACH(PULL), EACH(G)), TAKEN)
#define NEXT_PULL RESULT(PULL, add, DRAWN, OP(multiply, EACH(W), ONE(SHRINK)))
#define EXCESS    OP(subtract, NEXT_PULL, OP(clip, SAME(PULL), ONE(LOW), ONE(HIGH)))

const pattern ftrl_patterns[] = {
    {
        .name = "ftrl",
        .formula = "root = sqrt(v + g^2), pull += g - (root - sqrt(v)) w per_rate + w shrink, "
                   "w = (pull - clip(pull, low, high)) / (root rate - hold), v += g^2",
        .python = "pylego/optimizers/ftrl.py: update_step",
        .pass = "fuse",
        .whole =
            RESULT(W, divide, EXCESS, OP(subtract, OP(multiply, SAME(ROOT), ONE(RATE)), ONE(HOLD))),
        .x = {W, G, V, PULL, PER_RATE, SHRINK, LOW, HIGH, RATE, HOLD},
        .y = {W, V, PULL},
    },
    {.name = NULL},
};
