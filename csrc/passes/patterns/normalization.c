/* Batch normalization and the activation behind it: pylego/ops/normalization.py,
 * batch_normalization(), in the networks of pylego/applications/.
 *
 *     x = BatchNormalization()(Conv2D(filters, size)(x))
 *     x = ReLU(max_value)(x), or Activation("relu")(past + x)
 *
 * Where fold_for_inference() has made a normalization part of the kernel, the bias is left of it.
 *
 * What people write by hand ends in the same way: x gamma + beta, a number of each for a channel.
 *
 * Behind a convolution it is the epilogue. The convolution's bias is a brick of its own. */
#include "patterns.h"

enum { X = 1, MEAN, SCALE, SHIFT, BIAS, PAST, MOST, Y };

#define NORMALIZED(x)   OP(normalize, x, CHANNEL(MEAN), CHANNEL(SCALE), CHANNEL(SHIFT))
#define BIASED          OP(add, EACH(X), CHANNEL(BIAS))
#define NORMALIZED_RELU OP(relu, NORMALIZED(EACH(X)))

#define ABOUT .python = "pylego/ops/normalization.py: batch_normalization", .pass = "fuse", .y = {Y}
#define FOLDED .python = "pylego/models/folding.py: fold_for_inference", .pass = "fuse", .y = {Y}

/* Whether fewer numbers are added than there are. */
static bool shifts_channels(const pattern_match *m) {
    return array_size(&m->x[SHIFT]->array) < array_size(&m->ops[0]->y[0].array);
}

const pattern normalization_patterns[] = {
    {
        .name = "normalization_relu6",
        .formula = "y = min(max((x - mean) scale + shift, 0), most)",
        .whole = RESULT(Y, minimum, NORMALIZED_RELU, ONE(MOST)),
        .x = {X, MEAN, SCALE, SHIFT, MOST},
        ABOUT,
    },
    {
        .name = "normalization_bias_add_relu",
        .formula = "y = max((x + bias - mean) scale + shift + past, 0)",
        .whole = RESULT(Y, relu, OP(add, NORMALIZED(BIASED), EACH(PAST))),
        .x = {X, MEAN, SCALE, SHIFT, BIAS, PAST},
        ABOUT,
    },
    {
        .name = "normalization_add_relu",
        .formula = "y = max((x - mean) scale + shift + past, 0)",
        .whole = RESULT(Y, relu, OP(add, NORMALIZED(EACH(X)), EACH(PAST))),
        .x = {X, MEAN, SCALE, SHIFT, PAST},
        ABOUT,
    },
    {
        .name = "normalization_bias_relu",
        .formula = "y = max((x + bias - mean) scale + shift, 0)",
        .whole = RESULT(Y, relu, NORMALIZED(BIASED)),
        .x = {X, MEAN, SCALE, SHIFT, BIAS},
        ABOUT,
    },
    {
        .name = "normalization_bias",
        .formula = "y = (x + bias - mean) scale + shift",
        .whole = RESULT(Y, normalize, BIASED, CHANNEL(MEAN), CHANNEL(SCALE), CHANNEL(SHIFT)),
        .x = {X, MEAN, SCALE, SHIFT, BIAS},
        ABOUT,
    },
    {
        .name = "normalization_relu",
        .formula = "y = max((x - mean) scale + shift, 0)",
        .whole = RESULT(Y, relu, NORMALIZED(EACH(X))),
        .x = {X, MEAN, SCALE, SHIFT},
        ABOUT,
    },
    {
        .name = "normalization_silu",
        .formula = "y = silu((x - mean) scale + shift)",
        .whole = RESULT(Y, silu, NORMALIZED(EACH(X))),
        .x = {X, MEAN, SCALE, SHIFT},
        ABOUT,
    },
    {
        .name = "normalization_add",
        .formula = "y = (x - mean) scale + shift + past",
        .whole = RESULT(Y, add, NORMALIZED(EACH(X)), EACH(PAST)),
        .x = {X, MEAN, SCALE, SHIFT, PAST},
        ABOUT,
    },
    {
        .name = "bias_relu6",
        .formula = "y = min(max(x + bias, 0), most)",
        .whole = RESULT(Y, minimum, OP(relu, BIASED), ONE(MOST)),
        .x = {X, BIAS, MOST},
        FOLDED,
    },
    {
        .name = "bias_add_relu",
        .formula = "y = max(x + bias + past, 0)",
        .whole = RESULT(Y, relu, OP(add, BIASED, EACH(PAST))),
        .x = {X, BIAS, PAST},
        FOLDED,
    },
    {
        .name = "scale_and_shift",
        .formula = "y = x scale + shift",
        .python = "pylego/ops/arithmetic.py: add",
        .pass = "fuse",
        .whole = RESULT(Y, add, OP(multiply, EACH(X), CHANNEL(SCALE)), CHANNEL(SHIFT)),
        .accepts = shifts_channels,
        .x = {X, SCALE, SHIFT},
        .y = {Y},
    },
    {.name = NULL},
};
