/* Comparisons, logic, tests for NaN and infinity, and selection: where, clip. */
#include <math.h>

#include "../kernels/elements.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* Loops for inputs of one type, with a result of bool or of that type. The condition of CHOOSE is
 * read as a byte, because GCC 12 does not vectorize a selection by bool. */
#define COMPARE(name, type, expression)                                                            \
    __attribute__((noinline)) BINARY_LOOP(name, type, bool, expression)
#define TEST(name, type, expression)   UNARY_LOOP(name, type, bool, expression)
#define CHOOSE(name, type, expression) TERNARY_LOOP(name, uint8_t, type, type, expression)
#define LIMIT(name, type, expression)  TERNARY_LOOP(name, type, type, type, expression)

/* ---- comparisons ----------------------------------------------------------------------------- */

typedef uint8_t uint8_number;
typedef int32_t int32_number;
typedef int64_t int64_number;
typedef float float32_number;
typedef double float64_number;

EVERY_LOOP(COMPARE, equal, a == b)
EVERY_LOOP(COMPARE, less, a < b)

/* a > b is b < a: the same loops with their inputs exchanged. */
#define EXCHANGED(name, type, other)                                                               \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        const void *const exchanged[] = {inputs[1], inputs[0]};                                    \
        const int64_t their_steps[] = {steps[1], steps[0]};                                        \
        other##_##type(n, exchanged, their_steps, output);                                         \
    }

/* a != b is not a == b, and of integers a <= b is not a > b: the bools of other loops, turned over
 * a block at a time, while it lies in the nearest cache. With NaN a <= b is false, and so is a > b:
 * floats have loops of their own. */
#define NEGATED(name, type, other)                                                                 \
    static void name(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {   \
        negate_blocks(other##_##type, sizeof(type##_number), n, inputs, steps, output);            \
    }

static void negate_blocks(element_loop *loop, size_t bytes, int64_t n, const void *const *inputs,
                          const int64_t *steps, uint8_t *ys) {
    enum { BLOCK = 8192 };
    for (int64_t i = 0; i < n; i += BLOCK) {
        const int64_t count = n - i < BLOCK ? n - i : BLOCK;
        const void *const block[] = {(const char *)inputs[0] + i * steps[0] * (int64_t)bytes,
                                     (const char *)inputs[1] + i * steps[1] * (int64_t)bytes};
        loop(count, block, steps, ys + i);
        for (int64_t k = i; k < i + count; k++) {
            ys[k] = !ys[k];
        }
    }
}

#define DERIVED_LOOPS(name, DERIVED, from, DERIVED_FLOAT, from_float)                              \
    DERIVED(name##_uint8, uint8, from)                                                             \
    DERIVED(name##_int32, int32, from)                                                             \
    DERIVED(name##_int64, int64, from)                                                             \
    DERIVED_FLOAT(name##_float32, float32, from_float)                                             \
    DERIVED_FLOAT(name##_float64, float64, from_float)                                             \
    static element_loop *const name##_loops[LEGO_DTYPE_COUNT] = {                                  \
        [LEGO_BOOL] = name##_uint8,      [LEGO_UINT8] = name##_uint8,                              \
        [LEGO_INT32] = name##_int32,     [LEGO_INT64] = name##_int64,                              \
        [LEGO_FLOAT32] = name##_float32, [LEGO_FLOAT64] = name##_float64,                          \
    };
#define OWN(name, type, expression) COMPARE(name, type##_number, expression)

DERIVED_LOOPS(not_equal, NEGATED, equal, NEGATED, equal)
DERIVED_LOOPS(greater, EXCHANGED, less, EXCHANGED, less)
DERIVED_LOOPS(less_equal, NEGATED, greater, OWN, a <= b)
DERIVED_LOOPS(greater_equal, NEGATED, less, EXCHANGED, less_equal)

/* ---- logical_and, logical_or, logical_xor, logical_not: of inputs cast to bool --------------- */

BOOL_LOOPS(COMPARE, logical_and, (a && b))
BOOL_LOOPS(COMPARE, logical_or, a || b)
BOOL_LOOPS(COMPARE, logical_xor, a != b)
BOOL_LOOPS(TEST, logical_not, !x)

/* ---- isnan, isinf; isfinite: x - x is 0 unless x is infinite or NaN -------------------------- */

EVERY_LOOP(TEST, isnan, x != x)
NUMBER_LOOPS(TEST, isinf, isinf_uint8, x != x, fabs(x) == INFINITY)
EVERY_LOOP(TEST, isfinite, x - x == 0)

/* ---- where: y = a where the condition holds, else b ------------------------------------------ */

/* In the loop, a is the condition, b and c are the values: their bits, whatever they mean. */
CHOOSE(where_8, uint8_t, a ? b : c)
CHOOSE(where_16, uint16_t, a ? b : c)
CHOOSE(where_32, uint32_t, a ? b : c)
CHOOSE(where_64, uint64_t, a ? b : c)

static element_loop *const where_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_BOOL] = where_8,    [LEGO_UINT8] = where_8,    [LEGO_INT32] = where_32,
    [LEGO_INT64] = where_64,  [LEGO_FLOAT32] = where_32, [LEGO_FLOAT64] = where_64,
    [LEGO_INT8] = where_8,    [LEGO_INT16] = where_16,   [LEGO_UINT16] = where_16,
    [LEGO_UINT32] = where_32, [LEGO_FLOAT16] = where_16, [LEGO_BFLOAT16] = where_16,
};

/* dy goes to the input that was selected. It is selected too, not multiplied by 0 or 1: 0 * NaN
 * would be NaN. */
static void where_gradient(gradient_context *g) {
    lego_tensor *zero = number(g, 0, g->dy[0]);
    if (g->wanted[1]) {
        g->dx[1] = select_where(g, g->x[0], g->dy[0], zero);
    }
    if (g->wanted[2]) {
        g->dx[2] = select_where(g, g->x[0], zero, g->dy[0]);
    }
}

/* ---- clip: y = min(max(x, low), high) -------------------------------------------------------- */

NUMBER_LOOPS(LIMIT, clip, NULL, SMALLER(LARGER(a, b), c), SMALLER(LARGER(a, b), c))

/* dy goes to x if low <= x <= high or x is NaN, else to the limit that replaced x. If low > high, y
 * is high. */
static void clip_gradient(gradient_context *g) {
    lego_tensor *x = g->x[0], *low = g->x[1], *high = g->x[2], *dy = g->dy[0];
    lego_tensor *is_below = apply2(g, "less", x, low);
    lego_tensor *is_above = apply2(g, "greater", x, high);
    if (g->wanted[0]) {
        lego_tensor *is_outside = apply2(g, "logical_or", is_below, is_above);
        g->dx[0] = select_where(g, is_outside, number(g, 0, dy), dy);
    }
    if (g->wanted[1]) {
        lego_tensor *in_order = apply2(g, "less_equal", low, high);
        g->dx[1] = keep_where(g, apply2(g, "logical_and", is_below, in_order), dy);
    }
    if (g->wanted[2]) {
        lego_tensor *are_crossed = apply2(g, "greater", low, high);
        g->dx[2] = keep_where(g, apply2(g, "logical_or", is_above, are_crossed), dy);
    }
}

/* ---- the family ------------------------------------------------------------------------------ */

const lego_brick logic_bricks[] = {
    {
        .name = "equal",
        .formula = "y = a == b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = equal_loops,
    },
    {
        .name = "not_equal",
        .formula = "y = a != b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = not_equal_loops,
    },
    {
        .name = "greater",
        .formula = "y = a > b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = greater_loops,
    },
    {
        .name = "greater_equal",
        .formula = "y = a >= b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = greater_equal_loops,
    },
    {
        .name = "less",
        .formula = "y = a < b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = less_loops,
    },
    {
        .name = "less_equal",
        .formula = "y = a <= b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = less_equal_loops,
    },
    {
        .name = "logical_and",
        .formula = "y = a and b",
        .inputs = 2,
        .outputs = 1,
        .types = "b",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = logical_and_loops,
    },
    {
        .name = "logical_or",
        .formula = "y = a or b",
        .inputs = 2,
        .outputs = 1,
        .types = "b",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = logical_or_loops,
    },
    {
        .name = "logical_xor",
        .formula = "y = either a or b",
        .inputs = 2,
        .outputs = 1,
        .types = "b",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = logical_xor_loops,
    },
    {
        .name = "logical_not",
        .formula = "y = not x",
        .inputs = 1,
        .outputs = 1,
        .types = "b",
        .shape = same_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = logical_not_loops,
    },
    {
        .name = "isnan",
        .formula = "y = x is NaN",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = isnan_loops,
    },
    {
        .name = "isinf",
        .formula = "y = x is infinite",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = isinf_loops,
    },
    {
        .name = "isfinite",
        .formula = "y = x is neither NaN nor infinite",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = broadcast_to_bool_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = isfinite_loops,
    },
    {
        .name = "where",
        .formula = "y = a if condition else b",
        .inputs = 3,
        .outputs = 1,
        .types = "bpp",
        .uses = "n.",
        .flags = LEGO_BROADCASTS | LEGO_ANY_DTYPE,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = where_gradient,
        .loops = where_loops,
    },
    {
        .name = "clip",
        .formula = "y = min(max(x, low), high)",
        .inputs = 3,
        .outputs = 1,
        .types = "w",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = clip_gradient,
        .loops = clip_loops,
    },
    {.name = NULL},
};
