/* The row tile that convolutions are summed in, in registers: some rows of the result times one
 * panel of its columns; and the packed panels of the kernel that it reads. */
#ifndef LEGO_KERNELS_CONV_TILE_H
#define LEGO_KERNELS_CONV_TILE_H

#include "conv_geometry.h"

#define conv_tile_run      FOR_ISA(conv_tile_run)
#define conv_tile_columns  FOR_ISA(conv_tile_columns)
#define conv_tile_dots     FOR_ISA(conv_tile_dots)
#define conv_panels_of     FOR_ISA(conv_panels_of)
#define conv_panels_pack   FOR_ISA(conv_panels_pack)
#define conv_panels_layout FOR_ISA(conv_panels_layout)

/* ---- the tile -------------------------------------------------------------------------------- */

/* With two vectors of each row, the sums fill the registers but for a row of b and a number of a.
 */
#if defined(__AVX512F__)
enum { CONV_ROWS = 12 };
#else
enum { CONV_ROWS = 6 };
#endif

/* How a tile's rows lie in memory. */
typedef enum conv_layout {
    LAYOUT_PIXELS,      /* the numbers of a row are neighbours; the rows of b as well */
    LAYOUT_LINES,       /* the numbers of a row lie a_step apart, the rows of b b_step */
    LAYOUT_INTERLEAVED, /* a_s begins at a[s][0] and has CONV_ROWS numbers for each step of the
                           depth, one for each row; the rows of b lie b_step apart */
    LAYOUT_DOTS,        /* the numbers of a row are neighbours, and those of a column of b
                           (conv_tile_dots.h) */
} conv_layout;

/* y (+)= the sum over segments s of a_s b_s. Row i of a_s lies where a[s][i] points to: pixels need
 * not be neighbours, and one outside of the image is a row of zeros elsewhere. b is a panel. */
typedef struct conv_tile {
    int rows;
    int columns; /* of y, in a panel of conv_tile_columns() */
    int64_t segments;
    int64_t depth; /* of each segment */
    conv_layout layout;
    const void *(*a)[CONV_ROWS]; /* all CONV_ROWS can be read, also those from `rows` on */
    int64_t a_step;
    const void *b;
    const int64_t *b_begins; /* each segment's first row of b */
    int64_t b_step;
    void *y[CONV_ROWS];
    bool adds;
} conv_tile;

/* How wide a panel is of which `columns` are left. */
int conv_tile_columns(lego_dtype dtype, int64_t columns);

/* Whether the columns are so few, and a row so long, that vectors run along the depth. */
bool conv_tile_dots(lego_dtype dtype, int64_t depth, int64_t columns);

void conv_tile_run(lego_dtype dtype, const conv_tile *t);

/* ---- panels ---------------------------------------------------------------------------------- */

/* A kernel, packed: for each group and each tap a matrix of rows x columns. Its columns are cut
 * into panels as wide as a tile. A panel has all taps, one after another, each with all rows; the
 * last panel of a group is filled up with zeros. Strides and sizes count numbers. */
typedef struct conv_panels {
    lego_dtype dtype;
    int64_t groups;
    int64_t taps;
    int64_t rows;
    int64_t columns;
    const void *kernel;
    int64_t kernel_size;
    int64_t group_stride;
    int64_t tap_stride;
    int64_t row_stride;
    int64_t column_stride;
    int64_t width; /* of all panels of a group but the last */
    int64_t last_width;
    bool is_dotted;     /* one panel, whose taps are stored column by column (conv_tile_dots.h) */
    int64_t count;      /* panels of a group */
    int64_t group_size; /* numbers, packed */
    void *packed;       /* for the caller to set */
} conv_panels;

/* Channels x filters for each tap; or transposed, filters x channels, for the gradient by the
 * input. */
conv_panels conv_panels_of(const conv *c, const void *kernel, bool is_transposed);

/* Fills `packed`, which has room for all groups. */
void conv_panels_pack(const conv_panels *p);

/* What is made of the kernel by `maker`, for kept_open(). */
kept_layout conv_panels_layout(const conv_panels *p, const void *maker);

/* Where a panel begins, in numbers. */
static inline int64_t conv_panel_begin(const conv_panels *p, int64_t group, int64_t panel) {
    return group * p->group_size + panel * p->taps * p->rows * p->width;
}

static inline int64_t conv_panel_width(const conv_panels *p, int64_t panel) {
    return panel == p->count - 1 ? p->last_width : p->width;
}

#endif
