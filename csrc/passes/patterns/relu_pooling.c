/* relu, then max pooling: Conv2D(activation="relu") followed by MaxPooling2D, the block that most
 * convolutional networks are made of (pylego/activations.py, pylego/layers/pooling/).
 *
 * The tape ends their gradient with relu's mask over the gradient of max pooling. The pass
 * mask_before_pooling puts it the other way round and says why. */
#include <string.h>

#include "patterns.h"

/* The attributes of the gradient are x's shape and those of the pooling. */
static bool are_same_windows(const program_op *back, const program_op *pool) {
    const int64_t *slots = back->attributes;
    size_t bytes = sizeof *slots * (size_t)brick_attribute_slots(pool->brick);
    return memcmp(slots + 1 + LEGO_MAX_RANK, pool->attributes, bytes) == 0;
}

/* The places are those of this pooling, and no axis was joined or split on the way. */
static bool are_of_one_pooling(const pattern_match *m) {
    const program_op *pool = m->made[RELU_POOL];
    const program_op *back = m->made[RELU_BACK];
    const lego_array *whole = &m->made[RELU_WHOLE]->y[0].array;
    return are_same_windows(back, pool) && back->x[0].buffer == pool->y[1].buffer &&
           array_same_shape(&back->y[0].array, whole) &&
           array_same_shape(&pool->x[0].array, whole) && array_is_contiguous(&pool->x[0].array) &&
           array_same_shape(&m->made[RELU_MASK]->x[0].array, whole);
}

#define MASK RESULT(RELU_MASK, less_equal, EACH(RELU_X), ZERO)
#define POOL RESULT(RELU_POOL, max_pool, ANY(RELU_X))
#define BACK NAMED(RELU_BACK, max_pool_gradient, POOL, ANY(RELU_DY))

const pattern relu_pooling_patterns[] = {
    {
        .name = "relu_pooling",
        .formula = "where(x <= 0, 0, max_pool_gradient(places, dy)) of y, places = max_pool(x)",
        .python = "pylego/activations.py: relu",
        .pass = "mask_before_pooling",
        .whole = RESULT(RELU_WHOLE, where, MASK, ZERO, BACK),
        .accepts = are_of_one_pooling,
    },
    {.name = NULL},
};
