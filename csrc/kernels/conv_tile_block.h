/* The tile for one type of number. conv_tile.c includes this file once per type, with NUMBER the
 * type and NAME(word) the word with the type's name behind it. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));

/* The same as it lies in the memory of others: aligned to nothing but its numbers. */
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

/* rows, vectors and kind are constants wherever this is inlined, so that the sums live in
 * registers, and the pointers as well. */
static ALWAYS_INLINE void NAME(sum_tile)(const conv_tile *t, const int rows, const int vectors,
                                         const conv_rows kind) {
    const bool mingled = kind == CONV_MINGLED;
    const int64_t a_step = mingled ? CONV_ROWS : kind == CONV_LINES ? t->a_step : 1;
    const int64_t b_step = kind == CONV_PIXELS ? vectors * LANES : t->b_step;
    const int64_t length = t->depth * a_step;
    const bool adds = t->adds;
    const int64_t begin = mingled ? 0 : -length; /* counting up to 0 takes one register less */
    VECTOR sums[CONV_ROWS][TILE_VECTORS] = {{{0}}};
    for (int64_t s = 0; s < t->segments; s++) {
        const NUMBER *a[CONV_ROWS];
        UNROLL
        for (int i = 0; i < rows; i++) {
            a[i] = mingled ? (const NUMBER *)t->a[s][0] + i : (const NUMBER *)t->a[s][i] - begin;
        }
        const NUMBER *b = (const NUMBER *)t->b + t->b_begins[s] * b_step;
        for (int64_t k = begin; k < begin + length; k += a_step) {
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

/* Tiles of three heights; lower ones are filled up with rows that nobody reads. */
static ALWAYS_INLINE void NAME(sum_rows)(const conv_tile *t, const int vectors,
                                         const conv_rows kind) {
    if (t->rows <= CONV_ROWS / 3) {
        NAME(sum_tile)(t, CONV_ROWS / 3, vectors, kind);
    } else if (t->rows <= CONV_ROWS * 2 / 3) {
        NAME(sum_tile)(t, CONV_ROWS * 2 / 3, vectors, kind);
    } else {
        NAME(sum_tile)(t, CONV_ROWS, vectors, kind);
    }
}

static ALWAYS_INLINE void NAME(sum_kind)(const conv_tile *t, const conv_rows kind) {
    if (t->columns <= LANES) {
        NAME(sum_rows)(t, 1, kind);
    } else {
        NAME(sum_rows)(t, TILE_VECTORS, kind);
    }
}

static NEVER_INLINE void NAME(sum_whole)(const conv_tile *t) {
    if (t->kind == CONV_PIXELS) {
        NAME(sum_kind)(t, CONV_PIXELS);
    } else if (t->kind == CONV_LINES) {
        NAME(sum_kind)(t, CONV_LINES);
    } else {
        NAME(sum_kind)(t, CONV_MINGLED);
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
        NUMBER *y = t->y[i];
        for (int j = 0; j < t->columns; j++) {
            NUMBER sum = sums[i][j / LANES][j % LANES];
            y[j] = t->adds ? y[j] + sum : sum;
        }
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
#undef NUMBER
#undef NAME
