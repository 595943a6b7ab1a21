/* All families of bricks. A new family is named here. */
#include "families.h"

const lego_brick *const families[] = {
    making_bricks,  arithmetic_bricks,   elementary_bricks,
    gate_bricks,    logic_bricks,        reduction_bricks,
    argmax_bricks,  scan_bricks,         product_bricks,
    layout_bricks,  assembly_bricks,     selection_bricks,
    softmax_bricks, crossentropy_bricks, binary_crossentropy_bricks,
    chance_bricks,  convolution_bricks,  affine_bricks,
    pooling_bricks, resizing_bricks,     normalization_bricks,
    NULL,
};
