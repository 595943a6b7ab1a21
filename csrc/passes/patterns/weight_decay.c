/* Weight decay: pylego/optimizers/optimizer.py, Optimizer._decay_weights().
 *
 *     self.assign_sub(variable, variable * self.weight_decay * rate) */
#include "patterns.h"

const pattern weight_decay_patterns[] = {
    {
        .name = "weight_decay",
        .formula = "w -= w decay rate",
        .python = "pylego/optimizers/optimizer.py: _decay_weights",
        .pass = "fuse",
        .whole = RESULT(W, subtract, EACH(W),
                        OP(multiply, OP(multiply, EACH(W), ONE(DECAY)), ONE(RATE))),
        .x = {W, DECAY, RATE},
        .y = {W},
    },
    {.name = NULL},
};
