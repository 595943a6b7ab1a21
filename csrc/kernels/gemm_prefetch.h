/* What a tile asks for before it is needed: a part of gemm_block.h, for one type of number. */

/* Whether a tile asks for its places while it is summed, a row of them from time to time: where a
 * row is several lines. To ask for all of those at once keeps the processor from reading a and b
 * until they have come. Networks are products of floats: other tiles do without, and stay small. */
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

/* Prefetches rows of the panel that is packed after this one, and moves behind them. Where the rows
 * of b are long, each row of a panel is a line of the cache far from the others, which the
 * processor does not foresee. */
static ALWAYS_INLINE void NAME(ask_for_panel)(TILE *t, int64_t rows) {
    for (; rows > 0 && t->next_rows > 0; rows--, t->next_rows--) {
        for (int64_t i = 0; i < t->vectors * VECTOR_BYTES; i += CACHE_LINE) {
            __builtin_prefetch(t->next + i, 0, 2);
        }
        t->next += t->next_step;
    }
}
