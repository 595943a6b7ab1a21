/* Bricks that make tensors (full, arange, eye, copy, cast, tril, triu) and the one that writes
 * variables (assign). */
#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "../kernels/convert.h"
#include "../kernels/elements.h"
#include "../kernels/move.h"
#include "../kernels/triangle.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

static lego_status check_dtype(const lego_call *call, int64_t dtype) {
    if (!dtype_is_valid(dtype)) {
        return fail(LEGO_BAD_DTYPE, "%s: %lld is not a dtype", call->brick->name, (long long)dtype);
    }
    return LEGO_OK;
}

/* ---- full: y = value ----------------------------------------------------------------------- */

typedef struct full_attributes {
    lego_ints shape;
    double value;
    int64_t dtype;
} full_attributes;

static lego_status full_shape(const lego_call *call) {
    const full_attributes *a = call->attributes;
    lego_status status = check_dtype(call, a->dtype);
    if (status == LEGO_OK) {
        status = array_check("full", (lego_dtype)a->dtype, (int)a->shape.count, a->shape.values);
    }
    if (status == LEGO_OK) {
        array_set(&call->y[0], (lego_dtype)a->dtype, (int)a->shape.count, a->shape.values);
    }
    return status;
}

static lego_status full_kernel(const lego_call *call) {
    const full_attributes *a = call->attributes;
    fill_elements(&call->y[0], a->value);
    return LEGO_OK;
}

/* ---- arange: y[i] = start + i step ---------------------------------------------------------- */

typedef struct arange_attributes {
    double start;
    double step;
    int64_t count;
    int64_t dtype;
} arange_attributes;

/* Whether x is a whole number that a double holds exactly: up to 2^53. Elements are computed in
 * int64. */
static bool is_exact(double x) {
    const double most = 9007199254740992.0;
    return x >= -most && x <= most && x == (double)(int64_t)x;
}

/* Computes the last element, because the first and the last are the extremes. Returns false if it
 * does not fit into int64. */
static bool find_last(const arange_attributes *a, int64_t *last) {
    int64_t distance;
    return size_multiply(a->count - 1, (int64_t)a->step, &distance) &&
           !__builtin_add_overflow((int64_t)a->start, distance, last);
}

static bool dtype_holds(lego_dtype dtype, int64_t x) {
    return x >= dtype_smallest(dtype) && x <= dtype_largest(dtype);
}

static lego_status check_integers(const arange_attributes *a) {
    lego_dtype dtype = (lego_dtype)a->dtype;
    int64_t last;
    if (!is_exact(a->start) || !is_exact(a->step)) {
        return fail(LEGO_BAD_VALUE,
                    "arange: %s needs whole numbers up to 2^53, got start %.17g and step %.17g",
                    lego_dtype_name(dtype), a->start, a->step);
    }
    bool fits = a->count == 0 || (dtype_holds(dtype, (int64_t)a->start) && find_last(a, &last) &&
                                  dtype_holds(dtype, last));
    if (!fits) {
        return fail(LEGO_BAD_VALUE, "arange: %s does not hold %lld numbers from %.17g by %.17g",
                    lego_dtype_name(dtype), (long long)a->count, a->start, a->step);
    }
    return LEGO_OK;
}

static lego_status arange_shape(const lego_call *call) {
    const arange_attributes *a = call->attributes;
    lego_status status = check_dtype(call, a->dtype);
    if (status == LEGO_OK && a->dtype == LEGO_BOOL) {
        status = fail(LEGO_BAD_DTYPE, "arange: bool cannot count");
    }
    if (status == LEGO_OK) {
        status = array_check("arange", (lego_dtype)a->dtype, 1, &a->count);
    }
    if (status == LEGO_OK && dtype_is_integer((lego_dtype)a->dtype)) {
        status = check_integers(a);
    }
    if (status == LEGO_OK) {
        array_set(&call->y[0], (lego_dtype)a->dtype, 1, &a->count);
    }
    return status;
}

typedef struct arange_work {
    const arange_attributes *attributes;
    const lego_array *y;
} arange_work;

enum { ARANGE_BLOCK = 256 };

/* Floats are computed in double, integers in int64; both are converted block by block. Whole blocks
 * are computed, so that the loops are vectors and nothing else. */
static void count_floats(const arange_attributes *a, int64_t begin, int64_t n,
                         element_loop *convert, void *y) {
    double numbers[ARANGE_BLOCK];
    const void *inputs[] = {numbers};
    const int64_t steps[] = {1};
    const double start = a->start, step = a->step, first = (double)begin;
    _Pragma("omp simd") for (int i = 0; i < ARANGE_BLOCK; i++) {
        numbers[i] = start + (first + i) * step;
    }
    convert(n, inputs, steps, y);
}

static void count_integers(const arange_attributes *a, int64_t begin, int64_t n,
                           element_loop *convert, void *y) {
    int64_t numbers[ARANGE_BLOCK];
    const void *inputs[] = {numbers};
    const int64_t steps[] = {1};
    const int64_t step = (int64_t)a->step;
    int64_t next = (int64_t)a->start + begin * step;
    for (int i = 0; i < ARANGE_BLOCK; i++) {
        numbers[i] = next;
        next += step;
    }
    convert(n, inputs, steps, y);
}

static void count_range(void *context, int64_t begin, int64_t end) {
    const arange_work *work = context;
    lego_dtype dtype = work->y->dtype;
    bool is_float = dtype_is_float(dtype);
    element_loop *convert = convert_loop(is_float ? LEGO_FLOAT64 : LEGO_INT64, dtype);
    for (; begin < end; begin += ARANGE_BLOCK) {
        int64_t n = smaller(ARANGE_BLOCK, end - begin);
        void *y = (char *)work->y->data + begin * (int64_t)lego_dtype_size(dtype);
        (is_float ? count_floats : count_integers)(work->attributes, begin, n, convert, y);
    }
}

static lego_status arange_kernel(const lego_call *call) {
    arange_work work = {call->attributes, &call->y[0]};
    threads_run(array_size(&call->y[0]), threads_grain(1), count_range, &work);
    return LEGO_OK;
}

/* ---- eye: y[i, i + k] = 1, 0 elsewhere ------------------------------------------------------ */

typedef struct eye_attributes {
    int64_t rows;
    int64_t columns;
    int64_t k;
    int64_t dtype;
} eye_attributes;

static lego_status eye_shape(const lego_call *call) {
    const eye_attributes *a = call->attributes;
    const int64_t shape[] = {a->rows, a->columns};
    lego_status status = check_dtype(call, a->dtype);
    if (status == LEGO_OK) {
        status = array_check("eye", (lego_dtype)a->dtype, 2, shape);
    }
    if (status == LEGO_OK) {
        array_set(&call->y[0], (lego_dtype)a->dtype, 2, shape);
    }
    return status;
}

static lego_status eye_kernel(const lego_call *call) {
    const eye_attributes *a = call->attributes;
    const lego_array *y = &call->y[0];
    fill_elements(y, 0);
    if (a->k > -a->rows && a->k < a->columns) {
        int64_t row = larger(0, -a->k);
        int64_t column = larger(0, a->k);
        const int64_t length = smaller(a->rows - row, a->columns - column);
        lego_array diagonal = {.dtype = y->dtype, .rank = 1, .shape = {length}};
        diagonal.strides[0] = a->columns + 1;
        diagonal.data =
            (char *)y->data + (row * a->columns + column) * (int64_t)lego_dtype_size(y->dtype);
        fill_elements(&diagonal, 1);
    }
    return LEGO_OK;
}

/* ---- tril, triu: y[..., i, j] = x[..., i, j] if j <= i + k, or if j >= i + k; else 0 ----------
 */

typedef struct triangle_attributes {
    int64_t k;
} triangle_attributes;

static lego_status triangle_shape(const lego_call *call) {
    const lego_array *x = call->x[0];
    if (x->rank < 2) {
        return fail(LEGO_BAD_SHAPE, "%s needs at least two axes, got shape %s", call->brick->name,
                    array_text(x));
    }
    return same_shape(call);
}

static lego_status tril_kernel(const lego_call *call) {
    const triangle_attributes *a = call->attributes;
    triangle_copy(call->x[0], (triangle){.k = a->k}, &call->y[0]);
    return LEGO_OK;
}

static lego_status triu_kernel(const lego_call *call) {
    const triangle_attributes *a = call->attributes;
    triangle_copy(call->x[0], (triangle){.k = a->k, .is_upper = true}, &call->y[0]);
    return LEGO_OK;
}

/* dx is the same triangle of dy. */
static void tril_gradient(gradient_context *g) {
    g->dx[0] = context_apply(g, "tril", g->dy, 1, g->attributes);
}

static void triu_gradient(gradient_context *g) {
    g->dx[0] = context_apply(g, "triu", g->dy, 1, g->attributes);
}

/* ---- copy: y = x, in row-major order -------------------------------------------------------- */

static element_loop *copy_loop(const lego_call *call) {
    return convert_loop(call->x[0]->dtype, call->x[0]->dtype);
}

static lego_status copy_kernel(const lego_call *call) {
    move_elements(call->x[0], &call->y[0]);
    return LEGO_OK;
}

static void copy_gradient(gradient_context *g) {
    g->dx[0] = g->dy[0];
}

/* ---- cast: y = x in another dtype ----------------------------------------------------------- */

typedef struct cast_attributes {
    int64_t dtype;
} cast_attributes;

static lego_status cast_shape(const lego_call *call) {
    const cast_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    lego_status status = check_dtype(call, a->dtype);
    if (status == LEGO_OK) {
        array_set(&call->y[0], (lego_dtype)a->dtype, x->rank, x->shape);
    }
    return status;
}

static element_loop *cast_loop(const lego_call *call) {
    return convert_loop(call->x[0]->dtype, call->y[0].dtype);
}

static void cast_gradient(gradient_context *g) {
    g->dx[0] = cast_like(g, g->dy[0], g->x[0]);
}

/* ---- assign: variable = value --------------------------------------------------------------- */

static lego_status assign_shape(const lego_call *call) {
    const lego_array *variable = call->x[0];
    const lego_array *value = call->x[1];
    if (!array_same_shape(variable, value)) {
        return fail(LEGO_BAD_SHAPE, "assign: the variable has shape %s, the value %s",
                    array_text(variable), array_text(value));
    }
    if (variable->dtype != value->dtype) {
        return fail(LEGO_BAD_DTYPE, "assign: the variable is %s, the value %s: cast it first",
                    lego_dtype_name(variable->dtype), lego_dtype_name(value->dtype));
    }
    call->y[0] = *variable;
    call->views[0].is_view = true;
    return LEGO_OK;
}

static element_loop *assign_loop(const lego_call *call) {
    return convert_loop(call->x[1]->dtype, call->y[0].dtype);
}

static lego_status assign_kernel(const lego_call *call) {
    move_elements(call->x[1], &call->y[0]);
    return LEGO_OK;
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick creation_bricks[] = {
    {
        .name = "full",
        .formula = "y = value",
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = full_shape,
        .kernel = full_kernel,
        .gradient = zero_gradient,
        .attributes = {{"shape", LEGO_INTS}, {"value", LEGO_FLOAT}, {"dtype", LEGO_INT}},
    },
    {
        .name = "arange",
        .formula = "y[i] = start + i step",
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = arange_shape,
        .kernel = arange_kernel,
        .gradient = zero_gradient,
        .attributes =
            {{"start", LEGO_FLOAT}, {"step", LEGO_FLOAT}, {"count", LEGO_INT}, {"dtype", LEGO_INT}},
    },
    {
        .name = "eye",
        .formula = "y[i, j] = 1 if j = i + k, else 0",
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = eye_shape,
        .kernel = eye_kernel,
        .gradient = zero_gradient,
        .attributes =
            {{"rows", LEGO_INT}, {"columns", LEGO_INT}, {"k", LEGO_INT}, {"dtype", LEGO_INT}},
    },
    {
        .name = "tril",
        .formula = "y[i, j] = x[i, j] if j <= i + k, else 0",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = triangle_shape,
        .kernel = tril_kernel,
        .gradient = tril_gradient,
        .attributes = {{"k", LEGO_INT}},
    },
    {
        .name = "triu",
        .formula = "y[i, j] = x[i, j] if j >= i + k, else 0",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = triangle_shape,
        .kernel = triu_kernel,
        .gradient = triu_gradient,
        .attributes = {{"k", LEGO_INT}},
    },
    {
        .name = "copy",
        .formula = "y = x",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ROW_MAJOR | LEGO_ANY_DTYPE,
        .shape = same_shape,
        .kernel = copy_kernel,
        .gradient = copy_gradient,
        .choose_loop = copy_loop,
    },
    {
        .name = "cast",
        .formula = "y = x",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_ANY_DTYPE,
        .shape = cast_shape,
        .kernel = elementwise_kernel,
        .gradient = cast_gradient,
        .choose_loop = cast_loop,
        .attributes = {{"dtype", LEGO_INT}},
    },
    {
        .name = "assign",
        .formula = "x := value",
        .inputs = 2,
        .outputs = 1,
        .types = ".",
        .flags = LEGO_WRITES | LEGO_ANY_DTYPE,
        .shape = assign_shape,
        .kernel = assign_kernel,
        .gradient = no_gradient,
        .choose_loop = assign_loop,
    },
    {.name = NULL},
};
