/* Where the tiles of Winograd's algorithm lie in the images, and what they see there. */
#ifndef LEGO_KERNELS_WINOGRAD_TILES_H
#define LEGO_KERNELS_WINOGRAD_TILES_H

#include "../core/isa.h"
#include "../lego.h"
#include "winograd_transform.h"

#define winograd_tiles_of FOR_ISA(winograd_tiles_of)
#define winograd_place    FOR_ISA(winograd_place)
#define winograd_look     FOR_ISA(winograd_look)

/* Images, dense, as (images, lengths..., pixel). */
typedef struct winograd_images {
    const char *data;
    int64_t lengths[2];
    int64_t pixel; /* bytes */
} winograd_images;

/* Images cut into tiles of outputs x outputs pixels, row by row; the last of a row or of a column
 * may reach over the edge. */
typedef struct winograd_tiles {
    int outputs; /* along a side of a tile, */
    int reach;   /* inputs along it, */
    int points;  /* and how many numbers are multiplied */
    int64_t across;
    int64_t down; /* rows of tiles in an image */
    int64_t rows; /* ... in all images */
    int64_t count;
} winograd_tiles;

winograd_tiles winograd_tiles_of(int outputs, int64_t images, const int64_t *lengths);

/* A tile's image, and its first pixel there. */
typedef struct tile_coordinate {
    int64_t image;
    int64_t at[2];
} tile_coordinate;

tile_coordinate winograd_place(const winograd_tiles *t, int64_t index);

/* pixels[side * side]: those from the spot, moved back by `before`, on; `zeros` where there are
 * none. */
void winograd_look(const winograd_images *images, const tile_coordinate *coordinate,
                   const int64_t *before, int side, const void *zeros, const void **pixels);

#endif
