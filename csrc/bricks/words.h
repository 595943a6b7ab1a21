/* The words in which gradient faces are written: bricks as functions of a step.
 *
 * All of them return tensors that the step owns, and NULL once something has failed. */
#ifndef LEGO_BRICKS_WORDS_H
#define LEGO_BRICKS_WORDS_H

#include <string.h>

#include "../tensor/step.h"

static inline lego_tensor *apply1(lego_step *s, const char *name, lego_tensor *x) {
    return step_apply(s, name, &x, 1, NULL);
}

static inline lego_tensor *apply2(lego_step *s, const char *name, lego_tensor *a, lego_tensor *b) {
    lego_tensor *both[] = {a, b};
    return step_apply(s, name, both, 2, NULL);
}

static inline lego_tensor *plus(lego_step *s, lego_tensor *a, lego_tensor *b) {
    return apply2(s, "add", a, b);
}

static inline lego_tensor *minus(lego_step *s, lego_tensor *a, lego_tensor *b) {
    return apply2(s, "subtract", a, b);
}

static inline lego_tensor *times(lego_step *s, lego_tensor *a, lego_tensor *b) {
    return apply2(s, "multiply", a, b);
}

static inline lego_tensor *over(lego_step *s, lego_tensor *a, lego_tensor *b) {
    return apply2(s, "divide", a, b);
}

static inline lego_tensor *negated(lego_step *s, lego_tensor *x) {
    return apply1(s, "negative", x);
}

/* A tensor full of one number. */
static inline lego_tensor *filled(lego_step *s, const lego_array *like, int rank, double value) {
    struct {
        lego_ints shape;
        double value;
        int64_t dtype;
    } attributes = {.shape.count = rank, .value = value, .dtype = like->dtype};
    memcpy(attributes.shape.values, like->shape, sizeof attributes.shape.values);
    return step_apply(s, "full", NULL, 0, &attributes);
}

/* A number of x's dtype, to be broadcast. */
static inline lego_tensor *number(lego_step *s, double value, const lego_tensor *x) {
    return x ? filled(s, &x->array, 0, value) : NULL;
}

static inline lego_tensor *zeros_like(lego_step *s, const lego_tensor *x) {
    return x ? filled(s, &x->array, x->array.rank, 0) : NULL;
}

static inline lego_tensor *scaled(lego_step *s, lego_tensor *x, double factor) {
    return times(s, x, number(s, factor, x));
}

/* 1 - x */
static inline lego_tensor *one_minus(lego_step *s, lego_tensor *x) {
    return minus(s, number(s, 1, x), x);
}

/* a where the condition holds, else b. */
static inline lego_tensor *select_where(lego_step *s, lego_tensor *condition, lego_tensor *a,
                                        lego_tensor *b) {
    lego_tensor *all[] = {condition, a, b};
    return step_apply(s, "where", all, 3, NULL);
}

/* x where the condition holds, else 0. */
static inline lego_tensor *keep_where(lego_step *s, lego_tensor *condition, lego_tensor *x) {
    return select_where(s, condition, x, number(s, 0, x));
}

static inline lego_tensor *cast_like(lego_step *s, lego_tensor *x, const lego_tensor *like) {
    int64_t attributes[] = {like->array.dtype};
    return step_apply(s, "cast", &x, 1, attributes);
}

static inline lego_tensor *reshape(lego_step *s, lego_tensor *x, int rank, const int64_t *shape) {
    lego_ints sizes = {.count = rank};
    memcpy(sizes.values, shape, sizeof(int64_t) * (size_t)rank);
    return step_apply(s, "reshape", &x, 1, &sizes);
}

static inline lego_tensor *reshape_like(lego_step *s, lego_tensor *x, const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return step_apply(s, "reshape", &x, 1, &shape);
}

static inline lego_tensor *broadcast_like(lego_step *s, lego_tensor *x, const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return step_apply(s, "broadcast_to", &x, 1, &shape);
}

/* The sum over axes that stay with a length of 1. */
static inline lego_tensor *sum_over(lego_step *s, lego_tensor *x, const lego_ints *axes) {
    struct {
        lego_ints axes;
        int64_t keepdims;
    } attributes = {*axes, true};
    return step_apply(s, "sum", &x, 1, &attributes);
}

/* The elements begin + i * step, for all indices i of that shape. */
typedef struct window {
    lego_ints begin;
    lego_ints shape;
    lego_ints step;
} window;

/* The window of x's shape that begins at the first element and leaves none out. */
static inline window window_of(const lego_array *x) {
    window all = {.begin.count = x->rank, .shape.count = x->rank, .step.count = x->rank};
    for (int axis = 0; axis < x->rank; axis++) {
        all.shape.values[axis] = x->shape[axis];
        all.step.values[axis] = 1;
    }
    return all;
}

static inline lego_tensor *slice(lego_step *s, lego_tensor *x, const window *w) {
    return step_apply(s, "slice", &x, 1, w);
}

#endif
