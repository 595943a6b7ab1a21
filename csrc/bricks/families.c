/* All families of bricks. A new family is named here. */
#include "families.h"

const lego_brick *const families[] = {
    creation_bricks,
    arithmetic_bricks,
    elementwise_bricks,
    gate_bricks,
    logic_bricks,
    reductions_bricks,
    argmax_bricks,
    scan_bricks,
    linear_bricks,
    layout_bricks,
    assembly_bricks,
    indexing_bricks,
    softmax_bricks,
    crossentropy_bricks,
    binary_crossentropy_bricks,
    random_bricks,
    convolution_bricks,
    affine_bricks,
    pooling_bricks,
    resizing_bricks,
    normalization_bricks,
    NULL,
};
