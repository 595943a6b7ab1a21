/* Binary cross-entropy, element by element. It takes logits, or probabilities that are clipped to
 * 1e-7 <= p <= 1 - 1e-7, as in Keras. */
#include <math.h>

#include "../kernels/elements.h"
#include "../kernels/logarithm.h"
#include "../kernels/softplus.h"
#include "families.h"
#include "probabilities.h"
#include "shapes.h"

/* ---- binary: y = -(t log p + (1 - t) log(1 - p)) ------------------------------------------- */

typedef struct binary_attributes {
    int64_t from_logits;
} binary_attributes;

#define BINARY(name, type, expression) BINARY_LOOP(name, type, type, expression)

/* With p = sigmoid(x): y = max(x, 0) - x t + log(1 + exp(-|x|)) for t = a, x = b. */
FLOAT_LOOPS(BINARY, logits, LARGER(b, 0) - b * a + fast_softplusf(-fabsf(b)),
            LARGER(b, 0) - b * a + log1p(exp(-fabs(b))))

static inline float binary_float32(float t, float x) {
    const float least = (float)LEAST_PROBABILITY, most = (float)(1 - LEAST_PROBABILITY);
    const float enough = LARGER(x, least);
    const float p = SMALLER(enough, most);
    return -(t * fast_logf(p) + (1 - t) * fast_logf(1 - p));
}

static inline double binary_float64(double t, double x) {
    const double least = LEAST_PROBABILITY, most = 1 - LEAST_PROBABILITY;
    const double enough = LARGER(x, least);
    const double p = SMALLER(enough, most);
    return -(t * log(p) + (1 - t) * log(1 - p));
}

FLOAT_LOOPS(BINARY, probabilities, binary_float32(a, b), binary_float64(a, b))

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

const lego_brick binary_crossentropy_bricks[] = {
    {
        .name = "binary_crossentropy",
        .formula = "y = -(t log(p) + (1 - t) log(1 - p))",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .flags = LEGO_USES_X,
        .shape = binary_shape,
        .kernel = elementwise_kernel,
        .gradient = binary_gradient,
        .choose_loop = binary_loop,
        .attributes = {{"from_logits", LEGO_INT}},
    },
    {.name = NULL},
};
