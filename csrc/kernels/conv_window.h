/* Windows: places side by side that see the same taps. What they see lies in memory at even steps,
 * and what is outside of the image is left out. */
#ifndef LEGO_KERNELS_CONV_WINDOW_H
#define LEGO_KERNELS_CONV_WINDOW_H

#include <stdbool.h>

#include "conv_scan.h"

#define conv_windows_of FOR_ISA(conv_windows_of)
#define windows_from    FOR_ISA(windows_from)
#define windows_next    FOR_ISA(windows_next)

/* Steps and begins count numbers. */
typedef struct window {
    int64_t places;
    int64_t channels;
    int64_t taps[CONV_AXES]; /* along each axis, that all places see */
    int64_t a_begin;         /* what the first place sees through the first of the taps */
    int64_t k_begin;         /* the kernel's row of that tap */
    int64_t result;          /* the first place's row of the result */
    int64_t a_step;
    int64_t y_step;
    int64_t a_taps[CONV_AXES]; /* from tap to tap */
    int64_t k_taps[CONV_AXES];
    const void *a; /* where those begins are */
    void *k;
    void *y;
} window;

/* All windows of a scan. */
typedef struct conv_windows {
    conv_scan scan;
    window outline; /* the same for all places */
} conv_windows;

typedef struct window_iterator {
    output_coordinate coordinate;
    int64_t left; /* places */
} window_iterator;

/* Of an image whose pixels are `channels` numbers, and a kernel whose rows are `width`. */
conv_windows conv_windows_of(conv_scan scan, int64_t channels, int64_t width);

/* A walk over `count` places from the first on, and its next window, without a, k and y; false at
 * the end. */
window_iterator windows_from(const conv_windows *all, int64_t first, int64_t count);
bool windows_next(const conv_windows *all, window_iterator *walk, window *w);

/* How many numbers lie from the first that a window sees to the last: forwards, where taps do not
 * go back. */
static inline int64_t window_reach(const window *w) {
    int64_t reach = w->channels + (w->places - 1) * w->a_step;
    for (int i = 0; i < CONV_AXES; i++) {
        if (w->taps[i] == 0) {
            return 0;
        }
        reach += (w->taps[i] - 1) * w->a_taps[i];
    }
    return reach;
}

#endif
