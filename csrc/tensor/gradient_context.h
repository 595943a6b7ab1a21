/* One step of the backward pass: what a gradient face gets, and how it applies bricks.
 *
 * A face that needs three tensors on the way must not drown in checks and releases. So a step owns
 * every tensor that is made through it, and after a first failure all further words return NULL at
 * once: a gradient face reads like the formula above it. */
#ifndef LEGO_TENSOR_GRADIENT_CONTEXT_H
#define LEGO_TENSOR_GRADIENT_CONTEXT_H

#include "brick.h"
#include "tensor.h"

typedef struct made made; /* a tensor made in this step, linked to the one before */

struct gradient_context {
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

/* Applies the named brick and returns its first output, borrowed from the context. NULL after a
 * failure, and when an input is NULL. */
lego_tensor *context_apply(gradient_context *step, const char *name, lego_tensor *const *inputs,
                           int count, const void *attributes);

/* The same for a brick of `output_count` outputs; all NULL after a failure. */
void context_apply_all(gradient_context *step, const char *name, lego_tensor *const *inputs,
                       int count, const void *attributes, lego_tensor **outputs, int output_count);

/* Makes the context fail with a sentence of its own. */
void context_fail(gradient_context *step, lego_status status, const char *sentence);

/* The gradient face of bricks that gradients cannot pass: the backward pass stops with a sentence.
 */
void no_gradient(gradient_context *step);

void context_close(gradient_context *step);

#endif
