/* What places of one row see through a run of taps, gathered for the gradient by the kernel.
 *
 * A run is taps whose rows of the kernel, those of one tap after those of the other, lie side by
 * side in x as well: all taps along the last axis, or one where groups or dilation part them.
 * What falls outside of the image is 0. */
#ifndef LEGO_KERNELS_CONV_GATHER_H
#define LEGO_KERNELS_CONV_GATHER_H

#include "conv_scan.h"
#include "conv_tile.h"

#define gather_open  FOR_ISA(gather_open)
#define gather_line  FOR_ISA(gather_line)
#define gather_tiles FOR_ISA(gather_tiles)

typedef struct conv_gather {
    const char *x;
    int64_t size; /* of a number, in bytes */
    conv_scan scan;
    int64_t groups;
    int64_t channels;
    int64_t run;   /* taps */
    int64_t width; /* rows */
    bool is_dense; /* whether places see numbers of one line, some of them the same */
    int64_t line_step;
} conv_gather;

/* n places in a row, from the spot on, and the run that begins with the tap. */
typedef struct gather_view {
    const output_coordinate *coordinate;
    int64_t n;
    const scan_tap *tap;
    int64_t group;
} gather_view;

/* Most rows that are cut into tiles at a time. */
enum { GATHER_ROWS = 16 * CONV_ROWS };

conv_gather gather_open(const conv *c, const void *x);

/* How many numbers a line of n places has. */
static inline int64_t gather_line_length(const conv_gather *g, int64_t n) {
    return (n - 1) * g->line_step + g->width;
}

/* A line of which place i sees `width` numbers, from line_step * i on: in x, or copied to `room`.
 */
const char *gather_line(const conv_gather *g, const gather_view *v, char *room);

/* The run's rows first <= row < first + rows, cut into tiles that lie tile_bytes apart: a tile has
 * CONV_ROWS numbers for each place. */
void gather_tiles(const conv_gather *g, const gather_view *v, int64_t first, int64_t rows, char *to,
                  int64_t tile_bytes);

#endif
