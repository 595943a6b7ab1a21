/* Reducers: for every operation and dtype, the loops that combine numbers into totals. */
#include "reducer.h"

#include <math.h>

#include "elements.h"

/* REDUCER(sum_float32, float, double, 0, a + x) makes sum_float32_start and sum_float32_accumulate,
 * which combine each x of type float with a running total a of type double by a = a + x. The loop
 * over four dense rows at once has to be the fast one: it loads and stores each total once per four
 * numbers. */
#define REDUCER(name, in, out, identity, expression)                                               \
    static void name##_start(int64_t n, void *totals) {                                            \
        out *as = totals;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            as[i] = identity;                                                                      \
        }                                                                                          \
    }                                                                                              \
    ALIGNED_LOOP static void name##_accumulate(const reduce_matrix *m, void *totals) {             \
        out *as = totals;                                                                          \
        const int64_t rows = m->rows, stride = m->row_stride;                                      \
        const int64_t n = m->columns, column_stride = m->column_stride;                            \
        const in *xs = m->x;                                                                       \
        if (column_stride != 1 || n == 1) {                                                        \
            for (int64_t i = 0; i < n; i++, xs += column_stride) {                                 \
                out a = as[i];                                                                     \
                for (int64_t row = 0; row < rows; row++) {                                         \
                    const out x = xs[row * stride];                                                \
                    a = expression;                                                                \
                }                                                                                  \
                as[i] = a;                                                                         \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        int64_t row = 0;                                                                           \
        for (; row + 4 <= rows; row += 4, xs += 4 * stride) {                                      \
            EACH_ELEMENT {                                                                         \
                out a = as[i];                                                                     \
                out x = xs[i];                                                                     \
                a = expression;                                                                    \
                x = xs[i + stride];                                                                \
                a = expression;                                                                    \
                x = xs[i + 2 * stride];                                                            \
                a = expression;                                                                    \
                x = xs[i + 3 * stride];                                                            \
                a = expression;                                                                    \
                as[i] = a;                                                                         \
            }                                                                                      \
        }                                                                                          \
        for (; row < rows; row++, xs += stride) {                                                  \
            EACH_ELEMENT {                                                                         \
                const out a = as[i];                                                               \
                const out x = xs[i];                                                               \
                as[i] = expression;                                                                \
            }                                                                                      \
        }                                                                                          \
    }

REDUCER(sum_uint8, uint8_t, int32_t, 0, a + x)
REDUCER(sum_int32, int32_t, int32_t, 0, a + x)
REDUCER(sum_int64, int64_t, int64_t, 0, a + x)
REDUCER(sum_float32, float, double, 0, a + x)
REDUCER(sum_float64, double, double, 0, a + x)

REDUCER(prod_uint8, uint8_t, int32_t, 1, a *x)
REDUCER(prod_int32, int32_t, int32_t, 1, a *x)
REDUCER(prod_int64, int64_t, int64_t, 1, a *x)
REDUCER(prod_float32, float, double, 1, a *x)
REDUCER(prod_float64, double, double, 1, a *x)

REDUCER(max_uint8, uint8_t, uint8_t, 0, x > a ? x : a)
REDUCER(max_int32, int32_t, int32_t, INT32_MIN, x > a ? x : a)
REDUCER(max_int64, int64_t, int64_t, INT64_MIN, x > a ? x : a)
REDUCER(max_float32, float, float, -INFINITY, x > a || x != x ? x : a)
REDUCER(max_float64, double, double, -INFINITY, x > a || x != x ? x : a)

REDUCER(min_bool, uint8_t, uint8_t, 1, x < a ? x : a)
REDUCER(min_uint8, uint8_t, uint8_t, UINT8_MAX, x < a ? x : a)
REDUCER(min_int32, int32_t, int32_t, INT32_MAX, x < a ? x : a)
REDUCER(min_int64, int64_t, int64_t, INT64_MAX, x < a ? x : a)
REDUCER(min_float32, float, float, INFINITY, x < a || x != x ? x : a)
REDUCER(min_float64, double, double, INFINITY, x < a || x != x ? x : a)

/* ROW(sum_float32, LEGO_FLOAT64) is a reducer whose totals are float64. */
#define ROW(name, total) {total, name##_start, name##_accumulate}

/* In the order of lego_dtype: bool, uint8, int32, int64, float32, float64. A bool lies in memory as
 * a byte of 0 or 1: it uses the loops for uint8, except that its minimum starts with 1. */
static const reducer reducers[REDUCE_OPERATIONS][LEGO_DTYPE_COUNT] = {
    [REDUCE_SUM] = {ROW(sum_uint8, LEGO_INT32), ROW(sum_uint8, LEGO_INT32),
                    ROW(sum_int32, LEGO_INT32), ROW(sum_int64, LEGO_INT64),
                    ROW(sum_float32, LEGO_FLOAT64), ROW(sum_float64, LEGO_FLOAT64)},
    [REDUCE_MEAN] = {[LEGO_FLOAT32] = ROW(sum_float32, LEGO_FLOAT64),
                     [LEGO_FLOAT64] = ROW(sum_float64, LEGO_FLOAT64)},
    [REDUCE_PROD] = {ROW(prod_uint8, LEGO_INT32), ROW(prod_uint8, LEGO_INT32),
                     ROW(prod_int32, LEGO_INT32), ROW(prod_int64, LEGO_INT64),
                     ROW(prod_float32, LEGO_FLOAT64), ROW(prod_float64, LEGO_FLOAT64)},
    [REDUCE_MAX] = {ROW(max_uint8, LEGO_BOOL), ROW(max_uint8, LEGO_UINT8),
                    ROW(max_int32, LEGO_INT32), ROW(max_int64, LEGO_INT64),
                    ROW(max_float32, LEGO_FLOAT32), ROW(max_float64, LEGO_FLOAT64)},
    [REDUCE_MIN] = {ROW(min_bool, LEGO_BOOL), ROW(min_uint8, LEGO_UINT8),
                    ROW(min_int32, LEGO_INT32), ROW(min_int64, LEGO_INT64),
                    ROW(min_float32, LEGO_FLOAT32), ROW(min_float64, LEGO_FLOAT64)},
};

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype) {
    return &reducers[operation][dtype];
}

void reduce_join(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                 void *totals) {
    reduce_matrix m = {.x = others, .rows = 1, .columns = n, .column_stride = 1};
    reducer_for(operation, dtype)->accumulate(&m, totals);
}

/* ---- lanes ----------------------------------------------------------------------------------- */

void lanes_open(lanes *l, reduce_operation operation, lego_dtype dtype, int64_t rows,
                int64_t columns) {
    l->numbers = reducer_for(operation, dtype);
    l->operation = operation;
    l->number_bytes = (int64_t)lego_dtype_size(dtype);
    l->columns = columns;
    l->row_tile = 1;
    while (2 * l->row_tile * columns <= MOST_LANES && 8 * l->row_tile <= rows) {
        l->row_tile *= 2;
    }
    if (l->row_tile * columns <= MOST_LANES) {
        l->numbers->start(l->row_tile * columns, l->groups);
    }
}

void lanes_accumulate(lanes *l, const void *x, int64_t rows) {
    reduce_matrix wide = {
        .x = x,
        .rows = rows / l->row_tile,
        .row_stride = l->columns * l->row_tile,
        .columns = l->columns * l->row_tile,
        .column_stride = 1,
    };
    l->numbers->accumulate(&wide, l->groups);
    reduce_matrix rest = {
        .x = (const char *)x + wide.rows * wide.columns * l->number_bytes,
        .rows = rows % l->row_tile,
        .row_stride = l->columns,
        .columns = l->columns,
        .column_stride = 1,
    };
    l->numbers->accumulate(&rest, l->groups);
}

void lanes_close(lanes *l, void *totals) {
    lego_dtype dtype = l->numbers->total;
    int64_t group = l->columns * (int64_t)lego_dtype_size(dtype);
    for (int64_t half = l->row_tile / 2; half > 0; half /= 2) {
        reduce_join(l->operation, dtype, half * l->columns, l->groups + half * group, l->groups);
    }
    reduce_join(l->operation, dtype, l->columns, l->groups, totals);
}
