/* Bricks as C functions, for writing gradients: times(g, a, b) applies the brick multiply.
 *
 * Each returns a tensor that the context owns, or NULL if it or an earlier call failed. */
#ifndef LEGO_TENSOR_GRAD_OPS_H
#define LEGO_TENSOR_GRAD_OPS_H

#include "gradient_context.h"

lego_tensor *apply1(gradient_context *g, const char *name, lego_tensor *x);
lego_tensor *apply2(gradient_context *g, const char *name, lego_tensor *a, lego_tensor *b);

/* Those of one line are inline; libc has a function times(), too. */
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
lego_tensor *filled(gradient_context *g, const lego_array *like, int rank, double value);

/* A number of x's dtype, to be broadcast. */
static inline lego_tensor *number(gradient_context *g, double value, const lego_tensor *x) {
    return x ? filled(g, &x->array, 0, value) : NULL;
}

lego_tensor *zeros_like(gradient_context *g, const lego_tensor *x);
lego_tensor *scaled(gradient_context *g, lego_tensor *x, double factor);

/* 1 - x */
lego_tensor *one_minus(gradient_context *g, lego_tensor *x);

/* a where the condition holds, else b. */
lego_tensor *select_where(gradient_context *g, lego_tensor *condition, lego_tensor *a,
                          lego_tensor *b);

/* x where the condition holds, else 0. */
lego_tensor *keep_where(gradient_context *g, lego_tensor *condition, lego_tensor *x);

lego_tensor *cast_like(gradient_context *g, lego_tensor *x, const lego_tensor *like);
lego_tensor *reshape(gradient_context *g, lego_tensor *x, int rank, const int64_t *shape);
lego_tensor *reshape_like(gradient_context *g, lego_tensor *x, const lego_tensor *like);
lego_tensor *broadcast_like(gradient_context *g, lego_tensor *x, const lego_tensor *like);

/* The sum over axes, which keep a length of 1. */
lego_tensor *sum_over(gradient_context *g, lego_tensor *x, const lego_ints *axes);

/* The elements begin + i * step for all indices i of `shape`. */
typedef struct slice_window {
    lego_ints begin;
    lego_ints shape;
    lego_ints step;
} slice_window;

/* The window that contains all elements of x. */
slice_window window_of(const lego_array *x);

lego_tensor *slice(gradient_context *g, lego_tensor *x, const slice_window *w);

#endif
