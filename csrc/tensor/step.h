/* One step of the walk back: what a gradient face gets, and how it applies bricks.
 *
 * A face that needs three tensors on the way must not drown in checks and releases. So a step owns
 * every tensor that is made through it, and after a first failure all further words return NULL at
 * once: a gradient face reads like the formula above it. */
#ifndef LEGO_TENSOR_STEP_H
#define LEGO_TENSOR_STEP_H

#include "brick.h"
#include "tensor.h"

typedef struct made made; /* a tensor made in this step, linked to the one before */

struct lego_step {
    const lego_brick *brick;
    const void *attributes;
    lego_tensor *const *x; /* as the kernel saw them; numbers only with LEGO_USES_Xi */
    int input_count;
    lego_tensor *const *y; /* the outputs; numbers only with LEGO_USES_Y */
    int output_count;
    lego_tensor *const *dy; /* NULL where nothing flows back (never all of them) */
    const bool *wanted;     /* which dx are asked for */
    lego_tensor **dx;       /* to be set; stays NULL where the gradient is zero */
    made *all_made;
    lego_status status; /* the first failure */
};

/* Applies the named brick and returns its first output, borrowed from the step. NULL after a
 * failure, and when an input is NULL. */
lego_tensor *step_apply(lego_step *step, const char *name, lego_tensor *const *inputs, int count,
                        const void *attributes);

/* The same for a brick of `output_count` outputs; all NULL after a failure. */
void step_apply_all(lego_step *step, const char *name, lego_tensor *const *inputs, int count,
                    const void *attributes, lego_tensor **outputs, int output_count);

/* Makes the step fail with a sentence of its own. */
void step_fail(lego_step *step, lego_status status, const char *sentence);

/* The gradient face of bricks that gradients cannot pass: the walk back stops with a sentence. */
void no_gradient(lego_step *step);

void step_close(lego_step *step);

#endif
