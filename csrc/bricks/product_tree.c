/* The gradient of a product of many numbers, without a division: y / x_i is not defined for x_i =
 * 0, and an exception for zeros would make the second derivative wrong.
 *
 * The numbers are the leaves of a binary tree. Each inner node is the product of its two children,
 * L_parent = L_even L_odd. From the root down, each node passes its gradient to its children:
 * G_even = G_parent L_odd and G_odd = G_parent L_even. */
#include "product_tree.h"

#include "../tensor/grad_ops.h"

enum { MOST_LEVELS = 64 };

/* A level of the tree, of shape (lines, length), as pairs of neighbours. */
typedef struct level {
    int64_t length; /* without the 1 that completes the last pair */
    lego_tensor *even;
    lego_tensor *odd;
} level;

static int64_t pairs_of(const level *l) {
    return l->length / 2 + l->length % 2;
}

static lego_tensor *columns_of(gradient_context *g, lego_tensor *x, int64_t begin, int64_t count,
                               int64_t step) {
    slice_window w = {
        .begin = {.count = 2, .values = {0, begin}},
        .shape = {.count = 2, .values = {x ? x->array.shape[0] : 0, count}},
        .step = {.count = 2, .values = {1, step}},
    };
    return slice(g, x, &w);
}

/* x with a column of ones appended. */
static lego_tensor *with_ones(gradient_context *g, lego_tensor *x) {
    if (!x) {
        return NULL;
    }
    lego_array column = x->array;
    column.shape[1] = 1;
    lego_tensor *both[] = {x, filled(g, &column, 2, 1)};
    int64_t axis = 1;
    return context_apply(g, "concatenate", both, 2, &axis);
}

static level split(gradient_context *g, lego_tensor *x, int64_t length) {
    level l = {.length = length};
    lego_tensor *full = length % 2 ? with_ones(g, x) : x;
    l.even = columns_of(g, full, 0, pairs_of(&l), 2);
    l.odd = columns_of(g, full, 1, pairs_of(&l), 2);
    return l;
}

/* The gradient of the numbers of a level, from the gradient of the products of its pairs. */
static lego_tensor *descend(gradient_context *g, const level *l, lego_tensor *gradient) {
    lego_tensor *both[] = {times(g, gradient, l->odd), times(g, gradient, l->even)};
    int64_t axis = 2;
    lego_tensor *pairs = context_apply(g, "stack", both, 2, &axis);
    if (!pairs) {
        return NULL;
    }
    int64_t shape[] = {pairs->array.shape[0], 2 * pairs_of(l)};
    lego_tensor *flat = reshape(g, pairs, 2, shape);
    return l->length % 2 ? columns_of(g, flat, 0, l->length, 1) : flat;
}

/* The gradient of the products of lines: x has the shape (lines, length), dy (lines, 1). */
static lego_tensor *lines_gradient(gradient_context *g, lego_tensor *x, int64_t length,
                                   lego_tensor *dy) {
    level levels[MOST_LEVELS];
    int count = 0;
    for (; length > 1; count++) {
        levels[count] = split(g, x, length);
        x = times(g, levels[count].even, levels[count].odd);
        length = pairs_of(&levels[count]);
    }
    while (count > 0) {
        dy = descend(g, &levels[--count], dy);
    }
    return dy;
}

/* The permutation that moves the reduced axes to the end, and its inverse. */
static void order_axes(const bool *is_reduced, int rank, lego_ints *order, lego_ints *inverse) {
    for (int pass = 0; pass < 2; pass++) {
        for (int axis = 0; axis < rank; axis++) {
            if (is_reduced[axis] == (pass == 1)) {
                inverse->values[axis] = order->count;
                order->values[order->count++] = axis;
            }
        }
    }
    inverse->count = rank;
}

lego_tensor *product_tree_gradient(gradient_context *g, lego_tensor *x, const bool *is_reduced,
                                   lego_tensor *dy) {
    const lego_array *layout = &x->array;
    int64_t lines = 1;
    int64_t length = 1;
    for (int axis = 0; axis < layout->rank; axis++) {
        *(is_reduced[axis] ? &length : &lines) *= layout->shape[axis];
    }
    if (length == 0) {
        return zeros_like(g, x);
    }
    lego_ints order = {.count = 0};
    lego_ints inverse = {.count = 0};
    order_axes(is_reduced, layout->rank, &order, &inverse);
    lego_tensor *moved = context_apply(g, "transpose", &x, 1, &order);
    lego_tensor *flat = reshape(g, moved, 2, (int64_t[]){lines, length});
    lego_tensor *column = reshape(g, dy, 2, (int64_t[]){lines, 1});
    lego_tensor *dx = lines_gradient(g, flat, length, column);
    dx = moved ? reshape_like(g, dx, moved) : NULL;
    return context_apply(g, "transpose", &dx, 1, &inverse);
}
