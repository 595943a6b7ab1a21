/* The gradient by the kernel, a block of its rows over a stretch of places at a time. */
#ifndef LEGO_KERNELS_CONV_KERNEL_BLOCK_H
#define LEGO_KERNELS_CONV_KERNEL_BLOCK_H

#include "conv_gather.h"

#define kernel_block_open  FOR_ISA(kernel_block_open)
#define kernel_block_close FOR_ISA(kernel_block_close)
#define kernel_block_run   FOR_ISA(kernel_block_run)

enum {
    K_BLOCK = 256,    /* most places of a stretch, */
    MOST_PIECES = 64, /* and most pieces */
};

/* The whole sum: what is read, and how it is cut. The image's rows are cut into pieces only where
 * they are longer than a stretch; else a stretch is several rows. Each group's part of the kernel
 * has `runs` times gather.width rows. */
typedef struct kernel_sum {
    const conv *c;
    conv_gather gather;
    scan_tap *taps;
    const char *dy;
    int64_t size; /* of a number, in bytes */
    int64_t places;
    int64_t row;        /* places of a row of the image, */
    int64_t row_pieces; /* its pieces, */
    int64_t piece;      /* and their places */
    int64_t pieces;     /* of a stretch */
    int64_t runs;
    bool reads_lines; /* where they lie, and not tiles that are made of them */
    int64_t block_rows;
    int64_t line_bytes; /* of a piece that is copied */
    int64_t tile_bytes; /* of a stretch */
} kernel_sum;

/* Rows first <= row < first + rows of a group; they are of one run, unless lines are read. */
typedef struct kernel_rows {
    int64_t group;
    int64_t first;
    int64_t rows;
} kernel_rows;

/* Pieces that are neighbours in dy. */
typedef struct k_block {
    int64_t first; /* place */
    int64_t pieces;
    int64_t length; /* of each */
    bool adds;      /* to what the stretches before it left */
} k_block;

/* What the next stretch is going to read, of which each tile fetches a little. */
typedef struct kernel_ahead {
    const char *x;
    const char *dy;
    int64_t x_bytes; /* for each tile */
    int64_t dy_bytes;
} kernel_ahead;

/* What a task gathers into: tiles, or lines, of which each run has one for each piece. */
typedef struct kernel_workspace {
    char *gathered;
    const char **lines;
    char *memory;
    size_t bytes;
} kernel_workspace;

/* False when there is no memory. */
bool kernel_block_open(const kernel_sum *k, kernel_workspace *w);
void kernel_block_close(const kernel_workspace *w);

/* Sums the rows of the result, a whole kernel, over the stretch. */
void kernel_block_run(const kernel_sum *k, const kernel_rows *rows, const k_block *s,
                      const kernel_workspace *w, kernel_ahead *ahead, char *result);

#endif
