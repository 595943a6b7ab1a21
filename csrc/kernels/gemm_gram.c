/* Products of a matrix with itself, transposed: y = a a^T is symmetric, y[i, j] = y[j, i], so only
 * the blocks on and below the diagonal are computed. Each other one is the mirror image of one of
 * them, bit for bit: the same products in the same order, of factors that have changed places
 * (BLAS knows this as syrk). */
#include "gemm_gram.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "gemm.h"
#include "square.h"

enum {
    BLOCK_BYTES = L2_BYTES / 16, /* a block and its image, which lie on the stack in passing */
    LEAST_BLOCKS = 3             /* along a side: of fewer the diagonal is too large a part */
};

/* How long the side of a block is: whole panels of gemm.c, and few enough bytes. */
static int64_t side_of(lego_dtype dtype) {
    return dtype == LEGO_FLOAT32 ? 128 : 64;
}

_Static_assert(BLOCK_BYTES >= 128 * 128 * sizeof(float), "a block of floats");
_Static_assert(BLOCK_BYTES >= 64 * 64 * sizeof(double), "a block of doubles");

bool gemm_is_gram(const gemm *g) {
    return (g->dtype == LEGO_FLOAT32 || g->dtype == LEGO_FLOAT64) && g->a.data == g->b.data &&
           g->a.row_stride == g->b.column_stride && g->a.column_stride == g->b.row_stride &&
           g->rows == g->columns && g->batch_rank == 0 && !g->adds &&
           g->rows >= LEAST_BLOCKS * side_of(g->dtype) && g->depth > 0;
}

/* A block of y, in memory of its own or where y lies. */
typedef struct gram_block {
    int64_t row;
    int64_t column;
    int64_t rows;
    int64_t columns;
    char *data;
    int64_t row_stride;
} gram_block;

static const char *offset_by(const gemm_operand *x, lego_dtype dtype, int64_t steps,
                             int64_t stride) {
    return (const char *)x->data + steps * stride * (int64_t)lego_dtype_size(dtype);
}

static bool is_stored(const gemm *g) {
    return !g->end || g->end->is_stored;
}

/* A block that is stored lies in y; memory of the stack has room for any. */
static void place(const gemm *g, gram_block *b, char *memory) {
    b->data = memory;
    b->row_stride = b->columns;
    if (is_stored(g)) {
        b->data =
            (char *)g->y + (b->row * g->columns + b->column) * (int64_t)lego_dtype_size(g->dtype);
        b->row_stride = g->columns;
    }
}

static void compute(const gemm *g, const gram_block *b) {
    gemm part = *g;
    part.rows = b->rows;
    part.columns = b->columns;
    part.a.data = offset_by(&g->a, g->dtype, b->row, g->a.row_stride);
    part.b.data = offset_by(&g->b, g->dtype, b->column, g->b.column_stride);
    part.y = b->data;
    part.end = NULL;
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

/* The same, by squares in registers. */
static void mirror(const gram_block *from, const gram_block *to, size_t bytes) {
    const int64_t side = bytes == sizeof(float) ? 8 : 4, width = (int64_t)bytes;
    const int64_t x_stride = from->row_stride * width, y_stride = to->row_stride * width;
    for (int64_t i = 0; i < from->rows; i += side) {
        for (int64_t j = 0; j < from->columns; j += side) {
            const char *x = from->data + i * x_stride + j * width;
            char *y = to->data + j * y_stride + i * width;
            const int64_t rows = smaller(side, from->rows - i);
            const int64_t columns = smaller(side, from->columns - j);
            if (rows < side || columns < side) {
                mirror_some(rows, columns, bytes, x, x_stride, y, y_stride);
            } else if (bytes == sizeof(float)) {
                square_8x8_of_4(x, x_stride, y, y_stride);
            } else {
                square_4x4_of_8(x, x_stride, y, y_stride);
            }
        }
    }
}

static void hand_on(const gemm *g, const gram_block *b) {
    const result_block done = {b->row, b->rows, b->column, b->columns, b->data, b->row_stride};
    if (g->end) {
        g->end->run(g->end->context, &done);
    }
}

/* Block number `index` of those on and below the diagonal, row by row, and its image. */
static void run_pairs(void *work, int64_t begin, int64_t end) {
    const gemm *g = work;
    const int64_t side = side_of(g->dtype);
    _Alignas(CACHE_LINE) char memory[2][BLOCK_BYTES];
    for (int64_t index = begin; index < end; index++) {
        int64_t down = 0;
        while ((down + 1) * (down + 2) / 2 <= index) {
            down++;
        }
        int64_t across = index - down * (down + 1) / 2;
        gram_block below = {.row = down * side, .column = across * side};
        below.rows = smaller(side, g->rows - below.row);
        below.columns = smaller(side, g->columns - below.column);
        gram_block image = {below.column, below.row, below.columns, below.rows, NULL, 0};
        place(g, &below, memory[0]);
        place(g, &image, memory[1]);
        compute(g, &below);
        if (down != across) {
            mirror(&below, &image, lego_dtype_size(g->dtype));
            hand_on(g, &image);
        }
        hand_on(g, &below);
    }
}

void gemm_gram_run(const gemm *g) {
    const int64_t side = side_of(g->dtype), blocks = divide_up(g->rows, side);
    const int64_t work = side * (g->depth + g->depth * side / 32);
    threads_run(blocks * (blocks + 1) / 2, threads_grain(work), run_pairs, (void *)g);
}
