/* Adam, AdamW: pylego/optimizers/adam.py, all that Adam.update_step() does to one variable.
 *
 *     next_m = ops.lerp(m, gradient, 1 - self.beta_1)
 *     next_v = ops.lerp(v, ops.square(gradient), 1 - self.beta_2)
 *     next_v = ops.maximum(self._peaks[place], next_v)                              with amsgrad
 *     self.assign_sub(variable, next_m * rate / (ops.sqrt(next_v) + self.epsilon))
 *
 * With accumulated gradients a choice stands between the means and the rest: then the second mean
 * and the step are patterns of their own.
 *
 * Adamax (adamax.py) divides by the largest gradient so far, which is forgotten slowly. Lamb
 * (lamb.py) needs the direction alone, before it knows how far to go.
 *
 * Nadam (nadam.py) steps by the mean m of which a share is the gradient once more. For
 * ScheduleFreeAdamW (schedule_free_adamw.py) m is z: the weights that Adam's steps lead to. */
#include "patterns.h"

#define NEXT_M        RESULT(M, lerp, EACH(M), EACH(G), ONE(M_SHARE))
#define NEXT_V        RESULT(V, lerp, EACH(V), OP(square, EACH(G)), ONE(V_SHARE))
#define STEP_OF(m, v) OP(divide, OP(multiply, m, ONE(RATE)), OP(add, OP(sqrt, v), ONE(EPSILON)))
#define DIRECTION                                                                                  \
    RESULT(STEP, divide, OP(multiply, NEXT_M, ONE(RATE)), OP(add, OP(sqrt, NEXT_V), ONE(EPSILON)))
#define STEPPED(m, v) RESULT(W, subtract, EACH(W), STEP_OF(m, v))
#define NEXT_W(v)     STEPPED(NEXT_M, v)
#define M_AHEAD       OP(lerp, NEXT_M, EACH(G), ONE(AHEAD))
#define NEXT_PEAK                                                                                  \
    RESULT(PEAK, maximum, OP(multiply, EACH(PEAK), ONE(V_KEEP)), OP(absolute, EACH(G)))
#define NEXT_Z RESULT(M, subtract, EACH(M), STEP_OF(EACH(G), NEXT_V))
#define MEAN   OP(subtract, EACH(W), OP(multiply, EACH(M), ONE(M_SHARE)))

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
        .name = "nadam",
        .formula = "m += (g - m) m_share, v += (g^2 - v) v_share, "
                   "w -= (m + (g - m) ahead) rate / (sqrt(v) + epsilon)",
        .python = "pylego/optimizers/nadam.py: update_step",
        .pass = "fuse",
        .whole = STEPPED(M_AHEAD, NEXT_V),
        .x = {W, M, G, V, M_SHARE, AHEAD, RATE, V_SHARE, EPSILON},
        .y = {W, M, V},
    },
    {
        .name = "adam_schedule_free",
        .formula = "v += (g^2 - v) v_share, mean = w - m m_share, "
                   "m -= g rate / (sqrt(v) + epsilon), w = mean + (m m_keep - mean) ahead",
        .python = "pylego/optimizers/schedule_free_adamw.py: update_step",
        .pass = "fuse",
        .whole = RESULT(W, lerp, MEAN, OP(multiply, NEXT_Z, ONE(M_KEEP)), ONE(AHEAD)),
        .x = {W, M, G, V, M_SHARE, M_KEEP, AHEAD, RATE, V_SHARE, EPSILON},
        .y = {W, M, V},
    },
    {
        .name = "adamax",
        .formula = "m += (g - m) m_share, peak = max(peak v_keep, |g|), "
                   "w -= m rate / (peak + epsilon)",
        .python = "pylego/optimizers/adamax.py: update_step",
        .pass = "fuse",
        .whole =
            RESULT(W, subtract, EACH(W),
                   OP(divide, OP(multiply, NEXT_M, ONE(RATE)), OP(add, NEXT_PEAK, ONE(EPSILON)))),
        .x = {W, M, G, PEAK, M_SHARE, RATE, V_KEEP, EPSILON},
        .y = {W, M, PEAK},
    },
    {
        .name = "adam_direction",
        .formula = "m += (g - m) m_share, v += (g^2 - v) v_share, "
                   "step = m rate / (sqrt(v) + epsilon)",
        .python = "pylego/optimizers/lamb.py: update_step",
        .pass = "fuse",
        .whole = DIRECTION,
        .x = {M, G, V, M_SHARE, RATE, V_SHARE, EPSILON},
        .y = {STEP, M, V},
    },
    {
        .name = "adam_step",
        .formula = "w -= m rate / (sqrt(v) + epsilon)",
        .python = "pylego/optimizers/adam.py: update_step",
        .pass = "fuse",
        .whole = STEPPED(EACH(M), EACH(V)),
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
