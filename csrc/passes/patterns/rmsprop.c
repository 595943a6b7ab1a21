/* RMSprop: pylego/optimizers/rmsprop.py, all that RMSprop.update_step() does to one variable.
 *
 *     square = self.rho * velocity + (1 - self.rho) * ops.square(gradient)
 *     mean = self.rho * self._means[place] + (1 - self.rho) * gradient              if centered
 *     square = square - ops.square(mean)                                            if centered
 *     step = rate * gradient / ops.sqrt(square + self.epsilon)
 *     step = self.momentum * self._momentums[place] + step                       with momentum
 *     self.assign_sub(variable, step)
 *
 * With accumulated gradients a choice stands between the means and the rest: then the step alone is
 * a pattern. */
#include "patterns.h"

#define NEXT_V                                                                                     \
    RESULT(V, add, OP(multiply, EACH(V), ONE(V_KEEP)),                                             \
           OP(multiply, OP(square, EACH(G)), ONE(V_SHARE)))
#define NEXT_M                                                                                     \
    RESULT(M, add, OP(multiply, EACH(M), ONE(M_KEEP)), OP(multiply, EACH(G), ONE(M_SHARE)))
#define VARIANCE OP(subtract, NEXT_V, OP(square, NEXT_M))

#define STEP_BY(v) OP(divide, OP(multiply, EACH(G), ONE(RATE)), OP(sqrt, OP(add, v, ONE(EPSILON))))
#define NEXT_SPEED(v) RESULT(SPEED, add, OP(multiply, EACH(SPEED), ONE(FRICTION)), STEP_BY(v))
#define NEXT_W(step)  RESULT(W, subtract, EACH(W), step)

const pattern rmsprop_patterns[] = {
    {
        .name = "rmsprop_centered_momentum",
        .formula = "v = v v_keep + g^2 v_share, m = m m_keep + g m_share, "
                   "speed = speed friction + g rate / sqrt(v - m^2 + epsilon), w -= speed",
        .python = "pylego/optimizers/rmsprop.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(NEXT_SPEED(VARIANCE)),
        .x = {W, SPEED, G, V, M, FRICTION, RATE, V_KEEP, V_SHARE, M_KEEP, M_SHARE, EPSILON},
        .y = {W, SPEED, V, M},
    },
    {
        .name = "rmsprop_momentum",
        .formula = "v = v v_keep + g^2 v_share, "
                   "speed = speed friction + g rate / sqrt(v + epsilon), w -= speed",
        .python = "pylego/optimizers/rmsprop.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(NEXT_SPEED(NEXT_V)),
        .x = {W, SPEED, G, V, FRICTION, RATE, V_KEEP, V_SHARE, EPSILON},
        .y = {W, SPEED, V},
    },
    {
        .name = "rmsprop_centered",
        .formula = "v = v v_keep + g^2 v_share, m = m m_keep + g m_share, "
                   "w -= g rate / sqrt(v - m^2 + epsilon)",
        .python = "pylego/optimizers/rmsprop.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(STEP_BY(VARIANCE)),
        .x = {W, G, V, M, RATE, V_KEEP, V_SHARE, M_KEEP, M_SHARE, EPSILON},
        .y = {W, V, M},
    },
    {
        .name = "rmsprop",
        .formula = "v = v v_keep + g^2 v_share, w -= g rate / sqrt(v + epsilon)",
        .python = "pylego/optimizers/rmsprop.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(STEP_BY(NEXT_V)),
        .x = {W, G, V, RATE, V_KEEP, V_SHARE, EPSILON},
        .y = {W, V},
    },
    {
        .name = "rmsprop_step",
        .formula = "w -= g rate / sqrt(v + epsilon)",
        .python = "pylego/optimizers/rmsprop.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(STEP_BY(EACH(V))),
        .x = {W, G, V, RATE, EPSILON},
        .y = {W},
    },
    {.name = NULL},
};
