/* Views without a brick: what eager code asks for most often, and what computes nothing. */
#ifndef LEGO_TENSOR_VIEW_H
#define LEGO_TENSOR_VIEW_H

#include "../lego.h"

/* The view of x whose element (0, ..., 0) is x's element at `offset`, with shape[rank] and
 * strides[rank] in elements; the caller answers for its lying inside of x. It is what the bricks
 * `slice`, `transpose` and `reshape` make, in a tenth of the time. NULL where one of these must
 * make it, since x is a variable, or a recording or a tape notes it; also without memory. */
lego_tensor *tensor_view(lego_tensor *x, int64_t offset, int rank, const int64_t *shape,
                         const int64_t *strides);

#endif
