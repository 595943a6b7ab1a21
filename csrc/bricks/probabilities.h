/* What the cross-entropies share: targets and outputs of one shape, and clipped probabilities. */
#ifndef LEGO_BRICKS_PROBABILITIES_H
#define LEGO_BRICKS_PROBABILITIES_H

#include "../core/error.h"
#include "../kernels/crossentropy.h"
#include "grad_ops.h"

static inline lego_status check_same_shapes(const lego_call *call) {
    const lego_array *target = call->x[0];
    const lego_array *output = call->x[1];
    if (!array_same_shape(target, output)) {
        return fail(LEGO_BAD_SHAPE, "%s: target and output must have the same shape, got %s and %s",
                    call->brick->name, array_text(target), array_text(output));
    }
    return LEGO_OK;
}

/* p brought to 1e-7 <= p <= 1 - 1e-7. */
static inline lego_tensor *clipped(gradient_context *g, lego_tensor *p) {
    lego_tensor *all[] = {p, number(g, LEAST_PROBABILITY, p), number(g, 1 - LEAST_PROBABILITY, p)};
    return context_apply(g, "clip", all, 3, NULL);
}

/* x where p is what clipping kept of it, else 0; a product, so that NaN stays. */
static inline lego_tensor *where_kept(gradient_context *g, lego_tensor *x, lego_tensor *p,
                                      lego_tensor *kept) {
    return p ? times(g, x, cast_like(g, apply2(g, "equal", p, kept), p)) : NULL;
}

#endif
