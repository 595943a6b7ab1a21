/* Rows of the im2col matrix, which is never stored. Its row for an output has all that the output
 * sees, tap by tap; a convolution is its product with the kernel. The rows are read where they
 * already lie, in one of three ways:
 *
 *   pixels  a tile has a pointer to each source, or to a row of zeros for those outside; for many
 *           channels
 *   lines   where channels are few, the sum over one tap alone is too short for a tile. But taps
 *           along the last axis, a run, are neighbours in x: outputs of one image row see parts of
 *           one line, each a little further on. Only a line that reaches outside is copied
 *   tiles   copied, interleaved, for the gradient by the kernel */
#ifndef LEGO_KERNELS_CONV_IM2COL_H
#define LEGO_KERNELS_CONV_IM2COL_H

#include "conv_geometry.h"
#include "conv_tile.h"

#define pixel_view_open  FOR_ISA(pixel_view_open)
#define pixel_view_close FOR_ISA(pixel_view_close)
#define pixel_view_set   FOR_ISA(pixel_view_set)
#define pixel_view_next  FOR_ISA(pixel_view_next)
#define pixel_view_rows  FOR_ISA(pixel_view_rows)
#define im2col_of        FOR_ISA(im2col_of)
#define im2col_line      FOR_ISA(im2col_line)
#define im2col_tiles     FOR_ISA(im2col_tiles)
#define line_block_open  FOR_ISA(line_block_open)
#define line_block_close FOR_ISA(line_block_close)
#define line_block_move  FOR_ISA(line_block_move)
#define line_block_next  FOR_ISA(line_block_next)
#define line_block_rows  FOR_ISA(line_block_rows)

/* ---- pixels ---------------------------------------------------------------------------------- */

enum { MOST_SEGMENTS = 64 }; /* of a tile at a time: their pointers lie on the stack */

typedef struct pixel_view {
    const char *source;
    int64_t pixel; /* bytes from one to the next */
    const void *zeros;
    conv_geometry geometry;
    conv_tap *taps;
    int64_t tap_count;
    char *memory;
    size_t bytes;
} pixel_view;

/* A tile of outputs, and whether all their sources are inside. From number `count` on, the first is
 * repeated; after CONV_ROWS there is room, so that whole image rows can be written. */
enum { ROW_TILE_ROOM = 2 * CONV_ROWS };
typedef struct row_tile {
    int count;
    bool sees_all;
    int64_t sources[CONV_AXES][ROW_TILE_ROOM]; /* of tap 0, along each axis */
    int64_t begins[ROW_TILE_ROOM];             /* the same in bytes */
    int64_t results[ROW_TILE_ROOM];            /* pixels of the result */
} row_tile;

/* Takes memory for the taps and the zeros. */
lego_status pixel_view_open(pixel_view *v, int64_t most_taps, int64_t zero_bytes);
void pixel_view_close(pixel_view *v);

/* From here on the view is that of g. */
void pixel_view_set(pixel_view *v, conv_geometry g);

/* The tile of the next `count` outputs; the coordinate moves behind them. */
void pixel_view_next(const pixel_view *v, output_coordinate *coordinate, int64_t count,
                     row_tile *t);

/* a[s][i] = the source of output i through tap first + s, `offset` bytes behind the beginning of
 * the pixel, for s < count. */
void pixel_view_rows(const pixel_view *v, const row_tile *t, int64_t offset, int64_t first,
                     int64_t count, const void *(*a)[CONV_ROWS]);

/* ---- runs of taps ---------------------------------------------------------------------------- */

/* The im2col matrix of x, cut into runs: taps whose columns of the matrix are neighbours in x as
 * well. A run is all taps along the last axis, or one tap where groups or dilation part them. */
typedef struct im2col {
    const char *x;
    int64_t size; /* of a number, in bytes */
    conv_geometry geometry;
    int64_t groups;
    int64_t channels;
    int64_t run;   /* taps */
    int64_t width; /* columns of a run */
    int64_t runs;
    bool is_dense; /* outputs see parts of one line, which overlap */
    int64_t line_step;
    int64_t row_outputs; /* outputs of a row of the image */
} im2col;

/* n outputs in a row, from the coordinate on, and the run that begins with the tap. */
typedef struct im2col_rows {
    const output_coordinate *coordinate;
    int64_t n;
    const conv_tap *tap;
    int64_t group;
} im2col_rows;

enum { MOST_GATHERED_COLUMNS = 16 * CONV_ROWS }; /* of im2col_tiles() */

im2col im2col_of(const conv *c, const void *x);

/* How many numbers a line of n outputs has. */
static inline int64_t im2col_line_length(const im2col *m, int64_t n) {
    return (n - 1) * m->line_step + m->width;
}

/* Whether all of the line is: along one of the axes before the last. */
static inline bool im2col_is_outside(const im2col *m, const im2col_rows *r) {
    bool is_outside = false;
    for (int i = 0; i < CONV_AXES - 1; i++) {
        int64_t source = r->coordinate->source[i] + r->tap->shift[i];
        is_outside = is_outside || source < 0 || source >= m->geometry.axes[i].sources;
    }
    return is_outside;
}

/* A line of which output i sees `width` numbers, from line_step * i on: in x, or copied to `room`.
 */
const char *im2col_line(const im2col *m, const im2col_rows *r, char *room);

/* The run's columns first <= column < first + columns, transposed and cut into tiles that lie
 * tile_bytes apart: a tile has CONV_ROWS numbers for each output. */
void im2col_tiles(const im2col *m, const im2col_rows *r, int64_t first, int64_t columns, char *to,
                  int64_t tile_bytes);

/* ---- lines of a block of outputs ------------------------------------------------------------- */

/* The block's outputs in one row of the image share a line for each run. Tiles may begin anywhere
 * in a row and go on in the next. */
typedef struct line_block {
    const im2col *matrix;
    const char **list;  /* for each row of the image `runs` lines */
    int64_t line_bytes; /* of a copied line; these are in `room` */
    char *room;
    int64_t first;      /* output of the block, in the batch */
    int64_t first_left; /* of the row that the first is in: outputs, from the first on */
    char *memory;
    size_t bytes;
} line_block;

/* Memory for blocks of at most `most` outputs; false when there is none. */
bool line_block_open(const im2col *m, int64_t most, line_block *b);
void line_block_close(const line_block *b);

/* Moves to the block of `count` outputs, from number `first` of the batch on. */
void line_block_move(line_block *b, const conv_tap *taps, int64_t first, int64_t count);

/* The tile of `count` outputs from number `first` of the block on: its results alone. */
void line_block_next(const line_block *b, int64_t first, int64_t count, row_tile *t);

/* a[s][i] = what output number first + i of the block sees through run first_run + s, for s < count
 * and i < outputs; from there on the first is repeated. */
void line_block_rows(const line_block *b, int64_t first, int outputs, int64_t first_run,
                     int64_t count, const void *(*a)[CONV_ROWS]);

#endif
