/* The tiles that Winograd's algorithm cuts images into, for a convolution and its gradients. */
#ifndef LEGO_KERNELS_CONV_WINOGRAD_H
#define LEGO_KERNELS_CONV_WINOGRAD_H

#include "conv_geometry.h"
#include "winograd_transform.h"

#define winograd_tiles_of      FOR_ISA(winograd_tiles_of)
#define winograd_tile_at       FOR_ISA(winograd_tile_at)
#define winograd_source_pixels FOR_ISA(winograd_source_pixels)
#define winograd_result_pixels FOR_ISA(winograd_result_pixels)

/* Images of two axes are cut into tiles of outputs x outputs, row by row. The last tile of a row or
 * of a column may reach beyond the edge. */
typedef struct winograd_tiles {
    conv_geometry geometry; /* its first axis counts as more images */
    int outputs;            /* along a side of a tile */
    int reach;              /* sources along it */
    int points;             /* products of a tile: reach x reach */
    int64_t across;         /* tiles in a row */
    int64_t down;           /* rows of tiles in an image */
    int64_t rows;           /* in all images */
    int64_t count;          /* tiles in all */
} winograd_tiles;

winograd_tiles winograd_tiles_of(const conv *c, conv_geometry g);

/* The first output of tile number `index`. */
output_coordinate winograd_tile_at(const winograd_tiles *t, int64_t index);

/* Images, dense: `pixel` bytes from one pixel to the next, and `first` pixels that are not there
 * before those at `pixels`. */
typedef struct winograd_images {
    const char *pixels;
    int64_t pixel;
    int64_t first;
} winograd_images;

/* The addresses of the tile's reach x reach sources; `outside` where there is none. */
void winograd_source_pixels(const winograd_tiles *t, const output_coordinate *tile,
                            const winograd_images *sources, const void *outside,
                            const void **addresses);

/* The addresses of its outputs x outputs pixels of the result. */
void winograd_result_pixels(const winograd_tiles *t, const output_coordinate *tile,
                            const winograd_images *results, const void *outside,
                            const void **addresses);

#endif
