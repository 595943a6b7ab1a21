/* Reducers: how the numbers of one dtype are joined, for every operation. */
#include "reducer.h"

#include <math.h>

#include "elements.h"

/* REDUCER(sum_float32, float, double, 0, a + x) makes sum_float32_start and sum_float32_fold,
 * which join each x of type float to a running total a of type double by a = a + x. The middle
 * loop, four dense rows at once, is the one that has to be fast: it reads and writes the totals a
 * quarter as often as the numbers. */
#define REDUCER(name, in, out, identity, expression)                                               \
    static void name##_start(int64_t n, void *totals) {                                            \
        out *as = totals;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            as[i] = identity;                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void name##_fold(const reduce_matrix *m, void *totals) {                                \
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

/* A bool lies in memory as 0 or 1 of one byte: the loops for uint8 do for it. */
static const reducer reducers[REDUCE_OPERATIONS][LEGO_DTYPE_COUNT] = {
    [REDUCE_SUM] =
        {
            [LEGO_BOOL] = {LEGO_INT32, sum_uint8_start, sum_uint8_fold},
            [LEGO_UINT8] = {LEGO_INT32, sum_uint8_start, sum_uint8_fold},
            [LEGO_INT32] = {LEGO_INT32, sum_int32_start, sum_int32_fold},
            [LEGO_INT64] = {LEGO_INT64, sum_int64_start, sum_int64_fold},
            [LEGO_FLOAT32] = {LEGO_FLOAT64, sum_float32_start, sum_float32_fold},
            [LEGO_FLOAT64] = {LEGO_FLOAT64, sum_float64_start, sum_float64_fold},
        },
    [REDUCE_MEAN] =
        {
            [LEGO_FLOAT32] = {LEGO_FLOAT64, sum_float32_start, sum_float32_fold},
            [LEGO_FLOAT64] = {LEGO_FLOAT64, sum_float64_start, sum_float64_fold},
        },
    [REDUCE_PROD] =
        {
            [LEGO_BOOL] = {LEGO_INT32, prod_uint8_start, prod_uint8_fold},
            [LEGO_UINT8] = {LEGO_INT32, prod_uint8_start, prod_uint8_fold},
            [LEGO_INT32] = {LEGO_INT32, prod_int32_start, prod_int32_fold},
            [LEGO_INT64] = {LEGO_INT64, prod_int64_start, prod_int64_fold},
            [LEGO_FLOAT32] = {LEGO_FLOAT64, prod_float32_start, prod_float32_fold},
            [LEGO_FLOAT64] = {LEGO_FLOAT64, prod_float64_start, prod_float64_fold},
        },
    [REDUCE_MAX] =
        {
            [LEGO_BOOL] = {LEGO_BOOL, max_uint8_start, max_uint8_fold},
            [LEGO_UINT8] = {LEGO_UINT8, max_uint8_start, max_uint8_fold},
            [LEGO_INT32] = {LEGO_INT32, max_int32_start, max_int32_fold},
            [LEGO_INT64] = {LEGO_INT64, max_int64_start, max_int64_fold},
            [LEGO_FLOAT32] = {LEGO_FLOAT32, max_float32_start, max_float32_fold},
            [LEGO_FLOAT64] = {LEGO_FLOAT64, max_float64_start, max_float64_fold},
        },
    [REDUCE_MIN] =
        {
            [LEGO_BOOL] = {LEGO_BOOL, min_bool_start, min_bool_fold},
            [LEGO_UINT8] = {LEGO_UINT8, min_uint8_start, min_uint8_fold},
            [LEGO_INT32] = {LEGO_INT32, min_int32_start, min_int32_fold},
            [LEGO_INT64] = {LEGO_INT64, min_int64_start, min_int64_fold},
            [LEGO_FLOAT32] = {LEGO_FLOAT32, min_float32_start, min_float32_fold},
            [LEGO_FLOAT64] = {LEGO_FLOAT64, min_float64_start, min_float64_fold},
        },
};

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype) {
    return &reducers[operation][dtype];
}
