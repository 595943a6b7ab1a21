/* The geometry of a convolution: which pixels an output sees. All algorithms ask here.
 *
 * Forward, output o of y sees the inputs o * stride + t * dilation - before, for all taps t of the
 * kernel. Backward, for the gradient by the input, input i is seen by the outputs
 * (i + before - t * dilation) / stride, for those taps t where that is a whole number. These are
 * the same taps for all inputs i = phase, phase + stride, ... So both directions, phase by phase
 * backward, are one affine map along each axis:
 *
 *     output j sees the sources first + j * step + t * tap_step
 *
 * From here on an output is a pixel that is computed, of y or of dx, and a source is a pixel that
 * is read, of x or of dy. Sources outside of the image are 0. */
#ifndef LEGO_KERNELS_CONV_GEOMETRY_H
#define LEGO_KERNELS_CONV_GEOMETRY_H

#include <stdbool.h>

#include "../core/isa.h"
#include "../core/kept.h"
#include "../lego.h"

#define geometry_forward    FOR_ISA(geometry_forward)
#define geometry_backward   FOR_ISA(geometry_backward)
#define geometry_phases     FOR_ISA(geometry_phases)
#define geometry_taps       FOR_ISA(geometry_taps)
#define geometry_square     FOR_ISA(geometry_square)
#define coordinate_at       FOR_ISA(coordinate_at)
#define coordinate_advance  FOR_ISA(coordinate_advance)
#define coordinate_sees_all FOR_ISA(coordinate_sees_all)
#define window_outline      FOR_ISA(window_outline)
#define windows_over        FOR_ISA(windows_over)
#define windows_next        FOR_ISA(windows_next)
#define rows_next           FOR_ISA(rows_next)

/* ---- a convolution --------------------------------------------------------------------------- */

enum { CONV_AXES = 3 }; /* fewer spatial axes have axes of length 1 before them */

typedef struct conv_axis {
    int64_t input;
    int64_t output;
    int64_t taps;
    int64_t stride;
    int64_t dilation;
    int64_t before; /* zeros in front of the first input; a negative number leaves out inputs */
} conv_axis;

/* All arrays are dense: x (batch, inputs..., groups * channels), y (batch, outputs..., groups *
 * filters), kernel (taps..., channels, groups * filters). Group g's filters see group g's channels.
 */
typedef struct conv {
    lego_dtype dtype; /* float32 or float64 */
    int winograd;     /* outputs along each side of Winograd's tiles: 2, 4, or 0: never use them */
    int64_t batch;
    int64_t groups;
    int64_t channels; /* of a group */
    int64_t filters;  /* of a group */
    conv_axis axes[CONV_AXES];
    kept *kept; /* of the kernel, forward; NULL: packing it is done for one call */
} conv;

/* What is computed: y, dx or dkernel. */
typedef enum conv_action {
    CONV_FORWARD,
    CONV_INPUT_GRADIENT,
    CONV_KERNEL_GRADIENT,
} conv_action;

/* y and dx are sums over `depth` numbers of each tap, and have `columns` numbers in a group. */
static inline int64_t conv_depth(const conv *c, conv_action action) {
    return action == CONV_INPUT_GRADIENT ? c->filters : c->channels;
}

static inline int64_t conv_columns(const conv *c, conv_action action) {
    return action == CONV_INPUT_GRADIENT ? c->channels : c->filters;
}

/* ---- the map from outputs to sources --------------------------------------------------------- */

/* Output j is element result_first + j * result_step of the result's axis; tap t is tap
 * kernel_first + t * kernel_step of the kernel. */
typedef struct geometry_axis {
    int64_t outputs;
    int64_t first;
    int64_t step;
    int64_t sources;
    int64_t taps;
    int64_t tap_step;
    int64_t kernel_taps; /* of the whole kernel */
    int64_t kernel_first;
    int64_t kernel_step;
    int64_t results;
    int64_t result_first;
    int64_t result_step;
} geometry_axis;

typedef struct conv_geometry {
    geometry_axis axes[CONV_AXES];
} conv_geometry;

conv_geometry geometry_forward(const conv *c);

/* One phase of the gradient by the input, of geometry_phases(). */
conv_geometry geometry_backward(const conv *c, int64_t phase);
int64_t geometry_phases(const conv *c);

static inline int64_t geometry_outputs(const conv_geometry *g) {
    return g->axes[0].outputs * g->axes[1].outputs * g->axes[2].outputs;
}

static inline int64_t geometry_tap_count(const conv_geometry *g) {
    return g->axes[0].taps * g->axes[1].taps * g->axes[2].taps;
}

/* A tap: how far its source lies from that of tap 0, along each axis and in pixels of the image,
 * and which tap of the kernel it is. */
typedef struct conv_tap {
    int64_t shift[CONV_AXES];
    int64_t offset;
    int64_t kernel_tap;
} conv_tap;

/* Lists all taps; returns how many there are. */
int64_t geometry_taps(const conv_geometry *g, conv_tap *taps);

/* ---- one output ------------------------------------------------------------------------------ */

/* An output's number along each axis, the source of its tap 0, which may be outside, and where both
 * lie in memory, in pixels from the first of the batch. */
typedef struct output_coordinate {
    int64_t image;
    int64_t at[CONV_AXES];
    int64_t source[CONV_AXES];
    int64_t source_offset;
    int64_t result_offset;
} output_coordinate;

/* Output number `index` of the whole batch. */
output_coordinate coordinate_at(const conv_geometry *g, int64_t index);

/* The n-th output after that, which lies in the same row or begins the next. */
void coordinate_advance(const conv_geometry *g, output_coordinate *coordinate, int64_t n);

/* How many outputs are left in the row, from this one on. */
static inline int64_t coordinate_row_left(const conv_geometry *g,
                                          const output_coordinate *coordinate) {
    return g->axes[CONV_AXES - 1].outputs - coordinate->at[CONV_AXES - 1];
}

/* Whether all sources of n outputs in a row are inside of the image. */
bool coordinate_sees_all(const conv_geometry *g, const output_coordinate *coordinate, int64_t n);

/* ---- squares --------------------------------------------------------------------------------- */

/* A square of side x side pixels from (row, column) on, in an image of two axes. */
typedef struct image_square {
    const char *pixels;
    int64_t pixel; /* bytes from one pixel to the next */
    int64_t first; /* the image's first pixel, counted from `pixels` */
    int64_t lengths[2];
    int64_t row;
    int64_t column;
    int side;
} image_square;

/* The addresses of its pixels, row by row; `outside` for those outside of the image. */
void geometry_square(const image_square *s, const void *outside, const void **addresses);

/* ---- windows --------------------------------------------------------------------------------- */

/* Outputs that see the same taps, all of which are inside: side by side in a row of the image or,
 * at its edges, one below the other. Their sources lie in memory at even steps. Steps and begins
 * count numbers. */
typedef struct window {
    int64_t outputs;
    int64_t channels;
    int64_t taps[CONV_AXES];
    int64_t a_begin; /* the first output's source through the first of the taps */
    int64_t k_begin; /* that tap's row of the kernel */
    int64_t result;  /* the first output's pixel of the result */
    int64_t a_step;  /* from output to output */
    int64_t y_step;
    int64_t a_taps[CONV_AXES]; /* from tap to tap */
    int64_t k_taps[CONV_AXES];
    const void *a; /* addresses, for the caller to set: a + a_begin, */
    void *k;       /* k + k_begin */
    void *y;
} window;

/* An output at the left or right edge of the image sees other taps than its neighbours, but the
 * same as the output below. Such a column is gathered row by row, until one does not fit to it. */
enum { MOST_COLUMNS = 8, COLUMN_OUTPUTS = 12 };
typedef struct window_column {
    int64_t at; /* number of the outputs along the last axis */
    window window;
} window_column;

typedef struct window_iterator {
    const conv_geometry *geometry;
    const window *outline;
    output_coordinate coordinate;
    int64_t left; /* outputs */
    int waiting;  /* columns */
    window_column columns[MOST_COLUMNS];
} window_iterator;

/* What all windows have in common. A pixel of the image has `channels` numbers, a row of the kernel
 * `width`. */
window window_outline(const conv_geometry *g, int64_t channels, int64_t width);

/* Iterates over `count` outputs from number `first` on. */
window_iterator windows_over(const conv_geometry *g, const window *outline, int64_t first,
                             int64_t count);

/* The next window, without addresses; false at the end. It has at most a row of outputs, or
 * COLUMN_OUTPUTS. Windows do not come in the order of their outputs. */
bool windows_next(window_iterator *i, window *w);

/* All outputs side by side in a row of the image, those at its edges, too: its window is one of
 * outputs that see all taps of the last axis. From the first output's first tap on the row's pixels
 * are a_taps[2] apart; the pixels begin <= p < end are inside. Where taps go backward, outputs do
 * so, too: the first one is the row's last. */
typedef struct window_row {
    window window;
    int64_t begin;
    int64_t end;
} window_row;

/* The next row, or as many of its outputs as are left, without addresses; false at the end. Steps
 * along the last axis are multiples of its taps' steps. */
bool rows_next(window_iterator *i, window_row *r);

/* From the first number that a window sees to the last; forward only, where taps do not go back. */
static inline int64_t window_reach(const window *w) {
    int64_t reach = w->channels + (w->outputs - 1) * w->a_step;
    for (int i = 0; i < CONV_AXES; i++) {
        if (w->taps[i] == 0) {
            return 0;
        }
        reach += (w->taps[i] - 1) * w->a_taps[i];
    }
    return reach;
}

#endif
