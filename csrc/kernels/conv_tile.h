/* The tile that all convolutions are summed in, in registers: a few rows of the result times one
 * panel of its columns. */
#ifndef LEGO_KERNELS_CONV_TILE_H
#define LEGO_KERNELS_CONV_TILE_H

#include <stdbool.h>

#include "../core/isa.h"
#include "../lego.h"

#define conv_tile_run     FOR_ISA(conv_tile_run)
#define conv_tile_columns FOR_ISA(conv_tile_columns)

/* With two vectors of each row these fill the registers, but for a row of b and a number of a. */
#if defined(__AVX512F__)
enum { CONV_ROWS = 12 };
#else
enum { CONV_ROWS = 6 };
#endif

/* How a tile's rows lie in memory. */
typedef enum conv_rows {
    CONV_PIXELS,  /* the numbers of a row are neighbours, and the rows of b as well */
    CONV_LINES,   /* the numbers of a row lie a_step apart, the rows of b b_step */
    CONV_MINGLED, /* a_s begins at a[s][0] and has CONV_ROWS numbers for each step of the depth, one
                     for each row; the rows of b lie b_step apart */
} conv_rows;

/* y (+)= the sum over segments s of a_s b_s, where row i of a_s lies wherever a[s][i] points to:
 * pixels need not be neighbours, and one that is not there is a row of zeros elsewhere. b is a
 * panel. */
typedef struct conv_tile {
    int rows;
    int columns; /* of y, in a panel of conv_tile_columns() */
    int64_t segments;
    int64_t depth; /* of each segment */
    conv_rows kind;
    const void *(*a)[CONV_ROWS];
    int64_t a_step;
    const void *b;
    const int64_t *b_begins; /* each segment's first row of b */
    int64_t b_step;
    void *y[CONV_ROWS];
    bool adds;
} conv_tile;

/* How wide a panel is of which `columns` are left. */
int conv_tile_columns(lego_dtype dtype, int64_t columns);

/* There are CONV_ROWS pointers in each a[s], those from `rows` on anything that can be read. */
void conv_tile_run(lego_dtype dtype, const conv_tile *t);

#endif
