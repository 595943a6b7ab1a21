/* Reductions: how the axes of an array become matrices for the reducers, and how the work is shared
 * among threads.
 *
 * Any reduction is a set of matrices whose rows are reduced: totals[column] = sum of x[row,
 * column]. The rows are the reduced axis along which memory is densest, and the columns the kept
 * one; results go to where the output wants them. The output is cut into tiles. If there are too
 * few tiles for the amount of work, the rows are cut into chunks too, and the totals of the chunks
 * are combined in order at the end. All cuts depend on sizes alone, so the bits do not depend on
 * the number of threads. */
#include "reduce.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "axes.h"
#include "convert.h"
#include "reduce_columns.h"

enum {
    LEAST_LINES = 8,  /* of a tile: those whose last lanes the reducers combine at once */
    WIDE_TILE = 2048, /* columns whose totals take half of L1 */
    BOOLS = 4096,     /* that are reduced before it is asked whether the result is known */
    LONG_LINE = 64    /* bools that are worth a search of their own */
};

typedef struct reduction {
    reduce_operation operation;
    lego_dtype dtype;
    const reducer *reducer;
    const char *x;
    size_t x_bytes;
    const lego_array *y;
    walk_axes kept;    /* of x and y, without the columns */
    walk_axes reduced; /* of x, without the rows */
    int64_t rows, row_stride;
    int64_t columns, column_stride;
    int64_t y_stride; /* of the columns */
    int64_t length;   /* numbers reduced to one output */
    int64_t tile;     /* columns of a tile */
    int64_t blocks;   /* tiles per index of the kept axes */
    int64_t tiles;    /* of the whole output */
    int64_t chunk;    /* numbers of `length` in one chunk */
    int64_t chunks;   /* if 1, totals go straight to the output */
    int64_t outputs;  /* size of y */
    char *partials;   /* totals[chunks][outputs], if there are several chunks */
} reduction;

/* ---- the axes ----------------------------------------------------------------------------- */

/* Removes the last axis and returns its length; length 1 and strides of 0 if there is none. */
static int64_t take_last(walk_axes *a, int64_t *strides) {
    int last = a->rank - 1;
    a->rank = larger(0, last);
    for (int i = 0; i < a->arrays; i++) {
        strides[i] = last < 0 ? 0 : a->strides[last][i];
    }
    return last < 0 ? 1 : a->shape[last];
}

/* Sets y's stride for each axis of x that is kept: y is dense. */
static void strides_of_y(const lego_array *x, const bool *is_reduced, int64_t *strides) {
    int64_t stride = 1;
    for (int axis = x->rank - 1; axis >= 0; axis--) {
        strides[axis] = stride;
        stride *= is_reduced[axis] ? 1 : x->shape[axis];
    }
}

/* Axes are sorted by stride, since the order of reduced ones is free, and so is the order in which
 * results are computed. Those that are broadcast come first, where no loop is made of them. */
static void lay_axes(reduction *r, const lego_array *x, const bool *is_reduced) {
    int order[LEGO_MAX_RANK];
    int64_t y_strides[LEGO_MAX_RANK], strides[2];
    axes_by_stride(x, order);
    strides_of_y(x, is_reduced, y_strides);
    for (int i = 0; i < 2 * x->rank; i++) {
        int axis = order[i % x->rank];
        if ((x->strides[axis] == 0) == (i < x->rank)) {
            int64_t both[] = {x->strides[axis], y_strides[axis]};
            axes_add(is_reduced[axis] ? &r->reduced : &r->kept, x->shape[axis], both);
        }
    }
    r->length = axes_size(&r->reduced);
    r->rows = take_last(&r->reduced, &r->row_stride);
    r->columns = take_last(&r->kept, strides);
    r->column_stride = strides[0];
    r->y_stride = strides[1];
}

/* ---- the cuts ----------------------------------------------------------------------------- */

/* Columns of a tile. Dense lines are read one by one, so few of them are enough for a tile, and it
 * is better to keep them whole. */
static int64_t tile_columns(const reduction *r) {
    int64_t most = REDUCE_TILE;
    if (r->row_stride == 1 && r->length > 0) {
        most = larger(LEAST_LINES, smaller(most, CHUNK_WORK / 4 / r->length));
    }
    return smaller(r->columns, most);
}

/* Whether one number is made of a matrix whose rows are dense, but short and apart: the inner part
 * of an image. */
static bool is_sheet(const reduction *r) {
    bool is_one = r->columns == 1 && r->reduced.rank > 0;
    return is_one && r->row_stride == 1 && r->rows > 1 && r->rows <= REDUCE_TILE;
}

static void cut_columns(reduction *r, int64_t tile) {
    r->tile = tile;
    r->blocks = tile ? divide_up(r->columns, tile) : 0;
    r->tiles = axes_size(&r->kept) * r->blocks;
}

/* Whether rows may be walked as far as possible: memory is read fastest in its order. No bit
 * depends on it, as long as no column becomes a line by itself or ceases to be one. Enough items
 * remain for threads. */
static bool is_wide(const reduction *r) {
    const bool is_shared = r->chunks > 1 || axes_size(&r->kept) >= ENOUGH_TILES / 8;
    return is_shared && r->column_stride == 1 && r->y_stride == 1 && columns_are_walked(r->columns);
}

static void cut(reduction *r) {
    cut_columns(r, tile_columns(r));
    r->chunk = reduce_chunk(r->length, r->tiles, CHUNK_WORK / larger(1, r->tile));
    r->chunk = is_sheet(r) ? divide_up(r->chunk, r->rows) * r->rows : r->chunk;
    r->chunks = larger(1, divide_up(r->length, r->chunk));
    if (is_wide(r)) {
        cut_columns(r, smaller(r->columns, WIDE_TILE));
    }
}

/* ---- the work ----------------------------------------------------------------------------- */

/* A narrow dense matrix is reduced as if it were wide. */
static void accumulate_matrix(const reduction *r, const reduce_matrix *m, void *totals) {
    bool is_dense = m->row_stride == m->columns && m->column_stride == 1;
    int64_t beside = is_dense ? rows_side_by_side(m->rows, m->columns) : 1;
    if (beside == 1) {
        r->reducer->accumulate(m, totals);
        return;
    }
    running_columns narrow;
    running_columns_open(&narrow, r->operation, r->dtype, m->columns, beside, totals);
    running_columns_feed(&narrow, m->x, m->rows, r->x_bytes);
    running_columns_close(&narrow);
}

/* Rows of one column, one after another, are one line: its lanes are combined once at the end.
 */
static void accumulate_line(const reduction *r, const char *x, int64_t begin, int64_t end,
                            void *total) {
    running_line line;
    running_open(&line, r->operation, r->dtype, end - begin);
    while (begin < end) {
        int64_t row = begin % r->rows;
        int64_t n = smaller(end - begin, r->rows - row);
        int64_t offset = axes_offset(&r->reduced, begin / r->rows) + row * r->row_stride;
        running_feed(&line, x + offset * (int64_t)r->x_bytes, n, r->row_stride);
        begin += n;
    }
    running_close(&line, total);
}

/* The columns of a sheet are reduced first, for a line would begin and end with each row. Whole
 * rows are reduced: begin and end lie between two. */
static void accumulate_sheet(const reduction *r, const char *x, int64_t begin, int64_t end,
                             void *total) {
    _Alignas(CACHE_LINE) char sums[REDUCE_TILE * TOTAL_ROOM];
    const int last = r->reduced.rank - 1;
    r->reducer->start(r->rows, sums);
    for (int64_t row = begin / r->rows; row < end / r->rows;) {
        int64_t length = r->reduced.shape[last];
        int64_t count = smaller(end / r->rows - row, length - row % length);
        reduce_matrix m = {
            .x = x + axes_offset(&r->reduced, row) * (int64_t)r->x_bytes,
            .rows = count,
            .row_stride = r->reduced.strides[last][0],
            .columns = r->rows,
            .column_stride = 1,
        };
        r->reducer->accumulate(&m, sums);
        row += count;
    }
    reduce_join_all(r->operation, r->reducer->total, r->rows, sums, total);
}

/* The bool after which no other one changes the total: any() and all() are known early. */
static uint8_t settling(const reduction *r) {
    return r->operation == REDUCE_MAX;
}

/* Reduces n bools, `step` apart. Adjacent ones are searched, which ends where one is found. */
static void accumulate_some_bools(const reduction *r, const char *x, int64_t n, int64_t step,
                                  uint8_t *total) {
    if (step == 1) {
        *total = memchr(x, settling(r), (size_t)n) ? settling(r) : *total;
        return;
    }
    reduce_matrix m = {.x = x, .rows = n, .row_stride = step, .columns = 1};
    r->reducer->accumulate(&m, total);
}

/* Reduces bools until the total is settled. */
static void accumulate_bools(const reduction *r, const char *x, int64_t begin, int64_t end,
                             uint8_t *total) {
    while (begin < end && *total != settling(r)) {
        int64_t row = begin % r->rows;
        int64_t n = smaller(smaller(end - begin, r->rows - row), BOOLS);
        int64_t offset = axes_offset(&r->reduced, begin / r->rows) + row * r->row_stride;
        accumulate_some_bools(r, x + offset, n, r->row_stride, total);
        begin += n;
    }
}

static bool may_settle(const reduction *r, int64_t columns) {
    bool is_extreme = r->operation == REDUCE_MAX || r->operation == REDUCE_MIN;
    bool is_line = columns == 1 || (r->row_stride == 1 && r->rows >= LONG_LINE);
    return r->dtype == LEGO_BOOL && is_extreme && is_line;
}

/* Reduces the numbers begin <= i < end of each output of a tile into the totals. */
static void accumulate_columns(const reduction *r, const char *x, int64_t columns, int64_t begin,
                               int64_t end, void *totals) {
    while (begin < end) {
        int64_t row = begin % r->rows;
        int64_t rows = smaller(end - begin, r->rows - row);
        int64_t offset = axes_offset(&r->reduced, begin / r->rows) + row * r->row_stride;
        reduce_matrix m = {
            .x = x + offset * (int64_t)r->x_bytes,
            .rows = rows,
            .row_stride = r->row_stride,
            .columns = columns,
            .column_stride = r->column_stride,
        };
        accumulate_matrix(r, &m, totals);
        begin += rows;
    }
}

static void accumulate_range(const reduction *r, const char *x, int64_t columns, int64_t begin,
                             int64_t end, void *totals) {
    if (may_settle(r, columns)) {
        for (int64_t i = 0; i < columns; i++) {
            accumulate_bools(r, x + i * r->column_stride, begin, end, (uint8_t *)totals + i);
        }
    } else if (columns > 1) {
        accumulate_columns(r, x, columns, begin, end, totals);
    } else if (is_sheet(r)) {
        accumulate_sheet(r, x, begin, end, totals);
    } else {
        accumulate_line(r, x, begin, end, totals);
    }
}

/* y[n] = totals[n], converted to y's dtype; a mean is divided by `length` first, and a norm is the
 * root. */
static void finish(reduce_operation operation, lego_dtype total, int64_t length, int64_t n,
                   void *totals, lego_dtype dtype, void *y) {
    double *sums = totals;
    for (int64_t i = 0; i < n && operation == REDUCE_MEAN; i++) {
        sums[i] /= (double)length;
    }
    for (int64_t i = 0; i < n && operation == REDUCE_NORM; i++) {
        sums[i] = sqrt(sums[i]);
    }
    const void *x = totals;
    const int64_t step = 1;
    convert_loop(total, dtype)(n, &x, &step, y);
}

/* Copies n numbers to y, which are `stride` numbers apart. */
static void spread(const char *from, int64_t n, int64_t stride, size_t bytes, char *y) {
    for (int64_t i = 0; i < n; i++) {
        memcpy(y + (size_t)(i * stride) * bytes, from + (size_t)i * bytes, bytes);
    }
}

/* A tile of the output: adjacent columns of one index of the kept axes. */
typedef struct output_tile {
    int64_t first, columns;
    int64_t x, y; /* offsets of its first column */
} output_tile;

static output_tile tile_at(const reduction *r, int64_t index) {
    walk_position at = axes_at(&r->kept, index / r->blocks);
    int64_t first = index % r->blocks * r->tile;
    return (output_tile){
        .first = index / r->blocks * r->columns + first,
        .columns = smaller(r->tile, r->columns - first),
        .x = at.offsets[0] + first * r->column_stride,
        .y = at.offsets[1] + first * r->y_stride,
    };
}

static void finish_tile(const reduction *r, const output_tile *tile, void *totals) {
    size_t bytes = lego_dtype_size(r->y->dtype);
    char *y = (char *)r->y->data + (size_t)tile->y * bytes;
    bool is_dense = r->y_stride == 1 || tile->columns == 1;
    char own[REDUCE_TILE * TOTAL_ROOM];
    finish(r->operation, r->reducer->total, r->length, tile->columns, totals, r->y->dtype,
           is_dense ? y : own);
    if (!is_dense) {
        spread(own, tile->columns, r->y_stride, bytes, y);
    }
}

static char *partials_of(const reduction *r, int64_t chunk, const output_tile *tile) {
    size_t bytes = lego_dtype_size(r->reducer->total);
    return r->partials + (size_t)(chunk * r->outputs + tile->first) * bytes;
}

/* Reduces one chunk of one tile. Item i is chunk i % chunks of tile i / chunks. */
static void run_item(const reduction *r, int64_t item) {
    output_tile tile = tile_at(r, item / r->chunks);
    int64_t chunk = item % r->chunks;
    int64_t begin = chunk * r->chunk;
    int64_t end = begin + smaller(r->chunk, r->length - begin);

    _Alignas(CACHE_LINE) char own[WIDE_TILE * TOTAL_ROOM];
    void *totals = r->chunks > 1 ? partials_of(r, chunk, &tile) : own;
    r->reducer->start(tile.columns, totals);
    const char *x = r->x + tile.x * (int64_t)r->x_bytes;
    accumulate_range(r, x, tile.columns, begin, end, totals);
    if (r->chunks == 1) {
        finish_tile(r, &tile, totals);
    }
}

static void run_items(void *context, int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
        run_item(context, item);
    }
}

static void run(reduction *r) {
    int64_t grain = threads_grain(r->chunk * r->tile);
    threads_run(r->tiles * r->chunks, grain, run_items, r);
}

/* Combines the totals of all chunks into those of the first one, in order. */
static void join_chunks(const reduction *r) {
    for (int64_t i = 0; i < r->tiles; i++) {
        output_tile tile = tile_at(r, i);
        char *totals = partials_of(r, 0, &tile);
        for (int64_t chunk = 1; chunk < r->chunks; chunk++) {
            reduce_join(r->operation, r->reducer->total, tile.columns, partials_of(r, chunk, &tile),
                        totals);
        }
        finish_tile(r, &tile, totals);
    }
}

lego_status reduce(reduce_operation operation, const lego_array *x, const bool *is_reduced,
                   const lego_array *y) {
    reduction r = {
        .operation = operation,
        .dtype = x->dtype,
        .reducer = reducer_for(operation, x->dtype),
        .kept.arrays = 2,
        .reduced.arrays = 1,
        .x = x->data,
        .x_bytes = lego_dtype_size(x->dtype),
        .y = y,
        .outputs = array_size(y),
    };
    if (r.outputs == 0) {
        return LEGO_OK;
    }
    lay_axes(&r, x, is_reduced);
    cut(&r);
    if (r.chunks == 1) {
        run(&r);
        return LEGO_OK;
    }
    size_t bytes = (size_t)(r.chunks * r.outputs) * TOTAL_ROOM;
    r.partials = memory_take(bytes);
    if (!r.partials) {
        return LEGO_NO_MEMORY;
    }
    run(&r);
    join_chunks(&r);
    memory_give(r.partials, bytes);
    return LEGO_OK;
}

/* ---- lines, some at a time --------------------------------------------------------------------
 */

_Static_assert(WHOLE_LINE == CHUNK_WORK / LEAST_LINES, "a whole line is cut into chunks");

void reduce_lines(reduce_operation operation, lego_dtype dtype, const void *x, int64_t count,
                  int64_t n, lego_dtype y_dtype, void *y) {
    const reducer *r = reducer_for(operation, dtype);
    const size_t x_bytes = (size_t)n * lego_dtype_size(dtype), y_bytes = lego_dtype_size(y_dtype);
    _Alignas(CACHE_LINE) char totals[REDUCE_TILE * TOTAL_ROOM];
    for (int64_t line = 0; line < count; line += REDUCE_TILE) {
        const int64_t lines = smaller(REDUCE_TILE, count - line);
        const reduce_matrix m = {(const char *)x + (size_t)line * x_bytes, n, 1, lines, n};
        r->start(lines, totals);
        r->accumulate(&m, totals);
        finish(operation, r->total, n, lines, totals, y_dtype, (char *)y + (size_t)line * y_bytes);
    }
}

/* ---- totals of a run, block by block --------------------------------------------------------- */

void total_finish(reduce_operation operation, lego_dtype dtype, void *totals, int64_t chunks,
                  int64_t n, const lego_array *y) {
    lego_dtype total = reducer_for(operation, dtype)->total;
    for (int64_t chunk = 1; chunk < chunks; chunk++) {
        reduce_join(operation, total, 1, (const char *)totals + chunk * TOTAL_ROOM, totals);
    }
    finish(operation, total, n, 1, totals, y->dtype, y->data);
}

/* ---- columns, some rows at a time ------------------------------------------------------------ */

/* As cut() has it: r->row_stride is not 1. */
int64_t columns_chunk(int64_t matrices, int64_t rows, int64_t columns) {
    const int64_t tiles = matrices * divide_up(columns, REDUCE_TILE);
    return reduce_chunk(rows, tiles, CHUNK_WORK / smaller(columns, REDUCE_TILE));
}

void columns_finish(reduce_operation operation, const lego_array *x, char *totals, int64_t chunks,
                    int64_t rows, int64_t columns, const lego_array *y) {
    const lego_dtype total = reducer_for(operation, x->dtype)->total;
    const int64_t matrices = array_size(y) / columns, bytes = columns * TOTAL_ROOM;
    for (int64_t i = 0; i < matrices; i++, totals += chunks * bytes) {
        for (int64_t chunk = 1; chunk < chunks; chunk++) {
            reduce_join(operation, total, columns, totals + chunk * bytes, totals);
        }
        char *to = (char *)y->data + (size_t)(i * columns) * lego_dtype_size(y->dtype);
        finish(operation, total, rows, columns, totals, y->dtype, to);
    }
}
