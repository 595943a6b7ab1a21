/* SGD on a table that rows were read of: Embedding (pylego/layers/core/embedding.py), then
 * pylego/optimizers/sgd.py without momentum.
 *
 * The gradient of ops.take(table, indices, axis=0) is scatter_add, and nothing stands between it
 * and SGD's arithmetic: no clipping, no regularizer, no second use of the table. */
#include "patterns.h"

/* The rows lie along the first axis. The attributes are the axis and its length. */
static bool are_first_axis(const pattern_match *m) {
    const program_op *scatter = m->made[ROWS_SCATTER];
    int64_t axis = ((const int64_t *)scatter->attributes)[0];
    return axis == 0 || axis == -scatter->y[0].array.rank;
}

const pattern sgd_rows_patterns[] = {
    {
        .name = "sgd_rows",
        .formula = "w - scatter_add(indices, updates) rate",
        .python = "pylego/optimizers/sgd.py: update_step",
        .pass = "update_rows",
        .whole =
            OP(subtract, EACH(W),
               OP(multiply, NAMED(ROWS_SCATTER, scatter_add, ANY(ROWS_INDICES), ANY(ROWS_UPDATES)),
                  ONE(RATE))),
        .accepts = are_first_axis,
    },
    {.name = NULL},
};
