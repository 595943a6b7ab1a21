/* Products of a matrix with itself, transposed: y = a a^T is symmetric, y[i, j] = y[j, i], so only
 * what lies on and below the diagonal is computed. The rest is its mirror image, bit for bit: the
 * same products in the same order, of factors that have changed places (BLAS knows this as syrk).
 *
 * y is cut into square blocks. One below the diagonal is computed whole, and gives its image above;
 * one on the diagonal skips the tiles above it, and is mirrored within itself. */
#include "gemm_gram.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "gemm.h"
#include "square.h"

enum {
    BLOCK_BYTES = L2_BYTES / 16, /* a block and its image, which lie on the stack in passing */
    WHOLE_VECTORS = 16,          /* numbers in one or several vectors of any set */
    LEAST_SIDE = 64,             /* shorter blocks read a^T too often */
    ENOUGH_BLOCKS = 8,           /* for threads to share, where there is much to do */
    LEAST_ROWS = 48,             /* of smaller products mirroring takes as long as is spared */
    LEAST_DEPTH = 32
};

_Static_assert(BLOCK_BYTES >= 128 * 128 * sizeof(float), "a block of floats");
_Static_assert(BLOCK_BYTES >= 64 * 64 * sizeof(double), "a block of doubles");

static bool are_pairs_of_itself(const gemm *g) {
    for (int axis = 0; axis < g->batch_rank; axis++) {
        if (g->a.batch_strides[axis] != g->b.batch_strides[axis]) {
            return false;
        }
    }
    return true;
}

bool gemm_is_gram(const gemm *g) {
    return (g->dtype == LEGO_FLOAT32 || g->dtype == LEGO_FLOAT64) && g->a.data == g->b.data &&
           g->a.row_stride == g->b.column_stride && g->a.column_stride == g->b.row_stride &&
           g->rows == g->columns && !g->adds && g->rows >= LEAST_ROWS && g->depth >= LEAST_DEPTH &&
           are_pairs_of_itself(g);
}

/* How the products are cut. */
typedef struct gram_blocking {
    const gemm *g;
    int64_t side;
    int64_t blocks; /* along a side of y */
    int64_t blocks_of_pair;
    int64_t pairs;
    int64_t work; /* simple operations that a block costs */
} gram_blocking;

/* A block of y, in memory of its own or where y lies. */
typedef struct gram_block {
    int64_t pair;
    int64_t row;
    int64_t column;
    int64_t rows;
    int64_t columns;
    char *data;
    int64_t row_stride;
} gram_block;

static bool is_stored(const gemm *g) {
    return !g->end || g->end->is_stored;
}

/* How long the side of a block is at most. */
static int64_t longest_side(const gemm *g) {
    return g->dtype == LEGO_FLOAT32 || is_stored(g) ? 128 : 64;
}

/* A block that is stored lies in y; memory of the stack has room for any. */
static void place(const gemm *g, gram_block *b, char *memory) {
    b->data = memory;
    b->row_stride = b->columns;
    if (is_stored(g)) {
        int64_t row = b->pair * g->rows + b->row;
        b->data =
            (char *)g->y + (row * g->columns + b->column) * (int64_t)lego_dtype_size(g->dtype);
        b->row_stride = g->columns;
    }
}

/* How far from the first matrix that of a pair lies, in numbers. */
static int64_t offset_of(const gemm *g, int64_t pair) {
    int64_t offset = 0;
    for (int axis = 0; axis < g->batch_rank; axis++) {
        offset += pair % g->batch_shape[axis] * g->a.batch_strides[axis];
        pair /= g->batch_shape[axis];
    }
    return offset;
}

static void compute(const gemm *g, const gram_block *b) {
    const int64_t bytes = (int64_t)lego_dtype_size(g->dtype), pair = offset_of(g, b->pair);
    gemm part = *g;
    part.rows = b->rows;
    part.columns = b->columns;
    part.a.data = (const char *)g->a.data + (pair + b->row * g->a.row_stride) * bytes;
    part.b.data = (const char *)g->b.data + (pair + b->column * g->b.column_stride) * bytes;
    part.y = b->data;
    part.batch_rank = 0;
    part.end = NULL;
    part.is_lower = b->row == b->column;
    gemm_run_here(&part, b->row_stride);
}

/* y[j, i] = x[i, j] for elements of so many bytes; strides are in bytes. */
static void mirror_some(int64_t rows, int64_t columns, size_t bytes, const char *x,
                        int64_t x_stride, char *y, int64_t y_stride) {
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
            memcpy(y + j * y_stride + i * (int64_t)bytes, x + i * x_stride + j * (int64_t)bytes,
                   bytes);
        }
    }
}

/* The same of what lies below the diagonal, within x. */
static void mirror_within(int64_t rows, size_t bytes, char *x, int64_t stride) {
    for (int64_t i = 1; i < rows; i++) {
        mirror_some(1, i, bytes, x + i * stride, stride, x + i * (int64_t)bytes, stride);
    }
}

/* The same, by squares in registers. A block on the diagonal is its own image. */
static void mirror(const gram_block *from, const gram_block *to, size_t bytes) {
    const int64_t side = bytes == sizeof(float) ? 8 : 4, width = (int64_t)bytes;
    const int64_t x_stride = from->row_stride * width, y_stride = to->row_stride * width;
    const bool is_own = from->data == to->data;
    for (int64_t i = 0; i < from->rows; i += side) {
        const int64_t rows = smaller(side, from->rows - i);
        for (int64_t j = 0; j < (is_own ? i : from->columns); j += side) {
            const char *x = from->data + i * x_stride + j * width;
            char *y = to->data + j * y_stride + i * width;
            const int64_t columns = smaller(side, from->columns - j);
            if (rows < side || columns < side) {
                mirror_some(rows, columns, bytes, x, x_stride, y, y_stride);
            } else if (bytes == sizeof(float)) {
                square_8x8_of_4(x, x_stride, y, y_stride);
            } else {
                square_4x4_of_8(x, x_stride, y, y_stride);
            }
        }
        if (is_own) {
            mirror_within(rows, bytes, from->data + i * (x_stride + width), x_stride);
        }
    }
}

static void hand_on(const gemm *g, const gram_block *b) {
    const result_block done = {
        .row = b->pair * g->rows + b->row,
        .rows = b->rows,
        .column = b->column,
        .columns = b->columns,
        .data = b->data,
        .row_stride = b->row_stride,
    };
    if (g->end) {
        g->end->run(g->end->context, &done);
    }
}

/* Block number `index` of those on and below the diagonal, row by row. */
static gram_block block_at(const gram_blocking *c, int64_t index) {
    int64_t down = 0, across = index % c->blocks_of_pair;
    while (across > down) {
        down++;
        across -= down;
    }
    gram_block b = {.pair = index / c->blocks_of_pair, .row = down * c->side};
    b.column = across * c->side;
    b.rows = smaller(c->side, c->g->rows - b.row);
    b.columns = smaller(c->side, c->g->columns - b.column);
    return b;
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    const gram_blocking *c = work;
    const gemm *g = c->g;
    _Alignas(CACHE_LINE) char memory[2][BLOCK_BYTES];
    for (int64_t index = begin; index < end; index++) {
        gram_block below = block_at(c, index);
        gram_block image = {below.pair, below.column, below.row, below.columns, below.rows, 0, 0};
        place(g, &below, memory[0]);
        compute(g, &below);
        if (below.row == below.column) {
            mirror(&below, &below, lego_dtype_size(g->dtype));
        } else {
            place(g, &image, memory[1]);
            mirror(&below, &image, lego_dtype_size(g->dtype));
            hand_on(g, &image);
        }
        hand_on(g, &below);
    }
}

static void cut_into(gram_blocking *c, int64_t most) {
    const gemm *g = c->g;
    c->side = round_up(divide_up(g->rows, divide_up(g->rows, most)), WHOLE_VECTORS);
    c->blocks = divide_up(g->rows, c->side);
    c->blocks_of_pair = c->blocks * (c->blocks + 1) / 2;
    c->work = c->side * (g->depth + g->depth * c->side / 32);
}

/* Blocks are about equally large. */
static gram_blocking cut(const gemm *g) {
    gram_blocking c = {.g = g, .pairs = 1};
    for (int axis = 0; axis < g->batch_rank; axis++) {
        c.pairs *= g->batch_shape[axis];
    }
    cut_into(&c, longest_side(g));
    if (c.pairs * c.blocks_of_pair < ENOUGH_BLOCKS && threads_grain(c.work / ENOUGH_BLOCKS) == 1) {
        cut_into(&c, LEAST_SIDE);
    }
    return c;
}

void gemm_gram_run(const gemm *g) {
    gram_blocking c = cut(g);
    threads_run(c.pairs * c.blocks_of_pair, threads_grain(c.work), run_blocks, &c);
}
