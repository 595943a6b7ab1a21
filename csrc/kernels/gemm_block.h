/* One block of a product, for one type of number: a template of gemm.c (per_float.h explains). */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define TILE         NAME(tile)

/* Numbers in a vector, in a panel's row, and in a long panel's row. */
#define LANES      (VECTOR_BYTES / (int)sizeof(NUMBER))
#define WIDTH      (TILE_VECTORS * LANES)
#define LONG_WIDTH (LONG_VECTORS * LANES)

/* Products of whole numbers are rare: they do with few kinds of tiles, and pack one panel at a
 * time. */
#define IS_WHOLE       ((NUMBER)0.5 == 0)
#define ROWS_OF_NARROW (IS_WHOLE ? TILE_ROWS : NARROW_ROWS)

/* Panels that are packed together; a panel of wide vectors is several lines wide by itself. */
#define SIDE (IS_WHOLE ? 1 : SIDE_BYTES / (TILE_DEPTH * TILE_VECTORS * VECTOR_BYTES))

/* How far apart tiles of packed rows begin: the line between them keeps them out of the same set of
 * the cache, and takes what is copied beyond the last step. */
#define STEPS_OF(depth) ((depth) * TILE_ROWS + CACHE_LINE / (int)sizeof(NUMBER))

/* Tiles of rows that are packed together. */
#define PACKED_TILES (ROWS_BYTES / (int)sizeof(NUMBER) / STEPS_OF(TILE_DEPTH))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));

/* The same as it lies in the memory of others: aligned to nothing but its numbers. */
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

#include "vector_end.h"

/* What one tile reads and writes: y (+)= a b, over one k-block. */
typedef struct TILE {
    const NUMBER *a;
    int64_t a_row_stride;
    int64_t a_column_stride;
    const NUMBER *b; /* a panel: the numbers of a row lie side by side */
    int64_t b_row_stride;
    const char *next; /* the same panel in b, one k-block further: its rows to prefetch */
    int64_t next_rows;
    int64_t next_now;  /* rows of it that this tile asks for, */
    int64_t next_each; /* and each time that it asks */
    int64_t next_step; /* bytes from row to row */
    int64_t depth;
    int64_t a_step; /* from tile to tile of packed rows; 0: they are not packed */
    int64_t ahead;  /* bytes from a to its first row's number in the next k-block; 0: do not ask */
    NUMBER *y;
    int64_t y_row_stride;
    int64_t after;              /* of the block */
    bool is_far;                /* what follows is to be asked for */
    const char *far[MOST_FAR];  /* the tile's places beyond the nearest cache; NULL: none */
    int64_t far_step[MOST_FAR]; /* bytes from row to row */
    int vectors;                /* how wide the panel is */
    int columns;                /* how much of that is y's; the rest is padding */
    bool adds;
    bool is_lower; /* only y's part on and below the diagonal is wanted: of the row above the */
    int64_t reach; /* tile so many of the panel's columns, and one more of each row below */
} TILE;

#include "gemm_prefetch.h"

/* y (+)= a b, as wide as the panel. rows and vectors are constants wherever this is inlined, so
 * that the sums live in registers. Where a lies transposed, each step of the depth is in another
 * line, too far away for the processor to foresee: so it is asked for a whole stretch early. */
static ALWAYS_INLINE void NAME(sum_tile)(const TILE *t, const int rows, const int vectors) {
    VECTOR sums[NARROW_ROWS][LONG_VECTORS] = {{{0}}};
    const NUMBER *a = t->a;
    const NUMBER *b = t->b;
    const uintptr_t ahead = (uintptr_t)t->ahead;
    const bool asks = SPREADS(vectors) && (t->is_far || t->next_now > 0);
    const int64_t step = asks ? smaller(ASK_STEPS, divide_up(t->depth, rows)) : t->depth;
    for (int64_t k = 0, end = 0; k < t->depth;) {
        end = smaller(t->depth, k + step);
        if (asks) {
            NAME(ask_at)(t, k, step, rows, vectors);
        }
        for (; k < end; k++) {
            UNROLL
            for (int i = 0; i < rows; i++) {
                UNROLL
                for (int v = 0; v < vectors; v++) {
                    sums[i][v] += a[i * t->a_row_stride] * ((const LOOSE_VECTOR *)b)[v];
                }
            }
            if (ahead != 0) {
                __builtin_prefetch((const void *)((uintptr_t)a + ahead)); /* may be behind a */
            }
            a += t->a_column_stride;
            b += t->b_row_stride;
        }
    }
    const bool adds = t->adds; /* read before y is written, which may be anything */
    const int64_t y_row_stride = t->y_row_stride;
    NUMBER *row = t->y;
    UNROLL
    for (int i = 0; i < rows; i++) {
        LOOSE_VECTOR *y = (LOOSE_VECTOR *)(row + i * y_row_stride);
        UNROLL
        for (int v = 0; v < vectors; v++) {
            if (adds) {
                sums[i][v] += y[v];
            }
            y[v] = sums[i][v];
        }
    }
}

#define TILE_OF(n)                                                                                 \
    case n:                                                                                        \
        if (n <= most) {                                                                           \
            NAME(sum_tile)(t, n, vectors);                                                         \
        }                                                                                          \
        break;

/* Tiles of all heights up to `most`, a constant as well. */
static ALWAYS_INLINE void NAME(sum_rows)(const TILE *t, int rows, const int most,
                                         const int vectors) {
    switch (rows) {
        TILE_OF(1)
        TILE_OF(2)
        TILE_OF(3)
        TILE_OF(4)
        TILE_OF(5)
        TILE_OF(6)
        TILE_OF(7)
        TILE_OF(8)
        TILE_OF(9)
        TILE_OF(10)
        TILE_OF(11)
        TILE_OF(12)
    }
}

static NEVER_INLINE void NAME(run_tile)(const TILE *t, int rows) {
    if (t->vectors == LONG_VECTORS) {
        NAME(sum_tile)(t, 1, LONG_VECTORS);
    } else if (t->vectors == TILE_VECTORS) {
        NAME(sum_rows)(t, rows, TILE_ROWS, TILE_VECTORS);
    } else if (t->vectors == 1) {
        NAME(sum_rows)(t, rows, ROWS_OF_NARROW, 1);
    } else if (TILE_VECTORS > 2 && !IS_WHOLE) {
        if (t->vectors == 2) {
            NAME(sum_rows)(t, rows, TILE_ROWS, 2);
        } else {
            NAME(sum_rows)(t, rows, TILE_ROWS, 3);
        }
    }
}

/* The same where y ends before the panel does; a long panel never goes that far. */
static NEVER_INLINE void NAME(run_edge)(const TILE *t, int rows) {
    VECTOR sums[LARGEST_TILE];
    TILE whole = *t;
    whole.y = (NUMBER *)sums;
    whole.y_row_stride = t->vectors * LANES;
    whole.adds = false;
    NAME(run_tile)(&whole, rows);
    for (int i = 0; i < rows; i++) {
        NAME(put_row)(t->y + i * t->y_row_stride, sums + i * t->vectors, t->columns, t->adds);
    }
}

/* Whether padding may be stored behind y's columns, since numbers that are stored later lie there:
 * those of `left` rows below the tile, and those after the block. */
static bool NAME(may_overrun)(const TILE *t, int64_t left) {
    int64_t padding = t->vectors * LANES - t->columns;
    return !t->adds && t->y_row_stride == t->columns && left * t->columns + t->after >= padding;
}

/* Makes a tile of n rows as wide as its last row is wanted. */
static void NAME(cut_at_diagonal)(TILE *t, int n, int vectors, int columns) {
    t->reach += n;
    t->vectors = (int)smaller(vectors, divide_up(larger(t->reach, 0), LANES));
    t->columns = (int)smaller(columns, t->vectors * LANES);
}

/* One panel of b under `rows` rows of a, from the tile t downwards, which moves. Tiles are about
 * equally high: seven rows are four and three, as one row alone would take as long as six. Those of
 * packed rows are as they were packed. */
static NEVER_INLINE void NAME(run_panel)(TILE *t, int64_t rows) {
    const int vectors = t->vectors, columns = t->columns;
    const bool is_packed = t->a_step > 0;
    int64_t tiles = divide_up(rows, t->vectors == 1 && !is_packed ? ROWS_OF_NARROW : TILE_ROWS);
    int64_t next_rows = t->next_rows > 0 ? divide_up(t->next_rows, tiles) : 0;
    bool rows_are_far = t->a_row_stride * (int64_t)sizeof(NUMBER) >= EARLY_LINES * CACHE_LINE;
    for (; tiles > 0; tiles--) {
        int n = (int)(is_packed ? smaller(TILE_ROWS, rows) : divide_up(rows, tiles));
        if (t->is_lower) {
            NAME(cut_at_diagonal)(t, n, vectors, columns);
        }
        for (int i = 0; i < n && t->is_far && !SPREADS(t->vectors); i++) {
            NAME(ask_for_row)(t, i, t->vectors);
        }
        t->next_now = smaller(next_rows, t->next_rows);
        t->next_each = divide_up(t->next_now, larger(1, divide_up(t->depth, ASK_STEPS)));
        for (int64_t i = 0; i < t->next_now && !SPREADS(t->vectors); i++) {
            NAME(ask_for_panel)(t, i, t->vectors);
        }
        if (rows_are_far) {
            NAME(ask_for_rows)(t, n, smaller(n, rows - n));
        }
        if (t->columns < t->vectors * LANES && !NAME(may_overrun)(t, rows - n)) {
            NAME(run_edge)(t, n);
        } else if (t->vectors > 0) {
            NAME(run_tile)(t, n);
        }
        t->a += is_packed ? t->a_step : n * t->a_row_stride;
        t->y += n * t->y_row_stride;
        t->next += t->next_now > 0 ? t->next_now * t->next_step : 0;
        t->next_rows -= t->next_now;
        for (int i = 0; i < MOST_FAR; i++) {
            t->far[i] += t->far[i] ? n * t->far_step[i] : 0;
        }
        rows -= n;
    }
}

#include "gemm_pack.h"

/* ---- the block ------------------------------------------------------------------------------ */

/* How many vectors wide the next panel is, with `left` columns to go. */
static int NAME(panel_vectors)(const gemm *g, int64_t left) {
    if (g->rows == 1 && g->b.column_stride == 1 && left >= LONG_WIDTH) {
        return LONG_VECTORS;
    }
    if (IS_WHOLE && left > LANES) {
        return TILE_VECTORS;
    }
    return (int)smaller(TILE_VECTORS, divide_up(left, LANES));
}

/* The tile at the top of a panel that is `vectors` wide. */
static TILE NAME(tile_at)(const gemm *g, const block *at, int64_t column, int64_t k, int vectors) {
    const NUMBER *a = (const NUMBER *)g->a.data + at->a_offset;
    const NUMBER *b = (const NUMBER *)g->b.data + at->b_offset;
    bool is_transposed = g->a.row_stride == 1;
    int64_t left = g->depth - k;
    int64_t step = g->a.column_stride * (int64_t)sizeof(NUMBER);
    TILE t = {
        .a = a + k * g->a.column_stride,
        .a_row_stride = g->a.row_stride,
        .a_column_stride = g->a.column_stride,
        .b = b + k * g->b.row_stride + column * g->b.column_stride,
        .b_row_stride = g->b.row_stride,
        .depth = smaller(TILE_DEPTH, left),
        .ahead = is_transposed && left > TILE_DEPTH ? step * TILE_DEPTH : 0,
        .y = (NUMBER *)at->y + column,
        .y_row_stride = at->y_row_stride,
        .after = at->after,
        .vectors = vectors,
        .columns = (int)smaller(vectors * LANES, at->columns - column),
        .adds = g->adds || k > 0,
        .is_lower = at->reach > 0,
        .reach = at->reach - column - 1,
    };
    if (at->a_packed) {
        t.a = at->a_packed;
        t.a_column_stride = TILE_ROWS;
        t.a_step = STEPS_OF(t.depth);
        t.ahead = 0;
    }
    NAME(set_far)(g, at, column, &t, left <= TILE_DEPTH);
    return t;
}

/* Sets what is prefetched, where b is too large for the L2 cache. */
static void NAME(set_next)(const gemm *g, TILE *t, int64_t k) {
    t->next_step = t->b_row_stride * (int64_t)sizeof(NUMBER);
    bool is_large = g->b.column_stride == 1 && g->depth > L2_BYTES / larger(t->next_step, 1);
    if (is_large && g->depth > k + TILE_DEPTH) {
        t->next = (const char *)t->b + TILE_DEPTH * t->next_step;
        t->next_rows = smaller(TILE_DEPTH, g->depth - k - TILE_DEPTH);
    }
}

/* Whether the panel may be read where it lies: the numbers of a row side by side, and those behind
 * a row, which are padding, in memory as well. */
static bool NAME(lies_as_panel)(const gemm *g, const block *at, const TILE *t) {
    const NUMBER *end = (const NUMBER *)g->b.data + at->b_end;
    const int width = t->vectors * LANES;
    return g->b.column_stride == 1 &&
           (t->columns == width || end - t->b >= (t->depth - 1) * t->b_row_stride + width);
}

/* Whether it pays to copy a panel that could be read where it lies: many rows go through it, and
 * each row of it lies in another page. */
static bool NAME(is_worth_packing)(const block *at, const TILE *t) {
    return at->rows >= WORTH_PACKING && t->b_row_stride * (int64_t)sizeof(NUMBER) >= PAGE_BYTES;
}

/* The next panel of the block, from that column on, over depths k and up; returns its columns. */
static int NAME(run_columns)(const gemm *g, const block *at, int64_t column, int64_t k) {
    _Alignas(VECTOR_BYTES) NUMBER packed[TILE_DEPTH * WIDTH];
    int vectors = NAME(panel_vectors)(g, at->columns - column);
    int width = vectors * LANES;
    TILE t = NAME(tile_at)(g, at, column, k, vectors);
    if (!NAME(lies_as_panel)(g, at, &t) || NAME(is_worth_packing)(at, &t)) {
        NAME(pack)(g, at, &t, packed);
        NAME(set_next)(g, &t, k);
        t.b = packed;
        t.b_row_stride = width;
    }
    const int columns = t.columns; /* the diagonal makes tiles narrower */
    NAME(run_panel)(&t, at->rows);
    return columns;
}

/* The rows of whole panels side by side, each row of b read once: row k of panel p lies at
 * (p depth + k) WIDTH. A row of one panel alone may be a single line of the cache, in a page of its
 * own, which no processor foresees. */
static void NAME(pack_side_by_side)(const TILE *t, int panels, NUMBER *packed) {
    for (int64_t k = 0; k < t->depth; k++) {
        const LOOSE_VECTOR *b = (const LOOSE_VECTOR *)(t->b + k * t->b_row_stride);
        NUMBER *to = packed + k * WIDTH;
        for (int p = 0; p < panels; p++) {
            UNROLL
            for (int v = 0; v < TILE_VECTORS; v++) {
                ((LOOSE_VECTOR *)to)[v] = b[v];
            }
            b += TILE_VECTORS;
            to += t->depth * WIDTH;
        }
    }
}

/* The next panels of the block, all of them whole; returns their columns. */
static NEVER_INLINE int64_t NAME(run_side_by_side)(const gemm *g, const block *at, int64_t column,
                                                   int64_t k) {
    _Alignas(VECTOR_BYTES) NUMBER packed[SIDE * TILE_DEPTH * WIDTH];
    int panels = (int)smaller(SIDE, (at->columns - column) / WIDTH);
    TILE first = NAME(tile_at)(g, at, column, k, TILE_VECTORS);
    NAME(pack_side_by_side)(&first, panels, packed);
    for (int p = 0; p < panels; p++) {
        TILE t = NAME(tile_at)(g, at, column + p * WIDTH, k, TILE_VECTORS);
        t.b = packed + p * t.depth * WIDTH;
        t.b_row_stride = WIDTH;
        NAME(run_panel)(&t, at->rows);
    }
    return panels * WIDTH;
}

/* One k-block. */
static NEVER_INLINE void NAME(run_k_block)(const gemm *g, const block *at, int64_t k) {
    bool are_packed = SIDE > 1 && g->b.column_stride == 1 && at->rows >= WORTH_PACKING;
    for (int64_t column = 0; column < at->columns;) {
        bool are_side_by_side = are_packed && at->columns - column >= 2 * WIDTH;
        column += are_side_by_side ? NAME(run_side_by_side)(g, at, column, k)
                                   : NAME(run_columns)(g, at, column, k);
    }
}

/* A block whose rows of a are packed, k-block by k-block. */
static NEVER_INLINE void NAME(run_packed_rows)(const gemm *g, block at) {
    _Alignas(CACHE_LINE) NUMBER packed[PACKED_TILES * STEPS_OF(TILE_DEPTH)];
    for (int64_t k = 0; k < g->depth; k += TILE_DEPTH) {
        at.a_packed = NULL;
        TILE t = NAME(tile_at)(g, &at, 0, k, 1);
        NAME(pack_tiles)(&t, at.rows, packed);
        at.a_packed = packed;
        NAME(run_k_block)(g, &at, k);
    }
}

/* Groups of rows, as many as are packed together. */
static void NAME(run_packed_groups)(const gemm *g, const block *at) {
    int64_t groups = divide_up(at->rows, PACKED_TILES * TILE_ROWS);
    int64_t rows = round_up(divide_up(at->rows, groups), TILE_ROWS);
    for (int64_t row = 0; row < at->rows; row += rows) {
        block part = *at;
        part.rows = smaller(rows, at->rows - row);
        part.a_offset += row;
        part.y = (NUMBER *)at->y + row * at->y_row_stride;
        part.after += (at->rows - row - part.rows) * at->columns;
        part.reach += at->reach > 0 ? row : 0;
        NAME(run_packed_rows)(g, part);
    }
}

static bool NAME(are_rows_worth_packing)(const gemm *g, const block *at) {
    const int64_t bytes = sizeof(NUMBER);
    return !IS_WHOLE && g->a.row_stride == 1 && at->rows >= ROWS_ENOUGH &&
           at->columns >= PANELS_ENOUGH * WIDTH && g->depth * g->a.column_stride * bytes > L1_BYTES;
}

/* ---- panels that stay ----------------------------------------------------------------------- */

static inline int NAME(packed_vectors)(int64_t left) {
    return (int)smaller(TILE_VECTORS, divide_up(left, LANES));
}

/* All panels of b, one after another. */
static inline void NAME(pack_all)(const gemm *g, const block *at, NUMBER *panels) {
    for (int64_t column = 0; column < at->columns;) {
        int vectors = NAME(packed_vectors)(at->columns - column);
        for (int64_t k = 0; k < g->depth; k += TILE_DEPTH) {
            TILE t = NAME(tile_at)(g, at, column, k, vectors);
            NAME(pack)(g, at, &t, panels);
            panels += t.depth * vectors * LANES;
        }
        column += vectors * LANES;
    }
}

/* A block of the product with them. It begins with a panel. */
static NEVER_INLINE void NAME(run_packed)(const gemm *g, const block *at, bool y_is_far) {
    const NUMBER *panels = (const NUMBER *)g->panels + at->column * g->depth;
    for (int64_t column = 0; column < at->columns;) {
        int vectors = NAME(packed_vectors)(at->columns - column);
        for (int64_t k = 0; k < g->depth; k += TILE_DEPTH) {
            TILE t = NAME(tile_at)(g, at, column, k, vectors);
            t.b = panels;
            t.b_row_stride = vectors * LANES;
            t.is_far &= y_is_far;
            panels += t.depth * vectors * LANES;
            t.next = (const char *)panels;
            t.next_rows = t.depth;
            t.next_step = vectors * VECTOR_BYTES;
            NAME(run_panel)(&t, at->rows);
        }
        column += vectors * LANES;
    }
}

/* The first k-block sets y, even where there is nothing to sum. */
static void NAME(run_block)(const gemm *g, const block *at) {
    if (!IS_WHOLE && g->panels) {
        NAME(run_packed)(g, at, true);
        return;
    }
    if (NAME(are_rows_worth_packing)(g, at)) {
        NAME(run_packed_groups)(g, at);
        return;
    }
    int64_t k = 0;
    do {
        NAME(run_k_block)(g, at, k);
        k += TILE_DEPTH;
    } while (k < g->depth);
}

/* Pairs of one panel and one k-block each. What a tile is told of all pairs is set once. */
static inline void NAME(run_pairs)(const gemm *g, int64_t b_end, int64_t begin, int64_t end) {
    _Alignas(VECTOR_BYTES) NUMBER packed[TILE_DEPTH * WIDTH];
    block at = {.rows = g->rows, .columns = g->columns, .b_end = b_end, .y = g->y};
    at.y_row_stride = g->columns;
    const int vectors = NAME(panel_vectors)(g, g->columns);
    const int64_t size = g->rows * g->columns;
    const bool is_tile = g->rows <= (vectors == 1 ? ROWS_OF_NARROW : TILE_ROWS);
    TILE t = NAME(tile_at)(g, &at, 0, 0, vectors);
    t.is_far = false; /* it lies behind that of the pair before */
    for (int64_t pair = begin; pair < end; pair++) {
        at.a_offset = 0;
        at.b_offset = 0;
        go_to_pair(g, pair, &at);
        t.a = (const NUMBER *)g->a.data + at.a_offset;
        t.b = (const NUMBER *)g->b.data + at.b_offset;
        t.b_row_stride = g->b.row_stride;
        t.y = (NUMBER *)g->y + pair * size;
        t.after = (end - pair - 1) * size;
        if (!NAME(lies_as_panel)(g, &at, &t)) {
            NAME(pack)(g, &at, &t, packed);
            t.b = packed;
            t.b_row_stride = vectors * LANES;
        }
        if (is_tile && (t.columns == vectors * LANES || NAME(may_overrun)(&t, 0))) {
            NAME(run_tile)(&t, (int)g->rows);
        } else {
            NAME(run_panel)(&t, g->rows);
        }
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef TILE
#undef LANES
#undef WIDTH
#undef LONG_WIDTH
#undef SIDE
#undef STEPS_OF
#undef PACKED_TILES
#undef IS_WHOLE
#undef ROWS_OF_NARROW
#undef TILE_OF
#undef SPREADS
