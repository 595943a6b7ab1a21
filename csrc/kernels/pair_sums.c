/* Two sums in one pass over memory: the layout of the axes, and how the work is cut and shared
 * among threads.
 *
 * Axes are taken as they lie in memory, and adjacent ones are merged until an array is
 * x[outer][rows][middle][inner], of which rows and inner are summed: outer is 1 for batch
 * normalization, rows is 1 if the last axes are summed. An array that has gaps, that does not merge
 * so far, or whose kept axes lie in another order than those of the result, is copied, with the
 * kept axes first.
 *
 * If inner is short, each of the middle * inner columns has its own sums, and those of one output
 * are combined at the end. Else each line of inner numbers is summed. Many short lines are columns
 * too, whose numbers are adjacent. */
#include "pair_sums.h"

#include <math.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "doubles.h"
#include "elements.h"
#include "move.h"
#include "reducer.h"

enum {
    LINE = 32,       /* least length of a line that is summed in lanes */
    ALONE = 128,     /* and of one that is summed alone, though there are others beside it */
    SEGMENT = 16384, /* most numbers of a line that are summed at once */
    PAIR_LANES = 16,
    BLOCK = PAIR_LANES, /* columns whose sums stay in registers */
    BAND = 2048,   /* numbers in a band of rows that is read block by block: it stays in L1, and
                      memory is still read nearly in order */
    LEAST_ROWS = 4 /* of a band: a block's sums are loaded and stored once per band */
};

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* ---- the loops ------------------------------------------------------------------------------- */

/* Running sums of a line: number i goes to lane i % PAIR_LANES. */
typedef struct pair_lanes {
    double s[PAIR_LANES];
    double t[PAIR_LANES];
} pair_lanes;

/* Element (row, column) is x[row * row_stride + column * column_stride], and so for g, which is
 * NULL if it is x - c. One of the strides is 1. */
typedef struct pair_matrix {
    const void *g;
    const void *x;
    int64_t rows, row_stride;
    int64_t columns, column_stride;
} pair_matrix;

/* Adds the upper half of the lanes to the lower one. `half` is a constant where this is inlined. */
static ALWAYS_INLINE void join_half(pair_lanes *lanes, const int half) {
    for (int lane = 0; lane < half; lane++) {
        lanes->s[lane] += lanes->s[lane + half];
        lanes->t[lane] += lanes->t[lane + half];
    }
}

/* The sums of all lanes, combined in halves. */
static void join_lanes(pair_lanes *lanes, double *s, double *t) {
    _Static_assert(PAIR_LANES == 16, "as many halves as sums_per_output below");
    join_half(lanes, 8);
    join_half(lanes, 4);
    join_half(lanes, 2);
    join_half(lanes, 1);
    *s = lanes->s[0];
    *t = lanes->t[0];
}

static ALWAYS_INLINE void prefetch(const void *numbers) {
    if (numbers) {
        __builtin_prefetch(numbers, 0, 2); /* to the second cache */
    }
}

static int64_t band_rows(int64_t columns) {
    return columns * LEAST_ROWS < BAND ? BAND / columns : LEAST_ROWS;
}

#define TEMPLATE "pair_sums_block.h"
#include "per_float.h"

typedef struct pair_loops {
    void (*given)(int64_t n, const void *from, double *to);
    /* c[n] = x[i * stride], or 0 if that is not finite */
    void (*centers)(int64_t n, const void *x, int64_t stride, double *c);
    void (*write)(int64_t n, const double *from, void *to);
    void (*line)(int64_t n, const void *g, const void *x, double c, pair_lanes *lanes);
    void (*columns)(const pair_matrix *m, const double *c, double *s, double *t);
} pair_loops;

static const pair_loops loops_of[LEGO_DTYPE_COUNT] = {
    [LEGO_FLOAT32] = {given_float32, centers_float32, write_float32, add_line_float32,
                      add_columns_float32},
    [LEGO_FLOAT64] = {given_float64, centers_float64, write_float64, add_line_float64,
                      add_columns_float64},
};

/* ---- the work -------------------------------------------------------------------------------- */

typedef struct layout {
    int64_t outer, rows, middle, inner;
} layout;

typedef struct pair_work {
    const pair_loops *loops;
    layout at;
    const char *g; /* NULL if g = x - c */
    const char *x;
    const lego_array *center; /* NULL for the first number of each group, if it is finite */
    int64_t bytes;            /* of a number */
    bool is_lines;
    int64_t column_stride;
    int64_t columns;  /* sums per index of `outer`: middle * inner, or middle for lines */
    int64_t tiles;    /* of columns, in all */
    int64_t steps;    /* that are summed for each: rows, or segments of lines */
    int64_t segments; /* of a line */
    int64_t chunk;    /* steps in one chunk */
    int64_t chunks;
    double *sums; /* [chunks][outer][columns], s first and then as many t */
    /* Makes the results for n outputs, of one index of `outer`, in place of their sums s and t. */
    void (*finish)(const struct pair_work *w, int64_t first, int64_t n, double *s, double *t);
    const lego_array *y[2];
} pair_work;

/* ---- the axes -------------------------------------------------------------------------------- */

static bool is_summed(const lego_array *x, const lego_array *y, int axis) {
    return y->shape[axis] != x->shape[axis];
}

/* Whether x has no gaps in the order of these axes, and y none in that of the kept ones. */
static bool are_dense(const walk_axes *a) {
    int64_t x = 1, y = 1;
    for (int axis = a->rank - 1; axis >= 0; axis--) {
        const int64_t *strides = a->strides[axis];
        if (strides[0] != x || (strides[1] != 0 && strides[1] != y)) {
            return false;
        }
        x *= a->shape[axis];
        y *= strides[1] != 0 ? a->shape[axis] : 1;
    }
    return true;
}

/* Merges the axes of x and y, where y is broadcast to x: its stride is 0 along axes that are
 * summed. Both are dense, so the merged axes are kept and summed in turn. Returns false if they are
 * not, or if there are more than four axes. */
static bool layout_of(const lego_array *x, const lego_array *y, layout *at) {
    if (array_size(x) == 0) { /* nothing to sum: one sum of 0 for each number of y */
        *at = (layout){array_size(y), 1, 1, 0};
        return true;
    }
    const lego_array *both[] = {x, y};
    walk_axes a = axes_broadcast_in_memory(x, both, 2);
    if (!are_dense(&a)) {
        return false;
    }
    bool begins_summed = a.strides[0][1] == 0;
    int merged = a.rank + begins_summed;
    int64_t lengths[LEGO_MAX_RANK + 1] = {1, 1, 1, 1};
    memcpy(lengths + begins_summed, a.shape, sizeof(int64_t) * (size_t)a.rank);
    if (merged == 2) { /* one kept axis, then one summed axis: lines */
        *at = (layout){lengths[0], 1, 1, lengths[1]};
    } else {
        *at = (layout){lengths[0], lengths[1], lengths[2], lengths[3]};
    }
    return merged <= 4;
}

/* x with the kept axes first. */
static lego_array kept_first(const lego_array *x, const lego_array *y) {
    lego_array moved = *x;
    int to = 0;
    for (int summed = 0; summed < 2; summed++) {
        for (int axis = 0; axis < x->rank; axis++) {
            if (is_summed(x, y, axis) == summed) {
                moved.shape[to] = x->shape[axis];
                moved.strides[to++] = x->strides[axis];
            }
        }
    }
    return moved;
}

/* ---- the cuts -------------------------------------------------------------------------------- */

static int64_t step_numbers(const pair_work *w) {
    return w->is_lines ? smaller(w->at.inner, SEGMENT) : smaller(w->columns, REDUCE_TILE);
}

/* Lines that are too short for lanes, one after another, are columns with adjacent numbers. */
static void turn_short_lines(pair_work *w) {
    const layout *at = &w->at;
    w->column_stride = 1;
    if (at->rows == 1 && at->middle == 1 && at->inner < ALONE && at->outer >= BLOCK) {
        w->column_stride = at->inner;
        w->at = (layout){1, at->inner, at->outer, 1};
    }
}

static void cut(pair_work *w) {
    turn_short_lines(w);
    const layout *at = &w->at;
    w->is_lines = at->inner >= LINE || (at->rows == 1 && at->inner > 1);
    w->columns = w->is_lines ? at->middle : at->middle * at->inner;
    w->tiles = at->outer * (w->is_lines ? at->middle : divide_up(w->columns, REDUCE_TILE));
    w->segments = w->is_lines ? divide_up(at->inner, SEGMENT) : 1;
    w->steps = at->rows * w->segments;
    w->chunk = reduce_chunk(w->steps, w->tiles, divide_up(CHUNK_WORK, step_numbers(w)));
    w->chunks = larger(1, divide_up(w->steps, w->chunk));
}

/* ---- centers --------------------------------------------------------------------------------- */

/* Where row 0 of a column is. */
static int64_t column_at(const pair_work *w, int64_t outer, int64_t column) {
    const layout *at = &w->at;
    return outer * at->rows * at->middle * at->inner + column * w->column_stride;
}

/* Centers of n outputs from `first` on, near the numbers of each group, so that the variance
 * t - s^2 / n does not cancel: its error in units in the last place is at most the size of the
 * group. */
static void centers_of(const pair_work *w, int64_t outer, int64_t first, int64_t n, double *c) {
    const layout *at = &w->at;
    if (w->center) {
        const char *given = w->center->data;
        w->loops->given(n, given + (outer * at->middle + first) * w->bytes, c);
    } else if (at->rows * at->inner == 0) {
        memset(c, 0, (size_t)n * sizeof(double));
    } else {
        int64_t x = column_at(w, outer, first * at->inner);
        w->loops->centers(n, w->x + x * w->bytes, at->inner * w->column_stride, c);
    }
}

/* ---- the work -------------------------------------------------------------------------------- */

static const char *number_of_g(const pair_work *w, int64_t offset) {
    return w->g ? w->g + offset * w->bytes : NULL;
}

/* Sums the segments begin <= i < end of the lines of one output. */
static void sum_lines(const pair_work *w, int64_t tile, int64_t begin, int64_t end, double *s,
                      double *t) {
    const layout *at = &w->at;
    int64_t outer = tile / at->middle;
    int64_t middle = tile % at->middle;
    double center;
    centers_of(w, outer, middle, 1, &center);
    pair_lanes lanes = {{0}, {0}};
    for (int64_t step = begin; step < end; step++) {
        int64_t row = outer * at->rows + step / w->segments;
        int64_t first = step % w->segments * SEGMENT;
        int64_t offset = (row * at->middle + middle) * at->inner + first;
        w->loops->line(smaller(at->inner - first, SEGMENT), number_of_g(w, offset),
                       w->x + offset * w->bytes, center, &lanes);
    }
    join_lanes(&lanes, s, t);
}

/* Each column of an output has its center. */
static void centers_of_columns(const pair_work *w, int64_t outer, int64_t first, int64_t n,
                               double *c) {
    int64_t inner = w->at.inner;
    if (inner == 1) {
        centers_of(w, outer, first, n, c);
        return;
    }
    double own[REDUCE_TILE];
    int64_t output = first / inner;
    centers_of(w, outer, output, (first + n - 1) / inner - output + 1, own);
    for (int64_t i = 0; i < n; i++) {
        c[i] = own[(first + i) / inner - output];
    }
}

/* Sums the rows begin <= i < end of a tile of columns. */
static void sum_columns(const pair_work *w, int64_t tile, int64_t begin, int64_t end, double *s,
                        double *t) {
    int64_t tiles = divide_up(w->columns, REDUCE_TILE);
    int64_t outer = tile / tiles;
    int64_t first = tile % tiles * REDUCE_TILE;
    int64_t n = smaller(w->columns - first, REDUCE_TILE);
    double centers[REDUCE_TILE];
    centers_of_columns(w, outer, first, n, centers);
    memset(s, 0, (size_t)n * sizeof(double));
    memset(t, 0, (size_t)n * sizeof(double));
    bool is_turned = w->column_stride > 1;
    int64_t row_stride = is_turned ? 1 : w->columns;
    int64_t offset = column_at(w, outer, first) + begin * row_stride;
    pair_matrix m = {
        .g = number_of_g(w, offset),
        .x = w->x + offset * w->bytes,
        .rows = end - begin,
        .row_stride = row_stride,
        .columns = n,
        .column_stride = w->column_stride,
    };
    w->loops->columns(&m, centers, s, t);
}

/* Item i is chunk i % chunks of tile i / chunks. */
static void run_items(void *context, int64_t first, int64_t last) {
    const pair_work *w = context;
    int64_t all = w->at.outer * w->columns;
    int64_t tiles = w->tiles / w->at.outer; /* tiles per index of outer */
    for (int64_t item = first; item < last; item++) {
        int64_t tile = item / w->chunks;
        int64_t chunk = item % w->chunks;
        int64_t begin = chunk * w->chunk;
        int64_t end = smaller(begin + w->chunk, w->steps);
        int64_t column = tile % tiles * (w->is_lines ? 1 : REDUCE_TILE);
        double *s = w->sums + 2 * chunk * all + tile / tiles * w->columns + column;
        (w->is_lines ? sum_lines : sum_columns)(w, tile, begin, end, s, s + all);
    }
}

/* The sums of n outputs: the chunks in order, and the columns in each chunk. */
static void join_tile(const pair_work *w, int64_t first, int64_t n, double *s, double *t) {
    int64_t all = w->at.outer * w->columns;
    int64_t width = w->is_lines ? 1 : w->at.inner;
    memset(s, 0, (size_t)n * sizeof(double));
    memset(t, 0, (size_t)n * sizeof(double));
    for (int64_t chunk = 0; chunk < w->chunks; chunk++) {
        const double *sums = w->sums + 2 * chunk * all + first * width;
        for (int64_t column = 0; column < width; column++, sums++) {
            EACH_ELEMENT {
                s[i] += sums[i * width];
                t[i] += sums[i * width + all];
            }
        }
    }
}

static void join_outputs(void *context, int64_t begin, int64_t end) {
    const pair_work *w = context;
    double s[REDUCE_TILE], t[REDUCE_TILE];
    while (begin < end) {
        int64_t left = w->at.middle - begin % w->at.middle;
        int64_t n = smaller(smaller(end - begin, left), REDUCE_TILE);
        join_tile(w, begin, n, s, t);
        w->finish(w, begin, n, s, t);
        w->loops->write(n, s, (char *)w->y[0]->data + begin * w->bytes);
        w->loops->write(n, t, (char *)w->y[1]->data + begin * w->bytes);
        begin += n;
    }
}

static lego_status run_dense(pair_work *w) {
    if (w->at.outer * w->at.middle == 0) {
        return LEGO_OK;
    }
    if (w->at.inner == 0) { /* nothing to sum: as if there were no rows */
        w->at.rows = 0;
        w->at.inner = 1;
    }
    cut(w);
    int64_t count;
    if (!size_multiply(w->at.outer * w->columns, 2 * w->chunks * (int64_t)sizeof(double), &count)) {
        return LEGO_NO_MEMORY;
    }
    w->sums = memory_take((size_t)count);
    if (!w->sums) {
        return LEGO_NO_MEMORY;
    }
    threads_run(w->tiles * w->chunks, threads_grain(w->chunk * step_numbers(w)), run_items, w);
    int64_t sums_per_output = w->chunks * (w->is_lines ? 1 : w->at.inner);
    threads_run(w->at.outer * w->at.middle, threads_grain(2 * sums_per_output), join_outputs, w);
    memory_give(w->sums, (size_t)count);
    return LEGO_OK;
}

/* Copies x with the kept axes first; NULL without memory. */
static void *copied_kept_first(const lego_array *x, const lego_array *y, size_t bytes) {
    lego_array from = kept_first(x, y);
    lego_array to;
    array_set(&to, x->dtype, x->rank, from.shape);
    to.data = memory_take(bytes);
    if (to.data) {
        move_elements(&from, &to);
    }
    return to.data;
}

static lego_status run_copied(pair_work *w, const lego_array *g, const lego_array *x) {
    int64_t outputs = array_size(w->y[0]);
    int64_t size = array_size(x);
    size_t bytes = (size_t)size * (size_t)w->bytes;
    void *copy_of_x = copied_kept_first(x, w->y[0], bytes);
    void *copy_of_g = g ? copied_kept_first(g, w->y[0], bytes) : NULL;
    lego_status status = LEGO_NO_MEMORY;
    if (copy_of_x && (copy_of_g || !g)) {
        w->at = (layout){outputs, 1, 1, outputs ? size / outputs : 0};
        w->x = copy_of_x;
        w->g = copy_of_g;
        status = run_dense(w);
    }
    memory_give(copy_of_x, bytes);
    memory_give(copy_of_g, bytes);
    return status;
}

static lego_status run(pair_work *w, const lego_array *g, const lego_array *x) {
    w->loops = &loops_of[x->dtype];
    w->bytes = (int64_t)lego_dtype_size(x->dtype);
    w->x = x->data;
    w->g = g ? g->data : NULL;
    return layout_of(x, w->y[0], &w->at) ? run_dense(w) : run_copied(w, g, x);
}

/* ---- results made of the sums ---------------------------------------------------------------- */

static void keep_sums(const pair_work *w, int64_t first, int64_t n, double *s, double *t) {
    (void)w, (void)first, (void)n, (void)s, (void)t;
}

lego_status centered_sums(const lego_array *g, const lego_array *x, const lego_array *c,
                          const lego_array *s, const lego_array *t) {
    pair_work w = {.center = c, .finish = keep_sums, .y = {s, t}};
    return run(&w, g, x);
}

/* With g = x - c: mean = c + s / n, variance = (t - s^2 / n) / n, for any center c. The sums are in
 * double: enough for float32, whatever the center. For float64 a second pass takes the mean of the
 * first one as its center, so that nothing cancels (Chan, Golub and LeVeque, "Algorithms for
 * computing the sample variance", 1983). */
static void make_moments(const pair_work *w, int64_t first, int64_t n, double *s, double *t) {
    const double count = (double)(w->at.rows * w->at.inner);
    double c[REDUCE_TILE];
    centers_of(w, first / w->at.middle, first % w->at.middle, n, c);
    EACH_ELEMENT {
        const double away = s[i] / count;
        const double variance = (t[i] - s[i] * away) / count;
        s[i] = isfinite(c[i]) ? c[i] + away : c[i]; /* an infinite mean stays: away is NaN then */
        t[i] = variance < 0 ? 0 : variance;
    }
}

lego_status moments(const lego_array *x, const lego_array *mean, const lego_array *variance) {
    pair_work w = {.finish = make_moments, .y = {mean, variance}};
    lego_status status = run(&w, NULL, x);
    if (status || x->dtype == LEGO_FLOAT32) {
        return status;
    }
    pair_work again = {.center = mean, .finish = make_moments, .y = {mean, variance}};
    return run(&again, NULL, x);
}

static void sum_line(lego_dtype dtype, int64_t n, const char *x, double c, double *s, double *t) {
    pair_lanes lanes = {{0}, {0}};
    int64_t bytes = (int64_t)lego_dtype_size(dtype);
    for (int64_t begin = 0; begin < n; begin += SEGMENT) {
        loops_of[dtype].line(smaller(n - begin, SEGMENT), NULL, x + begin * bytes, c, &lanes);
    }
    join_lanes(&lanes, s, t);
}

void lines_sums(lego_dtype dtype, int64_t count, int64_t n, const void *x, const double *c,
                double *s, double *t) {
    if (n < ALONE) {
        pair_matrix m = {.x = x, .rows = n, .row_stride = 1, .columns = count, .column_stride = n};
        memset(s, 0, (size_t)count * sizeof(double));
        memset(t, 0, (size_t)count * sizeof(double));
        loops_of[dtype].columns(&m, c, s, t);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        const char *line = (const char *)x + i * n * (int64_t)lego_dtype_size(dtype);
        sum_line(dtype, n, line, c[i], s + i, t + i);
    }
}
