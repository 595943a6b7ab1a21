/* Arithmetic of two tensors, broadcast to each other: add, subtract, multiply, divide, power,
 * maximum, minimum, floor_divide, mod, logaddexp; and of three tensors: lerp. */
#include "../core/error.h"
#include "../kernels/axes.h"
#include "../kernels/division.h"
#include "../kernels/long_loop.h"
#include "../kernels/power.h"
#include "../kernels/register_steps.h"
#include "../kernels/softplus.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* A loop for a and b of one type, with a result of that type. */
#define BINARY(name, type, expression) BINARY_LOOP(name, type, type, expression)

BINARY(either_bool, bool, a || b)
BINARY(both_bool, bool, (a && b))

/* ---- add: y = a + b ------------------------------------------------------------------------- */

NUMBER_LOOPS(BINARY, add, either_bool, a + b, a + b)

static void add_gradient(gradient_context *g) {
    g->dx[0] = g->dy[0];
    g->dx[1] = g->dy[0];
}

/* ---- subtract: y = a - b -------------------------------------------------------------------- */

NUMBER_LOOPS(BINARY, subtract, NULL, a - b, a - b)

static void subtract_gradient(gradient_context *g) {
    g->dx[0] = g->dy[0];
    if (g->wanted[1]) {
        g->dx[1] = negated(g, g->dy[0]);
    }
}

/* ---- multiply: y = a b ---------------------------------------------------------------------- */

NUMBER_LOOPS(BINARY, multiply, both_bool, (a * b), (a * b))

/* da = dy b, db = dy a */
static void multiply_gradient(gradient_context *g) {
    if (g->wanted[0]) {
        g->dx[0] = times(g, g->dy[0], g->x[1]);
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, g->dy[0], g->x[0]);
    }
}

/* ---- divide: y = a / b ---------------------------------------------------------------------- */

FLOAT_LOOPS(BINARY, divide, a / b, a / b)

/* da = dy / b, db = -dy a / b^2 = -da y */
static void divide_gradient(gradient_context *g) {
    lego_tensor *da = over(g, g->dy[0], g->x[1]);
    g->dx[0] = da;
    if (g->wanted[1]) {
        g->dx[1] = negated(g, times(g, da, g->y[0]));
    }
}

/* ---- power: y = a^b ------------------------------------------------------------------------- */

static int64_t integer_at(const lego_array *x, int64_t index) {
    return x->dtype == LEGO_INT32 ? ((const int32_t *)x->data)[index]
                                  : ((const int64_t *)x->data)[index];
}

/* Integers have no negative powers. */
static lego_status check_exponents(const lego_array *b) {
    walk_axes axes = axes_broadcast(b, &b, 1);
    walk_position at = axes_at(&axes, 0);
    int64_t size = array_size(b), step = axes.strides[axes.rank - 1][0];
    for (int64_t begin = 0, n; begin < size; begin += n, axes_next_row(&axes, &at)) {
        n = axes_in_row(&axes, &at, size - begin);
        for (int64_t i = 0; i < n; i++) {
            int64_t exponent = integer_at(b, at.offsets[0] + i * step);
            if (exponent < 0) {
                return fail(LEGO_BAD_VALUE,
                            "power: an integer to the power of %lld (element %lld of the "
                            "exponents) is not an integer: cast to float32 first",
                            (long long)exponent, (long long)(begin + i));
            }
        }
    }
    return LEGO_OK;
}

static lego_status power_kernel(const lego_call *call) {
    const lego_array *b = call->x[1];
    bool may_be_negative = b->dtype == LEGO_INT32 || b->dtype == LEGO_INT64;
    bool is_empty = array_size(&call->y[0]) == 0;
    lego_status status = may_be_negative && !is_empty ? check_exponents(b) : LEGO_OK;
    return status == LEGO_OK ? elementwise_kernel(call) : status;
}

/* da = dy b a^(b-1)
 * Where b = 0, y = a^0 is constant, but 0 * 0^-1 is NaN: so there the exponent is 0, too.
 * db = dy log(a) a^b, and 0 if a = 0: log(0) * 0 would be NaN. */
static void power_gradient(gradient_context *g) {
    lego_tensor *a = g->x[0];
    lego_tensor *b = g->x[1];
    lego_tensor *one = number(g, 1, a);
    if (g->wanted[0]) {
        lego_tensor *exponent = select_where(g, b, minus(g, b, one), b);
        lego_tensor *slope = times(g, b, apply2(g, "power", a, exponent));
        g->dx[0] = times(g, g->dy[0], slope);
    }
    if (g->wanted[1]) {
        lego_tensor *log_a = apply1(g, "log", select_where(g, a, a, one));
        g->dx[1] = times(g, g->dy[0], times(g, log_a, g->y[0]));
    }
}

/* ---- maximum, minimum ----------------------------------------------------------------------- */

NUMBER_LOOPS(BINARY, maximum, either_bool, LARGER(a, b), LARGER(a, b))
NUMBER_LOOPS(BINARY, minimum, both_bool, SMALLER(a, b), SMALLER(a, b))

/* dy goes to the input that was chosen; if both are equal, each gets half of it. `a_loses` and
 * `b_loses` are the comparisons by which an input was not chosen. Both are false if an input is
 * NaN: then each input gets all of dy. */
static void choice_gradient(gradient_context *g, const char *a_loses, const char *b_loses) {
    lego_tensor *a = g->x[0];
    lego_tensor *b = g->x[1];
    lego_tensor *dy = g->dy[0];
    lego_tensor *chosen = select_where(g, apply2(g, "equal", a, b), scaled(g, dy, 0.5), dy);
    lego_tensor *zero = number(g, 0, dy);
    if (g->wanted[0]) {
        g->dx[0] = select_where(g, apply2(g, a_loses, a, b), zero, chosen);
    }
    if (g->wanted[1]) {
        g->dx[1] = select_where(g, apply2(g, b_loses, a, b), zero, chosen);
    }
}

static void maximum_gradient(gradient_context *g) {
    choice_gradient(g, "less", "greater");
}

static void minimum_gradient(gradient_context *g) {
    choice_gradient(g, "greater", "less");
}

/* ---- floor_divide, mod: a = floor(a / b) b + mod, with mod of b's sign ----------------------- */

/* y = a - b floor(a / b), and floor is constant between jumps: da = dy, db = -dy floor(a / b) */
static void mod_gradient(gradient_context *g) {
    g->dx[0] = g->dy[0];
    if (g->wanted[1]) {
        g->dx[1] = negated(g, times(g, g->dy[0], apply2(g, "floor_divide", g->x[0], g->x[1])));
    }
}

/* ---- logaddexp: y = ln(e^a + e^b) ------------------------------------------------------------ */

/* The larger number plus ln(1 + e^-|a - b|). The difference of two equal infinities would be NaN.
 */
#define DISTANCE(a, b) (a == b ? 0 : a < b ? a - b : b - a)

FLOAT_LOOPS(LONG_BINARY_LOOP, logaddexp, LARGER(a, b) + fast_softplusf(DISTANCE(a, b)),
            LARGER(a, b) + fast_softplus(DISTANCE(a, b)))

/* da = dy / (1 + e^(b - a)), db = dy / (1 + e^(a - b)) */
static void logaddexp_gradient(gradient_context *g) {
    lego_tensor *a = g->x[0], *b = g->x[1];
    lego_tensor *lead = keep_where(g, apply2(g, "not_equal", a, b), minus(g, a, b));
    if (g->wanted[0]) {
        g->dx[0] = times(g, g->dy[0], apply1(g, "sigmoid", lead));
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, g->dy[0], apply1(g, "sigmoid", negated(g, lead)));
    }
}

/* ---- lerp: y = a + c (b - a), linear interpolation ------------------------------------------- */

#define TERNARY(name, type, expression) TERNARY_LOOP(name, type, type, type, expression)

FLOAT_LOOPS(TERNARY, lerp, a + (b - a) * c, a + (b - a) * c)

/* da = dy - dy c, db = dy c, dc = dy (b - a) */
static void lerp_gradient(gradient_context *g) {
    lego_tensor *a = g->x[0], *b = g->x[1], *c = g->x[2], *dy = g->dy[0];
    if (g->wanted[0]) {
        g->dx[0] = minus(g, dy, times(g, dy, c));
    }
    if (g->wanted[1]) {
        g->dx[1] = times(g, dy, c);
    }
    if (g->wanted[2]) {
        g->dx[2] = times(g, dy, minus(g, b, a));
    }
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick arithmetic_bricks[] = {
    {
        .name = "add",
        .formula = "y = a + b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = add_gradient,
        .loops = add_loops,
        .in_registers = add_in_registers,
    },
    {
        .name = "subtract",
        .formula = "y = a - b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = subtract_gradient,
        .loops = subtract_loops,
        .in_registers = subtract_in_registers,
    },
    {
        .name = "multiply",
        .formula = "y = a b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .uses = "n",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = multiply_gradient,
        .loops = multiply_loops,
        .in_registers = multiply_in_registers,
    },
    {
        .name = "divide",
        .formula = "y = a / b",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = ".n.",
        .flags = LEGO_BROADCASTS | LEGO_USES_Y,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = divide_gradient,
        .loops = divide_loops,
        .in_registers = divide_in_registers,
    },
    {
        .name = "power",
        .formula = "y = a^b",
        .inputs = 2,
        .outputs = 1,
        .types = "w",
        .uses = "n",
        .flags = LEGO_BROADCASTS | LEGO_USES_Y,
        .shape = broadcast_shape,
        .kernel = power_kernel,
        .gradient = power_gradient,
        .loops = power_loops,
    },
    {
        .name = "maximum",
        .formula = "y = max(a, b)",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = maximum_gradient,
        .loops = maximum_loops,
        .in_registers = maximum_in_registers,
    },
    {
        .name = "minimum",
        .formula = "y = min(a, b)",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = minimum_gradient,
        .loops = minimum_loops,
        .in_registers = minimum_in_registers,
    },
    {
        .name = "floor_divide",
        .formula = "y = floor(a / b)",
        .inputs = 2,
        .outputs = 1,
        .types = "w",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = zero_gradient,
        .loops = floor_divide_loops,
    },
    {
        .name = "mod",
        .formula = "y = a - b floor(a / b)",
        .inputs = 2,
        .outputs = 1,
        .types = "w",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = mod_gradient,
        .loops = mod_loops,
    },
    {
        .name = "logaddexp",
        .formula = "y = ln(e^a + e^b)",
        .inputs = 2,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS | LEGO_COMMUTES,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = logaddexp_gradient,
        .loops = logaddexp_loops,
    },
    {
        .name = "lerp",
        .formula = "y = a + c (b - a)",
        .inputs = 3,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = broadcast_shape,
        .kernel = elementwise_kernel,
        .gradient = lerp_gradient,
        .loops = lerp_loops,
    },
    {.name = NULL},
};
