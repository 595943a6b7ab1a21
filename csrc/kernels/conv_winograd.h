/* The tiles that Winograd's algorithm cuts images into, for a convolution and its gradients. */
#ifndef LEGO_KERNELS_CONV_WINOGRAD_H
#define LEGO_KERNELS_CONV_WINOGRAD_H

#include "conv_geometry.h"
#include "winograd_transform.h"

#define winograd_tiles_of FOR_ISA(winograd_tiles_of)
#define winograd_tile_at  FOR_ISA(winograd_tile_at)
#define winograd_sources  FOR_ISA(winograd_sources)
#define winograd_results  FOR_ISA(winograd_results)
#define winograd_pixels   FOR_ISA(winograd_pixels)

/* Images of two axes are cut into tiles of outputs x outputs, row by row. The last tile of a row or
 * of a column may reach beyond the edge. A third axis counts as more images. */
typedef struct winograd_tiles {
    int outputs;        /* along a side of a tile */
    int reach;          /* sources along it */
    int points;         /* products of a tile: reach x reach */
    int64_t results[2]; /* lengths of an image of outputs */
    int64_t sources[2]; /* and of sources */
    int64_t first[2];   /* the first source of the first tile */
    int64_t across;     /* tiles in a row */
    int64_t down;       /* rows of tiles in an image */
    int64_t rows;       /* in all images */
    int64_t count;      /* tiles in all */
} winograd_tiles;

winograd_tiles winograd_tiles_of(const conv *c, const conv_geometry *g);

/* A tile's image and its first output there. */
typedef struct tile_coordinate {
    int64_t image;
    int64_t row;
    int64_t column;
} tile_coordinate;

tile_coordinate winograd_tile_at(const winograd_tiles *t, int64_t index);

/* All sources of a tile, or its outputs in the result, as a square that winograd_pixels() moves to
 * a tile. `pixel` bytes from one pixel to the next. */
image_square winograd_sources(const winograd_tiles *t, const void *sources, int64_t pixel);
image_square winograd_results(const winograd_tiles *t, const void *results, int64_t pixel);

/* The addresses of the tile's pixels; `outside` for those outside of the image. */
void winograd_pixels(image_square square, const tile_coordinate *tile, const void *outside,
                     const void **addresses);

#endif
