/* What a gradient face is given and what it returns: one node of the backward pass.
 *
 * Only the data and the refusals stand here. The functions by which a face applies bricks stand in
 * gradient_context.h: they need the registry, and the registry needs no_gradient() from here. */
#ifndef LEGO_TENSOR_GRADIENT_FACE_H
#define LEGO_TENSOR_GRADIENT_FACE_H

#include "brick.h"

typedef struct made made; /* a tensor that was made in this context, linked to the one before */

struct gradient_context {
    const lego_brick *brick;
    const void *attributes;
    lego_tensor *const *x; /* as the kernel saw them; numbers only where the brick uses them */
    int input_count;
    lego_tensor *const *y; /* the outputs; numbers only with LEGO_USES_Y */
    int output_count;
    lego_tensor *const *dy; /* NULL where no gradient arrives (never all of them) */
    const bool *wanted;     /* which dx are needed */
    lego_tensor **dx;       /* to be set; stays NULL where the gradient is zero */
    made *all_made;
    lego_status status; /* the first failure */
};

/* Makes the context fail with that sentence, unless it has failed before. */
void context_fail(gradient_context *context, lego_status status, const char *sentence);

/* The gradient face of bricks that have no gradient: the backward pass stops with a sentence. */
void no_gradient(gradient_context *context);

#endif
