/* Where the tiles of Winograd's algorithm lie in the images, and what they see there. */
#include "winograd_tiles.h"

#include <stdbool.h>

#include "../core/threads.h"

winograd_tiles winograd_tiles_of(int outputs, int64_t images, const int64_t *lengths) {
    int reach = outputs + WINOGRAD_TAPS - 1;
    winograd_tiles t = {
        .outputs = outputs,
        .reach = reach,
        .points = reach * reach,
        .down = threads_chunks(lengths[0], outputs),
        .across = threads_chunks(lengths[1], outputs),
    };
    t.rows = images * t.down;
    t.count = t.rows * t.across;
    return t;
}

tile_coordinate winograd_place(const winograd_tiles *t, int64_t index) {
    int64_t row = index / t->across;
    return (tile_coordinate){
        .image = row / t->down,
        .at = {row % t->down * t->outputs, index % t->across * t->outputs},
    };
}

void winograd_look(const winograd_images *images, const tile_coordinate *coordinate,
                   const int64_t *before, int side, const void *zeros, const void **pixels) {
    const int64_t *lengths = images->lengths;
    int64_t row = coordinate->at[0] - before[0];
    int64_t column = coordinate->at[1] - before[1];
    int64_t first = (coordinate->image * lengths[0] + row) * lengths[1] + column;
    for (int i = 0; i < side; i++) {
        bool is_row = row + i >= 0 && row + i < lengths[0];
        for (int j = 0; j < side; j++) {
            bool is_seen = is_row && column + j >= 0 && column + j < lengths[1];
            int64_t pixel = first + i * lengths[1] + j;
            *pixels++ = is_seen ? images->data + pixel * images->pixel : zeros;
        }
    }
}
