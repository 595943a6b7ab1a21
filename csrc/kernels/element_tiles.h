/* Elementwise work in tiles: what is walked, and the walk for short and strided rows. */
#ifndef LEGO_KERNELS_ELEMENT_TILES_H
#define LEGO_KERNELS_ELEMENT_TILES_H

#include "../core/element_loops.h"
#include "axes.h"

#define elements_in_tiles FOR_ISA(elements_in_tiles)

typedef struct element_work {
    element_loop *loop;
    walk_axes axes; /* of the inputs, broadcast to y; y itself is dense */
    const char *x[MOST_WALKED];
    int64_t x_bytes[MOST_WALKED]; /* of one element */
    char *y;
    int64_t y_bytes;
} element_work;

/* Where the inputs' elements lie at a position of the walk. */
static inline void elements_at(const element_work *w, const walk_position *at, const void **x) {
    for (int i = 0; i < w->axes.arrays; i++) {
        x[i] = (const char *)w->x[i] + at->offsets[i] * w->x_bytes[i];
    }
}

/* A loop takes an input that is dense, or one number for all. */
static inline bool is_loop_step(int64_t step) {
    return step == 0 || step == 1;
}

/* y must not be empty. */
void elements_in_tiles(const element_work *work);

#endif
