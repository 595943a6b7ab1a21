/* Random numbers: random_uniform, uniform_rows, random_normal, truncated_normal, random_integers,
 * dropout.
 *
 * Each number is a function of the key (a seed and the number of the draw) and of its index alone.
 * So the same key always gives the same numbers, whatever was drawn before and by how many
 * threads. */
#include <float.h>
#include <math.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../kernels/elements.h"
#include "../kernels/map_elements.h"
#include "../kernels/random.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

static lego_status check_key(const lego_call *call, const lego_array *key) {
    if (key->rank != 1 || key->shape[0] != 2) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: the key must have shape (2,): a seed and the number of the draw; got "
                    "shape %s",
                    call->brick->name, array_text(key));
    }
    return LEGO_OK;
}

static random_key key_of(const lego_array *key) {
    const int64_t *numbers = key->data;
    return (random_key){(uint64_t)numbers[0], (uint64_t)numbers[key->strides[0]]};
}

static bool is_float(int64_t dtype) {
    return dtype_is_valid(dtype) && dtype_is_float((lego_dtype)dtype);
}

/* y's shape and dtype are attributes; the key is the only input. */
static lego_status drawn_shape(const lego_call *call, const lego_ints *shape, int64_t dtype) {
    lego_status status = check_key(call, call->x[0]);
    if (status == LEGO_OK) {
        status =
            array_check(call->brick->name, (lego_dtype)dtype, (int)shape->count, shape->values);
    }
    if (status == LEGO_OK) {
        array_set(&call->y[0], (lego_dtype)dtype, (int)shape->count, shape->values);
    }
    return status;
}

/* ---- floats from two parameters ------------------------------------------------------------- */

typedef struct float_attributes {
    lego_ints shape;
    double first;  /* low, or mean */
    double second; /* high, or stddev */
    int64_t dtype;
} float_attributes;

static lego_status float_shape(const lego_call *call) {
    const float_attributes *a = call->attributes;
    const char *name = call->brick->name;
    if (!is_float(a->dtype)) {
        return fail(LEGO_BAD_DTYPE, "%s makes floats: cast what comes out", name);
    }
    double most = dtype_largest_float((lego_dtype)a->dtype);
    if (!(fabs(a->first) <= most && fabs(a->second) <= most)) {
        return fail(LEGO_BAD_VALUE,
                    "%s: %s and %s must be finite numbers of the dtype, got %g and %g", name,
                    call->brick->attributes[1].name, call->brick->attributes[2].name, a->first,
                    a->second);
    }
    return drawn_shape(call, &a->shape, a->dtype);
}

/* ---- random_uniform: y = low + (high - low) u ------------------------------------------------ */

static lego_status random_uniform_shape(const lego_call *call) {
    const float_attributes *a = call->attributes;
    lego_status status = float_shape(call);
    if (status) {
        return status;
    }
    if (a->first > a->second) {
        return fail(LEGO_BAD_VALUE, "random_uniform: low is above high: %g and %g", a->first,
                    a->second);
    }
    if (a->second - a->first > DBL_MAX) {
        return fail(LEGO_BAD_VALUE, "random_uniform: high - low overflows: %g and %g", a->first,
                    a->second);
    }
    return LEGO_OK;
}

static lego_status random_uniform_kernel(const lego_call *call) {
    const float_attributes *a = call->attributes;
    fill_uniform(key_of(call->x[0]), a->first, a->second, &call->y[0]);
    return LEGO_OK;
}

/* ---- uniform_rows: 0 <= y < 1, with a key for each row --------------------------------------- */

typedef struct row_attributes {
    int64_t columns;
    int64_t dtype;
} row_attributes;

static lego_status uniform_rows_shape(const lego_call *call) {
    const row_attributes *a = call->attributes;
    const lego_array *keys = call->x[0];
    if (keys->rank != 2 || keys->shape[1] != 2) {
        return fail(LEGO_BAD_SHAPE,
                    "uniform_rows: keys must have shape (rows, 2): a seed and the number of the "
                    "draw for each row; got shape %s",
                    array_text(keys));
    }
    if (!is_float(a->dtype)) {
        return fail(LEGO_BAD_DTYPE, "uniform_rows makes floats: cast what comes out");
    }
    const int64_t shape[] = {keys->shape[0], a->columns};
    lego_status status = array_check("uniform_rows", (lego_dtype)a->dtype, 2, shape);
    if (status == LEGO_OK) {
        array_set(&call->y[0], (lego_dtype)a->dtype, 2, shape);
    }
    return status;
}

static lego_status uniform_rows_kernel(const lego_call *call) {
    fill_uniform_rows((const int64_t (*)[2])call->x[0]->data, &call->y[0]);
    return LEGO_OK;
}

/* ---- random_normal: y = mean + stddev z ------------------------------------------------------ */

static lego_status random_normal_shape(const lego_call *call) {
    const float_attributes *a = call->attributes;
    if (a->second < 0) {
        return fail(LEGO_BAD_VALUE, "%s: stddev is negative: %g", call->brick->name, a->second);
    }
    return float_shape(call);
}

static lego_status random_normal_kernel(const lego_call *call) {
    const float_attributes *a = call->attributes;
    fill_normal(key_of(call->x[0]), a->first, a->second, &call->y[0]);
    return LEGO_OK;
}

/* ---- truncated_normal: the same, with -2 <= z <= 2 ------------------------------------------- */

static lego_status truncated_normal_kernel(const lego_call *call) {
    const float_attributes *a = call->attributes;
    fill_truncated_normal(key_of(call->x[0]), a->first, a->second, &call->y[0]);
    return LEGO_OK;
}

/* ---- random_integers: low <= y < high -------------------------------------------------------- */

typedef struct integer_attributes {
    lego_ints shape;
    int64_t low;
    int64_t high;
    int64_t dtype;
} integer_attributes;

static lego_status random_integers_shape(const lego_call *call) {
    const integer_attributes *a = call->attributes;
    if (!dtype_is_valid(a->dtype) || !dtype_is_integer((lego_dtype)a->dtype)) {
        return fail(LEGO_BAD_DTYPE, "random_integers makes integers: cast what comes out");
    }
    lego_dtype dtype = (lego_dtype)a->dtype;
    if (a->low >= a->high) {
        return fail(LEGO_BAD_VALUE,
                    "random_integers: nothing lies between low %lld and high %lld, "
                    "which is left out",
                    (long long)a->low, (long long)a->high);
    }
    if (a->low < dtype_smallest(dtype) || a->high - 1 > dtype_largest(dtype)) {
        return fail(LEGO_BAD_VALUE, "random_integers: %s does not hold all from %lld to %lld",
                    lego_dtype_name((lego_dtype)a->dtype), (long long)a->low,
                    (long long)(a->high - 1));
    }
    return drawn_shape(call, &a->shape, a->dtype);
}

static lego_status random_integers_kernel(const lego_call *call) {
    const integer_attributes *a = call->attributes;
    uint64_t range = (uint64_t)a->high - (uint64_t)a->low;
    fill_integers(key_of(call->x[0]), a->low, range, &call->y[0]);
    return LEGO_OK;
}

/* ---- dropout: y = x / (1 - rate) where kept, else 0 ------------------------------------------ */

typedef struct dropout_attributes {
    double rate;
    lego_ints noise_shape; /* empty: the shape of x */
} dropout_attributes;

/* Whether each axis of the noise, counted from the last, has x's length or 1. */
static bool noise_fits(const lego_ints *noise, const lego_array *x) {
    if (noise->count < 0 || noise->count > x->rank) {
        return false;
    }
    for (int64_t back = 1; back <= noise->count; back++) {
        int64_t length = noise->values[noise->count - back];
        if (length != 1 && length != x->shape[x->rank - back]) {
            return false;
        }
    }
    return true;
}

static lego_status dropout_shape(const lego_call *call) {
    const dropout_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    if (!(a->rate >= 0 && a->rate <= 1)) {
        return fail(LEGO_BAD_VALUE, "dropout: rate must lie between 0 and 1, got %g", a->rate);
    }
    if (!noise_fits(&a->noise_shape, x)) {
        return fail(LEGO_BAD_SHAPE,
                    "dropout: noise_shape %s does not broadcast to x's shape %s: each axis must "
                    "be as long as x's, or 1",
                    shape_text((int)a->noise_shape.count, a->noise_shape.values), array_text(x));
    }
    array_set(&call->y[0], x->dtype, x->rank, x->shape);
    return check_key(call, call->x[1]);
}

/* a is x, b is the factor. A dropped number is 0 even if x is NaN or infinite. */
BINARY_LOOP(drop_float32, float, float, b == 0 ? 0 : a * b)
BINARY_LOOP(drop_float64, double, double, b == 0 ? 0 : a * b)

/* The factors are written into y's memory if they have y's shape, else into scratch memory. */
static lego_status dropout_kernel(const lego_call *call) {
    const dropout_attributes *a = call->attributes;
    const lego_array *y = &call->y[0];
    lego_array factors = *y;
    if (a->noise_shape.count > 0) {
        array_set(&factors, y->dtype, (int)a->noise_shape.count, a->noise_shape.values);
    }
    bool needs_scratch = !array_same_shape(&factors, y);
    size_t bytes = (size_t)array_size(&factors) * lego_dtype_size(y->dtype);
    if (needs_scratch) {
        factors.data = memory_take(bytes);
        if (!factors.data) {
            return LEGO_NO_MEMORY;
        }
    }
    fill_keep_factors(key_of(call->x[1]), a->rate, &factors);
    const lego_array *x[] = {call->x[0], &factors};
    element_loop *loop = y->dtype == LEGO_FLOAT32 ? drop_float32 : drop_float64;
    lego_status status = map_elements(loop, x, 2, y);
    if (needs_scratch) {
        memory_give(factors.data, bytes);
    }
    return status;
}

/* y is linear in x: dx = dropout(dy) with the same key, which drops the same elements. */
static void dropout_gradient(gradient_context *g) {
    lego_tensor *both[] = {g->dy[0], g->x[1]};
    g->dx[0] = context_apply(g, "dropout", both, 2, g->attributes);
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick random_bricks[] = {
    {
        .name = "random_uniform",
        .formula = "y = low + (high - low) u with 0 <= u < 1",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .shape = random_uniform_shape,
        .kernel = random_uniform_kernel,
        .gradient = zero_gradient,
        .attributes =
            {{"shape", LEGO_INTS}, {"low", LEGO_FLOAT}, {"high", LEGO_FLOAT}, {"dtype", LEGO_INT}},
    },
    {
        .name = "uniform_rows",
        .formula = "y[i] = u with 0 <= u < 1, drawn by keys[i]",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .flags = LEGO_DENSE,
        .shape = uniform_rows_shape,
        .kernel = uniform_rows_kernel,
        .gradient = zero_gradient,
        .attributes = {{"columns", LEGO_INT}, {"dtype", LEGO_INT}},
    },
    {
        .name = "random_normal",
        .formula = "y = mean + stddev z with z from the standard normal distribution",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .shape = random_normal_shape,
        .kernel = random_normal_kernel,
        .gradient = zero_gradient,
        .attributes = {{"shape", LEGO_INTS},
                       {"mean", LEGO_FLOAT},
                       {"stddev", LEGO_FLOAT},
                       {"dtype", LEGO_INT}},
    },
    {
        .name = "truncated_normal",
        .formula = "y = mean + stddev z with z from the standard normal distribution, |z| <= 2",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .shape = random_normal_shape,
        .kernel = truncated_normal_kernel,
        .gradient = zero_gradient,
        .attributes = {{"shape", LEGO_INTS},
                       {"mean", LEGO_FLOAT},
                       {"stddev", LEGO_FLOAT},
                       {"dtype", LEGO_INT}},
    },
    {
        .name = "random_integers",
        .formula = "y from low, low + 1, ..., high - 1",
        .inputs = 1,
        .outputs = 1,
        .types = "i",
        .shape = random_integers_shape,
        .kernel = random_integers_kernel,
        .gradient = zero_gradient,
        .attributes =
            {{"shape", LEGO_INTS}, {"low", LEGO_INT}, {"high", LEGO_INT}, {"dtype", LEGO_INT}},
    },
    {
        .name = "dropout",
        .formula = "y = x / (1 - rate) with probability 1 - rate, else 0",
        .inputs = 2,
        .outputs = 1,
        .types = "fi",
        .uses = ".n.",
        .shape = dropout_shape,
        .kernel = dropout_kernel,
        .gradient = dropout_gradient,
        .attributes = {{"rate", LEGO_FLOAT}, {"noise_shape", LEGO_INTS}},
    },
    {.name = NULL},
};
