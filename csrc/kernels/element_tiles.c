/* Elementwise work in tiles: inputs whose rows are short or strided are laid out in a buffer, so
 * that the loop takes a thousand numbers at once.
 *
 *     y[r, c] = a[r, c] + b[c]     b is repeated for all rows of a tile, once for all tiles of it
 *     y[r, c] = a[r, c] + b[r]     each number of b is repeated for its row
 *     y[c] = -x[2 c]               every second number is picked
 *
 * A tile is a range of y's memory: some indices of one axis, and all elements of the axes inside
 * of it. */
#ifndef NAME
#include "element_tiles.h"

#include "../core/threads.h"
#include "move.h"

enum {
    TILE_BYTES = 8192, /* of an input; all four fit into L1 */
    SPARE_BYTES = 64,  /* that a repeated number may be written too far */
    VECTOR = 64
};

typedef char tile_buffer[TILE_BYTES + SPARE_BYTES];

/* How a tile of an input is read. */
typedef struct tile_input {
    walk_axes axes; /* from the input to a dense tile, for a whole one */
    bool is_laid;   /* in the buffer; else it is read where it lies */
    bool is_one;    /* the same for all tiles along their axis */
    bool is_column; /* one number for each row of a matrix */
    int64_t step;   /* of the loop */
} tile_input;

typedef struct tile_work {
    const element_work *work;
    int64_t shape;  /* of the axis whose indices are shared out */
    int64_t inner;  /* elements of each index */
    int64_t length; /* indices of a whole tile */
    int64_t along;  /* tiles along the axis */
    tile_input inputs[MOST_WALKED];
} tile_work;

enum { X, Y }; /* the arrays of a tile_input's walk */

/* ---- laying out ------------------------------------------------------------------------------ */

#define TEMPLATE "element_tiles.c"
#include "per_size.h"

static void lay_out(const tile_input *input, int64_t bytes, const char *x, int64_t n, char *y) {
    if (input->is_column) {
        int64_t columns = input->axes.shape[1];
        OF_SIZE(repeat, bytes)(n / columns, columns, input->axes.strides[0][X], x, y);
    } else {
        move_walked(&input->axes, (size_t)bytes, x, y, 0, n);
    }
}

/* ---- the plan -------------------------------------------------------------------------------- */

static int64_t widest(const element_work *work) {
    int64_t bytes = 1;
    for (int i = 0; i < work->axes.arrays; i++) {
        bytes = larger(bytes, work->x_bytes[i]);
    }
    return bytes;
}

static tile_input plan_input(const walk_axes *a, int i, int axis, const tile_work *t) {
    tile_input input = {.axes = {.arrays = 2}, .is_one = a->strides[axis][i] == 0};
    int64_t inner = t->inner;
    axes_add(&input.axes, t->length, (int64_t[]){a->strides[axis][i], inner});
    for (int to = axis + 1; to < a->rank; to++) {
        inner /= a->shape[to];
        axes_add(&input.axes, a->shape[to], (int64_t[]){a->strides[to][i], inner});
    }
    axes_add_row(&input.axes);
    input.step = input.axes.strides[0][X];
    input.is_laid = input.axes.rank > 1 || !is_loop_step(input.step);
    input.is_column = input.axes.rank == 2 && input.axes.strides[1][X] == 0;
    if (input.is_laid) {
        input.step = 1;
    }
    return input;
}

static tile_work plan_tiles(const element_work *work) {
    const walk_axes *a = &work->axes;
    int64_t most = TILE_BYTES / widest(work);
    int axis = a->rank - 1;
    tile_work t = {.work = work, .inner = 1};
    while (axis > 0 && t.inner * a->shape[axis] < most) {
        t.inner *= a->shape[axis--];
    }
    t.shape = a->shape[axis];
    t.along = divide_up(t.shape, larger(1, most / t.inner));
    t.length = divide_up(t.shape, t.along);
    for (int i = 0; i < a->arrays; i++) {
        t.inputs[i] = plan_input(a, i, axis, &t);
    }
    return t;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static void run_tiles(void *context, int64_t begin, int64_t end) {
    const tile_work *t = context;
    const element_work *work = t->work;
    _Alignas(64) tile_buffer buffers[MOST_WALKED];
    int64_t steps[MOST_WALKED];
    const void *laid[MOST_WALKED] = {NULL};
    for (int64_t tile = begin; tile < end; tile++) {
        int64_t index = tile % t->along * t->length;
        int64_t first = (tile / t->along * t->shape + index) * t->inner;
        int64_t n = smaller(t->length, t->shape - index) * t->inner;
        walk_position at = axes_at(&work->axes, first);
        const void *x[MOST_WALKED];
        elements_at(work, &at, x);
        for (int i = 0; i < work->axes.arrays; i++) {
            const tile_input *input = &t->inputs[i];
            steps[i] = input->step;
            if (input->is_laid && (!input->is_one || x[i] != laid[i])) {
                int64_t count = input->is_one ? t->length * t->inner : n;
                lay_out(input, work->x_bytes[i], x[i], count, buffers[i]);
                laid[i] = x[i];
            }
            x[i] = input->is_laid ? buffers[i] : x[i];
        }
        work->loop(n, x, steps, work->y + first * work->y_bytes);
    }
}

void elements_in_tiles(const element_work *work) {
    tile_work t = plan_tiles(work);
    int64_t tiles = axes_size(&work->axes) / (t.shape * t.inner) * t.along;
    threads_run(tiles, threads_grain(t.length * t.inner), run_tiles, &t);
}

#else /* the template, for elements of one size */

/* y[r, c] = x[r] for dense rows. Whole vectors are written, and what the last one of a row writes
 * too far is overwritten by the next row. */
static void NAME(repeat)(int64_t rows, int64_t columns, int64_t x_step, const char *x, char *y) {
    typedef ELEMENT vector __attribute__((vector_size(VECTOR), aligned(BYTES), may_alias));
    enum { LANES = VECTOR / BYTES };
    for (int64_t row = 0; row < rows; row++) {
        const vector numbers = ((const ELEMENT *)x)[row * x_step] - (vector){0};
        ELEMENT *to = (ELEMENT *)y + row * columns;
        for (int64_t column = 0; column < columns; column += LANES) {
            *(vector *)(to + column) = numbers;
        }
    }
}

#endif
