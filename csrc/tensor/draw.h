/* Keys of draws without a brick: eager code draws often, and few numbers at a time. */
#ifndef LEGO_TENSOR_DRAW_H
#define LEGO_TENSOR_DRAW_H

#include "../lego.h"

/* The key of the next draw, a new tensor of shape (2): the numbers (seed, count) of the counter, a
 * variable, which counts the draw. It is what the bricks `copy`, `add` and `assign` do, in a fifth
 * of the time. NULL where these must do it, since it is no such variable or a recording notes it;
 * also without memory. */
lego_tensor *tensor_next_key(lego_tensor *counter);

#endif
