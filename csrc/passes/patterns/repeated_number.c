/* One number for many elements: ops.zeros(), ops.ones() and ops.full() of pylego/ops/creation.py,
 * and the numbers of gradients. The pass fold_constants reads the number for each element instead
 * of its repetitions. */
#include "patterns.h"

static bool has_axes(const pattern_match *m) {
    return m->ops[0]->y[0].array.rank > 0;
}

const pattern repeated_number_patterns[] = {
    {
        .name = "repeated_number",
        .formula = "y = value for each element",
        .python = "pylego/ops/creation.py: full",
        .pass = "fold_constants",
        .whole = &(const pattern_node){.kind = PATTERN_OP, .brick = BRICK_full},
        .accepts = has_axes,
    },
    {.name = NULL},
};
