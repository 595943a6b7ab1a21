/* Copies between strided arrays.
 *
 * Elements are copied by memcpy of a constant size, which compilers turn into one load and one
 * store for any dtype of that size. The order of copies is free, so axes are walked in the order of
 * y's memory. If x is dense along another axis than y (a transposed copy), the walk goes tile by
 * tile, else row by row. */
#include "move.h"

#include <string.h>

#include "../core/threads.h"
#include "convert.h"

enum { X, Y }; /* the arrays of a walk */

/* ---- row by row ---------------------------------------------------------------------------- */

/* y[i] = x[i] for n elements, `x_step` and `y_step` elements apart; inlined with `bytes` as a
 * constant. */
static inline void step_through(int64_t n, const char *x, int64_t x_step, char *y, int64_t y_step,
                                size_t bytes) {
    const int64_t x_bytes = x_step * (int64_t)bytes;
    const int64_t y_bytes = y_step * (int64_t)bytes;
    for (int64_t i = 0; i < n; i++) {
        memcpy(y + i * y_bytes, x + i * x_bytes, bytes);
    }
}

/* The same, with branches for the two frequent cases: dense rows, and one element repeated. */
static inline void move_row_of(int64_t n, const char *x, int64_t x_step, char *y, int64_t y_step,
                               size_t bytes) {
    if (x_step == 1 && y_step == 1) {
        memcpy(y, x, (size_t)n * bytes);
    } else if (x_step == 0 && y_step == 1) {
        char element[sizeof(int64_t)]; /* a copy: no write to y can change it */
        memcpy(element, x, bytes);
        step_through(n, element, 0, y, 1, bytes);
    } else {
        step_through(n, x, x_step, y, y_step, bytes);
    }
}

static void move_row(int64_t n, const char *x, int64_t x_step, char *y, int64_t y_step,
                     size_t bytes) {
    if (bytes == 1) {
        move_row_of(n, x, x_step, y, y_step, 1);
    } else if (bytes == 4) {
        move_row_of(n, x, x_step, y, y_step, 4);
    } else {
        move_row_of(n, x, x_step, y, y_step, 8);
    }
}

void move_walked(const walk_axes *a, size_t bytes, const char *x, char *y, int64_t begin,
                 int64_t end) {
    if (begin >= end) {
        return; /* an empty walk has no position */
    }
    const int64_t *steps = a->strides[a->rank - 1];
    if (a->rank == 1) {
        int64_t size = (int64_t)bytes;
        move_row(end - begin, x + begin * steps[X] * size, steps[X], y + begin * steps[Y] * size,
                 steps[Y], bytes);
        return;
    }
    walk_position at = axes_at(a, begin);
    while (begin < end) {
        int64_t n = axes_in_row(a, &at, end - begin);
        move_row(n, x + at.offsets[X] * (int64_t)bytes, steps[X],
                 y + at.offsets[Y] * (int64_t)bytes, steps[Y], bytes);
        begin += n;
        axes_next_row(a, &at);
    }
}

typedef struct move_work {
    walk_axes axes; /* of x and y; for tiles, only the axes outside of the matrices */
    size_t bytes;
    const char *x;
    char *y;
    int64_t rows, columns; /* of the matrices that are cut into tiles */
    int64_t x_step;        /* from column to column; x is dense from row to row */
    int64_t y_step;        /* from row to row; y is dense from column to column */
} move_work;

static void move_rows(void *context, int64_t begin, int64_t end) {
    const move_work *w = context;
    move_walked(&w->axes, w->bytes, w->x, w->y, begin, end);
}

/* ---- tile by tile -------------------------------------------------------------------------- */

/* Row by row, a transposed copy would fetch a cache line per element. A tile of TILE x TILE
 * elements uses whole cache lines, and passes through a buffer that stays in L1. */
enum { TILE = 16, WORTH_TILING = 4 };

static inline void move_tile_of(const move_work *w, const char *x, char *y, int64_t rows,
                                int64_t columns, size_t bytes) {
    char buffer[TILE * TILE * sizeof(int64_t)];
    for (int64_t column = 0; column < columns; column++) {
        memcpy(buffer + (size_t)(column * TILE) * bytes, x + column * w->x_step * (int64_t)bytes,
               (size_t)rows * bytes);
    }
    for (int64_t row = 0; row < rows; row++) {
        step_through(columns, buffer + (size_t)row * bytes, TILE,
                     y + row * w->y_step * (int64_t)bytes, 1, bytes);
    }
}

static void move_tile(const move_work *w, const char *x, char *y, int64_t rows, int64_t columns) {
    if (w->bytes == 1) {
        move_tile_of(w, x, y, rows, columns, 1);
    } else if (w->bytes == 4) {
        move_tile_of(w, x, y, rows, columns, 4);
    } else {
        move_tile_of(w, x, y, rows, columns, 8);
    }
}

/* Tiles are counted in row-major order, one matrix after another. */
static void move_tiles(void *context, int64_t begin, int64_t end) {
    const move_work *w = context;
    int64_t size = (int64_t)w->bytes;
    int64_t across = divide_up(w->columns, TILE);
    int64_t tiles = divide_up(w->rows, TILE) * across; /* of a matrix */
    walk_position at = axes_at(&w->axes, begin / tiles);
    for (int64_t tile = begin % tiles; begin < end; begin++) {
        int64_t row = tile / across * TILE;
        int64_t column = tile % across * TILE;
        move_tile(w, w->x + (at.offsets[X] + row + column * w->x_step) * size,
                  w->y + (at.offsets[Y] + row * w->y_step + column) * size,
                  smaller(TILE, w->rows - row), smaller(TILE, w->columns - column));
        if (++tile == tiles) {
            tile = 0;
            axes_next(&w->axes, &at, w->axes.rank - 1);
        }
    }
}

/* The axis along which x is dense while y is not; -1 if there is none. */
static int axis_across(const walk_axes *a) {
    int last = a->rank - 1;
    for (int axis = 0; axis < last && a->strides[last][Y] == 1; axis++) {
        if (a->strides[axis][X] == 1 && a->shape[axis] >= WORTH_TILING) {
            return axis;
        }
    }
    return -1;
}

/* Rows of the matrices run along the axis where x is dense, columns along the last axis, where y is
 * dense. */
static void run_tiles(move_work *w, int64_t size, int across) {
    walk_axes *a = &w->axes;
    int last = a->rank - 1;
    w->rows = a->shape[across];
    w->columns = a->shape[last];
    w->x_step = a->strides[last][X];
    w->y_step = a->strides[across][Y];
    axes_remove(a, last);
    axes_remove(a, across);
    int64_t tiles = divide_up(w->rows, TILE) * divide_up(w->columns, TILE);
    threads_run(size / w->rows / w->columns * tiles, threads_grain(TILE * TILE), move_tiles, w);
}

/* The axes of both in the order of y's memory. */
static walk_axes axes_in_memory(const lego_array *x, const lego_array *y) {
    walk_axes a = {.arrays = 2};
    int order[LEGO_MAX_RANK];
    axes_by_stride(y, order);
    for (int i = 0; i < y->rank; i++) {
        const int64_t strides[] = {x->strides[order[i]], y->strides[order[i]]};
        axes_add(&a, y->shape[order[i]], strides);
    }
    axes_add_row(&a);
    return a;
}

void move_elements(const lego_array *x, const lego_array *y) {
    move_work work = {
        .axes = axes_in_memory(x, y),
        .bytes = lego_dtype_size(x->dtype),
        .x = x->data,
        .y = y->data,
    };
    int64_t size = array_size(x);
    int across = size > 0 ? axis_across(&work.axes) : -1;
    if (across >= 0) {
        run_tiles(&work, size, across);
    } else {
        threads_run(size, threads_grain(1), move_rows, &work);
    }
}

void move_into(const lego_array *x, const lego_array *y, const int64_t *begin,
               const int64_t *step) {
    lego_array window = *x;
    char *data = y->data;
    if (array_size(x) == 0) {
        return; /* an empty range may begin at the end of the walk */
    }
    for (int axis = 0; axis < y->rank; axis++) {
        data += begin[axis] * y->strides[axis] * (int64_t)lego_dtype_size(y->dtype);
        window.strides[axis] = y->strides[axis] * step[axis];
    }
    window.data = data;
    move_elements(x, &window);
}

/* ---- one number ---------------------------------------------------------------------------- */

typedef struct fill_work {
    char element[sizeof(int64_t)];
    size_t bytes;
    char *y;
} fill_work;

static void fill_range(void *context, int64_t begin, int64_t end) {
    const fill_work *work = context;
    move_row(end - begin, work->element, 0, work->y + begin * (int64_t)work->bytes, 1, work->bytes);
}

void fill_elements(const lego_array *y, double value) {
    fill_work work = {.bytes = lego_dtype_size(y->dtype), .y = y->data};
    const void *inputs[] = {&value};
    const int64_t steps[] = {0};
    convert_loop(LEGO_FLOAT64, y->dtype)(1, inputs, steps, work.element);
    threads_run(array_size(y), threads_grain(1), fill_range, &work);
}
