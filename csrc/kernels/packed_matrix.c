/* Products with a packed matrix: y = a m, in tiles of a few rows by one panel.
 *
 * A sum has the order of gemm.c: by blocks of TILE_DEPTH products, each from its first product to
 * its last. Panels are padded with zeros, and so are the rows of y: no tile has an edge. The lower
 * half of this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "packed_matrix.h"

#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "gemm.h"
#include "registers.h"

/* Tiles that fit the registers. The last columns have panels of one vector. */
#if defined(__AVX512F__)
enum { TILE_ROWS = 4, TILE_VECTORS = 4 };
#elif defined(__AVX2__)
enum { TILE_ROWS = 6, TILE_VECTORS = 2 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 2 };
#endif

enum {
    TILE_DEPTH = 256,
    WORTH_PACKING = 8, /* rows that pass through the matrix */
    COPIED_ROWS = 16   /* of a panel, while its columns are copied: they stay in the L1 cache */
};

static int64_t lanes(lego_dtype dtype) {
    return VECTOR_BYTES / (int64_t)lego_dtype_size(dtype);
}

int64_t packed_matrix_columns(const plain_matrix *plain) {
    return round_up(plain->columns, lanes(plain->dtype));
}

#define TEMPLATE "packed_matrix.c"
#include "per_float.h"

/* A single row goes through more columns at once where they lie. */
static bool is_worth_packing(const plain_matrix *m, int64_t rows, int64_t products) {
    return m->column_stride != 1 || (rows > 1 && products > WORTH_PACKING / rows);
}

lego_status packed_matrix_open(packed_matrix *m, const plain_matrix *plain, int64_t rows,
                               int64_t products) {
    *m = (packed_matrix){.plain = *plain};
    if (!is_worth_packing(plain, rows, products)) {
        return LEGO_OK;
    }
    int64_t numbers, bytes;
    if (!size_multiply(packed_matrix_columns(plain), plain->depth, &numbers) ||
        !size_multiply(numbers, (int64_t)lego_dtype_size(plain->dtype), &bytes)) {
        return fail(LEGO_NO_MEMORY, "a matrix of %lld x %lld is too large to be packed",
                    (long long)plain->depth, (long long)plain->columns);
    }
    m->bytes = (size_t)bytes;
    m->panels = memory_take(m->bytes);
    if (!m->panels) {
        return LEGO_NO_MEMORY;
    }
    (plain->dtype == LEGO_FLOAT32 ? pack_float32 : pack_float64)(m);
    return LEGO_OK;
}

void packed_matrix_close(packed_matrix *m) {
    if (m->panels) {
        memory_give(m->panels, m->bytes);
    }
}

static void multiply_in_place(const plain_matrix *m, int64_t rows, number_rows a, void *y) {
    gemm_run(&(gemm){
        .dtype = m->dtype,
        .rows = rows,
        .columns = m->columns,
        .depth = m->depth,
        .a = {.data = a.data, .row_stride = a.stride, .column_stride = 1},
        .b = {.data = m->data, .row_stride = m->row_stride, .column_stride = m->column_stride},
        .y = y,
    });
}

number_rows packed_product(const packed_matrix *m, int64_t rows, number_rows a, void *y) {
    if (!m->panels) {
        multiply_in_place(&m->plain, rows, a, y);
        return (number_rows){y, m->plain.columns};
    }
    number_rows to = {y, packed_matrix_columns(&m->plain)};
    (m->plain.dtype == LEGO_FLOAT32 ? multiply_float32 : multiply_float64)(m, rows, a, to);
    return to;
}

#else /* the template, for one type of number */

#define VECTOR      NAME(vector)
#define PACKED_TILE NAME(tile)
#define LANES       (VECTOR_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

/* ---- packing --------------------------------------------------------------------------------- */

/* Columns that lie side by side. */
static void NAME(pack_rows)(const plain_matrix *m, int64_t column, int64_t width, NUMBER *panel) {
    int64_t own = smaller(width, m->columns - column);
    const NUMBER *from = (const NUMBER *)m->data + column;
    for (int64_t k = 0; k < m->depth; k++, from += m->row_stride, panel += width) {
        memcpy(panel, from, (size_t)own * sizeof(NUMBER));
        memset(panel + own, 0, (size_t)(width - own) * sizeof(NUMBER));
    }
}

/* Columns of any other order, a few rows at a time. */
static void NAME(pack_columns)(const plain_matrix *m, int64_t column, int64_t width,
                               NUMBER *panel) {
    for (int64_t first = 0; first < m->depth; first += COPIED_ROWS) {
        int64_t end = smaller(first + COPIED_ROWS, m->depth);
        for (int64_t j = 0; j < width; j++) {
            const NUMBER *from = (const NUMBER *)m->data + (column + j) * m->column_stride;
            for (int64_t k = first; k < end; k++) {
                panel[k * width + j] = column + j < m->columns ? from[k * m->row_stride] : 0;
            }
        }
    }
}

static int64_t NAME(panel_width)(int64_t left) {
    return left >= TILE_VECTORS * LANES ? TILE_VECTORS * LANES : LANES;
}

static void NAME(pack)(packed_matrix *m) {
    int64_t columns = packed_matrix_columns(&m->plain);
    NUMBER *panel = m->panels;
    for (int64_t column = 0; column < columns;) {
        int64_t width = NAME(panel_width)(columns - column);
        bool is_row_major = m->plain.column_stride == 1;
        (is_row_major ? NAME(pack_rows) : NAME(pack_columns))(&m->plain, column, width, panel);
        panel += m->plain.depth * width;
        column += width;
    }
}

/* ---- multiplying ----------------------------------------------------------------------------- */

/* y (+)= a b over one block of the depth. */
typedef struct PACKED_TILE {
    const NUMBER *a;
    int64_t a_stride;
    const NUMBER *panel;
    int64_t depth;
    NUMBER *y;
    int64_t y_stride;
    bool adds;
} PACKED_TILE;

/* rows and vectors are constants wherever this is inlined: the sums live in registers. */
static ALWAYS_INLINE void NAME(sum_tile)(const PACKED_TILE *t, const int rows, const int vectors) {
    VECTOR sums[TILE_ROWS][TILE_VECTORS] = {{{0}}};
    const VECTOR *b = (const VECTOR *)t->panel;
    for (int64_t k = 0; k < t->depth; k++) {
        UNROLL
        for (int i = 0; i < rows; i++) {
            UNROLL
            for (int v = 0; v < vectors; v++) {
                sums[i][v] += t->a[i * t->a_stride + k] * b[v];
            }
        }
        b += vectors;
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
        VECTOR *y = (VECTOR *)(t->y + i * t->y_stride);
        UNROLL
        for (int v = 0; v < vectors; v++) {
            if (t->adds) {
                sums[i][v] += y[v];
            }
            y[v] = sums[i][v];
        }
    }
}

#define TILE_OF(n)                                                                                 \
    case n:                                                                                        \
        if (n <= TILE_ROWS) {                                                                      \
            NAME(sum_tile)(t, n, vectors);                                                         \
        }                                                                                          \
        break;

static ALWAYS_INLINE void NAME(sum_rows)(const PACKED_TILE *t, int rows, const int vectors) {
    switch (rows) {
        TILE_OF(1)
        TILE_OF(2)
        TILE_OF(3)
        TILE_OF(4)
        TILE_OF(5)
        TILE_OF(6)
    }
}

static NEVER_INLINE void NAME(run_tile)(const PACKED_TILE *t, int rows, bool is_narrow) {
    if (is_narrow) {
        NAME(sum_rows)(t, rows, 1);
    } else {
        NAME(sum_rows)(t, rows, TILE_VECTORS);
    }
}

/* All rows under one panel, in tiles of about the same height. */
static void NAME(run_panel)(PACKED_TILE t, int64_t rows, bool is_narrow) {
    for (int64_t tiles = divide_up(rows, TILE_ROWS); tiles > 0; tiles--) {
        int n = (int)divide_up(rows, tiles);
        NAME(run_tile)(&t, n, is_narrow);
        t.a += n * t.a_stride;
        t.y += n * t.y_stride;
        rows -= n;
    }
}

static void NAME(multiply)(const packed_matrix *m, int64_t rows, number_rows a, number_rows y) {
    int64_t columns = packed_matrix_columns(&m->plain), depth = m->plain.depth;
    const NUMBER *panel = m->panels;
    for (int64_t column = 0, width; column < columns; column += width) {
        width = NAME(panel_width)(columns - column);
        int64_t k = 0;
        do { /* also where there is nothing to sum */
            PACKED_TILE t = {.a = (const NUMBER *)a.data + k,
                             .a_stride = a.stride,
                             .panel = panel + k * width,
                             .depth = smaller(TILE_DEPTH, depth - k),
                             .y = (NUMBER *)y.data + column,
                             .y_stride = y.stride,
                             .adds = k > 0};
            NAME(run_panel)(t, rows, width == LANES);
            k += TILE_DEPTH;
        } while (k < depth);
        panel += depth * width;
    }
}

#undef VECTOR
#undef PACKED_TILE
#undef LANES
#undef TILE_OF

#endif
