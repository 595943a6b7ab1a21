/* Bricks as C functions, for writing gradients: times(g, a, b) applies the brick multiply.
 *
 * Each returns a tensor that the context owns, or NULL if it or an earlier call failed. */
#ifndef LEGO_BRICKS_GRAD_OPS_H
#define LEGO_BRICKS_GRAD_OPS_H

#include <string.h>

#include "../tensor/gradient_context.h"

static inline lego_tensor *apply1(gradient_context *g, const char *name, lego_tensor *x) {
    return context_apply(g, name, &x, 1, NULL);
}

static inline lego_tensor *apply2(gradient_context *g, const char *name, lego_tensor *a,
                                  lego_tensor *b) {
    lego_tensor *both[] = {a, b};
    return context_apply(g, name, both, 2, NULL);
}

static inline lego_tensor *plus(gradient_context *g, lego_tensor *a, lego_tensor *b) {
    return apply2(g, "add", a, b);
}

static inline lego_tensor *minus(gradient_context *g, lego_tensor *a, lego_tensor *b) {
    return apply2(g, "subtract", a, b);
}

static inline lego_tensor *times(gradient_context *g, lego_tensor *a, lego_tensor *b) {
    return apply2(g, "multiply", a, b);
}

static inline lego_tensor *over(gradient_context *g, lego_tensor *a, lego_tensor *b) {
    return apply2(g, "divide", a, b);
}

static inline lego_tensor *negated(gradient_context *g, lego_tensor *x) {
    return apply1(g, "negative", x);
}

/* A tensor filled with one number. */
static inline lego_tensor *filled(gradient_context *g, const lego_array *like, int rank,
                                  double value) {
    struct {
        lego_ints shape;
        double value;
        int64_t dtype;
    } attributes = {.shape.count = rank, .value = value, .dtype = like->dtype};
    memcpy(attributes.shape.values, like->shape, sizeof attributes.shape.values);
    return context_apply(g, "full", NULL, 0, &attributes);
}

/* A number of x's dtype, to be broadcast. */
static inline lego_tensor *number(gradient_context *g, double value, const lego_tensor *x) {
    return x ? filled(g, &x->array, 0, value) : NULL;
}

static inline lego_tensor *zeros_like(gradient_context *g, const lego_tensor *x) {
    return x ? filled(g, &x->array, x->array.rank, 0) : NULL;
}

static inline lego_tensor *scaled(gradient_context *g, lego_tensor *x, double factor) {
    return times(g, x, number(g, factor, x));
}

/* 1 - x */
static inline lego_tensor *one_minus(gradient_context *g, lego_tensor *x) {
    return minus(g, number(g, 1, x), x);
}

/* a where the condition holds, else b. */
static inline lego_tensor *select_where(gradient_context *g, lego_tensor *condition, lego_tensor *a,
                                        lego_tensor *b) {
    lego_tensor *all[] = {condition, a, b};
    return context_apply(g, "where", all, 3, NULL);
}

/* x where the condition holds, else 0. */
static inline lego_tensor *keep_where(gradient_context *g, lego_tensor *condition, lego_tensor *x) {
    return select_where(g, condition, x, number(g, 0, x));
}

static inline lego_tensor *cast_like(gradient_context *g, lego_tensor *x, const lego_tensor *like) {
    int64_t attributes[] = {like->array.dtype};
    return context_apply(g, "cast", &x, 1, attributes);
}

static inline lego_tensor *reshape(gradient_context *g, lego_tensor *x, int rank,
                                   const int64_t *shape) {
    lego_ints sizes = {.count = rank};
    memcpy(sizes.values, shape, sizeof(int64_t) * (size_t)rank);
    return context_apply(g, "reshape", &x, 1, &sizes);
}

static inline lego_tensor *reshape_like(gradient_context *g, lego_tensor *x,
                                        const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return context_apply(g, "reshape", &x, 1, &shape);
}

static inline lego_tensor *broadcast_like(gradient_context *g, lego_tensor *x,
                                          const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return context_apply(g, "broadcast_to", &x, 1, &shape);
}

/* The sum over axes, which keep a length of 1. */
static inline lego_tensor *sum_over(gradient_context *g, lego_tensor *x, const lego_ints *axes) {
    struct {
        lego_ints axes;
        int64_t keepdims;
    } attributes = {*axes, true};
    return context_apply(g, "sum", &x, 1, &attributes);
}

/* The elements begin + i * step for all indices i of `shape`. */
typedef struct slice_window {
    lego_ints begin;
    lego_ints shape;
    lego_ints step;
} slice_window;

/* The window that contains all elements of x. */
static inline slice_window window_of(const lego_array *x) {
    slice_window all = {.begin.count = x->rank, .shape.count = x->rank, .step.count = x->rank};
    for (int axis = 0; axis < x->rank; axis++) {
        all.shape.values[axis] = x->shape[axis];
        all.step.values[axis] = 1;
    }
    return all;
}

static inline lego_tensor *slice(gradient_context *g, lego_tensor *x, const slice_window *w) {
    return context_apply(g, "slice", &x, 1, w);
}

#endif
