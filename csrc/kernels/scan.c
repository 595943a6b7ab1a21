/* Scans along an axis: running sums, and the index of the largest or the smallest number. */
#include "scan.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "reducer.h"
#include "transpose.h"
#include "unroll.h"

/* ---- running sums ---------------------------------------------------------------------------- */

/* A line along the last axis is scanned four numbers at a time: two additions of shifted vectors
 * make the sums within the four,
 *
 *     a, b, c, d  ->  a, a+b, b+c, c+d  ->  a, a+b, a+(b+c), (a+b)+(c+d)
 *
 * and a third one adds what came before (Hillis and Steele, "Data parallel algorithms", 1986). Only
 * that one waits for the four before. Lines along another axis are vectors over the axes behind. */
enum {
    BLOCK = 64, /* adjacent lines that are scanned together */
    FOUR = 4
};

#ifdef __clang__
#define SHUFFLE(a, b, integers, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, integers, ...) __builtin_shuffle(a, b, (integers){__VA_ARGS__})
#endif

typedef struct scan_work scan_work;

/* Scans n adjacent lines, the first of which begins at element `first`: any number of them along
 * the last axis, n <= BLOCK of them along another one. */
typedef void line_scan(const scan_work *w, int64_t first, int64_t n);

typedef struct scans {
    line_scan *lines, *columns;
} scans;

struct scan_work {
    const scans *scans;
    const void *x;
    void *y;
    lines lines;
    bool reverse;
};

/* The place of the row that comes after r others. */
static inline int64_t row_of(const scan_work *w, int64_t r) {
    return w->reverse ? w->lines.length - 1 - r : r;
}

/* CUMSUM(cumsum_float32, float, double, int64_t, float) makes the scans of floats with totals in
 * double, which are as wide as int64_t. */
#define CUMSUM(name, in, total, index, out)                                                        \
    static inline total name##_four(const in *xs, bool reverse, total before, out *ys) {           \
        typedef total four __attribute__((vector_size(FOUR * sizeof(total))));                     \
        typedef index places __attribute__((vector_size(FOUR * sizeof(total)), unused));           \
        const four zero = {0};                                                                     \
        four v = {(total)xs[0], (total)xs[1], (total)xs[2], (total)xs[3]};                         \
        v = reverse ? SHUFFLE(v, zero, places, 3, 2, 1, 0) : v;                                    \
        v += SHUFFLE(v, zero, places, 4, 0, 1, 2);                                                 \
        v += SHUFFLE(v, zero, places, 4, 5, 0, 1);                                                 \
        const total sum = before + v[3];                                                           \
        v += before;                                                                               \
        v = reverse ? SHUFFLE(v, zero, places, 3, 2, 1, 0) : v;                                    \
        for (int i = 0; i < FOUR; i++) {                                                           \
            ys[i] = (out)v[i];                                                                     \
        }                                                                                          \
        return sum;                                                                                \
    }                                                                                              \
    static void name##_lines(const scan_work *w, int64_t first, int64_t count) {                   \
        const int64_t n = w->lines.length;                                                         \
        const in *xs = (const in *)w->x + first;                                                   \
        out *ys = (out *)w->y + first;                                                             \
        for (int64_t line = 0; line < count; line++, xs += n, ys += n) {                           \
            total sum = 0;                                                                         \
            int64_t done = 0;                                                                      \
            for (; done + FOUR <= n && !w->reverse; done += FOUR) {                                \
                sum = name##_four(xs + done, false, sum, ys + done);                               \
            }                                                                                      \
            for (; done + FOUR <= n; done += FOUR) {                                               \
                sum = name##_four(xs + n - FOUR - done, true, sum, ys + n - FOUR - done);          \
            }                                                                                      \
            for (; done < n; done++) {                                                             \
                const int64_t i = w->reverse ? n - 1 - done : done;                                \
                sum += (total)xs[i];                                                               \
                ys[i] = (out)sum;                                                                  \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void name##_few(const scan_work *w, int64_t first, const int n) {         \
        total totals[BLOCK] = {0};                                                                 \
        for (int64_t r = 0; r < w->lines.length; r++) {                                            \
            const int64_t at = first + row_of(w, r) * w->lines.inner;                              \
            for (int i = 0; i < n; i++) {                                                          \
                totals[i] += (total)((const in *)w->x)[at + i];                                    \
                ((out *)w->y)[at + i] = (out)totals[i];                                            \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void name##_columns(const scan_work *w, int64_t first, int64_t n) {                     \
        switch (n) { /* the totals of few lines stay in registers */                               \
        case 2:                                                                                    \
            name##_few(w, first, 2);                                                               \
            return;                                                                                \
        case 3:                                                                                    \
            name##_few(w, first, 3);                                                               \
            return;                                                                                \
        case 4:                                                                                    \
            name##_few(w, first, 4);                                                               \
            return;                                                                                \
        default:                                                                                   \
            break;                                                                                 \
        }                                                                                          \
        total totals[BLOCK] = {0};                                                                 \
        for (int64_t r = 0; r < w->lines.length; r++) {                                            \
            const int64_t at = first + row_of(w, r) * w->lines.inner;                              \
            const in *xs = (const in *)w->x + at;                                                  \
            out *ys = (out *)w->y + at;                                                            \
            EACH_ELEMENT {                                                                         \
                totals[i] += (total)xs[i];                                                         \
                ys[i] = (out)totals[i];                                                            \
            }                                                                                      \
        }                                                                                          \
    }

CUMSUM(cumsum_bool, bool, int32_t, int32_t, int32_t)
CUMSUM(cumsum_uint8, uint8_t, uint8_t, int8_t, uint8_t)
CUMSUM(cumsum_int32, int32_t, int32_t, int32_t, int32_t)
CUMSUM(cumsum_int64, int64_t, int64_t, int64_t, int64_t)
CUMSUM(cumsum_float32, float, double, int64_t, float)
CUMSUM(cumsum_float64, double, double, int64_t, double)

#define SCANS(name) {name##_lines, name##_columns}

/* In the order of lego_dtype. */
static const scans cumsum_scans[LEGO_DTYPE_COUNT] = {
    SCANS(cumsum_bool),  SCANS(cumsum_uint8),   SCANS(cumsum_int32),
    SCANS(cumsum_int64), SCANS(cumsum_float32), SCANS(cumsum_float64),
};

static void scan_rows(void *context, int64_t begin, int64_t end) {
    const scan_work *w = context;
    w->scans->lines(w, begin * w->lines.length, end - begin);
}

/* Item i is block i % blocks of outer index i / blocks. */
static void scan_columns(void *context, int64_t begin, int64_t end) {
    const scan_work *w = context;
    int64_t inner = w->lines.inner;
    int64_t blocks = divide_up(inner, BLOCK);
    for (int64_t item = begin; item < end; item++) {
        int64_t block = item % blocks * BLOCK;
        int64_t n = smaller(BLOCK, inner - block);
        w->scans->columns(w, item / blocks * w->lines.length * inner + block, n);
    }
}

void cumsum_lines(lego_dtype dtype, lines l, const void *x, bool reverse, void *y) {
    scan_work work = {&cumsum_scans[dtype], x, y, l, reverse};
    if (l.inner == 1) {
        threads_run(l.outer, threads_grain(l.length), scan_rows, &work);
        return;
    }
    int64_t numbers = l.length * smaller(BLOCK, l.inner);
    threads_run(l.outer * divide_up(l.inner, BLOCK), threads_grain(numbers), scan_columns, &work);
}

/* ---- argmax, argmin -------------------------------------------------------------------------- */

/* A line along the last axis is read twice, a segment at a time, so that both are loops over
 * vectors: the reducer finds its extreme, and then the first number that equals it is looked for.
 * Lines along another axis are vectors over the axes behind. */
enum {
    SEGMENT = 4096, /* numbers of a line that stay in L1 */
    SHORT = 32,     /* numbers of a line that is a column of a block */
    FEW = 8,        /* lines that are not worth a block */
    STRIDE = 32     /* numbers that are compared before it is asked whether one was equal */
};

/* y = place of the extreme of n adjacent lines x[r * stride + i], 0 <= r < rows. */
typedef void columns_loop(int64_t rows, int64_t stride, int64_t n, const void *x, int32_t *y);

/* The same for n <= BLOCK / 2 lines, if all of x are these. */
typedef void narrow_loop(int64_t rows, int64_t n, const void *x, int32_t *y);

/* The first place of x[n] whose number equals *extreme, or is NaN if that is: there is one. */
typedef int64_t place_loop(int64_t n, const void *x, const void *extreme);

typedef struct arg_loops {
    reduce_operation operation;
    columns_loop *columns;
    narrow_loop *narrow;
    place_loop *place;
} arg_loops;

/* Equals are looked for STRIDE numbers at a time, and the least place only where there is one. It
 * is found in vectors too: where it is cannot be foreseen, and a wrong guess costs more than STRIDE
 * comparisons. The last STRIDE numbers are read again if fewer are left. */
#define PLACE_LOOP(name, type, index)                                                              \
    static inline index name##_in(const index n, const type *xs, const type e) {                   \
        index left = 0;                                                                            \
        _Pragma("omp simd reduction(max : left)") for (index i = 0; i < n; i++) {                  \
            const index here = (n - i) & -(index)(xs[i] == e);                                     \
            left = here > left ? here : left;                                                      \
        }                                                                                          \
        return n - left;                                                                           \
    }                                                                                              \
    static ALWAYS_INLINE bool name##_is_in(const type *xs, const type e) {                         \
        index found = 0;                                                                           \
        _Pragma("omp simd reduction(| : found)") for (int i = 0; i < STRIDE; i++) {                \
            found |= xs[i] == e;                                                                   \
        }                                                                                          \
        return found;                                                                              \
    }                                                                                              \
    static int64_t name(int64_t n, const void *x, const void *extreme) {                           \
        const type *xs = x, e = *(const type *)extreme;                                            \
        int64_t i = 0;                                                                             \
        if (e != e) {                                                                              \
            for (; xs[i] == xs[i]; i++) {                                                          \
            }                                                                                      \
            return i;                                                                              \
        }                                                                                          \
        if (n < STRIDE) {                                                                          \
            return name##_in((index)n, xs, e);                                                     \
        }                                                                                          \
        while (i < n - STRIDE && !name##_is_in(xs + i, e)) {                                       \
            i += STRIDE;                                                                           \
        }                                                                                          \
        i = smaller(i, n - STRIDE);                                                                \
        return i + name##_in(STRIDE, xs + i, e);                                                   \
    }

/* COLUMNS_LOOP(argmax_float32, float, int32_t, x <= best) makes the loop for a dtype. A NaN is
 * better than any number, for it is not at most the best one, and nothing is better than a NaN.
 * `index` is as wide as the type, or wider. */
#define COLUMNS_LOOP(name, type, index, is_no_better)                                              \
    static void name(int64_t rows, int64_t stride, int64_t n, const void *x, int32_t *y) {         \
        const type *xs = x;                                                                        \
        type bests[BLOCK];                                                                         \
        index places[BLOCK] = {0};                                                                 \
        memcpy(bests, xs, sizeof(type) * (size_t)n);                                               \
        for (index row = 1; row < rows; row++) {                                                   \
            xs += stride;                                                                          \
            EACH_ELEMENT {                                                                         \
                const type x = xs[i], best = bests[i];                                             \
                const bool takes = !(is_no_better) & (best == best);                               \
                bests[i] = takes ? x : best;                                                       \
                places[i] = takes ? row : places[i];                                               \
            }                                                                                      \
        }                                                                                          \
        EACH_ELEMENT {                                                                             \
            y[i] = (int32_t)places[i];                                                             \
        }                                                                                          \
    }

/* Few lines along another axis: as many rows as fit are one wide row, and each of its columns finds
 * a candidate. Of equal candidates the first one counts. The rows that are left come last. */
#define NARROW_LOOP(name, type, is_no_better)                                                      \
    static int64_t name##_chosen(const type *xs, int64_t n, int64_t a, int64_t b) {                \
        const type best = xs[a * n], x = xs[b * n];                                                \
        const bool takes = !(is_no_better) & (best == best);                                       \
        const bool is_equal = (x == best) | ((x != x) & (best != best));                           \
        return takes || (is_equal && b < a) ? b : a;                                               \
    }                                                                                              \
    static void name##_narrow(int64_t rows, int64_t n, const void *x, int32_t *y) {                \
        const int64_t beside = BLOCK / n, wide_rows = rows / beside;                               \
        int32_t places[BLOCK];                                                                     \
        name(wide_rows, beside * n, beside * n, x, places);                                        \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const type *xs = (const type *)x + i;                                                  \
            int64_t place = places[i] * beside;                                                    \
            for (int64_t group = 1; group < beside; group++) {                                     \
                place = name##_chosen(xs, n, place, places[group * n + i] * beside + group);       \
            }                                                                                      \
            for (int64_t row = wide_rows * beside; row < rows; row++) {                            \
                place = name##_chosen(xs, n, place, row);                                          \
            }                                                                                      \
            y[i] = (int32_t)place;                                                                 \
        }                                                                                          \
    }

#define ARG_LOOPS(type, index)                                                                     \
    PLACE_LOOP(place_##type, type, index)                                                          \
    COLUMNS_LOOP(argmax_##type, type, index, x <= best)                                            \
    COLUMNS_LOOP(argmin_##type, type, index, x >= best)                                            \
    NARROW_LOOP(argmax_##type, type, x <= best)                                                    \
    NARROW_LOOP(argmin_##type, type, x >= best)

ARG_LOOPS(uint8_t, int32_t)
ARG_LOOPS(int32_t, int32_t)
ARG_LOOPS(int64_t, int64_t)
ARG_LOOPS(float, int32_t)
ARG_LOOPS(double, int64_t)

/* In the order of lego_dtype; a bool is a byte of 0 or 1. */
#define ARG_ROW(name, operation, type)                                                             \
    {operation, name##_##type, name##_##type##_narrow, place_##type}
#define ARG_TABLE(name, operation)                                                                 \
    static const arg_loops name##_loops[LEGO_DTYPE_COUNT] = {                                      \
        ARG_ROW(name, operation, uint8_t), ARG_ROW(name, operation, uint8_t),                      \
        ARG_ROW(name, operation, int32_t), ARG_ROW(name, operation, int64_t),                      \
        ARG_ROW(name, operation, float),   ARG_ROW(name, operation, double),                       \
    };

ARG_TABLE(argmax, REDUCE_MAX)
ARG_TABLE(argmin, REDUCE_MIN)

typedef struct argmax_work {
    const arg_loops *loops;
    const reducer *reducer;
    lines lines;
    lego_dtype dtype;
    int64_t bytes; /* of a number */
    const char *x;
    int32_t *y;
} argmax_work;

static bool is_nan(lego_dtype dtype, const void *x) {
    float single;
    double number = 0;
    if (dtype == LEGO_FLOAT32) {
        memcpy(&single, x, sizeof single);
        number = single;
    } else if (dtype == LEGO_FLOAT64) {
        memcpy(&number, x, sizeof number);
    }
    return number != number;
}

/* The place is in the first segment whose extreme changes that of all before, and nothing changes a
 * NaN. */
static int32_t place_in_line(const argmax_work *w, const char *x) {
    int64_t n = w->lines.length, at = 0;
    _Alignas(TOTAL_ROOM) char best[TOTAL_ROOM] = {0}, before[TOTAL_ROOM];
    w->reducer->start(1, best);
    for (int64_t begin = 0; begin < n && !is_nan(w->dtype, best); begin += SEGMENT) {
        reduce_matrix segment = {x + begin * w->bytes, smaller(SEGMENT, n - begin), 1, 1, 0};
        memcpy(before, best, TOTAL_ROOM);
        w->reducer->accumulate(&segment, best);
        at = memcmp(before, best, TOTAL_ROOM) == 0 ? at : begin;
    }
    return (int32_t)(at + w->loops->place(smaller(SEGMENT, n - at), x + at * w->bytes, best));
}

/* Short lines: the extremes of many of them at once. */
static void find_in_short(const argmax_work *w, int64_t first, int64_t count) {
    int64_t n = w->lines.length;
    _Alignas(CACHE_LINE) char extremes[REDUCE_TILE * TOTAL_ROOM];
    const char *x = w->x + first * n * w->bytes;
    reduce_matrix m = {x, n, 1, count, n};
    w->reducer->start(count, extremes);
    w->reducer->accumulate(&m, extremes);
    for (int64_t i = 0; i < count; i++, x += n * w->bytes) {
        w->y[first + i] = (int32_t)w->loops->place(n, x, extremes + i * w->bytes);
    }
}

/* Lines that are shorter still become the columns of a block: a vector has a number of each. */
static void find_transposed(const argmax_work *w, int64_t first, int64_t count) {
    int64_t n = w->lines.length;
    _Alignas(CACHE_LINE) char block[SHORT * BLOCK * TOTAL_ROOM];
    transposition t = {
        .outer.arrays = 2,
        .bytes = (size_t)w->bytes,
        .x = w->x + first * n * w->bytes,
        .y = block,
        .rows = n,
        .columns = count,
        .x_row = 1,
        .x_column = n,
        .y_row = count,
    };
    transpose_run(&t);
    w->loops->columns(n, count, count, block, w->y + first);
}

/* How many lines of n numbers are looked at together. */
static int64_t lines_together(int64_t n) {
    return n <= SHORT ? BLOCK : larger(1, smaller(SEGMENT / n, REDUCE_TILE));
}

static void find_in_rows(void *context, int64_t begin, int64_t end) {
    const argmax_work *w = context;
    int64_t n = w->lines.length, most = lines_together(n);
    while (begin < end) {
        int64_t count = smaller(most, end - begin);
        if (n <= SHORT && n > 1 && count >= FEW) {
            find_transposed(w, begin, count);
        } else if (most > 1) {
            find_in_short(w, begin, count);
        } else {
            w->y[begin] = place_in_line(w, w->x + begin * n * w->bytes);
        }
        begin += count;
    }
}

/* Item i is block i % blocks of outer index i / blocks. */
static void find_in_columns(void *context, int64_t begin, int64_t end) {
    const argmax_work *w = context;
    int64_t inner = w->lines.inner, n = w->lines.length;
    int64_t blocks = divide_up(inner, BLOCK);
    for (int64_t item = begin; item < end; item++) {
        int64_t first = item % blocks * BLOCK, outer = item / blocks;
        const char *x = w->x + (outer * n * inner + first) * w->bytes;
        int32_t *y = w->y + outer * inner + first;
        if (2 * inner <= BLOCK && n >= 4 * (BLOCK / inner)) {
            w->loops->narrow(n, inner, x, y);
        } else {
            w->loops->columns(n, inner, smaller(BLOCK, inner - first), x, y);
        }
    }
}

static void find_lines(const arg_loops *loops, lego_dtype dtype, lines l, const void *x,
                       int32_t *y) {
    argmax_work work = {
        .loops = &loops[dtype],
        .reducer = reducer_for(loops[dtype].operation, dtype),
        .lines = l,
        .dtype = dtype,
        .bytes = (int64_t)lego_dtype_size(dtype),
        .x = x,
        .y = y,
    };
    if (l.inner == 1) {
        threads_run(l.outer, threads_grain(l.length), find_in_rows, &work);
        return;
    }
    int64_t numbers = l.length * smaller(BLOCK, l.inner);
    threads_run(l.outer * divide_up(l.inner, BLOCK), threads_grain(numbers), find_in_columns,
                &work);
}

void argmax_lines(lego_dtype dtype, lines l, const void *x, void *y) {
    find_lines(argmax_loops, dtype, l, x, y);
}

void argmin_lines(lego_dtype dtype, lines l, const void *x, void *y) {
    find_lines(argmin_loops, dtype, l, x, y);
}
