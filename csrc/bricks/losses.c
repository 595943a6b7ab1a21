/* Cross-entropies: categorical and sparse categorical, along an axis of classes, and binary,
 * element by element. They take logits, or probabilities that are clipped to 1e-7 <= p <= 1 - 1e-7,
 * as in Keras. */
#include <math.h>
#include <string.h>

#include "../core/error.h"
#include "../kernels/lines.h"
#include "../kernels/logarithm.h"
#include "../kernels/long_loop.h"
#include "../kernels/softmax.h"
#include "../kernels/softplus.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* ---- shared by the losses: a check of shapes, clipped probabilities ------------------------- */

static lego_status check_same_shapes(const lego_call *call) {
    const lego_array *target = call->x[0];
    const lego_array *output = call->x[1];
    if (!array_same_shape(target, output)) {
        return fail(LEGO_BAD_SHAPE, "%s: target and output must have the same shape, got %s and %s",
                    call->brick->name, array_text(target), array_text(output));
    }
    return LEGO_OK;
}

/* p, clipped to 1e-7 <= p <= 1 - 1e-7. */
static lego_tensor *clipped(gradient_context *g, lego_tensor *p) {
    lego_tensor *all[] = {p, number(g, LEAST_PROBABILITY, p), number(g, 1 - LEAST_PROBABILITY, p)};
    return context_apply(g, "clip", all, 3, NULL);
}

/* x where clipping did not change p, else 0. It is computed as a product, so that NaN stays NaN. */
static lego_tensor *where_kept(gradient_context *g, lego_tensor *x, lego_tensor *p,
                               lego_tensor *kept) {
    return p ? times(g, x, cast_like(g, apply2(g, "equal", p, kept), p)) : NULL;
}

/* ---- categorical: y = -sum of t_i log p_i --------------------------------------------------- */

typedef struct categorical_attributes {
    int64_t from_logits;
    int64_t axis;
} categorical_attributes;

/* The output's shape without the axis of classes; *axis is normalized. */
static lego_status shape_of_losses(const lego_call *call, int64_t *axis) {
    const categorical_attributes *a = call->attributes;
    const lego_array *output = call->x[1];
    *axis = a->axis;
    lego_status status = axis_normalize(call->brick->name, output->rank, axis);
    if (status) {
        return status;
    }
    int64_t shape[LEGO_MAX_RANK];
    int rank = 0;
    for (int i = 0; i < output->rank; i++) {
        if (i != *axis) {
            shape[rank++] = output->shape[i];
        }
    }
    array_set(&call->y[0], output->dtype, rank, shape);
    return LEGO_OK;
}

static lego_status categorical_shape(const lego_call *call) {
    int64_t axis;
    lego_status status = check_same_shapes(call);
    return status ? status : shape_of_losses(call, &axis);
}

static class_rows rows_of_classes(const lego_call *call, const dense_lines *x) {
    const categorical_attributes *a = call->attributes;
    return (class_rows){
        .dtype = x->dense.dtype,
        .from_logits = a->from_logits,
        .count = x->count,
        .n = x->n,
        .x = x->dense.data,
    };
}

static lego_status categorical_kernel(const lego_call *call) {
    const categorical_attributes *a = call->attributes;
    dense_lines t, x;
    lego_status status = dense_lines_open(&t, call->x[0], a->axis);
    if (status) {
        return status;
    }
    status = dense_lines_open(&x, call->x[1], a->axis);
    if (status == LEGO_OK) {
        dense_lines_load(&t);
        dense_lines_load(&x);
        class_rows rows = rows_of_classes(call, &x);
        crossentropy_rows(&rows, t.dense.data, call->y[0].data);
        dense_lines_close(&x);
    }
    dense_lines_close(&t);
    return status;
}

static lego_tensor *sum_along_axis(gradient_context *g, lego_tensor *x) {
    const categorical_attributes *a = g->attributes;
    return sum_over(g, x, &(lego_ints){.count = 1, .values = {a->axis}});
}

/* dy with the axis of classes inserted again, with length 1. */
static lego_tensor *loss_gradient(gradient_context *g) {
    const categorical_attributes *a = g->attributes;
    const lego_array *output = &g->x[1]->array;
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, output->shape, sizeof shape);
    shape[axis_from_first(a->axis, output->rank)] = 1;
    return reshape(g, g->dy[0], output->rank, shape);
}

/* dx = dy (softmax(x) sum of t - t), dt = -dy log softmax(x) */
static void logits_gradient(gradient_context *g, lego_tensor *t) {
    const categorical_attributes *a = g->attributes;
    lego_tensor *x = g->x[1];
    lego_tensor *dy = loss_gradient(g);
    if (g->wanted[0]) {
        lego_tensor *log_p = context_apply(g, "log_softmax", &x, 1, &a->axis);
        g->dx[0] = times(g, dy, negated(g, log_p));
    }
    if (g->wanted[1]) {
        lego_tensor *p = context_apply(g, "softmax", &x, 1, &a->axis);
        g->dx[1] = times(g, dy, minus(g, times(g, p, sum_along_axis(g, t)), t));
    }
}

/* With q = x / sum of x and p = clip(q): dt = -dy log p; dq = -dy t / p where q = p; and through
 * the quotient dx = (dq - sum of dq q) / sum of x. */
static void probabilities_gradient(gradient_context *g, lego_tensor *t) {
    lego_tensor *x = g->x[1];
    lego_tensor *dy = loss_gradient(g);
    lego_tensor *sum = sum_along_axis(g, x);
    lego_tensor *q = over(g, x, sum);
    lego_tensor *p = clipped(g, q);
    if (g->wanted[0]) {
        g->dx[0] = times(g, dy, negated(g, apply1(g, "log", p)));
    }
    if (g->wanted[1]) {
        lego_tensor *dq = where_kept(g, times(g, dy, negated(g, over(g, t, p))), q, p);
        lego_tensor *common = sum_along_axis(g, times(g, dq, q));
        g->dx[1] = over(g, minus(g, dq, common), sum);
    }
}

static void categorical_gradient_of(gradient_context *g, lego_tensor *t) {
    const categorical_attributes *a = g->attributes;
    if (a->from_logits) {
        logits_gradient(g, t);
    } else {
        probabilities_gradient(g, t);
    }
}

static void categorical_gradient(gradient_context *g) {
    categorical_gradient_of(g, g->x[0]);
}

/* ---- sparse categorical: y = -log p of the label -------------------------------------------- */

static lego_status sparse_shape(const lego_call *call) {
    int64_t axis;
    lego_status status = shape_of_losses(call, &axis);
    if (status == LEGO_OK && !array_same_shape(call->x[0], &call->y[0])) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: output of shape %s with its classes along axis %lld needs labels of shape "
                    "%s, got %s",
                    call->brick->name, array_text(call->x[1]), (long long)axis,
                    array_text(&call->y[0]), array_text(call->x[0]));
    }
    return status;
}

/* Integers that stand for invalid labels: see pylego/ops/labels.py. */
#define LABEL_NAN      (-((int64_t)1 << 62))
#define LABEL_FRACTION (-((int64_t)1 << 61))

static lego_status refuse_label(const lego_call *call, int64_t i, int64_t classes) {
    const lego_array *x = call->x[0];
    int64_t label = ((const int64_t *)x->data)[i];
    bool is_whole = label != LABEL_NAN && label != LABEL_FRACTION;
    note_refused_label(label, is_whole, classes);
    const char *name = call->brick->name;
    const char *place = index_text(x, i);
    if (label == LABEL_NAN) {
        return fail(LEGO_BAD_LABEL, "%s: the label at %s is NaN, which is not a class", name,
                    place);
    }
    if (label == LABEL_FRACTION) {
        return fail(LEGO_BAD_LABEL, "%s: the label at %s is not a whole number", name, place);
    }
    return fail(LEGO_BAD_LABEL, "%s: label %lld at %s, but there are %lld classes: 0 to %lld", name,
                (long long)label, place, (long long)classes, (long long)classes - 1);
}

static lego_status check_labels(const lego_call *call, int64_t classes) {
    const lego_array *x = call->x[0];
    const int64_t *labels = x->data;
    int64_t count = array_size(x);
    for (int64_t i = 0; i < count; i++) {
        if (labels[i] < 0 || labels[i] >= classes) {
            return refuse_label(call, i, classes);
        }
    }
    return LEGO_OK;
}

static lego_status sparse_kernel(const lego_call *call) {
    const categorical_attributes *a = call->attributes;
    dense_lines x;
    lego_status status = dense_lines_open(&x, call->x[1], a->axis);
    if (status == LEGO_OK) {
        status = check_labels(call, x.n);
    }
    if (status == LEGO_OK) {
        dense_lines_load(&x);
        class_rows rows = rows_of_classes(call, &x);
        sparse_crossentropy_rows(&rows, call->x[0]->data, call->y[0].data);
    }
    dense_lines_close(&x);
    return status;
}

/* The labels as one-hot targets t, with the classes along the axis. */
static lego_tensor *one_hot_labels(gradient_context *g) {
    const categorical_attributes *a = g->attributes;
    const lego_array *output = &g->x[1]->array;
    int axis = axis_from_first(a->axis, output->rank);
    int64_t attributes[] = {output->shape[axis], output->dtype};
    lego_tensor *t = context_apply(g, "one_hot", g->x, 1, attributes);
    lego_ints order = {.count = output->rank};
    for (int i = 0; i < output->rank; i++) {
        order.values[i] = i == axis ? output->rank - 1 : i - (i > axis);
    }
    return axis == output->rank - 1 ? t : context_apply(g, "transpose", &t, 1, &order);
}

static void sparse_gradient(gradient_context *g) {
    categorical_gradient_of(g, one_hot_labels(g));
}

/* ---- binary: y = -(t log p + (1 - t) log(1 - p)) ------------------------------------------- */

typedef struct binary_attributes {
    int64_t from_logits;
} binary_attributes;

/* With p = sigmoid(x): y = max(x, 0) - x t + log(1 + exp(-|x|)) for t = a, x = b. */
LONG_BINARY_LOOP(logits_float32, float, LARGER(b, 0) - b * a + fast_softplusf(-fabsf(b)))
BINARY_LOOP(logits_float64, double, double, LARGER(b, 0) - b * a + log1p(exp(-fabs(b))))
TABLE_OF_FLOATS(logits)

static inline float binary_float32(float t, float x) {
    const float least = (float)LEAST_PROBABILITY, most = (float)(1 - LEAST_PROBABILITY);
    const float at_least = LARGER(x, least);
    const float p = SMALLER(at_least, most);
    return -(t * fast_logf(p) + (1 - t) * fast_logf(1 - p));
}

static inline double binary_float64(double t, double x) {
    const double least = LEAST_PROBABILITY, most = 1 - LEAST_PROBABILITY;
    const double at_least = LARGER(x, least);
    const double p = SMALLER(at_least, most);
    return -(t * log(p) + (1 - t) * log(1 - p));
}

LONG_BINARY_LOOP(probabilities_float32, float, binary_float32(a, b))
BINARY_LOOP(probabilities_float64, double, double, binary_float64(a, b))
TABLE_OF_FLOATS(probabilities)

static lego_status binary_shape(const lego_call *call) {
    lego_status status = check_same_shapes(call);
    return status ? status : same_shape(call);
}

static element_loop *binary_loop(const lego_call *call) {
    const binary_attributes *a = call->attributes;
    element_loop *const *loops = a->from_logits ? logits_loops : probabilities_loops;
    return loops[call->y[0].dtype];
}

/* dx = dy (sigmoid(x) - t), dt = -dy x */
static void binary_logits_gradient(gradient_context *g) {
    lego_tensor *t = g->x[0];
    lego_tensor *x = g->x[1];
    if (g->wanted[0]) {
        g->dx[0] = times(g, g->dy[0], negated(g, x));
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, g->dy[0], minus(g, apply1(g, "sigmoid", x), t));
    }
}

/* dx = dy (p - t) / (p (1 - p)) where p = x has not been clipped, dt = dy (log(1 - p) - log p) */
static void binary_probabilities_gradient(gradient_context *g) {
    lego_tensor *t = g->x[0];
    lego_tensor *x = g->x[1];
    lego_tensor *p = clipped(g, x);
    lego_tensor *q = one_minus(g, p);
    if (g->wanted[0]) {
        g->dx[0] = times(g, g->dy[0], minus(g, apply1(g, "log", q), apply1(g, "log", p)));
    }
    if (g->wanted[1]) {
        lego_tensor *slope = over(g, minus(g, p, t), times(g, p, q));
        g->dx[1] = times(g, g->dy[0], where_kept(g, slope, x, p));
    }
}

static void binary_gradient(gradient_context *g) {
    const binary_attributes *a = g->attributes;
    if (a->from_logits) {
        binary_logits_gradient(g);
    } else {
        binary_probabilities_gradient(g);
    }
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick losses_bricks[] = {
    {
        .name = "categorical_crossentropy",
        .formula = "y = -sum of t log(p)",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = categorical_shape,
        .kernel = categorical_kernel,
        .gradient = categorical_gradient,
        .attributes = {{"from_logits", LEGO_INT}, {"axis", LEGO_INT}},
    },
    {
        .name = "sparse_categorical_crossentropy",
        .formula = "y = -log(p_label)",
        .inputs = 2,
        .outputs = 1,
        .types = "if",
        .uses = "n",
        .flags = LEGO_DENSE,
        .shape = sparse_shape,
        .kernel = sparse_kernel,
        .gradient = sparse_gradient,
        .attributes = {{"from_logits", LEGO_INT}, {"axis", LEGO_INT}},
    },
    {
        .name = "binary_crossentropy",
        .formula = "y = -(t log(p) + (1 - t) log(1 - p))",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .shape = binary_shape,
        .kernel = elementwise_kernel,
        .gradient = binary_gradient,
        .choose_loop = binary_loop,
        .attributes = {{"from_logits", LEGO_INT}},
    },
    {.name = NULL},
};
