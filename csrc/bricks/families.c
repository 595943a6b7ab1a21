/* The tables of all families of bricks. A new file of bricks is listed here. */
#include "families.h"

const lego_brick *const families[] = {
    creation_bricks,
    elementwise_bricks,
    trigonometric_bricks,
    hyperbolic_bricks,
    activations_bricks,
    activations_gated_bricks,
    activations_units_bricks,
    arithmetic_bricks,
    logic_bricks,
    shapes_views_bricks,
    shapes_joins_bricks,
    shapes_repeats_bricks,
    indexing_bricks,
    reductions_bricks,
    reductions_axis_bricks,
    linear_bricks,
    attention_bricks,
    convolution_bricks,
    pooling_bricks,
    normalization_bricks,
    losses_bricks,
    random_bricks,
    image_bricks,
    NULL,
};
