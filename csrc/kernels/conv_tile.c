/* The tile that all convolutions are summed in. */
#include "conv_tile.h"

#include "registers.h"

enum { TILE_VECTORS = 2 };

#define NUMBER     float
#define NAME(word) word##_float32
#include "conv_tile_block.h"

#define NUMBER     double
#define NAME(word) word##_float64
#include "conv_tile_block.h"

int conv_tile_columns(lego_dtype dtype, int64_t columns) {
    int lanes = VECTOR_BYTES / (int)lego_dtype_size(dtype);
    return columns <= lanes ? lanes : TILE_VECTORS * lanes;
}

void conv_tile_run(lego_dtype dtype, const conv_tile *t) {
    if (dtype == LEGO_FLOAT32) {
        run_tile_float32(t);
    } else {
        run_tile_float64(t);
    }
}
