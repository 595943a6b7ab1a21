/* Normalization: moments, normalize and centered_sums, and normalize_lines, which is all of layer
 * normalization. The gradients of these bricks, of any order, are made of the first three.
 *
 * Batch normalization is y = (x - m) (v + e)^(-1/2) gamma + beta with m, v the moments of x: two
 * passes over memory, one by moments and one by normalize. Its gradient is two passes too. One
 * pass, centered_sums, computes s = sum of dy and t = sum of dy (x - m). Of these the gradient of
 * normalize is made:
 *
 *     dm = -scale s    dscale = t    dbeta = s    dx = dy scale
 *
 * and dv follows from dscale; all of them but dx are one number per channel. The gradient of
 * moments adds to dx
 *
 *     dm / n + 2 (x - m) dv / n
 *
 * which is a normalize again. In a program, dy scale, this term and their sum are one fused
 * loop. */
#include <string.h>

#include "../core/error.h"
#include "../kernels/elements.h"
#include "../kernels/lines_gradient.h"
#include "../kernels/normalizations.h"
#include "../kernels/normalize_lines.h"
#include "../kernels/pair_sums.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* Whether c has the rank of x, and along each axis the length of x or 1. */
static bool broadcasts_to(const lego_array *c, const lego_array *x) {
    bool fits = c->rank == x->rank;
    for (int axis = 0; axis < c->rank && fits; axis++) {
        fits = c->shape[axis] == 1 || c->shape[axis] == x->shape[axis];
    }
    return fits;
}

static lego_status check_broadcasts(const lego_call *call, const lego_array *c,
                                    const lego_array *x) {
    if (broadcasts_to(c, x)) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_SHAPE,
                "%s: shape %s does not fit to numbers of shape %s: along each axis it needs the "
                "same length or 1",
                call->brick->name, array_text(c), array_text(x));
}

static lego_tensor *zeros_where_missing(gradient_context *g, lego_tensor *dy,
                                        const lego_tensor *like) {
    return dy ? dy : zeros_like(g, like);
}

static lego_tensor *normalized(gradient_context *g, lego_tensor *x, lego_tensor *mean,
                               lego_tensor *scale, lego_tensor *shift) {
    lego_tensor *all[] = {x, mean, scale, shift};
    return context_apply(g, "normalize", all, 4, NULL);
}

/* ---- normalize: y = (x - mean) scale + shift ------------------------------------------------- */

static lego_status normalize_shape(const lego_call *call) {
    const lego_array *mean = call->x[1];
    bool is_same = array_same_shape(mean, call->x[2]) && array_same_shape(mean, call->x[3]);
    if (!is_same) {
        return fail(LEGO_BAD_SHAPE, "normalize: mean %s, scale %s and shift %s need the same shape",
                    array_text(mean), array_text(call->x[2]), array_text(call->x[3]));
    }
    lego_status status = check_broadcasts(call, mean, call->x[0]);
    return status ? status : same_shape(call);
}

FLOAT_LOOPS(QUATERNARY_LOOP, normalize, (a - b) * c + d, (a - b) * c + d)

/* dm = -scale s, dscale = t, dshift = s, dx = dy scale: see the top of the file. */
static void normalize_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0], *mean = g->x[1], *scale = g->x[2], *dy = g->dy[0];
    if (g->wanted[0]) {
        g->dx[0] = times(g, dy, scale);
    }
    if (g->wanted[1] || g->wanted[2] || g->wanted[3]) {
        lego_tensor *inputs[] = {dy, x, mean};
        lego_tensor *sums[2];
        context_apply_all(g, "centered_sums", inputs, 3, NULL, sums, 2);
        g->dx[1] = g->wanted[1] ? negated(g, times(g, scale, sums[0])) : NULL;
        g->dx[2] = sums[1];
        g->dx[3] = sums[0];
    }
}

/* ---- centered_sums: s = sum of g, t = sum of g (x - c), to the shape of c ---------------------
 */

static lego_status centered_sums_shape(const lego_call *call) {
    const lego_array *g = call->x[0], *x = call->x[1], *c = call->x[2];
    if (!array_same_shape(g, x)) {
        return fail(LEGO_BAD_SHAPE, "centered_sums: g and x need the same shape, got %s and %s",
                    array_text(g), array_text(x));
    }
    array_set(&call->y[0], x->dtype, c->rank, c->shape);
    array_set(&call->y[1], x->dtype, c->rank, c->shape);
    return check_broadcasts(call, c, x);
}

static lego_status centered_sums_kernel(const lego_call *call) {
    return centered_sums(call->x[0], call->x[1], call->x[2], &call->y[0], &call->y[1]);
}

/* dg = (x - c) dt + ds, dx = g dt, dc = -s dt */
static void centered_sums_gradient(gradient_context *g) {
    lego_tensor *centered = g->x[0], *x = g->x[1], *c = g->x[2];
    lego_tensor *ds = zeros_where_missing(g, g->dy[0], c);
    lego_tensor *dt = zeros_where_missing(g, g->dy[1], c);
    g->dx[0] = g->wanted[0] ? normalized(g, x, c, dt, ds) : NULL;
    g->dx[1] = g->wanted[1] ? times(g, centered, dt) : NULL;
    g->dx[2] = g->wanted[2] ? negated(g, times(g, g->y[0], dt)) : NULL;
}

/* ---- moments: m = sum of x / n, v = sum of (x - m)^2 / n; the axes keep a length of 1 ---------
 */

typedef struct moments_attributes {
    lego_ints axes;
} moments_attributes;

static lego_status moments_shape(const lego_call *call) {
    const moments_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    for (int i = 0; i < a->axes.count; i++) {
        int64_t axis = a->axes.values[i];
        lego_status status = axis_normalize("moments", x->rank, &axis);
        if (status) {
            return status;
        }
        shape[axis] = 1;
    }
    array_set(&call->y[0], x->dtype, x->rank, shape);
    array_set(&call->y[1], x->dtype, x->rank, shape);
    return LEGO_OK;
}

static lego_status moments_kernel(const lego_call *call) {
    return moments(call->x[0], &call->y[0], &call->y[1]);
}

/* dx = dm / n + 2 (x - m) dv / n */
static void moments_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0], *mean = g->y[0];
    double n = (double)array_size(&x->array) / (double)array_size(&mean->array);
    lego_tensor *dm = zeros_where_missing(g, g->dy[0], mean);
    lego_tensor *dv = zeros_where_missing(g, g->dy[1], mean);
    g->dx[0] = normalized(g, x, mean, scaled(g, dv, 2 / n), scaled(g, dm, 1 / n));
}

/* ---- normalize_lines: y = (x - m) r gamma + beta, r = (v + epsilon)^(-1/2) --------------------
 *
 * over the axes from one on; m and r, whose axes keep a length of 1, are results too. With
 * is_centered = 0, m is 0 and v the mean square of x. */

typedef struct normalize_lines_attributes {
    int64_t axis;
    int64_t is_centered;
    double epsilon;
} normalize_lines_attributes;

typedef struct lines_gradient_attributes {
    int64_t axis;
    int64_t is_centered;
} lines_gradient_attributes;

/* gamma or beta: one number, or one for each place in a line. */
static bool fits_lines(const lego_array *numbers, const lego_array *x, int64_t axis) {
    bool fits = numbers->rank == 0 || numbers->rank == x->rank - axis;
    for (int i = 0; fits && i < numbers->rank; i++) {
        fits = numbers->shape[i] == x->shape[axis + i];
    }
    return fits;
}

/* Whether the shape is that of m and r. */
static bool one_for_each_line(const lego_array *numbers, const lego_array *x, int64_t axis) {
    bool fits = numbers->rank == x->rank;
    for (int i = 0; fits && i < x->rank; i++) {
        fits = numbers->shape[i] == (i < axis ? x->shape[i] : 1);
    }
    return fits;
}

static lego_status normalize_lines_shape(const lego_call *call) {
    const normalize_lines_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    int64_t shape[LEGO_MAX_RANK], axis = a->axis;
    lego_status status = axis_normalize("normalize_lines", x->rank, &axis);
    if (status) {
        return status;
    }
    if (!fits_lines(call->x[1], x, axis) || !fits_lines(call->x[2], x, axis)) {
        return fail(LEGO_BAD_SHAPE,
                    "normalize_lines: gamma %s and beta %s need one number, or the lengths of %s "
                    "from axis %lld on",
                    array_text(call->x[1]), array_text(call->x[2]), array_text(x), (long long)axis);
    }
    for (int i = 0; i < x->rank; i++) {
        shape[i] = i < axis ? x->shape[i] : 1;
    }
    array_set(&call->y[0], x->dtype, x->rank, x->shape);
    array_set(&call->y[1], x->dtype, x->rank, shape);
    array_set(&call->y[2], x->dtype, x->rank, shape);
    return LEGO_OK;
}

static lego_status normalize_lines_kernel(const lego_call *call) {
    const normalize_lines_attributes *a = call->attributes;
    const lego_array *x = call->x[0], *gamma = call->x[1], *beta = call->x[2];
    int64_t count = array_size(&call->y[1]);
    normalize_lines(&(normalized_lines){
        .dtype = x->dtype,
        .count = count,
        .n = count ? array_size(x) / count : 0,
        .x = x->data,
        .gamma = gamma->data,
        .beta = beta->data,
        .gamma_is_line = gamma->rank > 0,
        .beta_is_line = beta->rank > 0,
        .is_centered = a->is_centered,
        .epsilon = a->epsilon,
        .y = call->y[0].data,
        .mean = call->y[1].data,
        .factor = call->y[2].data,
    });
    return LEGO_OK;
}

static lego_tensor *summed_to(gradient_context *g, lego_tensor *x, const lego_tensor *like) {
    lego_ints shape = {.count = like->array.rank};
    memcpy(shape.values, like->array.shape, sizeof shape.values);
    return context_apply(g, "sum_to", &x, 1, &shape);
}

/* dx, dgamma and dbeta, of which the last two have the shape of a line. */
static void apply_lines_gradient(gradient_context *g, lego_tensor *const inputs[5], int64_t axis,
                                 int64_t is_centered, lego_tensor *outputs[3]) {
    lines_gradient_attributes attributes = {axis, is_centered};
    context_apply_all(g, "normalize_lines_gradient", inputs, 5, &attributes, outputs, 3);
}

/* What m and r add to dx if a loss depends on them: dm / n - (x - m) r^3 dr / n. */
static lego_tensor *through_scales(gradient_context *g) {
    const normalize_lines_attributes *a = g->attributes;
    lego_tensor *x = g->x[0], *mean = g->y[1], *r = g->y[2];
    double n = (double)array_size(&x->array) / (double)array_size(&mean->array);
    lego_tensor *dr = zeros_where_missing(g, g->dy[2], r);
    lego_tensor *scale = scaled(g, times(g, times(g, r, times(g, r, r)), dr), -1 / n);
    lego_tensor *dm = zeros_where_missing(g, a->is_centered ? g->dy[1] : NULL, mean);
    return normalized(g, x, mean, scale, scaled(g, dm, 1 / n));
}

static void normalize_lines_gradient(gradient_context *g) {
    const normalize_lines_attributes *a = g->attributes;
    lego_tensor *dy = zeros_where_missing(g, g->dy[0], g->x[0]);
    lego_tensor *inputs[] = {dy, g->x[0], g->x[1], g->y[1], g->y[2]}, *dx[3];
    apply_lines_gradient(g, inputs, a->axis, a->is_centered, dx);
    g->dx[0] = dx[0];
    if (g->wanted[0] && (g->dy[1] || g->dy[2])) {
        g->dx[0] = plus(g, dx[0], through_scales(g));
    }
    g->dx[1] = g->wanted[1] ? summed_to(g, dx[1], g->x[1]) : NULL;
    g->dx[2] = g->wanted[2] ? summed_to(g, dx[2], g->x[2]) : NULL;
}

/* ---- normalize_lines_gradient: dx, dgamma and dbeta of dy, x, gamma, m and r ------------------
 *
 * With f = dy gamma, c = x - m, s = sum of f and t = sum of f c over each line:
 *
 *     dx = r f - c r^3 t / n - r s / n        dgamma = sum of dy c r        dbeta = sum of dy
 *
 * without the last term of dx if not centered, and sums over all lines. */

static lego_status lines_gradient_shape(const lego_call *call) {
    const lines_gradient_attributes *a = call->attributes;
    const lego_array *dy = call->x[0], *x = call->x[1], *gamma = call->x[2];
    const lego_array *mean = call->x[3], *factor = call->x[4];
    int64_t axis = a->axis;
    lego_status status = axis_normalize(call->brick->name, x->rank, &axis);
    if (status) {
        return status;
    }
    bool fits = array_same_shape(dy, x) && fits_lines(gamma, x, axis) &&
                one_for_each_line(mean, x, axis) && one_for_each_line(factor, x, axis);
    if (!fits) {
        return fail(LEGO_BAD_SHAPE,
                    "normalize_lines_gradient: dy %s, gamma %s, mean %s and factor %s do not fit "
                    "to x %s and axis %lld",
                    array_text(dy), array_text(gamma), array_text(mean), array_text(factor),
                    array_text(x), (long long)axis);
    }
    array_set(&call->y[0], x->dtype, x->rank, x->shape);
    for (int i = 1; i < 3; i++) {
        array_set(&call->y[i], x->dtype, x->rank - (int)axis, x->shape + axis);
    }
    return LEGO_OK;
}

static lego_status lines_gradient_kernel(const lego_call *call) {
    const lines_gradient_attributes *a = call->attributes;
    const lego_array *x = call->x[1], *gamma = call->x[2];
    int64_t n = 1;
    for (int axis = axis_from_first(a->axis, x->rank); axis < x->rank; axis++) {
        n *= x->shape[axis];
    }
    return lines_gradient(&(normalized_gradient){
        .dtype = x->dtype,
        .count = array_size(call->x[3]),
        .n = n,
        .dy = call->x[0]->data,
        .x = x->data,
        .gamma = gamma->data,
        .mean = call->x[3]->data,
        .factor = call->x[4]->data,
        .gamma_is_line = gamma->rank > 0,
        .is_centered = a->is_centered,
        .dx = call->y[0].data,
        .dgamma = call->y[1].data,
        .dbeta = call->y[2].data,
    });
}

/* The sums of a, and of a (x - m), over each line. */
static void sums_of_lines(gradient_context *g, lego_tensor *a, lego_tensor *sums[2]) {
    lego_tensor *inputs[] = {a, g->x[1], g->x[3]};
    context_apply_all(g, "centered_sums", inputs, 3, NULL, sums, 2);
}

/* With d, e and b the gradients of dx, dgamma and dbeta, p = sum of d, q = sum of d c over a line,
 * and u = r d - c r^3 q / n - r p / n, which is dx for d in place of f:
 *
 *     d(dy) = u gamma + e c r + b           d(gamma) = sum of dy u over all lines
 *     d(x) = e dy r - (d t + f q) r^3 / n
 *     d(m) = (p t + q s) r^3 / n - r sum of e dy
 *     d(r) = sum of d f - 3 t q r^2 / n - s p / n + sum of e dy c */
static void lines_gradient_gradient(gradient_context *g) {
    const lines_gradient_attributes *a = g->attributes;
    lego_tensor *dy = g->x[0], *x = g->x[1], *gamma = g->x[2], *mean = g->x[3], *r = g->x[4];
    double n = (double)array_size(&x->array) / (double)array_size(&mean->array);
    lego_tensor *d = zeros_where_missing(g, g->dy[0], x), *e = g->dy[1], *b = g->dy[2];
    lego_tensor *inputs[] = {d, x, number(g, 1, x), mean, r}, *of_d[3];
    apply_lines_gradient(g, inputs, a->axis, a->is_centered, of_d);
    lego_tensor *u = of_d[0];
    lego_tensor *f = times(g, dy, gamma), *weighted = e ? times(g, e, dy) : NULL;
    lego_tensor *f_sums[2], *d_sums[2], *e_sums[2] = {NULL};
    sums_of_lines(g, f, f_sums);
    sums_of_lines(g, d, d_sums);
    if (weighted) {
        sums_of_lines(g, weighted, e_sums);
    }
    lego_tensor *s = f_sums[0], *t = f_sums[1], *p = d_sums[0], *q = d_sums[1];
    lego_tensor *square = times(g, r, r), *cube = scaled(g, times(g, square, r), 1 / n);

    lego_tensor *of_dy = times(g, u, gamma);
    lego_tensor *of_x = negated(g, times(g, plus(g, times(g, d, t), times(g, f, q)), cube));
    lego_tensor *of_m = times(g, plus(g, times(g, p, t), times(g, q, s)), cube);
    lego_tensor *of_r = minus(g, summed_to(g, times(g, d, f), r),
                              scaled(g, times(g, times(g, t, q), square), 3 / n));
    if (a->is_centered) {
        of_r = minus(g, of_r, scaled(g, times(g, s, p), 1 / n));
    }
    if (e) {
        of_dy = plus(g, of_dy, times(g, e, normalized(g, x, mean, r, zeros_like(g, mean))));
        of_x = plus(g, of_x, times(g, weighted, r));
        of_m = minus(g, of_m, times(g, r, e_sums[0]));
        of_r = plus(g, of_r, e_sums[1]);
    }
    g->dx[0] = b ? plus(g, of_dy, b) : of_dy;
    g->dx[1] = of_x;
    g->dx[2] = summed_to(g, times(g, dy, u), gamma);
    g->dx[3] = of_m;
    g->dx[4] = of_r;
}

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick normalization_bricks[] = {
    {
        .name = "normalize",
        .formula = "y = (x - mean) scale + shift",
        .inputs = 4,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = normalize_shape,
        .kernel = elementwise_kernel,
        .gradient = normalize_gradient,
        .loops = normalize_loops,
        .block_loops = normalize_block_loops,
        .channels = 3,
    },
    {
        .name = "centered_sums",
        .formula = "s = sum of g, t = sum of g (x - c)",
        .inputs = 3,
        .outputs = 2,
        .types = "f",
        .uses = "n",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        .shape = centered_sums_shape,
        .kernel = centered_sums_kernel,
        .gradient = centered_sums_gradient,
    },
    {
        .name = "moments",
        .formula = "m = sum of x / n, v = sum of (x - m)^2 / n",
        .inputs = 1,
        .outputs = 2,
        .types = "f",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = moments_shape,
        .kernel = moments_kernel,
        .gradient = moments_gradient,
        .attributes = {{"axes", LEGO_INTS}},
    },
    {
        .name = "normalize_lines",
        .formula = "y = (x - m) r gamma + beta, r = (v + epsilon)^(-1/2)",
        .inputs = 3,
        .outputs = 3,
        .types = "f",
        .uses = "nn.",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        .shape = normalize_lines_shape,
        .kernel = normalize_lines_kernel,
        .gradient = normalize_lines_gradient,
        .attributes = {{"axis", LEGO_INT}, {"is_centered", LEGO_INT}, {"epsilon", LEGO_FLOAT}},
    },
    {
        .name = "normalize_lines_gradient",
        .formula = "dx, dgamma, dbeta of dy, x, gamma, m, r",
        .inputs = 5,
        .outputs = 3,
        .types = "f",
        .uses = "n",
        .flags = LEGO_DENSE,
        .shape = lines_gradient_shape,
        .kernel = lines_gradient_kernel,
        .gradient = lines_gradient_gradient,
        .attributes = {{"axis", LEGO_INT}, {"is_centered", LEGO_INT}},
    },
    {.name = NULL},
};
