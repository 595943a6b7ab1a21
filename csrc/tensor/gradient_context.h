/* How a gradient face applies bricks.
 *
 * A formula of three steps must not disappear among checks and releases. So the context owns every
 * tensor that is made through it, and after the first failure every further call returns NULL at
 * once: a gradient face reads like the formula above it. */
#ifndef LEGO_TENSOR_GRADIENT_CONTEXT_H
#define LEGO_TENSOR_GRADIENT_CONTEXT_H

#include "gradient_face.h"
#include "tensor.h"

/* Applies the named brick and returns its first output, borrowed from the context. NULL after a
 * failure, and when an input is NULL. */
lego_tensor *context_apply(gradient_context *context, const char *name, lego_tensor *const *inputs,
                           int count, const void *attributes);

/* The same for a brick of `output_count` outputs; all NULL after a failure. */
void context_apply_all(gradient_context *context, const char *name, lego_tensor *const *inputs,
                       int count, const void *attributes, lego_tensor **outputs, int output_count);

/* The same for a brick that has no name in the registry. */
void context_apply_brick(gradient_context *context, const lego_brick *brick,
                         lego_tensor *const *inputs, int count, const void *attributes,
                         lego_tensor **outputs, int output_count);

/* Takes ownership of the tensor and returns it, borrowed. NULL, and the context fails, when there
 * is no memory to note it: it is released then. */
lego_tensor *context_own(gradient_context *context, lego_tensor *tensor);

/* Releases every tensor that was made through the context. */
void context_close(gradient_context *context);

#endif
