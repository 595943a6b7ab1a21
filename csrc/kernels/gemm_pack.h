/* Panels of b and tiles of a, copied to lie as a tile reads them: a part of gemm_block.h, for one
 * type of number. */

/* The panel's rows, one after another, where their numbers lie side by side. What is read
 * beyond a row is padding, but nothing is read beyond the end of b. */
static void NAME(pack_rows)(const TILE *t, const NUMBER *end, NUMBER *panel) {
    const int width = t->vectors * LANES;
    for (int64_t k = 0; k < t->depth; k++) {
        const NUMBER *b = t->b + k * t->b_row_stride;
        if (end - b >= width) {
            for (int v = 0; v < t->vectors; v++) {
                ((LOOSE_VECTOR *)panel)[v] = ((const LOOSE_VECTOR *)b)[v];
            }
        } else {
            for (int j = 0; j < width; j++) {
                panel[j] = j < t->columns ? b[j] : 0;
            }
        }
        panel += width;
    }
}

/* A line of the cache of each of eight columns, numbers of eight bytes. */
static void NAME(pack_square)(const NUMBER *b, int64_t b_column_stride, NUMBER *panel, int width) {
    const int64_t from = b_column_stride * (int64_t)sizeof *b, to = width * (int64_t)sizeof *b;
    for (int i = 0; i < 8; i += 4) {
        for (int j = 0; j < 8; j += 4) {
            square_4x4_of_8((const char *)(b + j * b_column_stride + i), from,
                            (char *)(panel + i * width + j), to);
        }
    }
}

/* The same for any strides. Columns whose numbers lie side by side are read by lines, not number by
 * number: lines that lie far apart may fall into the same set of the cache, and lose each other. */
static void NAME(pack_numbers)(const TILE *t, int64_t b_column_stride, NUMBER *panel) {
    const int width = t->vectors * LANES;
    const bool are_lines = t->b_row_stride == 1 && sizeof(NUMBER) == 8 && !IS_WHOLE;
    const int64_t lines = are_lines ? t->depth / 8 * 8 : 0;
    const int columns = t->columns / 8 * 8;
    for (int j = 0; j < columns; j += 8) {
        for (int64_t k = 0; k < lines; k += 8) {
            const NUMBER *b = t->b + j * b_column_stride + k;
            NAME(pack_square)(b, b_column_stride, panel + k * width + j, width);
        }
    }
    for (int64_t k = 0; k < t->depth; k++) {
        const NUMBER *b = t->b + k * t->b_row_stride;
        for (int j = k < lines ? columns : 0; j < t->columns; j++) {
            panel[j] = b[j * b_column_stride];
        }
        for (int j = t->columns; j < width; j++) {
            panel[j] = 0;
        }
        panel += width;
    }
}

/* The same for columns whose numbers lie side by side, four bytes each. */
static void NAME(pack_columns)(const TILE *t, int64_t b_column_stride, const NUMBER *end,
                               NUMBER *panel) {
    const int width = t->vectors * LANES;
    for (int j = 0; j < width; j += WORDS) {
        transpose_words((const void *)(t->b + j * b_column_stride), b_column_stride,
                        (const void *)end, t->columns - j, t->depth, (void *)(panel + j), width);
    }
}

static NEVER_INLINE void NAME(pack)(const gemm *g, const block *at, const TILE *t, NUMBER *panel) {
    const gemm_operand *b = &g->b;
    const NUMBER *end = (const NUMBER *)b->data + at->b_end;
    if (b->column_stride == 1) {
        NAME(pack_rows)(t, end, panel);
    } else if (b->row_stride == 1 && sizeof(NUMBER) == 4) {
        NAME(pack_columns)(t, b->column_stride, end, panel);
    } else {
        NAME(pack_numbers)(t, b->column_stride, panel);
    }
}

/* Rows of a that lie transposed, where those of a tile are lines of the cache far apart, which fall
 * into few of its sets: step k of all tiles is read at once, and lies at k TILE_ROWS of each. */
static void NAME(pack_tiles)(const TILE *t, int64_t rows, NUMBER *packed) {
    enum { COPIED = TILE_ROWS > 4 ? 8 : 4 }; /* a whole vector, or two: numbers are overwritten */
    uintptr_t ahead = (uintptr_t)(EARLY_STEPS * t->a_column_stride) * sizeof *packed;
    uintptr_t bytes = (uintptr_t)rows * sizeof *packed;
    for (int64_t k = 0; k < t->depth; k++) {
        const NUMBER *a = t->a + k * t->a_column_stride;
        NUMBER *to = packed + k * TILE_ROWS;
        int64_t left = rows;
        uintptr_t next = (uintptr_t)a + ahead;
        for (uintptr_t i = 0; i < bytes; i += CACHE_LINE) {
            __builtin_prefetch((const void *)(next + i));
        }
        for (; left >= COPIED; left -= TILE_ROWS) {
            memcpy(to, a, COPIED * sizeof *a);
            a += TILE_ROWS;
            to += STEPS_OF(t->depth);
        }
        for (; left > 0; left -= TILE_ROWS) {
            memcpy(to, a, (size_t)smaller(TILE_ROWS, left) * sizeof *a);
            a += TILE_ROWS;
            to += STEPS_OF(t->depth);
        }
    }
}
