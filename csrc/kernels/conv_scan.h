/* Where a convolution reads and writes: the places of its result, and what each of them sees.
 *
 * Forwards, output o sees the inputs o * stride + t * dilation - before. Backwards, the inputs
 * i = r, r + stride, ... of one phase r see the outputs (i + before - t * dilation) / stride, for
 * those taps t where that is a whole number: both are the same kind of scan. */
#ifndef LEGO_KERNELS_CONV_SCAN_H
#define LEGO_KERNELS_CONV_SCAN_H

#include <stdbool.h>

#include "conv_shape.h"

#define scan_forwards  FOR_ISA(scan_forwards)
#define scan_backwards FOR_ISA(scan_backwards)
#define scan_phases    FOR_ISA(scan_phases)
#define scan_taps      FOR_ISA(scan_taps)
#define scan_place     FOR_ISA(scan_place)
#define scan_advance   FOR_ISA(scan_advance)
#define scan_sees_all  FOR_ISA(scan_sees_all)

/* Place j sees the sources first + j * step + tap * tap_step, and is the result's element
 * result_first + j * result_step. */
typedef struct scan_axis {
    int64_t places;
    int64_t first;
    int64_t step;
    int64_t sources;
    int64_t taps;
    int64_t tap_step;
    int64_t kernel_taps; /* of all the kernel, of which those here are kernel_first + ... */
    int64_t kernel_first;
    int64_t kernel_step;
    int64_t results;
    int64_t result_first;
    int64_t result_step;
} scan_axis;

typedef struct conv_scan {
    scan_axis axes[CONV_AXES];
} conv_scan;

/* A tap: how far its source lies from that of tap 0, along each axis and counted over all of them;
 * and which tap of the kernel it is. */
typedef struct scan_tap {
    int64_t shift[CONV_AXES];
    int64_t offset;
    int64_t kernel_tap;
} scan_tap;

/* A place of the result: where it lies, and where the source of its tap 0 does, which may be
 * outside. */
typedef struct output_coordinate {
    int64_t image;
    int64_t at[CONV_AXES];
    int64_t source[CONV_AXES];
    int64_t source_offset; /* in pixels, from the first of the batch */
    int64_t result_offset;
} output_coordinate;

conv_scan scan_forwards(const conv *c);

/* Backwards, phase by phase: the inputs that see the same taps. */
int64_t scan_phases(const conv *c);
conv_scan scan_backwards(const conv *c, int64_t phase);

static inline int64_t scan_places(const conv_scan *s) {
    return s->axes[0].places * s->axes[1].places * s->axes[2].places;
}

static inline int64_t scan_tap_count(const conv_scan *s) {
    return s->axes[0].taps * s->axes[1].taps * s->axes[2].taps;
}

/* Lists all taps; returns how many there are. */
int64_t scan_taps(const conv_scan *s, scan_tap *taps);

/* Place number `index` of the whole batch, and the one n behind it, which lies in the same row or
 * begins the next. */
output_coordinate scan_place(const conv_scan *s, int64_t index);
void scan_advance(const conv_scan *s, output_coordinate *coordinate, int64_t n);

/* How many places of the spot's row are left, from the spot on. */
static inline int64_t scan_row_left(const conv_scan *s, const output_coordinate *coordinate) {
    return s->axes[CONV_AXES - 1].places - coordinate->at[CONV_AXES - 1];
}

/* Whether no tap of n places in a row falls outside. */
bool scan_sees_all(const conv_scan *s, const output_coordinate *coordinate, int64_t n);

#endif
