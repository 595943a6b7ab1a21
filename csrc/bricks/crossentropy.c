/* Losses of probabilities of classes: categorical and sparse categorical cross-entropy. They take
 * logits, or probabilities that are clipped to 1e-7 <= p <= 1 - 1e-7, as in Keras. */
#include "../kernels/crossentropy.h"

#include "../core/error.h"
#include "../kernels/last_axis.h"
#include "families.h"
#include "grad_ops.h"
#include "probabilities.h"
#include "shapes.h"

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

static crossentropy_lines loss_lines(const lego_call *call, const last_axis *x) {
    const categorical_attributes *a = call->attributes;
    return (crossentropy_lines){
        .dtype = x->lines.dtype,
        .from_logits = a->from_logits,
        .count = x->count,
        .n = x->n,
        .x = x->lines.data,
        .y = call->y[0].data,
    };
}

static lego_status categorical_kernel(const lego_call *call) {
    const categorical_attributes *a = call->attributes;
    last_axis t;
    last_axis x;
    lego_status status = last_axis_open(&t, call->x[0], a->axis);
    if (status) {
        return status;
    }
    status = last_axis_open(&x, call->x[1], a->axis);
    if (status == LEGO_OK) {
        last_axis_load(&t);
        last_axis_load(&x);
        crossentropy_lines lines = loss_lines(call, &x);
        categorical_crossentropy(&lines, t.lines.data);
        last_axis_close(&x);
    }
    last_axis_close(&t);
    return status;
}

static lego_tensor *sum_along_axis(gradient_context *g, lego_tensor *x) {
    const categorical_attributes *a = g->attributes;
    return sum_over(g, x, &(lego_ints){.count = 1, .values = {a->axis}});
}

/* dy with the axis of classes back at a length of 1. */
static lego_tensor *loss_gradient(gradient_context *g) {
    const categorical_attributes *a = g->attributes;
    const lego_array *output = &g->x[1]->array;
    int64_t shape[LEGO_MAX_RANK];
    memcpy(shape, output->shape, sizeof shape);
    shape[a->axis + (a->axis < 0 ? output->rank : 0)] = 1;
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

/* Where in an array element number `index` in row-major order lies. */
static const char *position_text(const lego_array *x, int64_t index) {
    int64_t position[LEGO_MAX_RANK];
    for (int axis = x->rank - 1; axis >= 0; axis--) {
        position[axis] = index % x->shape[axis];
        index /= x->shape[axis];
    }
    return shape_text(x->rank, position);
}

/* Integers that stand for labels which are none, see pylego/ops/labels.py. */
#define LABEL_NAN      (-((int64_t)1 << 62))
#define LABEL_FRACTION (-((int64_t)1 << 61))

static lego_status refuse_label(const lego_call *call, int64_t i, int64_t classes) {
    const lego_array *x = call->x[0];
    int64_t label = ((const int64_t *)x->data)[i];
    const char *name = call->brick->name;
    const char *place = position_text(x, i);
    if (label == LABEL_NAN) {
        return fail(LEGO_BAD_INDEX, "%s: the label at %s is NaN, which is no class", name, place);
    }
    if (label == LABEL_FRACTION) {
        return fail(LEGO_BAD_INDEX, "%s: the label at %s is not a whole number", name, place);
    }
    return fail(LEGO_BAD_INDEX, "%s: label %lld at %s, but there are %lld classes: 0 to %lld", name,
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
    last_axis x;
    lego_status status = last_axis_open(&x, call->x[1], a->axis);
    if (status == LEGO_OK) {
        status = check_labels(call, x.n);
    }
    if (status == LEGO_OK) {
        last_axis_load(&x);
        crossentropy_lines lines = loss_lines(call, &x);
        sparse_crossentropy(&lines, call->x[0]->data);
    }
    last_axis_close(&x);
    return status;
}

/* The labels as t: 1 at the label's class, else 0, with the classes along the axis. */
static lego_tensor *one_hot_labels(gradient_context *g) {
    const categorical_attributes *a = g->attributes;
    const lego_array *output = &g->x[1]->array;
    int64_t axis = a->axis + (a->axis < 0 ? output->rank : 0);
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

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick crossentropy_bricks[] = {
    {
        .name = "categorical_crossentropy",
        .formula = "y = -sum of t log(p)",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_X,
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
        .flags = LEGO_USES_X | LEGO_DENSE,
        .shape = sparse_shape,
        .kernel = sparse_kernel,
        .gradient = sparse_gradient,
        .attributes = {{"from_logits", LEGO_INT}, {"axis", LEGO_INT}},
    },
    {.name = NULL},
};
