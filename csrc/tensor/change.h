/* Variables that are changed where they lie: eager code that adds to them in one pass. */
#ifndef LEGO_TENSOR_CHANGE_H
#define LEGO_TENSOR_CHANGE_H

#include <stdbool.h>

#include "../lego.h"

/* variable = brick(variable, value), for an elementwise brick without attributes, such as `add`, or
 * for `assign`: as the brick and `assign` do, but without the memory in between. False, and nothing
 * is done, where these must do it: a recording or a tape notes it, a dtype or shape differs, or the
 * brick refuses them. */
bool tensor_change(lego_tensor *variable, const lego_brick *brick, lego_tensor *value);

#endif
