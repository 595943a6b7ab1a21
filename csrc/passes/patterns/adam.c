/* Adam, AdamW: pylego/optimizers/adam.py, all that Adam.update_step() does to one variable.
 *
 *     next_m = ops.lerp(m, gradient, 1 - self.beta_1)
 *     next_v = ops.lerp(v, ops.square(gradient), 1 - self.beta_2)
 *     next_v = ops.maximum(self._peaks[place], next_v)                              with amsgrad
 *     self.assign_sub(variable, next_m * rate / (ops.sqrt(next_v) + self.epsilon))
 *
 * With accumulated gradients a choice stands between the means and the rest: then the second mean
 * and the step are patterns of their own. Others that compute as Adam does have them, too: Nadam,
 * ScheduleFreeAdamW. */
#include "patterns.h"

#define NEXT_M RESULT(M, lerp, EACH(M), EACH(G), ONE(M_SHARE))
#define NEXT_V RESULT(V, lerp, EACH(V), OP(square, EACH(G)), ONE(V_SHARE))
#define STEP_OF(m, v)                                                                              \
    RESULT(W, subtract, EACH(W),                                                                   \
           OP(divide, OP(multiply, m, ONE(RATE)), OP(add, OP(sqrt, v), ONE(EPSILON))))
#define NEXT_W(v) STEP_OF(NEXT_M, v)

const pattern adam_patterns[] = {
    {
        .name = "adam_amsgrad",
        .formula = "m += (g - m) m_share, v += (g^2 - v) v_share, peak = max(peak, v), "
                   "w -= m rate / (sqrt(peak) + epsilon)",
        .python = "pylego/optimizers/adam.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(RESULT(PEAK, maximum, EACH(PEAK), NEXT_V)),
        .x = {W, M, G, PEAK, V, M_SHARE, RATE, V_SHARE, EPSILON},
        .y = {W, M, PEAK, V},
    },
    {
        .name = "adam",
        .formula =
            "m += (g - m) m_share, v += (g^2 - v) v_share, w -= m rate / (sqrt(v) + epsilon)",
        .python = "pylego/optimizers/adam.py: update_step",
        .pass = "fuse",
        .whole = NEXT_W(NEXT_V),
        .x = {W, M, G, V, M_SHARE, RATE, V_SHARE, EPSILON},
        .y = {W, M, V},
    },
    {
        .name = "adam_step",
        .formula = "w -= m rate / (sqrt(v) + epsilon)",
        .python = "pylego/optimizers/nadam.py: update_step",
        .pass = "fuse",
        .whole = STEP_OF(EACH(M), EACH(V)),
        .x = {W, M, V, RATE, EPSILON},
        .y = {W},
    },
    {
        .name = "adam_velocity",
        .formula = "v += (g^2 - v) v_share",
        .python = "pylego/optimizers/adam.py: update_step",
        .pass = "fuse",
        .whole = NEXT_V,
        .x = {V, G, V_SHARE},
        .y = {V},
    },
    {.name = NULL},
};
