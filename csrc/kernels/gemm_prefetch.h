/* What a tile asks for before it is needed: a part of gemm_block.h, for one type of number. */

/* Whether a tile asks for its places and for the next panel while it is summed, some rows at a
 * time: where a row is several lines. To ask for all of those at once keeps the processor from
 * reading a and b until they have come. Networks are products of floats: other tiles do without,
 * and stay small. */
#define SPREADS(vectors)                                                                           \
    (!IS_WHOLE && sizeof(NUMBER) == 4 && (vectors) == TILE_VECTORS &&                              \
     TILE_VECTORS * VECTOR_BYTES > CACHE_LINE)

/* Asks for a row of the tile's places: in y, which is written when all is summed, and in what the
 * end reads or writes there. */
static ALWAYS_INLINE void NAME(ask_for_row)(const TILE *t, int64_t row, const int vectors) {
    for (int i = 0; i < MOST_FAR && t->far[i]; i++) {
        const char *line = t->far[i] + row * t->far_step[i];
        for (int v = 0; v < vectors * VECTOR_BYTES; v += CACHE_LINE) {
            __builtin_prefetch(line + v, 1);
        }
    }
}

/* Sets what is asked for while the tile is summed: its place in y, and when it is complete, those
 * that the end needs. */
static NEVER_INLINE void NAME(set_far)(const gemm *g, const block *at, int64_t column, TILE *t,
                                       bool is_last) {
    int count = 0;
    if (!at->y_is_near) {
        t->far[count] = (const char *)t->y;
        t->far_step[count++] = t->y_row_stride * (int64_t)sizeof(NUMBER);
    }
    for (int i = 0; i < MOST_BESIDE && count < MOST_FAR && is_last; i++) {
        if (at->beside[i]) {
            t->far[count] = (const char *)at->beside[i] + column * (int64_t)sizeof(NUMBER);
            t->far_step[count++] = g->columns * (int64_t)sizeof(NUMBER);
        }
    }
    t->is_far = count > 0;
}

/* Asks for the beginnings of the next tile's rows, from `first` on, while this one is summed. Those
 * that lie close to each other the processor foresees. */
static ALWAYS_INLINE void NAME(ask_for_rows)(const TILE *t, int first, int64_t rows) {
    for (int64_t i = first; i < first + rows; i++) {
        const char *row = (const char *)(t->a + i * t->a_row_stride);
        for (int line = 0; line < EARLY_LINES; line++) {
            __builtin_prefetch(row + line * CACHE_LINE);
        }
    }
}

/* Prefetches row i of the panel that comes after this one. Where the rows of b are long, each row
 * of a panel is a line of the cache far from the others, which the processor does not foresee. */
static ALWAYS_INLINE void NAME(ask_for_panel)(const TILE *t, int64_t i, const int vectors) {
    const char *row = t->next + i * t->next_step;
    for (int64_t line = 0; line < vectors * VECTOR_BYTES; line += CACHE_LINE) {
        __builtin_prefetch(row + line, 0, 2);
    }
}

/* All that a tile asks for at step k of its depth: each time a row of its places, and some rows of
 * the next panel. */
static ALWAYS_INLINE void NAME(ask_at)(const TILE *t, int64_t k, int64_t step, const int rows,
                                       const int vectors) {
    const int64_t at = k / step;
    if (t->is_far && at < rows) {
        NAME(ask_for_row)(t, at, vectors);
    }
    const int64_t end = smaller(t->next_now, (at + 1) * t->next_each);
    for (int64_t i = at * t->next_each; i < end; i++) {
        NAME(ask_for_panel)(t, i, vectors);
    }
}
