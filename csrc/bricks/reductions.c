/* Reductions over any axes: sum, mean, prod, max, min, any, all, count_nonzero, norm, and sum_to,
 * the gradient of broadcasting. */
#include <float.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "../kernels/reduce.h"
#include "../kernels/reduce_columns.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "product_tree.h"
#include "shape_rules.h"

typedef struct reduction_attributes {
    lego_ints axes;
    int64_t keepdims;
} reduction_attributes;

/* Marks the axes that are reduced; fails if an axis does not exist or is named twice. */
static lego_status mark_axes(const char *who, const lego_ints *axes, int rank, bool *is_reduced) {
    memset(is_reduced, 0, sizeof(bool) * LEGO_MAX_RANK);
    if (axes->count < 0 || axes->count > rank) {
        return fail(LEGO_BAD_SHAPE, "%s: there are %lld axes to reduce, but the tensor has %d", who,
                    (long long)axes->count, rank);
    }
    for (int i = 0; i < axes->count; i++) {
        int64_t axis = axes->values[i];
        lego_status status = axis_normalize(who, rank, &axis);
        if (status) {
            return status;
        }
        if (is_reduced[axis]) {
            return fail(LEGO_BAD_VALUE, "%s: axis %lld comes twice in axes %s", who,
                        (long long)axis, shape_text((int)axes->count, axes->values));
        }
        is_reduced[axis] = true;
    }
    return LEGO_OK;
}

/* ---- shapes -------------------------------------------------------------------------------- */

/* The shape of the result: reduced axes keep a length of 1 with keepdims, else they are removed. */
static int reduced_shape(const lego_array *x, const bool *is_reduced, bool keepdims,
                         int64_t *shape) {
    int rank = 0;
    for (int axis = 0; axis < x->rank; axis++) {
        if (!is_reduced[axis]) {
            shape[rank++] = x->shape[axis];
        } else if (keepdims) {
            shape[rank++] = 1;
        }
    }
    return rank;
}

static lego_status reduce_shape(const lego_call *call, lego_dtype dtype) {
    const reduction_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    bool is_reduced[LEGO_MAX_RANK];
    lego_status status = mark_axes(call->brick->name, &a->axes, x->rank, is_reduced);
    if (status) {
        return status;
    }
    int64_t shape[LEGO_MAX_RANK];
    int rank = reduced_shape(x, is_reduced, a->keepdims, shape);
    array_set(&call->y[0], dtype, rank, shape);
    return LEGO_OK;
}

static lego_status sum_shape(const lego_call *call) {
    return reduce_shape(call, dtype_rows[call->x[0]->dtype].sum);
}

static lego_status same_dtype_shape(const lego_call *call) {
    return reduce_shape(call, call->x[0]->dtype);
}

static lego_status count_shape(const lego_call *call) {
    return reduce_shape(call, LEGO_INT32);
}

/* An empty set of numbers has no maximum or minimum. */
static lego_status extreme_shape(const lego_call *call) {
    const reduction_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    lego_status status = same_dtype_shape(call);
    for (int i = 0; i < a->axes.count && !status; i++) {
        int axis = axis_from_first(a->axes.values[i], x->rank);
        if (x->shape[axis] == 0) {
            status = fail(LEGO_BAD_SHAPE, "%s: axis %d of shape %s is empty and has no %s",
                          call->brick->name, axis, array_text(x), call->brick->name);
        }
    }
    return status;
}

/* ---- kernels ------------------------------------------------------------------------------- */

static lego_status reduce_kernel(const lego_call *call, reduce_operation operation) {
    const reduction_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    bool is_reduced[LEGO_MAX_RANK];
    mark_axes(call->brick->name, &a->axes, x->rank, is_reduced);
    return reduce(operation, x, is_reduced, &call->y[0]);
}

static lego_status sum_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_SUM);
}

static lego_status mean_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_MEAN);
}

static lego_status prod_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_PROD);
}

static lego_status max_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_MAX);
}

static lego_status min_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_MIN);
}

static lego_status count_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_COUNT);
}

static lego_status norm_kernel(const lego_call *call) {
    return reduce_kernel(call, REDUCE_NORM);
}

/* ---- totals: reductions to one number inside a fused loop, block by block -------------------- */

_Static_assert(sizeof(running_line) <= RUNNING_BYTES, "a running total has no room for its lanes");
_Static_assert((int)MOST_LINE <= (int)WHOLE_LINE,
               "lines are reduced one by one as long as they are whole");

static void feed_total(void *running, const void *x, int64_t n) {
    running_feed(running, x, n, 1);
}

static void close_total(void *running, void *total) {
    running_close(running, total);
}

/* The columns of a matrix in a fused loop; the size of a number is known when the loop is opened.
 */
typedef struct running_block {
    running_columns columns;
    size_t bytes;
} running_block;

_Static_assert(sizeof(running_block) <= RUNNING_BYTES, "a running block has no room");
_Static_assert(2 * (int)NARROW_COLUMNS == (int)WIDE_COLUMNS &&
                   2 * (int)COLUMN_ROWS == (int)WIDE_COLUMNS,
               "rows are read side by side as long as they are narrow");

/* False: the kernel does not walk columns. */
static bool cut_columns(column_space *s) {
    s->chunk = columns_chunk(s->matrices, s->rows, s->columns);
    s->chunks = divide_up(s->rows, s->chunk);
    return columns_are_walked(s->columns);
}

static void open_block(reduce_operation operation, lego_dtype dtype, const column_block *b,
                       running_block *running) {
    const reducer *r = reducer_for(operation, dtype);
    char *totals = (char *)b->totals + (size_t)b->first * lego_dtype_size(r->total);
    r->start(b->columns, totals);
    running->bytes = lego_dtype_size(dtype);
    running_columns_open(&running->columns, operation, dtype, b->columns,
                         rows_side_by_side(b->rows, b->all_columns), totals);
}

static void feed_block(void *running, const void *x, int64_t rows) {
    running_block *block = running;
    running_columns_feed(&block->columns, x, rows, block->bytes);
}

static void close_block(void *running) {
    running_columns_close(&((running_block *)running)->columns);
}

/* TOTAL(sum, REDUCE_SUM) makes sum_total. */
#define TOTAL(name, operation)                                                                     \
    static void open_##name(const lego_call *call, int64_t n, void *running) {                     \
        running_open(running, operation, call->x[0]->dtype, n);                                    \
    }                                                                                              \
    static void finish_##name(const lego_call *call, void *totals, int64_t chunks) {               \
        const lego_array *x = call->x[0];                                                          \
        total_finish(operation, x->dtype, totals, chunks, array_size(x), &call->y[0]);             \
    }                                                                                              \
    static void lines_##name(lego_dtype dtype, const void *x, int64_t count, int64_t n,            \
                             lego_dtype y_dtype, void *y) {                                        \
        reduce_lines(operation, dtype, x, count, n, y_dtype, y);                                   \
    }                                                                                              \
    static void open_##name##_block(const lego_call *call, const column_block *b, void *running) { \
        open_block(operation, call->x[0]->dtype, b, running);                                      \
    }                                                                                              \
    static void finish_##name##_columns(const lego_call *call, const column_space *s,              \
                                        void *totals) {                                            \
        columns_finish(operation, call->x[0], totals, s->chunks, s->rows, s->columns,              \
                       &call->y[0]);                                                               \
    }                                                                                              \
    static const total_faces name##_total = {                                                      \
        .chunk = total_chunk,                                                                      \
        .open = open_##name,                                                                       \
        .feed = feed_total,                                                                        \
        .close = close_total,                                                                      \
        .finish = finish_##name,                                                                   \
        .lines = lines_##name,                                                                     \
        .cut_columns = cut_columns,                                                                \
        .open_columns = open_##name##_block,                                                       \
        .feed_columns = feed_block,                                                                \
        .close_columns = close_block,                                                              \
        .finish_columns = finish_##name##_columns,                                                 \
    };

TOTAL(sum, REDUCE_SUM)
TOTAL(mean, REDUCE_MEAN)
TOTAL(prod, REDUCE_PROD)
TOTAL(max, REDUCE_MAX)
TOTAL(min, REDUCE_MIN)
TOTAL(count, REDUCE_COUNT)
TOTAL(norm, REDUCE_NORM)

/* ---- gradients ----------------------------------------------------------------------------- */

/* A tensor of y's shape, where reduced axes have a length of 1 again, so that it broadcasts to
 * x. */
static lego_tensor *with_reduced_axes(gradient_context *g, lego_tensor *y) {
    const reduction_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    bool is_reduced[LEGO_MAX_RANK];
    mark_axes(g->brick->name, &a->axes, x->rank, is_reduced);
    int64_t shape[LEGO_MAX_RANK];
    int rank = reduced_shape(x, is_reduced, true, shape);
    return reshape(g, y, rank, shape);
}

/* How many numbers are reduced to one. */
static double reduced_count(const gradient_context *g) {
    const reduction_attributes *a = g->attributes;
    const lego_array *x = &g->x[0]->array;
    double count = 1;
    for (int i = 0; i < a->axes.count; i++) {
        count *= (double)x->shape[axis_from_first(a->axes.values[i], x->rank)];
    }
    return count;
}

/* dx = dy for each number of the sum */
static void sum_gradient(gradient_context *g) {
    g->dx[0] = broadcast_like(g, with_reduced_axes(g, g->dy[0]), g->x[0]);
}

/* dx = dy / n */
static void mean_gradient(gradient_context *g) {
    lego_tensor *share = over(g, g->dy[0], number(g, reduced_count(g), g->dy[0]));
    g->dx[0] = broadcast_like(g, with_reduced_axes(g, share), g->x[0]);
}

/* dx = dy [x = y] / n, where n numbers equal y */
static void extreme_gradient(gradient_context *g) {
    const reduction_attributes *a = g->attributes;
    lego_tensor *y = with_reduced_axes(g, g->y[0]);
    lego_tensor *dy = with_reduced_axes(g, g->dy[0]);
    lego_tensor *is_extreme = cast_like(g, apply2(g, "equal", g->x[0], y), g->x[0]);
    lego_tensor *n = sum_over(g, is_extreme, &a->axes);
    g->dx[0] = times(g, is_extreme, over(g, dy, n));
}

/* dx_i = dy prod of x_j for all j but i */
static void prod_gradient(gradient_context *g) {
    const reduction_attributes *a = g->attributes;
    bool is_reduced[LEGO_MAX_RANK];
    mark_axes(g->brick->name, &a->axes, g->x[0]->array.rank, is_reduced);
    g->dx[0] = product_tree_gradient(g, g->x[0], is_reduced, g->dy[0]);
}

/* dx = x dy / y. A length of 0 has no slope: it grows in whichever direction one goes. It is held
 * above 0, so that dx is 0 there. */
static void norm_gradient(gradient_context *g) {
    lego_tensor *y = with_reduced_axes(g, g->y[0]);
    lego_tensor *dy = with_reduced_axes(g, g->dy[0]);
    double least = g->x[0]->array.dtype == LEGO_FLOAT32 ? FLT_MIN : DBL_MIN;
    lego_tensor *above_0 = apply2(g, "maximum", y, number(g, least, y));
    g->dx[0] = times(g, g->x[0], over(g, dy, above_0));
}

/* ---- sum_to: sums x to a shape that broadcasts to x's shape --------------------------------- */

typedef struct sum_to_attributes {
    lego_ints shape;
} sum_to_attributes;

static lego_status sum_to_shape(const lego_call *call) {
    const sum_to_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    bool fits = a->shape.count >= 0 && a->shape.count <= x->rank;
    for (int back = 1; fits && back <= a->shape.count; back++) {
        int64_t wanted = a->shape.values[a->shape.count - back];
        fits = wanted == 1 || wanted == x->shape[x->rank - back];
    }
    if (!fits) {
        return fail(LEGO_BAD_SHAPE, "sum_to: shape %s does not broadcast to %s",
                    shape_text((int)a->shape.count, a->shape.values), array_text(x));
    }
    array_set(&call->y[0], dtype_rows[x->dtype].sum, (int)a->shape.count, a->shape.values);
    return LEGO_OK;
}

static lego_status sum_to_kernel(const lego_call *call) {
    const lego_array *x = call->x[0];
    const lego_array *y = &call->y[0];
    int more_axes = x->rank - y->rank;
    bool is_reduced[LEGO_MAX_RANK];
    for (int axis = 0; axis < x->rank; axis++) {
        is_reduced[axis] = axis < more_axes || y->shape[axis - more_axes] != x->shape[axis];
    }
    return reduce(REDUCE_SUM, x, is_reduced, y);
}

static void sum_to_gradient(gradient_context *g) {
    g->dx[0] = broadcast_like(g, g->dy[0], g->x[0]);
}

/* ---- the family ----------------------------------------------------------------------------- */

/* The attributes in the order of reduction_attributes. */
#define REDUCTION_ATTRIBUTES                                                                       \
    {                                                                                              \
        {"axes", LEGO_INTS}, {                                                                     \
            "keepdims", LEGO_INT                                                                   \
        }                                                                                          \
    }

const lego_brick reductions_bricks[] = {
    {
        .name = "sum",
        .formula = "y = sum of x",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = sum_shape,
        .kernel = sum_kernel,
        .gradient = sum_gradient,
        .total = &sum_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "mean",
        .formula = "y = sum of x / n",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .shape = same_dtype_shape,
        .kernel = mean_kernel,
        .gradient = mean_gradient,
        .total = &mean_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "prod",
        .formula = "y = product of x",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .uses = "n",
        .shape = sum_shape,
        .kernel = prod_kernel,
        .gradient = prod_gradient,
        .total = &prod_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "max",
        .formula = "y = max of x",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = extreme_shape,
        .kernel = max_kernel,
        .gradient = extreme_gradient,
        .total = &max_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "min",
        .formula = "y = min of x",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = extreme_shape,
        .kernel = min_kernel,
        .gradient = extreme_gradient,
        .total = &min_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "any",
        .formula = "y = x1 or x2 or ...",
        .inputs = 1,
        .outputs = 1,
        .types = "b",
        .shape = same_dtype_shape,
        .kernel = max_kernel,
        .gradient = no_gradient,
        .total = &max_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "all",
        .formula = "y = x1 and x2 and ...",
        .inputs = 1,
        .outputs = 1,
        .types = "b",
        .shape = same_dtype_shape,
        .kernel = min_kernel,
        .gradient = no_gradient,
        .total = &min_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "count_nonzero",
        .formula = "y = how many x are not 0",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = count_shape,
        .kernel = count_kernel,
        .gradient = no_gradient,
        .total = &count_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "norm",
        .formula = "y = root of sum of x^2",
        .inputs = 1,
        .outputs = 1,
        .types = "f",
        .uses = "n",
        .flags = LEGO_USES_Y,
        .shape = same_dtype_shape,
        .kernel = norm_kernel,
        .gradient = norm_gradient,
        .total = &norm_total,
        .attributes = REDUCTION_ATTRIBUTES,
    },
    {
        .name = "sum_to",
        .formula = "y = sum of x over the axes that broadcasting made",
        .inputs = 1,
        .outputs = 1,
        .types = ".",
        .shape = sum_to_shape,
        .kernel = sum_to_kernel,
        .gradient = sum_to_gradient,
        .total = &sum_total,
        .attributes = {{"shape", LEGO_INTS}},
    },
    {.name = NULL},
};
