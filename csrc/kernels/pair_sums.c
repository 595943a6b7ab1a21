/* Two sums in one pass over memory: how axes are laid out, cut and shared among threads.
 *
 * Axes that lie next to each other merge until an array is x[outer][rows][middle][inner], of which
 * rows and inner are summed: outer is 1 for batch normalization; rows are 1 for the last axes.
 * Whatever does not merge so far is copied, with the axes that are kept in front.
 *
 * Where inner is short, all middle * inner numbers of a row are columns, each with sums of its own,
 * and those of an output are joined at the end. Else each line of inner numbers is summed up. */
#include "pair_sums.h"

#include <math.h>
#include <string.h>

#include "../core/dtype.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "elements.h"
#include "move.h"
#include "reducer.h"

enum {
    LINE = 32,     /* inner numbers that are worth summing up on their own */
    PIECE = 16384, /* most numbers of a line at once */
    PAIR_LANES = 16,
    BLOCK = PAIR_LANES, /* columns whose sums live in registers */
    BAND = 2048,        /* numbers whose rows are walked block by block: they stay in L1, and
                           memory is still read about as it lies */
    LEAST_ROWS = 4      /* of a band: a block's sums are loaded and stored once for each */
};

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* ---- the loops ------------------------------------------------------------------------------- */

/* Running sums of a line: number i goes to lane i % PAIR_LANES. */
typedef struct pair_lanes {
    double s[PAIR_LANES];
    double t[PAIR_LANES];
} pair_lanes;

/* Rows of columns[n] that lie row_stride numbers apart. g is NULL where it is x - c. */
typedef struct pair_matrix {
    const void *g;
    const void *x;
    int64_t rows, row_stride;
    int64_t columns;
} pair_matrix;

/* The upper half of so many lanes joins the lower one; a constant where this is inlined. */
static ALWAYS_INLINE void join_half(pair_lanes *lanes, const int half) {
    for (int lane = 0; lane < half; lane++) {
        lanes->s[lane] += lanes->s[lane + half];
        lanes->t[lane] += lanes->t[lane + half];
    }
}

/* The sums of all lanes, joined in halves. */
static void join_lanes(pair_lanes *lanes, double *s, double *t) {
    _Static_assert(PAIR_LANES == 16, "as many halves as joined below");
    join_half(lanes, 8);
    join_half(lanes, 4);
    join_half(lanes, 2);
    join_half(lanes, 1);
    *s = lanes->s[0];
    *t = lanes->t[0];
}

static ALWAYS_INLINE void prefetch(const void *numbers) {
    if (numbers) {
        __builtin_prefetch(numbers);
    }
}

static int64_t band_rows(int64_t columns) {
    return columns * LEAST_ROWS < BAND ? BAND / columns : LEAST_ROWS;
}

#define TEMPLATE "pair_sums_block.h"
#include "per_float.h"

typedef struct pair_loops {
    void (*line)(int64_t n, const void *g, const void *x, double c, pair_lanes *lanes);
    void (*columns)(const pair_matrix *m, const double *c, double *s, double *t);
} pair_loops;

static const pair_loops loops_of[LEGO_DTYPE_COUNT] = {
    [LEGO_FLOAT32] = {add_line_float32, add_columns_float32},
    [LEGO_FLOAT64] = {add_line_float64, add_columns_float64},
};

/* ---- the work -------------------------------------------------------------------------------- */

typedef struct layout {
    int64_t outer, rows, middle, inner;
} layout;

typedef struct pair_work {
    const pair_loops *loops;
    layout at;
    const char *g; /* NULL: x - c itself */
    const char *x;
    const lego_array *center; /* NULL: the first number of each group, where it is finite */
    int64_t bytes;            /* of a number */
    bool is_lines;
    int64_t columns; /* sums for each of `outer`: middle * inner, or middle for lines */
    int64_t tiles;   /* of all columns */
    int64_t steps;   /* to be summed for each: rows, or pieces of lines */
    int64_t pieces;  /* of a line */
    int64_t chunk;   /* steps that are summed at once */
    int64_t chunks;
    double *sums; /* [chunks][outer][columns], s first and then as many t */
    void (*write)(const struct pair_work *w, int64_t output, double s, double t);
    const lego_array *y[2];
} pair_work;

/* ---- the axes -------------------------------------------------------------------------------- */

static bool is_summed(const lego_array *x, const lego_array *y, int axis) {
    return y->shape[axis] != x->shape[axis];
}

/* The axes of x and of y, broadcast to it: y's stride is 0 where they are summed. Both are dense,
 * so what is left after merging is kept and summed by turns. False when there are too many turns.
 */
static bool layout_of(const lego_array *x, const lego_array *y, layout *at) {
    if (array_size(x) == 0) { /* sums of nothing, one for each number of y */
        *at = (layout){array_size(y), 1, 1, 0};
        return true;
    }
    const lego_array *both[] = {x, y};
    walk_axes a = axes_broadcast(x, both, 2);
    bool begins_summed = a.strides[0][1] == 0;
    int turns = a.rank + begins_summed;
    int64_t lengths[LEGO_MAX_RANK + 1] = {1, 1, 1, 1};
    memcpy(lengths + begins_summed, a.shape, sizeof(int64_t) * (size_t)a.rank);
    if (turns == 2) { /* kept, then summed: lines */
        *at = (layout){lengths[0], 1, 1, lengths[1]};
    } else {
        *at = (layout){lengths[0], lengths[1], lengths[2], lengths[3]};
    }
    return turns <= 4;
}

/* The same array with the axes that are kept in front. */
static lego_array kept_first(const lego_array *x, const lego_array *y) {
    lego_array moved = *x;
    int place = 0;
    for (int summed = 0; summed < 2; summed++) {
        for (int axis = 0; axis < x->rank; axis++) {
            if (is_summed(x, y, axis) == summed) {
                moved.shape[place] = x->shape[axis];
                moved.strides[place++] = x->strides[axis];
            }
        }
    }
    return moved;
}

/* ---- the cuts -------------------------------------------------------------------------------- */

static int64_t step_numbers(const pair_work *w) {
    return w->is_lines ? smaller(w->at.inner, PIECE) : smaller(w->columns, REDUCE_TILE);
}

static void cut(pair_work *w) {
    const layout *at = &w->at;
    w->is_lines = at->inner >= LINE || (at->rows == 1 && at->inner > 1);
    w->columns = w->is_lines ? at->middle : at->middle * at->inner;
    w->tiles = at->outer * (w->is_lines ? at->middle : divide_up(w->columns, REDUCE_TILE));
    w->pieces = w->is_lines ? divide_up(at->inner, PIECE) : 1;
    w->steps = at->rows * w->pieces;
    w->chunk = reduce_chunk(w->steps, w->tiles, divide_up(CHUNK_WORK, step_numbers(w)));
    w->chunks = larger(1, divide_up(w->steps, w->chunk));
}

/* ---- centers --------------------------------------------------------------------------------- */

static double number_at(const pair_work *w, const void *numbers, int64_t index) {
    return w->bytes == sizeof(float) ? (double)((const float *)numbers)[index]
                                     : ((const double *)numbers)[index];
}

/* Near the numbers of the group, which is all that a variance needs: what is lost by cancelling is
 * no more than the number of the group's numbers in units in the last place. */
static double center_of(const pair_work *w, int64_t outer, int64_t middle) {
    const layout *at = &w->at;
    if (w->center) {
        return number_at(w, w->center->data, outer * at->middle + middle);
    }
    if (at->rows * at->inner == 0) {
        return 0;
    }
    double first = number_at(w, w->x, (outer * at->rows * at->middle + middle) * at->inner);
    return isfinite(first) ? first : 0;
}

/* ---- the work -------------------------------------------------------------------------------- */

static const char *number_of_g(const pair_work *w, int64_t offset) {
    return w->g ? w->g + offset * w->bytes : NULL;
}

/* The lines of one output from piece `begin` to `end`. */
static void sum_lines(const pair_work *w, int64_t tile, int64_t begin, int64_t end, double *s,
                      double *t) {
    const layout *at = &w->at;
    int64_t outer = tile / at->middle;
    int64_t middle = tile % at->middle;
    double center = center_of(w, outer, middle);
    pair_lanes lanes = {{0}, {0}};
    for (int64_t step = begin; step < end; step++) {
        int64_t row = outer * at->rows + step / w->pieces;
        int64_t first = step % w->pieces * PIECE;
        int64_t offset = (row * at->middle + middle) * at->inner + first;
        w->loops->line(smaller(at->inner - first, PIECE), number_of_g(w, offset),
                       w->x + offset * w->bytes, center, &lanes);
    }
    join_lanes(&lanes, s, t);
}

/* A tile of columns from row `begin` to `end`. */
static void sum_columns(const pair_work *w, int64_t tile, int64_t begin, int64_t end, double *s,
                        double *t) {
    const layout *at = &w->at;
    int64_t tiles = divide_up(w->columns, REDUCE_TILE);
    int64_t outer = tile / tiles;
    int64_t first = tile % tiles * REDUCE_TILE;
    int64_t n = smaller(w->columns - first, REDUCE_TILE);
    double centers[REDUCE_TILE];
    for (int64_t i = 0; i < n; i++) {
        centers[i] = center_of(w, outer, (first + i) / at->inner);
        s[i] = t[i] = 0;
    }
    int64_t offset = (outer * at->rows + begin) * w->columns + first;
    pair_matrix m = {
        .g = number_of_g(w, offset),
        .x = w->x + offset * w->bytes,
        .rows = end - begin,
        .row_stride = w->columns,
        .columns = n,
    };
    w->loops->columns(&m, centers, s, t);
}

/* Item i is chunk i % chunks of tile i / chunks. */
static void run_items(void *context, int64_t first, int64_t last) {
    const pair_work *w = context;
    int64_t all = w->at.outer * w->columns;
    int64_t tiles = w->tiles / w->at.outer; /* of each outer */
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

/* Joins what belongs to an output: chunks in order, and the columns of each. */
static void join_outputs(void *context, int64_t begin, int64_t end) {
    const pair_work *w = context;
    int64_t all = w->at.outer * w->columns;
    int64_t width = w->is_lines ? 1 : w->at.inner;
    for (int64_t output = begin; output < end; output++) {
        double s = 0, t = 0;
        for (int64_t chunk = 0; chunk < w->chunks; chunk++) {
            const double *sums = w->sums + 2 * chunk * all + output * width;
            for (int64_t i = 0; i < width; i++) {
                s += sums[i];
                t += sums[i + all];
            }
        }
        w->write(w, output, s, t);
    }
}

static lego_status run_dense(pair_work *w) {
    if (w->at.outer * w->at.middle == 0) {
        return LEGO_OK;
    }
    if (w->at.inner == 0) { /* nothing to sum up: as if there were no rows */
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
    int64_t joined = w->chunks * (w->is_lines ? 1 : w->at.inner);
    threads_run(w->at.outer * w->at.middle, threads_grain(2 * joined), join_outputs, w);
    memory_give(w->sums, (size_t)count);
    return LEGO_OK;
}

/* Copies x with the axes that are kept in front; NULL without memory. */
static void *gathered(const lego_array *x, const lego_array *y, size_t bytes) {
    lego_array from = kept_first(x, y);
    lego_array to;
    array_set(&to, x->dtype, x->rank, from.shape);
    to.data = memory_take(bytes);
    if (to.data) {
        move_elements(&from, &to);
    }
    return to.data;
}

static lego_status run_gathered(pair_work *w, const lego_array *g, const lego_array *x) {
    int64_t outputs = array_size(w->y[0]);
    int64_t size = array_size(x);
    size_t bytes = (size_t)size * (size_t)w->bytes;
    void *own_x = gathered(x, w->y[0], bytes);
    void *own_g = g ? gathered(g, w->y[0], bytes) : NULL;
    lego_status status = LEGO_NO_MEMORY;
    if (own_x && (own_g || !g)) {
        w->at = (layout){outputs, 1, 1, outputs ? size / outputs : 0};
        w->x = own_x;
        w->g = own_g;
        status = run_dense(w);
    }
    memory_give(own_x, bytes);
    memory_give(own_g, bytes);
    return status;
}

static lego_status run(pair_work *w, const lego_array *g, const lego_array *x) {
    w->loops = &loops_of[x->dtype];
    w->bytes = (int64_t)lego_dtype_size(x->dtype);
    w->x = x->data;
    w->g = g ? g->data : NULL;
    return layout_of(x, w->y[0], &w->at) ? run_dense(w) : run_gathered(w, g, x);
}

/* ---- what is made of the sums ---------------------------------------------------------------- */

static void write_number(const lego_array *y, int64_t index, double value) {
    if (y->dtype == LEGO_FLOAT32) {
        ((float *)y->data)[index] = (float)value;
    } else {
        ((double *)y->data)[index] = value;
    }
}

static void write_sums(const pair_work *w, int64_t output, double s, double t) {
    write_number(w->y[0], output, s);
    write_number(w->y[1], output, t);
}

lego_status centered_sums(const lego_array *g, const lego_array *x, const lego_array *c,
                          const lego_array *s, const lego_array *t) {
    pair_work w = {.center = c, .write = write_sums, .y = {s, t}};
    return run(&w, g, x);
}

/* With g = x - c: mean = c + s / n, variance = (t - s^2 / n) / n, whatever the center is. */
static void write_moments(const pair_work *w, int64_t output, double s, double t) {
    double n = (double)(w->at.rows * w->at.inner);
    double center = center_of(w, output / w->at.middle, output % w->at.middle);
    double variance = (t - s * (s / n)) / n;
    write_number(w->y[0], output, center + s / n);
    write_number(w->y[1], output, variance < 0 ? 0 : variance);
}

lego_status moments(const lego_array *x, const lego_array *mean, const lego_array *variance) {
    pair_work w = {.write = write_moments, .y = {mean, variance}};
    return run(&w, NULL, x);
}
