/* The row tile for one dtype: a template (per_float.h) of conv_tile.c.
 *
 * All sums of a convolution go through the one line in sum_tile() that multiplies and adds; an
 * instruction set with a fused multiply-add rounds once there. The order is the same in all tiles:
 * segment by segment, each from its first product to its last. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));

/* The same in memory: aligned as its numbers are. */
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

#include "vector_end.h"

/* Prefetches the lines of a packed row of b that comes PANEL_AHEAD bytes behind this one: panels
 * lie one after another, and a large kernel comes from memory. */
static ALWAYS_INLINE void NAME(prefetch_row)(const NUMBER *b, const int bytes) {
    UNROLL
    for (int line = 0; line < bytes; line += CACHE_LINE) {
        __builtin_prefetch((const char *)b + PANEL_AHEAD + line);
    }
}

/* rows, vectors and layout are constants wherever this is inlined, so that the sums live in
 * registers, and the pointers as well. */
static ALWAYS_INLINE void NAME(sum_tile)(const conv_tile *t, const int rows, const int vectors,
                                         const conv_layout layout) {
    const bool interleaved = layout == LAYOUT_INTERLEAVED;
    const int64_t a_step = interleaved ? CONV_ROWS : layout == LAYOUT_LINES ? t->a_step : 1;
    const int64_t b_step = layout == LAYOUT_PIXELS ? vectors * LANES : t->b_step;
    const int64_t length = t->depth * a_step;
    const bool adds = t->adds;
    const int64_t begin = interleaved ? 0 : -length; /* counting up to 0 takes one register less */
    VECTOR sums[CONV_ROWS][TILE_VECTORS] = {{{0}}};
    for (int64_t s = 0; s < t->segments; s++) {
        const NUMBER *a[CONV_ROWS];
        UNROLL
        for (int i = 0; i < rows; i++) {
            a[i] =
                interleaved ? (const NUMBER *)t->a[s][0] + i : (const NUMBER *)t->a[s][i] - begin;
        }
        const NUMBER *b = (const NUMBER *)t->b + t->b_begins[s] * b_step;
        for (int64_t k = begin; k < begin + length; k += a_step) {
            if (layout == LAYOUT_PIXELS) {
                NAME(prefetch_row)(b, vectors * VECTOR_BYTES);
            }
            UNROLL
            for (int i = 0; i < rows; i++) {
                UNROLL
                for (int v = 0; v < vectors; v++) {
                    sums[i][v] += a[i][k] * ((const LOOSE_VECTOR *)b)[v];
                }
            }
            b += b_step;
        }
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
        LOOSE_VECTOR *y = t->y[i];
        UNROLL
        for (int v = 0; v < vectors; v++) {
            if (adds) {
                sums[i][v] += y[v];
            }
            y[v] = sums[i][v];
        }
    }
}

/* Tiles have one of three heights. What is lower is filled up with rows whose sums are not used. */
static ALWAYS_INLINE void NAME(sum_rows)(const conv_tile *t, const int vectors,
                                         const conv_layout layout) {
    if (t->rows <= CONV_ROWS / 3) {
        NAME(sum_tile)(t, CONV_ROWS / 3, vectors, layout);
    } else if (t->rows <= CONV_ROWS * 2 / 3) {
        NAME(sum_tile)(t, CONV_ROWS * 2 / 3, vectors, layout);
    } else {
        NAME(sum_tile)(t, CONV_ROWS, vectors, layout);
    }
}

static ALWAYS_INLINE void NAME(sum_layout)(const conv_tile *t, const conv_layout layout) {
    if (t->columns <= LANES) {
        NAME(sum_rows)(t, 1, layout);
    } else {
        NAME(sum_rows)(t, TILE_VECTORS, layout);
    }
}

static NEVER_INLINE void NAME(sum_whole)(const conv_tile *t) {
    if (t->layout == LAYOUT_PIXELS) {
        NAME(sum_layout)(t, LAYOUT_PIXELS);
    } else if (t->layout == LAYOUT_LINES) {
        NAME(sum_layout)(t, LAYOUT_LINES);
    } else {
        NAME(sum_layout)(t, LAYOUT_INTERLEAVED);
    }
}

/* The same where y has fewer columns than the panel, or fewer rows than the tile. */
static void NAME(sum_edge)(const conv_tile *t) {
    VECTOR sums[CONV_ROWS][TILE_VECTORS];
    conv_tile whole = *t;
    whole.adds = false;
    for (int i = 0; i < CONV_ROWS; i++) {
        whole.y[i] = sums[i];
    }
    NAME(sum_whole)(&whole);
    for (int i = 0; i < t->rows; i++) {
        NAME(put_row)(t->y[i], sums[i], t->columns, t->adds);
    }
}

static void NAME(run_tile)(const conv_tile *t) {
    bool is_whole = t->rows % (CONV_ROWS / 3) == 0 && t->columns % LANES == 0;
    if (is_whole) {
        NAME(sum_whole)(t);
    } else {
        NAME(sum_edge)(t);
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
