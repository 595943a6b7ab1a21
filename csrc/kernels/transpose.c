/* Transposed copies, block by block and square by square.
 *
 * Column by column, such a copy would fetch a cache line for each element. A block uses whole lines
 * of both matrices while they are in L1; in it, squares are transposed in vectors, and the last
 * square overlaps the one before: a matrix of 1001 rows is as fast as one of 1000.
 *
 * Rows of large matrices are a page apart or more, so what is scarce are entries of the TLB, of
 * which stores have few. A block has the rows that lie in DEPTH bytes of x, and many columns: y's
 * pages are few, and each of them takes a long stretch. The next block lies below it: it reads the
 * lines next to those of this one, in the same pages. */
#ifndef NAME
#include "transpose.h"

#include "../core/threads.h"
#include "square.h"

enum { X, Y };

/* A block: a line of each column of x, so many columns, or as many bytes where a matrix has fewer
 * of the one. */
enum { DEPTH = CACHE_LINE, WIDTH = 256, AREA = 16 << 10 };

/* y[i][j] = x[j][i] for a square of elements of one size; rows are so many bytes apart. */
typedef void square_copy(const char *x, int64_t x_step, char *y, int64_t y_step);

/* A block, with steps in bytes. */
typedef struct transposed_block {
    const char *x;
    char *y;
    int64_t rows, columns;
    int64_t x_row, x_column, y_row;
} transposed_block;

/* Covers the block with squares of `side` rows, along y's rows: stores that share a line follow
 * each other, also where rows begin in the middle of one. Inlined with constants. */
static ALWAYS_INLINE void cover(const transposed_block *b, int64_t side, int64_t bytes,
                                square_copy *copy_square) {
    for (int64_t i = 0; i < b->rows; i += side) {
        int64_t row = smaller(i, b->rows - side);
        for (int64_t j = 0; j < b->columns; j += side) {
            int64_t column = smaller(j, b->columns - side);
            copy_square(b->x + row * bytes + column * b->x_column, b->x_column,
                        b->y + row * b->y_row + column * bytes, b->y_row);
        }
    }
}

#define TEMPLATE "transpose.c"
#include "per_size.h"

static NEVER_INLINE void copy_block_1(const transposed_block *b) {
    if (b->x_row == 1 && smaller(b->rows, b->columns) >= 16) {
        cover(b, 16, 1, square_16x16_of_1);
    } else {
        copy_singly_1(b);
    }
}

static NEVER_INLINE void copy_block_2(const transposed_block *b) {
    copy_singly_2(b);
}

static NEVER_INLINE void copy_block_4(const transposed_block *b) {
    int64_t least = b->x_row == 4 ? smaller(b->rows, b->columns) : 0;
#ifdef __AVX2__
    if (least >= 8) {
        cover(b, 8, 4, square_8x8_of_4);
        return;
    }
#endif
    if (least >= 4) {
        cover(b, 4, 4, square_4x4_of_4);
    } else {
        copy_singly_4(b);
    }
}

static NEVER_INLINE void copy_block_8(const transposed_block *b) {
    int64_t least = b->x_row == 8 ? smaller(b->rows, b->columns) : 0;
    if (least >= 4) {
        cover(b, 4, 8, square_4x4_of_8);
    } else if (least >= 2) {
        cover(b, 2, 8, square_2x2_of_8);
    } else {
        copy_singly_8(b);
    }
}

/* ---- blocks --------------------------------------------------------------------------------- */

typedef struct block_grid {
    const transposition *t;
    int64_t height, width; /* of a block; the last ones take what is left */
    int64_t down, across;  /* blocks of a matrix */
} block_grid;

static void copy_block(const block_grid *grid, const walk_position *at, int64_t down,
                       int64_t across) {
    const transposition *t = grid->t;
    int64_t bytes = (int64_t)t->bytes;
    int64_t row = down * grid->height;
    int64_t column = across * grid->width;
    transposed_block b = {
        .x = t->x + (at->offsets[X] + row * t->x_row + column * t->x_column) * bytes,
        .y = t->y + (at->offsets[Y] + row * t->y_row + column) * bytes,
        .rows = down < grid->down - 1 ? grid->height : t->rows - row,
        .columns = across < grid->across - 1 ? grid->width : t->columns - column,
        .x_row = t->x_row * bytes,
        .x_column = t->x_column * bytes,
        .y_row = t->y_row * bytes,
    };
    OF_SIZE(copy_block, bytes)(&b);
}

/* Blocks are counted column by column, one matrix after another. */
static void copy_blocks(void *context, int64_t begin, int64_t end) {
    const block_grid *grid = context;
    const walk_axes *outer = &grid->t->outer;
    int64_t blocks = grid->down * grid->across; /* of a matrix */
    walk_position at = axes_at(outer, begin / blocks);
    for (int64_t block = begin % blocks; begin < end; begin++) {
        copy_block(grid, &at, block % grid->down, block / grid->down);
        if (++block == blocks) {
            block = 0;
            axes_next(outer, &at, outer->rank - 1);
        }
    }
}

void transpose_run(const transposition *t) {
    const int64_t line = DEPTH / (int64_t)t->bytes;
    const int64_t area = AREA / (int64_t)t->bytes;
    block_grid grid = {
        .t = t,
        .height = round_up(larger(1, area / t->columns), line),
        .width = larger(WIDTH, area / t->rows),
    };
    grid.down = larger(1, t->rows / grid.height);
    grid.across = larger(1, t->columns / grid.width);
    int64_t blocks = grid.down * grid.across;
    int64_t elements = t->rows * t->columns / blocks;
    threads_run(axes_size(&t->outer) * blocks, threads_grain(elements), copy_blocks, &grid);
}

#else /* the template, for elements of one size */

/* y0[i] = x[count * i], y1[i] = x[count * i + 1], ...: the channels of pixels, each by itself.
 * Inlined with `count` as a constant of 2 to 4, so that compilers make vectors of it. */
static ALWAYS_INLINE void NAME(part)(int64_t n, int count, const ELEMENT *restrict x,
                                     ELEMENT *restrict y0, ELEMENT *restrict y1,
                                     ELEMENT *restrict y2, ELEMENT *restrict y3) {
    for (int64_t i = 0; i < n; i++) {
        y0[i] = x[count * i];
        y1[i] = x[count * i + 1];
        if (count > 2) {
            y2[i] = x[count * i + 2];
        }
        if (count > 3) {
            y3[i] = x[count * i + 3];
        }
    }
}

/* y[count * i] = x0[i], y[count * i + 1] = x1[i], ...: the way back. */
static ALWAYS_INLINE void NAME(interleave)(int64_t n, int count, ELEMENT *restrict y,
                                           const ELEMENT *restrict x0, const ELEMENT *restrict x1,
                                           const ELEMENT *restrict x2, const ELEMENT *restrict x3) {
    for (int64_t i = 0; i < n; i++) {
        y[count * i] = x0[i];
        y[count * i + 1] = x1[i];
        if (count > 2) {
            y[count * i + 2] = x2[i];
        }
        if (count > 3) {
            y[count * i + 3] = x3[i];
        }
    }
}

/* Two to four rows, if x has no others: its columns follow each other. */
static bool NAME(copy_few_rows)(const transposed_block *b) {
    const ELEMENT *x = (const ELEMENT *)b->x;
    ELEMENT *y[4];
    for (int i = 0; i < 4; i++) {
        y[i] = (ELEMENT *)(b->y + (i < b->rows ? i : 0) * b->y_row);
    }
    if (b->x_row != BYTES || b->x_column != b->rows * BYTES) {
        return false;
    }
    switch (b->rows) {
    case 2:
        NAME(part)(b->columns, 2, x, y[0], y[1], NULL, NULL);
        return true;
    case 3:
        NAME(part)(b->columns, 3, x, y[0], y[1], y[2], NULL);
        return true;
    case 4:
        NAME(part)(b->columns, 4, x, y[0], y[1], y[2], y[3]);
        return true;
    default:
        return false;
    }
}

/* Two to four columns, if y has no others: its rows follow each other. */
static bool NAME(copy_few_columns)(const transposed_block *b) {
    ELEMENT *y = (ELEMENT *)b->y;
    const ELEMENT *x[4];
    for (int j = 0; j < 4; j++) {
        x[j] = (const ELEMENT *)(b->x + (j < b->columns ? j : 0) * b->x_column);
    }
    if (b->x_row != BYTES || b->y_row != b->columns * BYTES) {
        return false;
    }
    switch (b->columns) {
    case 2:
        NAME(interleave)(b->rows, 2, y, x[0], x[1], NULL, NULL);
        return true;
    case 3:
        NAME(interleave)(b->rows, 3, y, x[0], x[1], x[2], NULL);
        return true;
    case 4:
        NAME(interleave)(b->rows, 4, y, x[0], x[1], x[2], x[3]);
        return true;
    default:
        return false;
    }
}

static ALWAYS_INLINE void NAME(step_through)(int64_t n, const char *restrict x, int64_t x_step,
                                             char *restrict y, int64_t y_step) {
    for (int64_t i = 0; i < n; i++) {
        *(ELEMENT *)(y + i * y_step) = *(const ELEMENT *)(x + i * x_step);
    }
}

/* Element by element: where fewer rows or columns than those of a square are left, or x is not
 * dense. The longer side is the inner loop. */
static void NAME(copy_singly)(const transposed_block *b) {
    if (NAME(copy_few_rows)(b) || NAME(copy_few_columns)(b)) {
        return;
    }
    if (b->columns >= b->rows) {
        for (int64_t i = 0; i < b->rows; i++) {
            NAME(step_through)(b->columns, b->x + i * b->x_row, b->x_column, b->y + i * b->y_row,
                               BYTES);
        }
    } else {
        for (int64_t j = 0; j < b->columns; j++) {
            NAME(step_through)(b->rows, b->x + j * b->x_column, b->x_row, b->y + j * BYTES,
                               b->y_row);
        }
    }
}

#endif
