/* Winograd's algorithm F(m x m, 3 x 3): the transforms of a tile before and after its products. */
#include "winograd_transform.h"

#include <string.h>

#include "registers.h"

#define TEMPLATE "winograd_transform_block.h"
#include "per_float.h"

/* Calls the loop with the size of the tile as a constant, for which it is inlined. */
#define FOR_EACH_TILE(run, p, ...)                                                                 \
    do {                                                                                           \
        if ((p)->dtype == LEGO_FLOAT32 && (p)->outputs == 2) {                                     \
            run##_float32(2, __VA_ARGS__);                                                         \
        } else if ((p)->dtype == LEGO_FLOAT32) {                                                   \
            run##_float32(4, __VA_ARGS__);                                                         \
        } else if ((p)->outputs == 2) {                                                            \
            run##_float64(2, __VA_ARGS__);                                                         \
        } else {                                                                                   \
            run##_float64(4, __VA_ARGS__);                                                         \
        }                                                                                          \
    } while (0)

void winograd_transform_kernel(const winograd_points *p, const void *const *taps, int64_t count,
                               void *to) {
    FOR_EACH_TILE(transform_kernel, p, taps, count, to, p->step);
}

void winograd_transform_input(const winograd_points *p, const void *const *pixels, int64_t channels,
                              void *to) {
    FOR_EACH_TILE(transform_input, p, pixels, channels, to, p->step);
}

void winograd_transform_output(const winograd_points *p, const void *from, int64_t channels,
                               char *const *pixels, int64_t first) {
    FOR_EACH_TILE(transform_output, p, from, p->step, channels, pixels, first);
}

void winograd_transform_gradient(const winograd_points *p, const void *const *pixels,
                                 int64_t channels, void *to) {
    FOR_EACH_TILE(transform_gradient, p, pixels, channels, to, p->step);
}

void winograd_transform_taps(const winograd_points *p, const void *from, int64_t count,
                             char *const *taps) {
    FOR_EACH_TILE(transform_taps, p, from, p->step, count, taps);
}
