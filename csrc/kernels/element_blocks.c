/* Elementwise work on transposed inputs: the loop runs along the inputs' memory, into a block of
 * results, which is copied transposed to y.
 *
 *     y[i, j] = f(x[i, j]), x dense along i, y dense along j
 *
 * Row by row of y, the loop would fetch a cache line of x for each element. */
#include "../core/threads.h"
#include "element_walks.h"
#include "transpose.h"

enum {
    AREA = 4096,   /* elements of a block; its results fit into L1 */
    HEIGHT = 256,  /* rows, at most, so that a block has whole cache lines of y */
    MULTIPLE = 64, /* of which height is one where columns are cut: no loop has a remainder */
    LEAST = 3      /* rows and columns that are worth blocks */
};

typedef struct block_work {
    const element_work *work;
    walk_axes inputs; /* from matrix to matrix */
    walk_axes result;
    int64_t rows, columns; /* i and j */
    int64_t x_column[MOST_WALKED];
    int64_t x_row[MOST_WALKED]; /* 0 or 1 */
    int64_t y_row;
    int64_t height, width; /* of a whole block */
    int64_t down, across;  /* blocks of a matrix */
} block_work;

/* ---- the plan -------------------------------------------------------------------------------- */

static bool is_dense_along(const walk_axes *a, int axis) {
    for (int i = 0; i < a->arrays; i++) {
        if (!is_loop_step(a->strides[axis][i])) {
            return false;
        }
    }
    return true;
}

bool elements_are_blocks(const element_work *work, int *across) {
    const walk_axes *a = &work->axes;
    int last = a->rank - 1;
    if (is_dense_along(a, last) || a->shape[last] < LEAST) {
        return false;
    }
    for (int axis = 0; axis < last; axis++) {
        if (is_dense_along(a, axis) && a->shape[axis] >= LEAST) {
            *across = axis;
            return true;
        }
    }
    return false;
}

/* The axes that are neither the rows nor the columns. */
static void plan_matrices(block_work *b, int across) {
    const walk_axes *a = &b->work->axes;
    int64_t stride = 1;
    b->inputs = *a;
    b->result = (walk_axes){.rank = a->rank, .arrays = 1};
    for (int axis = a->rank - 1; axis >= 0; axis--) {
        b->result.shape[axis] = a->shape[axis];
        b->result.strides[axis][0] = stride;
        stride *= a->shape[axis];
    }
    b->y_row = b->result.strides[across][0];
    axes_remove(&b->inputs, a->rank - 1);
    axes_remove(&b->inputs, across);
    axes_remove(&b->result, a->rank - 1);
    axes_remove(&b->result, across);
}

static block_work plan_blocks(const element_work *work, int across) {
    const walk_axes *a = &work->axes;
    int last = a->rank - 1;
    block_work b = {.work = work, .rows = a->shape[across], .columns = a->shape[last]};
    for (int i = 0; i < a->arrays; i++) {
        b.x_row[i] = a->strides[across][i];
        b.x_column[i] = a->strides[last][i];
    }
    b.height = b.rows <= HEIGHT ? b.rows
                                : round_up(divide_up(b.rows, divide_up(b.rows, HEIGHT)), MULTIPLE);
    b.down = divide_up(b.rows, b.height);
    b.across = divide_up(b.columns, AREA / b.height);
    b.width = divide_up(b.columns, b.across);
    plan_matrices(&b, across);
    return b;
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* Whether the loop takes `height` rows of all columns at once. */
static bool is_one_range(const block_work *b, int64_t height) {
    for (int i = 0; i < b->work->axes.arrays; i++) {
        if (b->x_column[i] != height * b->x_row[i]) {
            return false;
        }
    }
    return true;
}

/* The results of a block, column by column, into block[width][height]. */
static void compute_block(const block_work *b, const void **x, int64_t height, int64_t width,
                          char *block) {
    const element_work *work = b->work;
    if (is_one_range(b, height)) {
        work->loop(height * width, x, b->x_row, block);
        return;
    }
    for (int64_t column = 0; column < width; column++) {
        work->loop(height, x, b->x_row, block + column * height * work->y_bytes);
        for (int i = 0; i < work->axes.arrays; i++) {
            x[i] = (const char *)x[i] + b->x_column[i] * work->x_bytes[i];
        }
    }
}

static void run_block(const block_work *b, int64_t matrix, int64_t row, int64_t column) {
    _Alignas(64) char block[AREA * sizeof(int64_t)];
    const element_work *work = b->work;
    const int64_t height = smaller(b->height, b->rows - row);
    const int64_t width = smaller(b->width, b->columns - column);
    walk_position at = axes_at(&b->inputs, matrix);
    int64_t y = axes_offset(&b->result, matrix) + row * b->y_row + column;
    const void *x[MOST_WALKED];
    for (int i = 0; i < work->axes.arrays; i++) {
        at.offsets[i] += row * b->x_row[i] + column * b->x_column[i];
    }
    elements_at(work, &at, x);
    compute_block(b, x, height, width, block);
    transposition t = {
        .outer = {.arrays = 2},
        .bytes = (size_t)work->y_bytes,
        .x = block,
        .y = work->y + y * work->y_bytes,
        .rows = height,
        .columns = width,
        .x_row = 1,
        .x_column = height,
        .y_row = b->y_row,
    };
    transpose_run(&t);
}

static void run_blocks(void *context, int64_t begin, int64_t end) {
    const block_work *b = context;
    const int64_t blocks = b->down * b->across;
    for (int64_t index = begin; index < end; index++) {
        int64_t row = index % blocks / b->across * b->height;
        int64_t column = index % b->across * b->width;
        run_block(b, index / blocks, row, column);
    }
}

void elements_in_blocks(const element_work *work, int across) {
    block_work b = plan_blocks(work, across);
    int64_t matrices = axes_size(&b.inputs);
    threads_run(matrices * b.down * b.across, threads_grain(b.height * b.width), run_blocks, &b);
}
