/* Rows of the transposed im2col matrix, for the gradient by the kernel: a k-block of some of them,
 * as lines that lie in x or are copied, or gathered in tiles (conv_im2col.h). */
#ifndef LEGO_KERNELS_CONV_KERNEL_ROWS_H
#define LEGO_KERNELS_CONV_KERNEL_ROWS_H

#include "conv_im2col.h"

#define gathered_rows_open  FOR_ISA(gathered_rows_open)
#define gathered_rows_close FOR_ISA(gathered_rows_close)
#define gathered_rows_add   FOR_ISA(gathered_rows_add)

/* Rows first <= row < first + rows of a group. */
typedef struct kernel_rows {
    int64_t group;
    int64_t first;
    int64_t rows;
} kernel_rows;

/* How they are gathered. */
typedef struct row_gathering {
    im2col matrix;
    conv_tap *taps;
    int64_t segments; /* of a k-block */
    bool reads_lines;
    int64_t block_rows; /* most rows at a time; those of tiles are of one run */
    int64_t line_bytes; /* of a segment's line that is copied */
    int64_t tile_bytes; /* of a k-block's tile */
} row_gathering;

/* What a task reads of x: tiles, or lines, of which each run has one for each segment. And of dy:
 * the panel that is narrower than its vectors, widened; all blocks of rows read it. */
typedef struct gathered_rows {
    char *tiles;
    const char **lines;
    bool *is_outside; /* for each of these lines; of tiles, for each segment */
    int64_t column;   /* the source of a segment's first output along the last axis, tap 0 */
    char *wide;
    const char *widened; /* where that panel lies in dy; NULL: none yet */
    char *memory;
    size_t bytes;
} gathered_rows;

/* Takes memory, with `wide_bytes` for the panel; false when there is none. */
bool gathered_rows_open(const row_gathering *g, int64_t wide_bytes, gathered_rows *w);
void gathered_rows_close(const gathered_rows *w);

/* Segment number `segment` of the rows: n outputs, from the coordinate on. */
void gathered_rows_add(const row_gathering *g, const im2col_rows *r, const kernel_rows *rows,
                       int64_t segment, gathered_rows *w);

#endif
