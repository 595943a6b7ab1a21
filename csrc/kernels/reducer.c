/* Reducers: for every operation and dtype, the loops that combine numbers into totals. */
#include "reducer.h"

#include <math.h>
#include <string.h>

#include "doubles.h"
#include "elements.h"
#include "move.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE  __attribute__((noinline)) /* totals stay in registers: one loop a function */

enum {
    SUM_LANES = 16, /* of a line: as many totals as hide the latency of an addition */
    BLOCK = 8,      /* columns that are combined at once */
    AHEAD = 64,     /* columns of later rows that are asked for at once */
    LATER = 8,      /* rows from those that are combined to those that are asked for */
    FAR = 256,      /* bytes from row to row */
    BESIDE = 8      /* outputs of strided or short lines that are combined side by side */
};

#define EACH_OF(count, i) _Pragma("omp simd") for (int i = 0; i < (count); i++)

/* Lanes of extremes: a comparison and a choice take longer than an addition. Of eight bytes each
 * they are four vectors of AVX2, which has room for as many that keep NaNs of floats. To combine
 * these takes longer than short lines side by side. */
#define EXTREME_LANES(type) (sizeof(type) == 8 ? 16 : 32)

typedef enum reducer_kind { SUM, EXTREME, FLOAT_EXTREME, RARE } reducer_kind;

#define LANES(kind, type) ((kind) == SUM ? SUM_LANES : EXTREME_LANES(type))
#define LEAST(kind, type) ((kind) == FLOAT_EXTREME ? 2 * MOST_LANES : LANES(kind, type))

/* REDUCER(sum_float32, float, double, SUM, 0, x, a + x) makes the loops of a reducer, which
 * make a term of type double of each x of type float, here x itself, and combine it with a running
 * total a by a = a + x. An extreme of floats is written for numbers, and keeps a NaN that it has:
 * combine() takes one in. There are three ways through memory, and each is a loop over vectors:
 *
 *   columns   dense rows: totals[n] is combined with four rows at once, so that a total is loaded
 *             and stored once per four numbers
 *   lines     dense columns: number i goes to lane i % lanes, and the lanes are combined in halves,
 *             the last ones of eight lines at once: a comparison is a branch outside of a vector.
 *             The numbers that are left at the end go to the last lanes: a whole vector is read
 *             again, and what has been counted is replaced by the identity; an extreme may count
 *             it twice. Sums and products
 *             combine two numbers with each other before a lane waits for them. Extremes of floats
 *             keep a NaN beside the lanes, so that a lane waits for one instruction a number, not
 *             for two comparisons and a choice
 *   beside    neither, or short lines: the totals of eight of them side by side
 *
 * The number of lanes is the same for all instruction sets, and so are the bits. */
#define REDUCER(name, in, out, kind, identity, term, expression)                                   \
    OPERATION(name, in, in, out, kind, identity, term, expression)                                 \
    BY_LOOPS(name, in, out, LANES(kind, in))                                                       \
    WAYS(name, in, out, kind, identity)

/* A reducer of float32 whose totals are in double: vectors of these are made where the floats lie.
 */
#define DOUBLE_REDUCER(name, identity, term, expression)                                           \
    OPERATION(name, float, double, double, SUM, identity, term, expression)                        \
    BY_DOUBLES(name, term, expression)                                                             \
    WAYS(name, float, double, SUM, identity)

#define WAYS(name, in, out, kind, identity)                                                        \
    COLUMNS(name, in, out)                                                                         \
    enum { name##_lane_count = LANES(kind, in), name##_least = LEAST(kind, in) };                  \
    LINES(name, in, out, kind, name##_lane_count, identity)                                        \
    FEED(name, in, out, name##_lane_count, identity)                                               \
    BESIDE_EACH_OTHER(name, in, out)                                                               \
    static void name##_accumulate(const reduce_matrix *m, void *totals) {                          \
        if (m->column_stride == 1 && m->columns > 1) {                                             \
            name##_columns(m, totals);                                                             \
        } else if (m->row_stride == 1 && m->rows >= name##_least) {                                \
            name##_lines(m, totals);                                                               \
        } else if (m->columns == 1 && m->rows >= name##_least) {                                   \
            name##_line(m, totals);                                                                \
        } else {                                                                                   \
            name##_strided(m, totals);                                                             \
        }                                                                                          \
    }

/* A reducer for what is rarely asked for, and gives the same bits in any order: one way through
 * memory, without lanes. It is an eighth as long. */
#define RARE_REDUCER(name, in, out, identity, term, expression)                                    \
    OPERATION(name, in, in, out, RARE, identity, term, expression)                                 \
    enum { name##_lane_count = 1, name##_least = 1 };                                              \
    BESIDE_EACH_OTHER(name, in, out)                                                               \
    static void name##_accumulate(const reduce_matrix *m, void *totals) {                          \
        name##_strided(m, totals);                                                                 \
    }                                                                                              \
    static void name##_feed(int64_t n, const void *x, int64_t step, void *running) {               \
        name##_strided(&(reduce_matrix){x, n, step, 1, 1}, running);                               \
    }                                                                                              \
    static void name##_close(void *running, void *total) {                                         \
        *(out *)total = name##_combine(*(out *)total, *(out *)running);                            \
    }

/* What a reducer starts with, and how it combines a number; terms are computed in `number`. */
#define OPERATION(name, in, number, out, kind, identity, term, expression)                         \
    static void name##_start(int64_t n, void *totals) {                                            \
        out *as = totals;                                                                          \
        _Pragma("omp simd") for (int64_t i = 0; i < n; i++) {                                      \
            as[i] = identity;                                                                      \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE out name##_term(in from) {                                                \
        const number x = from;                                                                     \
        return (out)(term);                                                                        \
    }                                                                                              \
    static ALWAYS_INLINE out name##_number(out a, out x) {                                         \
        return expression;                                                                         \
    }                                                                                              \
    static ALWAYS_INLINE out name##_combine(out a, out x) {                                        \
        return (kind) == FLOAT_EXTREME && x != x ? x : name##_number(a, x);                        \
    }                                                                                              \
    static ALWAYS_INLINE out name##_with(out a, in x) {                                            \
        return name##_combine(a, name##_term(x));                                                  \
    }

/* Lanes are filled from numbers that are adjacent: others are copied first, block by block. Loops
 * of their own take longer, and would be a fifth of this file. */
static void feed_copies(reducer_feed *feed, size_t bytes, int64_t n, const void *x, int64_t step,
                        void *lanes) {
    enum { ROOM = 8192 }; /* for a multiple of MOST_LANES */
    _Alignas(CACHE_LINE) char copies[ROOM];
    const walk_axes line = {1, 2, {n}, {{step, 1}}}; /* one axis of two arrays */
    const char *from = x;
    for (int64_t left = n, count; left > 0; left -= count) {
        count = smaller(left, ROOM / (int64_t)bytes);
        move_walked(&line, bytes, from, copies, 0, count);
        feed(count, copies, 1, lanes);
        from += count * step * (int64_t)bytes;
    }
}

/* Asks for the first bytes of `rows` rows before they are needed. They go to the second cache: into
 * the first one they would not come in time, and push out what is read now. */
static ALWAYS_INLINE void prefetch_rows(const int rows, const void *x, int64_t stride,
                                        const int bytes) {
    for (int row = 0; row < rows; row++) {
        for (int byte = 0; byte < bytes; byte += CACHE_LINE) {
            __builtin_prefetch((const char *)x + row * stride + byte, 0, 2);
        }
    }
}

/* The innermost loops: `count` columns of some rows, a multiple of BLOCK, and two numbers for each
 * lane. */
#define BY_LOOPS(name, in, out, lanes)                                                             \
    enum { name##_takes_three_rows = false };                                                      \
    static ALWAYS_INLINE void name##_some(const int rows, int64_t count, int64_t stride,           \
                                          const in *xs, out *as) {                                 \
        _Pragma("omp simd") for (int64_t i = 0; i < count; i++) {                                  \
            out a = as[i];                                                                         \
            for (int row = 0; row < rows; row++) {                                                 \
                a = name##_with(a, xs[i + row * stride]);                                          \
            }                                                                                      \
            as[i] = a;                                                                             \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void name##_pairs(const in *xs, out *all) {                               \
        EACH_OF(lanes, lane) {                                                                     \
            const out both = name##_with(name##_term(xs[lane]), xs[lane + (lanes)]);               \
            all[lane] = name##_combine(all[lane], both);                                           \
        }                                                                                          \
    }

/* The same in vectors (doubles.h). */
#define BY_DOUBLES(name, term, expression)                                                         \
    enum { name##_takes_three_rows = true };                                                       \
    static ALWAYS_INLINE doubles name##_terms(const float *xs) {                                   \
        const doubles x = DOUBLES_OF(xs);                                                          \
        return term;                                                                               \
    }                                                                                              \
    static ALWAYS_INLINE doubles name##_vectors(doubles a, doubles x) {                            \
        return expression;                                                                         \
    }                                                                                              \
    static ALWAYS_INLINE void name##_some(const int rows, int64_t count, int64_t stride,           \
                                          const float *xs, double *as) {                           \
        for (int64_t i = 0; i < count; i += DOUBLES) {                                             \
            doubles a = *(const loose_doubles *)(as + i);                                          \
            for (int row = 0; row < rows; row++) {                                                 \
                a = name##_vectors(a, name##_terms(xs + i + row * stride));                        \
            }                                                                                      \
            *(loose_doubles *)(as + i) = a;                                                        \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void name##_pairs(const float *xs, double *all) {                         \
        for (int lane = 0; lane < SUM_LANES; lane += DOUBLES) {                                    \
            loose_doubles *a = (loose_doubles *)(all + lane);                                      \
            const doubles both =                                                                   \
                name##_vectors(name##_terms(xs + lane), name##_terms(xs + lane + SUM_LANES));      \
            *a = name##_vectors(*a, both);                                                         \
        }                                                                                          \
    }

/* `rows` is a constant where this is inlined. While some columns are combined, those of later
 * rows are asked for if these are far: hardware prefetchers do not follow from row to row. The
 * columns that are left beside the blocks are the last ones of last[BLOCK], which holds the totals
 * of the last BLOCK columns; the other ones of it are counted twice and dropped. */
#define COLUMNS(name, in, out)                                                                     \
    static ALWAYS_INLINE void name##_rows(const int rows, int64_t n, int64_t stride, bool is_far,  \
                                          const in *xs, out *as, out *last) {                      \
        const int64_t whole = n / BLOCK * BLOCK;                                                   \
        for (int64_t begin = 0; begin < whole; begin += AHEAD) {                                   \
            const int64_t end = smaller(whole, begin + AHEAD);                                     \
            if (is_far) {                                                                          \
                prefetch_rows(rows, xs + begin + LATER * stride, stride * sizeof(in),              \
                              AHEAD * sizeof(in));                                                 \
            }                                                                                      \
            name##_some(rows, end - begin, stride, xs + begin, as + begin);                        \
        }                                                                                          \
        if (whole == 0) {                                                                          \
            for (int64_t i = 0; i < n; i++) {                                                      \
                for (int row = 0; row < rows; row++) {                                             \
                    as[i] = name##_with(as[i], xs[i + row * stride]);                              \
                }                                                                                  \
            }                                                                                      \
        } else if (whole < n) {                                                                    \
            name##_some(rows, BLOCK, stride, xs + n - BLOCK, last);                                \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void name##_last_rows(int rows, int64_t n, int64_t stride, const in *xs,  \
                                               out *as, out *last) {                               \
        if (name##_takes_three_rows && rows == 3) {                                                \
            name##_rows(3, n, stride, false, xs, as, last);                                        \
            return;                                                                                \
        }                                                                                          \
        if (rows & 2) {                                                                            \
            name##_rows(2, n, stride, false, xs, as, last);                                        \
            xs += 2 * stride;                                                                      \
        }                                                                                          \
        if (rows & 1) {                                                                            \
            name##_rows(1, n, stride, false, xs, as, last);                                        \
        }                                                                                          \
    }                                                                                              \
    NEVER_INLINE static void name##_columns(const reduce_matrix *m, out *as) {                     \
        const int64_t stride = m->row_stride, n = m->columns;                                      \
        const int left = n < BLOCK ? 0 : (int)(n % BLOCK);                                         \
        const in *xs = m->x;                                                                       \
        out last[BLOCK];                                                                           \
        for (int i = 0; i < BLOCK; i++) {                                                          \
            last[i] = n < BLOCK ? 0 : as[n - BLOCK + i];                                           \
        }                                                                                          \
        int64_t row = 0;                                                                           \
        for (; row + 4 <= m->rows; row += 4, xs += 4 * stride) {                                   \
            const bool is_far = stride * (int64_t)sizeof(in) >= FAR && row + LATER + 4 <= m->rows; \
            name##_rows(4, n, stride, is_far, xs, as, last);                                       \
        }                                                                                          \
        name##_last_rows((int)(m->rows - row), n, stride, xs, as, last);                           \
        for (int i = BLOCK - left; i < BLOCK; i++) {                                               \
            as[n - BLOCK + i] = last[i];                                                           \
        }                                                                                          \
    }

/* Numbers go to all[lanes], and of the extremes of floats the last NaN of each lane to nans[lanes]
 * meanwhile: join() takes them in. */
#define LINES(name, in, out, kind, lanes, identity)                                                \
    static ALWAYS_INLINE void name##_lane(out *all, out *nans, in x) {                             \
        const out y = name##_term(x);                                                              \
        *all = name##_number(*all, y);                                                             \
        *nans = (kind) == FLOAT_EXTREME && y != y ? y : *nans;                                     \
    }                                                                                              \
    static ALWAYS_INLINE out name##_join(out a, out nan) {                                         \
        return nan != nan ? nan : a;                                                               \
    }                                                                                              \
    static ALWAYS_INLINE void name##_into_lanes(int64_t n, const in *xs, out *all) {               \
        out nans[lanes] = {0};                                                                     \
        const int left = (int)((uint64_t)n % (lanes)), first = (lanes) - left;                     \
        const in *last = xs + n - (lanes);                                                         \
        int64_t i = 0;                                                                             \
        for (; (kind) == SUM && i + 2 * (lanes) <= n; i += 2 * (lanes)) {                          \
            name##_pairs(xs + i, all);                                                             \
        }                                                                                          \
        for (; i + (lanes) <= n; i += (lanes)) {                                                   \
            EACH_OF(lanes, lane) {                                                                 \
                name##_lane(all + lane, nans + lane, xs[i + lane]);                                \
            }                                                                                      \
        }                                                                                          \
        if (left > 0) {                                                                            \
            EACH_OF(lanes, lane) {                                                                 \
                const bool counts = (kind) != SUM || lane >= first;                                \
                const in x = counts ? last[lane] : (in)(identity);                                 \
                name##_lane(all + lane, nans + lane, x);                                           \
            }                                                                                      \
        }                                                                                          \
        EACH_OF(lanes, lane) {                                                                     \
            all[lane] = name##_join(all[lane], nans[lane]);                                        \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void name##_halve(out *all) {                                             \
        _Static_assert((lanes) == 16 || (lanes) == 32, "as many halves as below");                 \
        if ((lanes) == 32) {                                                                       \
            HALVE(name, all, 16)                                                                   \
        }                                                                                          \
        HALVE(name, all, 8)                                                                        \
        HALVE(name, all, 4)                                                                        \
        HALVE(name, all, 2)                                                                        \
    }                                                                                              \
    NEVER_INLINE static void name##_lines(const reduce_matrix *m, out *as) {                       \
        const in *xs = m->x;                                                                       \
        for (int64_t i = 0; i < m->columns; i += BESIDE) {                                         \
            const int n = (int)smaller(BESIDE, m->columns - i);                                    \
            out halves[2][BESIDE];                                                                 \
            for (int line = 0; line < n; line++, xs += m->column_stride) {                         \
                out all[lanes];                                                                    \
                EACH_OF(lanes, lane) {                                                             \
                    all[lane] = identity;                                                          \
                }                                                                                  \
                name##_into_lanes(m->rows, xs, all);                                               \
                name##_halve(all);                                                                 \
                halves[0][line] = all[0];                                                          \
                halves[1][line] = all[1];                                                          \
            }                                                                                      \
            EACH_OF(n, line) {                                                                     \
                const out both = name##_combine(halves[0][line], halves[1][line]);                 \
                as[i + line] = name##_combine(as[i + line], both);                                 \
            }                                                                                      \
        }                                                                                          \
    }

#define FEED(name, in, out, lanes, identity)                                                       \
    NEVER_INLINE static void name##_feed(int64_t n, const void *x, int64_t step, void *running) {  \
        if (step != 1) {                                                                           \
            feed_copies(name##_feed, sizeof(in), n, x, step, running);                             \
            return;                                                                                \
        }                                                                                          \
        const in *xs = x;                                                                          \
        in padded[lanes];                                                                          \
        if (n < (lanes)) {                                                                         \
            for (int64_t i = 0; i < (lanes); i++) {                                                \
                padded[i] = i < (lanes) - n ? (in)(identity) : xs[i - ((lanes) - n)];              \
            }                                                                                      \
            xs = padded;                                                                           \
            n = lanes;                                                                             \
        }                                                                                          \
        out all[lanes];                                                                            \
        memcpy(all, running, sizeof all);                                                          \
        name##_into_lanes(n, xs, all);                                                             \
        memcpy(running, all, sizeof all);                                                          \
    }                                                                                              \
    static void name##_close(void *running, void *total) {                                         \
        out *a = total, *all = running;                                                            \
        name##_halve(all);                                                                         \
        *a = name##_combine(*a, name##_combine(all[0], all[1]));                                   \
    }                                                                                              \
    static void name##_line(const reduce_matrix *m, void *total) {                                 \
        out all[lanes];                                                                            \
        name##_start(lanes, all);                                                                  \
        name##_feed(m->rows, m->x, m->row_stride, all);                                            \
        name##_close(all, total);                                                                  \
    }

#define HALVE(name, all, half)                                                                     \
    EACH_OF(half, lane) {                                                                          \
        (all)[lane] = name##_combine((all)[lane], (all)[lane + (half)]);                           \
    }

#define BESIDE_EACH_OTHER(name, in, out)                                                           \
    static ALWAYS_INLINE void name##_beside(const int n, const reduce_matrix *m, const in *xs,     \
                                            out *totals) {                                         \
        const int64_t stride = m->column_stride, rows = m->rows;                                   \
        out as[BESIDE];                                                                            \
        for (int i = 0; i < n; i++) {                                                              \
            as[i] = totals[i];                                                                     \
        }                                                                                          \
        for (int64_t row = 0; row < rows; row++, xs += m->row_stride) {                            \
            EACH_OF(n, i) {                                                                        \
                as[i] = name##_with(as[i], xs[i * stride]);                                        \
            }                                                                                      \
        }                                                                                          \
        for (int i = 0; i < n; i++) {                                                              \
            totals[i] = as[i];                                                                     \
        }                                                                                          \
    }                                                                                              \
    NEVER_INLINE static void name##_strided(const reduce_matrix *m, out *totals) {                 \
        const in *xs = m->x;                                                                       \
        int64_t i = 0;                                                                             \
        for (; i + BESIDE <= m->columns; i += BESIDE) {                                            \
            name##_beside(BESIDE, m, xs + i * m->column_stride, totals + i);                       \
        }                                                                                          \
        for (; i < m->columns; i++) {                                                              \
            name##_beside(1, m, xs + i * m->column_stride, totals + i);                            \
        }                                                                                          \
    }

REDUCER(sum_uint8, uint8_t, int32_t, SUM, 0, x, a + x)
REDUCER(sum_int32, int32_t, int32_t, SUM, 0, x, a + x)
REDUCER(sum_int64, int64_t, int64_t, SUM, 0, x, a + x)
DOUBLE_REDUCER(sum_float32, 0, x, a + x)
REDUCER(sum_float64, double, double, SUM, 0, x, a + x)

RARE_REDUCER(prod_uint8, uint8_t, int32_t, 1, x, a *x)
RARE_REDUCER(prod_int32, int32_t, int32_t, 1, x, a *x)
RARE_REDUCER(prod_int64, int64_t, int64_t, 1, x, a *x)
DOUBLE_REDUCER(prod_float32, 1, x, a *x)
REDUCER(prod_float64, double, double, SUM, 1, x, a *x)

REDUCER(max_uint8, uint8_t, uint8_t, EXTREME, 0, x, x > a ? x : a)
REDUCER(max_int32, int32_t, int32_t, EXTREME, INT32_MIN, x, x > a ? x : a)
REDUCER(max_int64, int64_t, int64_t, EXTREME, INT64_MIN, x, x > a ? x : a)
REDUCER(max_float32, float, float, FLOAT_EXTREME, -INFINITY, x, x > a ? x : a)
REDUCER(max_float64, double, double, FLOAT_EXTREME, -INFINITY, x, x > a ? x : a)

REDUCER(min_uint8, uint8_t, uint8_t, EXTREME, UINT8_MAX, x, x < a ? x : a)
REDUCER(min_int32, int32_t, int32_t, EXTREME, INT32_MAX, x, x < a ? x : a)
REDUCER(min_int64, int64_t, int64_t, EXTREME, INT64_MAX, x, x < a ? x : a)
REDUCER(min_float32, float, float, FLOAT_EXTREME, INFINITY, x, x < a ? x : a)
REDUCER(min_float64, double, double, FLOAT_EXTREME, INFINITY, x, x < a ? x : a)

static void min_bool_start(int64_t n, void *totals) {
    memset(totals, 1, (size_t)n);
}

REDUCER(count_uint8, uint8_t, int32_t, SUM, 0, x != 0, a + x)
REDUCER(count_int32, int32_t, int32_t, SUM, 0, x != 0, a + x)
RARE_REDUCER(count_int64, int64_t, int32_t, 0, x != 0, a + x)
REDUCER(count_float32, float, int32_t, SUM, 0, x != 0, a + x)
RARE_REDUCER(count_float64, double, int32_t, 0, x != 0, a + x)

DOUBLE_REDUCER(squares_float32, 0, x *x, a + x)
REDUCER(squares_float64, double, double, SUM, 0, x *x, a + x)

/* ROW(sum_float32, LEGO_FLOAT64) is a reducer whose totals are float64. */
#define ROW(name, total) STARTED(name, name##_start, total)
#define STARTED(name, start, total)                                                                \
    {total, name##_lane_count, name##_least, start, name##_accumulate, name##_feed, name##_close}

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
    [REDUCE_MIN] = {STARTED(min_uint8, min_bool_start, LEGO_BOOL), ROW(min_uint8, LEGO_UINT8),
                    ROW(min_int32, LEGO_INT32), ROW(min_int64, LEGO_INT64),
                    ROW(min_float32, LEGO_FLOAT32), ROW(min_float64, LEGO_FLOAT64)},
    [REDUCE_COUNT] = {ROW(count_uint8, LEGO_INT32), ROW(count_uint8, LEGO_INT32),
                      ROW(count_int32, LEGO_INT32), ROW(count_int64, LEGO_INT32),
                      ROW(count_float32, LEGO_INT32), ROW(count_float64, LEGO_INT32)},
    [REDUCE_NORM] = {[LEGO_FLOAT32] = ROW(squares_float32, LEGO_FLOAT64),
                     [LEGO_FLOAT64] = ROW(squares_float64, LEGO_FLOAT64)},
};

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype) {
    return &reducers[operation][dtype];
}

/* What combines totals of an operation. */
static const reducer *joiner(reduce_operation operation, lego_dtype total) {
    bool is_sum = operation == REDUCE_COUNT || operation == REDUCE_NORM;
    return reducer_for(is_sum ? REDUCE_SUM : operation, total);
}

void reduce_join(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                 void *totals) {
    reduce_matrix m = {.x = others, .rows = 1, .columns = n, .column_stride = 1};
    joiner(operation, dtype)->accumulate(&m, totals);
}

void reduce_join_all(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                     void *total) {
    reduce_matrix m = {.x = others, .rows = n, .row_stride = 1, .columns = 1};
    joiner(operation, dtype)->accumulate(&m, total);
}

/* ---- running lines --------------------------------------------------------------------------- */

void running_open(running_line *l, reduce_operation operation, lego_dtype dtype, int64_t n) {
    l->reducer = reducer_for(operation, dtype);
    l->is_short = n < l->reducer->least;
    l->reducer->start(l->reducer->lanes, l->lanes);
}

void running_feed(running_line *l, const void *x, int64_t n, int64_t step) {
    if (l->is_short) {
        reduce_matrix line = {.x = x, .rows = n, .row_stride = step, .columns = 1};
        l->reducer->accumulate(&line, l->lanes);
    } else {
        l->reducer->feed(n, x, step, l->lanes);
    }
}

void running_close(running_line *l, void *total) {
    if (l->is_short) {
        memcpy(total, l->lanes, lego_dtype_size(l->reducer->total));
    } else {
        l->reducer->start(1, total);
        l->reducer->close(l->lanes, total);
    }
}
