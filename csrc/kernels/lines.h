/* A row-major array seen along one axis: outer x length x inner, where the numbers of one line lie
 * `inner` elements apart. */
#ifndef LEGO_KERNELS_LINES_H
#define LEGO_KERNELS_LINES_H

#include "../core/array.h"

typedef struct lines {
    int64_t outer;
    int64_t length;
    int64_t inner;
} lines;

static inline lines lines_along(const lego_array *x, int64_t along) {
    lines l = {.outer = 1, .length = x->shape[along], .inner = 1};
    for (int axis = 0; axis < x->rank; axis++) {
        if (axis < along) {
            l.outer *= x->shape[axis];
        } else if (axis > along) {
            l.inner *= x->shape[axis];
        }
    }
    return l;
}

#endif
