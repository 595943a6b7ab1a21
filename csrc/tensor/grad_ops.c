/* Bricks as C functions, for writing gradients. */
#include "grad_ops.h"

#include <string.h>

lego_tensor *apply1(gradient_context *g, const char *name, lego_tensor *x) {
    return context_apply(g, name, &x, 1, NULL);
}

lego_tensor *apply2(gradient_context *g, const char *name, lego_tensor *a, lego_tensor *b) {
    lego_tensor *both[] = {a, b};
    return context_apply(g, name, both, 2, NULL);
}

lego_tensor *filled(gradient_context *g, const lego_array *like, int rank, double value) {
    struct {
        lego_ints shape;
        double value;
        int64_t dtype;
    } attributes = {.shape.count = rank, .value = value, .dtype = like->dtype};
    memcpy(attributes.shape.values, like->shape, sizeof attributes.shape.values);
    return context_apply(g, "full", NULL, 0, &attributes);
}

lego_tensor *zeros_like(gradient_context *g, const lego_tensor *x) {
    return x ? filled(g, &x->array, x->array.rank, 0) : NULL;
}

lego_tensor *scaled(gradient_context *g, lego_tensor *x, double factor) {
    return times(g, x, number(g, factor, x));
}

lego_tensor *one_minus(gradient_context *g, lego_tensor *x) {
    return minus(g, number(g, 1, x), x);
}

lego_tensor *select_where(gradient_context *g, lego_tensor *condition, lego_tensor *a,
                          lego_tensor *b) {
    lego_tensor *all[] = {condition, a, b};
    return context_apply(g, "where", all, 3, NULL);
}

lego_tensor *keep_where(gradient_context *g, lego_tensor *condition, lego_tensor *x) {
    return select_where(g, condition, x, number(g, 0, x));
}

lego_tensor *cast_like(gradient_context *g, lego_tensor *x, const lego_tensor *like) {
    int64_t attributes[] = {like->array.dtype};
    return context_apply(g, "cast", &x, 1, attributes);
}

lego_tensor *reshape(gradient_context *g, lego_tensor *x, int rank, const int64_t *shape) {
    lego_ints sizes = {.count = rank};
    memcpy(sizes.values, shape, sizeof(int64_t) * (size_t)rank);
    return context_apply(g, "reshape", &x, 1, &sizes);
}

lego_tensor *reshape_like(gradient_context *g, lego_tensor *x, const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return context_apply(g, "reshape", &x, 1, &shape);
}

lego_tensor *broadcast_like(gradient_context *g, lego_tensor *x, const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return context_apply(g, "broadcast_to", &x, 1, &shape);
}

lego_tensor *sum_over(gradient_context *g, lego_tensor *x, const lego_ints *axes) {
    struct {
        lego_ints axes;
        int64_t keepdims;
    } attributes = {*axes, true};
    return context_apply(g, "sum", &x, 1, &attributes);
}

slice_window window_of(const lego_array *x) {
    slice_window all = {.begin.count = x->rank, .shape.count = x->rank, .step.count = x->rank};
    for (int axis = 0; axis < x->rank; axis++) {
        all.shape.values[axis] = x->shape[axis];
        all.step.values[axis] = 1;
    }
    return all;
}

lego_tensor *slice(gradient_context *g, lego_tensor *x, const slice_window *w) {
    return context_apply(g, "slice", &x, 1, w);
}
