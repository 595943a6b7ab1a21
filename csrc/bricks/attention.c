/* Attention: y = softmax(scale q k^T + bias) v for each head. Neither attention nor its gradient
 * stores the matrix of scores: kernels/attention.h. */
#include <stddef.h>
#include <string.h>

#include "../core/error.h"
#include "../kernels/attention.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* The inputs of both bricks. */
enum { QUERY, KEY, VALUE, MASK, BIAS, DRAW, INPUTS };

/* What the gradient takes behind them: of attention the three outputs, and dy. */
enum { Y = INPUTS, LARGEST, SUMS, DY, GRADIENT_INPUTS };

typedef struct attention_attributes {
    double scale;
    double soft_cap; /* infinity: none */
    int64_t is_causal;
    double rate;
    int64_t has_dscores; /* of the gradient alone */
} attention_attributes;

/* ---- shapes ---------------------------------------------------------------------------------- */

static bool heads_fit(const lego_array *q, const lego_array *k, const lego_array *v) {
    return q->rank == 4 && k->rank == 4 && v->rank == 4 && q->shape[0] == k->shape[0] &&
           q->shape[0] == v->shape[0] && q->shape[3] == k->shape[3] && k->shape[1] == v->shape[1] &&
           k->shape[2] == v->shape[2] && k->shape[2] > 0 && q->shape[2] % k->shape[2] == 0;
}

/* (batch, heads, queries, keys) */
static void score_shape(const lego_call *call, int64_t *shape) {
    const lego_array *q = call->x[QUERY], *k = call->x[KEY];
    shape[0] = q->shape[0];
    shape[1] = q->shape[2];
    shape[2] = q->shape[1];
    shape[3] = k->shape[1];
}

static bool fits_scores(const lego_array *x, const int64_t *scores) {
    bool fits = x->rank <= 4;
    for (int axis = 0; fits && axis < x->rank; axis++) {
        int64_t length = x->shape[axis];
        fits = length == 1 || length == scores[4 - x->rank + axis];
    }
    return fits;
}

static lego_status check_beside(const lego_call *call, const int64_t *scores) {
    for (int i = MASK; i <= BIAS; i++) {
        if (!fits_scores(call->x[i], scores)) {
            return fail(LEGO_BAD_SHAPE, "%s: the %s of shape %s does not broadcast to scores of %s",
                        call->brick->name, i == MASK ? "mask" : "bias", array_text(call->x[i]),
                        shape_text(4, scores));
        }
    }
    const lego_array *draw = call->x[DRAW];
    if (draw->rank != 1 || draw->shape[0] != 2) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: the key of a draw must have shape (2,): a seed and the number of the "
                    "draw; got shape %s",
                    call->brick->name, array_text(draw));
    }
    return LEGO_OK;
}

static lego_status check_inputs(const lego_call *call, int64_t *scores) {
    const attention_attributes *a = call->attributes;
    const lego_array *q = call->x[QUERY], *k = call->x[KEY], *v = call->x[VALUE];
    if (!heads_fit(q, k, v)) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: queries (batch, steps, heads, size), keys (batch, others, groups, size) "
                    "and values (batch, others, groups, any size) are needed; heads is a multiple "
                    "of groups; got %s, %s and %s",
                    call->brick->name, array_text(q), array_text(k), array_text(v));
    }
    if (!(a->rate >= 0 && a->rate <= 1)) {
        return fail(LEGO_BAD_VALUE, "%s: rate must lie between 0 and 1, got %g", call->brick->name,
                    a->rate);
    }
    score_shape(call, scores);
    return check_beside(call, scores);
}

static lego_status attention_shape(const lego_call *call) {
    int64_t scores[4];
    lego_status status = check_inputs(call, scores);
    if (status) {
        return status;
    }
    const lego_array *q = call->x[QUERY];
    const int64_t shape[] = {q->shape[0], q->shape[1], q->shape[2], call->x[VALUE]->shape[3]};
    status = array_check(call->brick->name, q->dtype, 4, shape);
    if (status == LEGO_OK) {
        array_set(&call->y[0], q->dtype, 4, shape);
        array_set(&call->y[1], q->dtype, 3, scores);
        array_set(&call->y[2], q->dtype, 3, scores);
        status = array_check(call->brick->name, q->dtype, 3, scores);
    }
    return status;
}

/* ---- the kernel ------------------------------------------------------------------------------ */

static attention_operand operand_of(const lego_array *x) {
    attention_operand y = {.data = x->data};
    memcpy(y.strides, x->strides, sizeof y.strides);
    return y;
}

/* x as it is broadcast to four axes; rank 0 says that there is none. */
static attention_operand optional(const lego_array *x) {
    attention_operand y = {.data = x->rank > 0 ? x->data : NULL};
    for (int axis = 0; axis < x->rank; axis++) {
        y.strides[4 - x->rank + axis] = x->shape[axis] == 1 ? 0 : x->strides[axis];
    }
    return y;
}

static attention attention_of(const lego_call *call) {
    const attention_attributes *a = call->attributes;
    const lego_array *q = call->x[QUERY], *k = call->x[KEY], *v = call->x[VALUE];
    const lego_array *draw = call->x[DRAW];
    const int64_t *numbers = draw->data;
    return (attention){
        .dtype = q->dtype,
        .batch = q->shape[0],
        .queries = q->shape[1],
        .keys = k->shape[1],
        .heads = q->shape[2],
        .groups = k->shape[2],
        .size = q->shape[3],
        .value_size = v->shape[3],
        .query = operand_of(q),
        .key = operand_of(k),
        .value = operand_of(v),
        .mask = optional(call->x[MASK]),
        .bias = optional(call->x[BIAS]),
        .scale = a->scale,
        .soft_cap = a->soft_cap,
        .is_causal = a->is_causal,
        .rate = a->rate,
        .draw = {(uint64_t)numbers[0], (uint64_t)numbers[draw->strides[0]]},
    };
}

static lego_status attention_kernel(const lego_call *call) {
    attention a = attention_of(call);
    attention_result result = {call->y[0].data, call->y[1].data, call->y[2].data};
    return attention_run(&a, &result);
}

/* Two products with each score, and the exponential. */
static int64_t attention_operations(const lego_call *call) {
    int64_t scores[4];
    score_shape(call, scores);
    int64_t depth = call->x[QUERY]->shape[3] + call->x[VALUE]->shape[3];
    return scores[0] * scores[1] * scores[2] * scores[3] * (2 * depth + 1);
}

/* ---- the gradient ---------------------------------------------------------------------------- */

static void attention_gradient(gradient_context *g) {
    attention_attributes attributes = {0};
    memcpy(&attributes, g->attributes, offsetof(attention_attributes, has_dscores));
    attributes.has_dscores = g->wanted[BIAS];
    if (g->dy[1] || g->dy[2]) {
        context_fail(g, LEGO_NO_GRADIENT,
                     "only its first output has a gradient: keep the others out of the loss");
        return;
    }
    lego_tensor *inputs[GRADIENT_INPUTS];
    memcpy(inputs, g->x, INPUTS * sizeof *inputs);
    memcpy(inputs + Y, g->y, 3 * sizeof *inputs);
    inputs[DY] = g->dy[0];
    lego_tensor *dx[4];
    context_apply_all(g, "attention_gradient", inputs, GRADIENT_INPUTS, &attributes, dx, 4);
    for (int i = QUERY; i <= VALUE; i++) {
        g->dx[i] = g->wanted[i] ? dx[i] : NULL;
    }
    if (g->wanted[BIAS] && dx[3]) {
        lego_ints shape = {.count = g->x[BIAS]->array.rank};
        memcpy(shape.values, g->x[BIAS]->array.shape, sizeof shape.values);
        g->dx[BIAS] = context_apply(g, "sum_to", &dx[3], 1, &shape);
    }
}

/* ---- attention_gradient ---------------------------------------------------------------------- */

static lego_status check_outputs(const lego_call *call, const int64_t *scores) {
    const lego_array *q = call->x[QUERY], *largest = call->x[LARGEST], *sums = call->x[SUMS];
    const int64_t shape[] = {q->shape[0], q->shape[1], q->shape[2], call->x[VALUE]->shape[3]};
    lego_array y, row;
    array_set(&y, q->dtype, 4, shape);
    array_set(&row, q->dtype, 3, scores);
    if (!array_same_shape(call->x[Y], &y) || !array_same_shape(call->x[DY], &y) ||
        !array_same_shape(largest, &row) || !array_same_shape(sums, &row)) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: y and dy need the shape %s, largest and sums the shape %s; got %s, %s, %s",
                    call->brick->name, array_text(&y), array_text(&row), array_text(call->x[DY]),
                    array_text(largest), array_text(sums));
    }
    return LEGO_OK;
}

static lego_status attention_gradient_shape(const lego_call *call) {
    const attention_attributes *a = call->attributes;
    int64_t scores[4];
    lego_status status = check_inputs(call, scores);
    status = status ? status : check_outputs(call, scores);
    if (status) {
        return status;
    }
    const int64_t none = 0;
    for (int i = QUERY; i <= VALUE; i++) {
        array_set(&call->y[i], call->x[i]->dtype, 4, call->x[i]->shape);
    }
    if (!a->has_dscores) {
        array_set(&call->y[3], call->x[QUERY]->dtype, 1, &none);
        return LEGO_OK;
    }
    status = array_check(call->brick->name, call->x[QUERY]->dtype, 4, scores);
    if (status == LEGO_OK) {
        array_set(&call->y[3], call->x[QUERY]->dtype, 4, scores);
    }
    return status;
}

static lego_status attention_gradient_kernel(const lego_call *call) {
    const attention_attributes *a = call->attributes;
    return attention_gradient_run(&(attention_gradient_call){
        .forward = attention_of(call),
        .y = operand_of(call->x[Y]),
        .largest = operand_of(call->x[LARGEST]),
        .sums = operand_of(call->x[SUMS]),
        .dy = operand_of(call->x[DY]),
        .dquery = call->y[0].data,
        .dkey = call->y[1].data,
        .dvalue = call->y[2].data,
        .dscores = a->has_dscores ? call->y[3].data : NULL,
    });
}

/* The scores once more, and four products with their gradients. */
static int64_t attention_gradient_operations(const lego_call *call) {
    int64_t scores[4];
    score_shape(call, scores);
    int64_t depth = 3 * call->x[QUERY]->shape[3] + 2 * call->x[VALUE]->shape[3];
    return scores[0] * scores[1] * scores[2] * scores[3] * (2 * depth + 4);
}

static void refuse_gradient(gradient_context *g) {
    context_fail(g, LEGO_NO_GRADIENT,
                 "attention by blocks has no second gradient: pass flash_attention=False to "
                 "dot_product_attention, or call config.disable_flash_attention() before");
}

/* ---- the family ------------------------------------------------------------------------------ */

#define ATTRIBUTES                                                                                 \
    {"scale", LEGO_FLOAT}, {"soft_cap", LEGO_FLOAT}, {"is_causal", LEGO_INT}, {                    \
        "rate", LEGO_FLOAT                                                                         \
    }

const lego_brick attention_bricks[] = {
    {
        .name = "attention",
        .formula = "y = softmax(scale q k^T + bias) v",
        .inputs = INPUTS,
        .outputs = 3,
        .types = "fffbfi",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = attention_shape,
        .kernel = attention_kernel,
        .gradient = attention_gradient,
        .operations = attention_operations,
        .attributes = {ATTRIBUTES},
    },
    {
        .name = "attention_gradient",
        .formula = "dq, dk, dv, dscores of attention",
        .inputs = GRADIENT_INPUTS,
        .outputs = 4,
        .types = "fffbfif",
        .uses = ".",
        .shape = attention_gradient_shape,
        .kernel = attention_gradient_kernel,
        .gradient = refuse_gradient,
        .operations = attention_gradient_operations,
        .attributes = {ATTRIBUTES, {"has_dscores", LEGO_INT}},
    },
    {.name = NULL},
};
