/* Reductions: how the axes of an array become matrices for the reducers, and how the work is shared
 * among threads.
 *
 * Any reduction is a set of matrices whose rows are reduced: totals[column] = sum of x[row,
 * column]. A long dense run that is reduced to one number is a matrix of one column. The output is
 * cut into tiles. If there are too few tiles for the amount of work, the rows are cut into chunks
 * too, and the totals of the chunks are combined in order at the end. All cuts depend on sizes
 * alone, so the bits do not depend on the number of threads. */
#include "reduce.h"

#include "../core/memory.h"
#include "../core/threads.h"
#include "axes.h"
#include "convert.h"

enum { LONG_RUN = 256 }; /* length of a dense run that is worth a matrix of one column */

typedef struct reduction {
    reduce_operation operation;
    lego_dtype dtype;
    const reducer *reducer;
    const char *x;
    size_t x_bytes;
    const lego_array *y;
    walk_axes kept;    /* without the columns */
    walk_axes reduced; /* without the rows */
    int64_t rows, row_stride;
    int64_t columns, column_stride;
    int64_t length;  /* numbers reduced to one output */
    int64_t blocks;  /* tiles per index of the kept axes */
    int64_t tiles;   /* of the whole output */
    int64_t chunk;   /* numbers of `length` in one chunk */
    int64_t chunks;  /* if 1, totals go straight to the output */
    int64_t outputs; /* size of y */
    char *partials;  /* totals[chunks][outputs], if there are several chunks */
} reduction;

/* ---- the axes ----------------------------------------------------------------------------- */

/* Removes the last axis and returns its length and stride; length 1 if there is none. */
static void take_last(walk_axes *a, int64_t *length, int64_t *stride) {
    int last = a->rank - 1;
    *length = last < 0 ? 1 : a->shape[last];
    *stride = last < 0 ? 0 : a->strides[last][0];
    a->rank = larger(0, last);
}

/* Reduced axes are sorted by stride, since their order is free. The rows of the matrices are the
 * reduced axis with the smallest stride. The columns are the last kept axis, except that a long
 * dense run becomes a matrix of one column, which is read in the order of memory. */
static void lay_axes(reduction *r, const lego_array *x, const bool *is_reduced) {
    int order[LEGO_MAX_RANK];
    axes_by_stride(x, order);
    for (int i = 0; i < x->rank; i++) {
        if (!is_reduced[i]) {
            axes_add(&r->kept, x->shape[i], &x->strides[i]);
        }
        if (is_reduced[order[i]]) {
            axes_add(&r->reduced, x->shape[order[i]], &x->strides[order[i]]);
        }
    }
    r->length = axes_size(&r->reduced);
    take_last(&r->reduced, &r->rows, &r->row_stride);
    bool is_run = r->row_stride == 1 && r->rows >= LONG_RUN;
    bool has_dense_columns = r->kept.rank > 0 && r->kept.strides[r->kept.rank - 1][0] == 1;
    r->columns = 1;
    if (has_dense_columns || !is_run) {
        take_last(&r->kept, &r->columns, &r->column_stride);
    }
}

/* ---- the cuts ----------------------------------------------------------------------------- */

static int64_t tile_columns(const reduction *r) {
    return smaller(r->columns, REDUCE_TILE);
}

static void cut(reduction *r) {
    r->blocks = divide_up(r->columns, REDUCE_TILE);
    r->tiles = axes_size(&r->kept) * r->blocks;
    r->chunk = reduce_chunk(r->length, r->tiles, CHUNK_WORK / tile_columns(r));
    r->chunks = larger(1, divide_up(r->length, r->chunk));
}

/* ---- the work ----------------------------------------------------------------------------- */

/* Narrow dense rows are reduced in lanes: several rows side by side. */
static void accumulate_matrix(const reduction *r, const reduce_matrix *m, void *totals) {
    bool is_dense = m->row_stride == m->columns && (m->column_stride == 1 || m->columns == 1);
    lanes l;
    l.row_tile = 1;
    if (is_dense) {
        lanes_open(&l, r->operation, r->dtype, m->rows, m->columns);
    }
    if (l.row_tile == 1) {
        r->reducer->accumulate(m, totals);
        return;
    }
    lanes_accumulate(&l, m->x, m->rows);
    lanes_close(&l, totals);
}

/* Reduces the numbers begin <= i < end of each output of a tile into the totals. */
static void accumulate_range(const reduction *r, const char *x, int64_t columns, int64_t begin,
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

/* y[n] = totals[n], converted to y's dtype; a mean is divided by `length` first. */
static void finish(reduce_operation operation, lego_dtype total, int64_t length, int64_t n,
                   void *totals, lego_dtype dtype, void *y) {
    double *sums = totals;
    for (int64_t i = 0; i < n && operation == REDUCE_MEAN; i++) {
        sums[i] /= (double)length;
    }
    const void *x = totals;
    const int64_t step = 1;
    convert_loop(total, dtype)(n, &x, &step, y);
}

static void finish_outputs(const reduction *r, int64_t first, int64_t n, void *totals) {
    char *y = (char *)r->y->data + (size_t)first * lego_dtype_size(r->y->dtype);
    finish(r->operation, r->reducer->total, r->length, n, totals, r->y->dtype, y);
}

/* Reduces one chunk of one tile. Item i is chunk i % chunks of tile i / chunks. */
static void run_item(const reduction *r, int64_t item) {
    int64_t tile = item / r->chunks;
    int64_t chunk = item % r->chunks;
    int64_t kept = tile / r->blocks;
    int64_t first = tile % r->blocks * REDUCE_TILE;
    int64_t columns = smaller(REDUCE_TILE, r->columns - first);
    int64_t output = kept * r->columns + first;
    int64_t begin = chunk * r->chunk;
    int64_t end = begin + smaller(r->chunk, r->length - begin);

    _Alignas(CACHE_LINE) char own[REDUCE_TILE * TOTAL_ROOM];
    size_t total_bytes = lego_dtype_size(r->reducer->total);
    void *totals =
        r->chunks > 1 ? r->partials + (size_t)(chunk * r->outputs + output) * total_bytes : own;
    int64_t offset = axes_offset(&r->kept, kept) + first * r->column_stride;
    r->reducer->start(columns, totals);
    accumulate_range(r, r->x + offset * (int64_t)r->x_bytes, columns, begin, end, totals);
    if (r->chunks == 1) {
        finish_outputs(r, output, columns, totals);
    }
}

static void run_items(void *context, int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
        run_item(context, item);
    }
}

static void run(reduction *r) {
    int64_t grain = threads_grain(r->chunk * tile_columns(r));
    threads_run(r->tiles * r->chunks, grain, run_items, r);
}

/* Combines the totals of all chunks into those of the first one, in order. */
static void join_chunks(const reduction *r) {
    size_t bytes = (size_t)r->outputs * lego_dtype_size(r->reducer->total);
    for (int64_t chunk = 1; chunk < r->chunks; chunk++) {
        reduce_join(r->operation, r->reducer->total, r->outputs,
                    r->partials + (size_t)chunk * bytes, r->partials);
    }
    finish_outputs(r, 0, r->outputs, r->partials);
}

lego_status reduce(reduce_operation operation, const lego_array *x, const bool *is_reduced,
                   const lego_array *y) {
    reduction r = {
        .operation = operation,
        .dtype = x->dtype,
        .reducer = reducer_for(operation, x->dtype),
        .kept.arrays = 1,
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

/* ---- totals of a run, block by block --------------------------------------------------------- */

void total_finish(reduce_operation operation, lego_dtype dtype, void *totals, int64_t chunks,
                  int64_t n, const lego_array *y) {
    lego_dtype total = reducer_for(operation, dtype)->total;
    for (int64_t chunk = 1; chunk < chunks; chunk++) {
        reduce_join(operation, total, 1, (const char *)totals + chunk * TOTAL_ROOM, totals);
    }
    finish(operation, total, n, 1, totals, y->dtype, y->data);
}
