/* The loops of depthwise convolutions for one dtype and one vector length. conv_depthwise_loops.c
 * includes this file once for each, with NUMBER the type, LANES the numbers of a vector and
 * NAME(word) the word with both appended. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)

#if LANES == 1
typedef NUMBER VECTOR;
typedef NUMBER LOOSE_VECTOR;
#else
typedef NUMBER VECTOR __attribute__((vector_size(LANES * sizeof(NUMBER))));
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(LANES * sizeof(NUMBER)), aligned(sizeof(NUMBER)), may_alias));
#endif

/* sums[i] += the sum over a row of taps of a[i] k; rows and vectors are constants wherever this is
 * inlined. */
static ALWAYS_INLINE void NAME(add_taps)(const window *w, const NUMBER *a, const NUMBER *k,
                                         int64_t apart, VECTOR (*sums)[LINE_VECTORS],
                                         const int rows, const int vectors) {
    const NUMBER *row[LINE_ROWS];
    UNROLL
    for (int i = 0; i < rows; i++) {
        row[i] = a + i * w->a_step;
    }
    int64_t end = w->taps[2] * w->a_taps[2];
    for (int64_t tap = 0; tap != end; tap += w->a_taps[2]) {
        UNROLL
        for (int i = 0; i < rows; i++) {
            UNROLL
            for (int v = 0; v < vectors; v++) {
                sums[i][v] += *(const LOOSE_VECTOR *)(row[i] + tap + v * apart) *
                              *(const LOOSE_VECTOR *)(k + v * apart);
            }
        }
        k += w->k_taps[2];
    }
}

/* y = the sum over all taps of a k, for outputs from `first` and channels from c on; `apart` from
 * one vector of them to the next. */
static ALWAYS_INLINE void NAME(sum_tile)(const window *w, int64_t first, int64_t c, int64_t apart,
                                         const int rows, const int vectors) {
    VECTOR sums[LINE_ROWS][LINE_VECTORS] = {0};
    const NUMBER *a = (const NUMBER *)w->a + first * w->a_step + c;
    const NUMBER *k = (const NUMBER *)w->k + c;
    for (int64_t i = 0; i < w->taps[0]; i++) {
        for (int64_t j = 0; j < w->taps[1]; j++) {
            NAME(add_taps)(w, a + i * w->a_taps[0] + j * w->a_taps[1],
                           k + i * w->k_taps[0] + j * w->k_taps[1], apart, sums, rows, vectors);
        }
    }
    NUMBER *y = (NUMBER *)w->y + first * w->y_step + c;
    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
            *(LOOSE_VECTOR *)(y + i * w->y_step + v * apart) = sums[i][v];
        }
    }
}

/* All channels of some outputs. The last vector ends with the channels, and may sum some of them
 * once more; but two vectors are summed at a time, so that one does not wait for its own sums. */
static ALWAYS_INLINE void NAME(sum_rows)(const window *w, int64_t first, const int rows) {
    int64_t c = 0;
    for (; c + LINE_VECTORS * LANES <= w->channels; c += LINE_VECTORS * LANES) {
        NAME(sum_tile)(w, first, c, LANES, rows, LINE_VECTORS);
    }
    if (c + LANES < w->channels) {
        NAME(sum_tile)(w, first, c, smaller(LANES, w->channels - c - LANES), rows, 2);
        c += 2 * LANES;
    }
    for (; c < w->channels; c += LANES) {
        NAME(sum_tile)(w, first, smaller(c, w->channels - LANES), LANES, rows, 1);
    }
}

/* All outputs, in tiles of so many. The last tile ends with the outputs, and may sum some of them
 * once more. */
static ALWAYS_INLINE void NAME(sum_down)(const window *w, const int rows) {
    for (int64_t first = 0; first < w->outputs; first += rows) {
        NAME(sum_rows)(w, smaller(first, w->outputs - rows), rows);
    }
}

static NEVER_INLINE void NAME(sum)(const window *w) {
    if (w->outputs >= LINE_ROWS) {
        NAME(sum_down)(w, LINE_ROWS);
    } else if (w->outputs >= 2) {
        NAME(sum_down)(w, 2);
    } else {
        NAME(sum_down)(w, 1);
    }
}

/* ---- the gradient by the kernel -------------------------------------------------------------- */

/* k[t] += the sum over outputs of a[t] y, for `lines` lines of `across` taps and channels from c
 * on. y has a number for each channel, or one for all. Here the rows of k are padded to whole
 * vectors: channels from c on lie from `column` on. */
static ALWAYS_INLINE void NAME(multiply_tile)(const window *w, const NUMBER *a, NUMBER *k,
                                              int64_t c, int64_t column, const int lines,
                                              const int across, const int vectors,
                                              const bool one_for_all) {
    VECTOR sums[TAPS_AT_ONCE * TAPS_AT_ONCE][LINE_VECTORS] = {0};
    const NUMBER *seen[TAPS_AT_ONCE * TAPS_AT_ONCE];
    const NUMBER *y = (const NUMBER *)w->y + (one_for_all ? 0 : c);
    UNROLL
    for (int t = 0; t < lines * across; t++) {
        seen[t] = a + c + t / across * w->a_taps[1] + t % across * w->a_taps[2];
    }
    int64_t end = w->outputs * w->a_step;
    for (int64_t output = 0; output != end; output += w->a_step) {
        UNROLL
        for (int t = 0; t < lines * across; t++) {
            UNROLL
            for (int v = 0; v < vectors; v++) {
                VECTOR x = ((const LOOSE_VECTOR *)(seen[t] + output))[v];
                sums[t][v] += one_for_all ? x * *y : x * ((const LOOSE_VECTOR *)y)[v];
            }
        }
        y += w->y_step;
    }
    UNROLL
    for (int t = 0; t < lines * across; t++) {
        NUMBER *own = k + column + t / across * w->k_taps[1] + t % across * w->k_taps[2];
        UNROLL
        for (int v = 0; v < vectors; v++) {
            ((LOOSE_VECTOR *)own)[v] += sums[t][v];
        }
    }
}

/* All channels, for so many taps. */
static ALWAYS_INLINE void NAME(multiply_taps)(const window *w, const NUMBER *a, NUMBER *k,
                                              const int lines, const int across,
                                              const bool one_for_all) {
    const int most = lines * across > TAPS_AT_ONCE ? SQUARE_VECTORS : LINE_VECTORS;
    int64_t c = 0;
    for (; c + most * LANES <= w->channels; c += most * LANES) {
        NAME(multiply_tile)(w, a, k, c, c, lines, across, most, one_for_all);
    }
    if (most > 2 && c + 2 * LANES <= w->channels) {
        NAME(multiply_tile)(w, a, k, c, c, lines, across, 2, one_for_all);
        c += 2 * LANES;
    }
    for (; c < w->channels; c += LANES) {
        NAME(multiply_tile)(w, a, k, smaller(c, w->channels - LANES), c, lines, across, 1,
                            one_for_all);
    }
}

static ALWAYS_INLINE void NAME(multiply_lines)(const window *w, const NUMBER *a, NUMBER *k,
                                               const int lines, const bool one_for_all) {
    int64_t tap = 0;
    for (; tap + TAPS_AT_ONCE <= w->taps[2]; tap += TAPS_AT_ONCE) {
        NAME(multiply_taps)(w, a + tap * w->a_taps[2], k + tap * w->k_taps[2], lines, TAPS_AT_ONCE,
                            one_for_all);
    }
    for (; tap < w->taps[2]; tap++) {
        NAME(multiply_taps)(w, a + tap * w->a_taps[2], k + tap * w->k_taps[2], lines, 1,
                            one_for_all);
    }
}

/* All taps. Squares of them come first: nine taps read y once. */
static ALWAYS_INLINE void NAME(multiply_all)(const window *w, const bool one_for_all) {
    for (int64_t i = 0; i < w->taps[0]; i++) {
        const NUMBER *a = (const NUMBER *)w->a + i * w->a_taps[0];
        NUMBER *k = (NUMBER *)w->k + i * w->k_taps[0];
        int64_t line = 0;
        for (; line + TAPS_AT_ONCE <= w->taps[1]; line += TAPS_AT_ONCE) {
            NAME(multiply_lines)(w, a + line * w->a_taps[1], k + line * w->k_taps[1], TAPS_AT_ONCE,
                                 one_for_all);
        }
        for (; line < w->taps[1]; line++) {
            NAME(multiply_lines)(w, a + line * w->a_taps[1], k + line * w->k_taps[1], 1,
                                 one_for_all);
        }
    }
}

static NEVER_INLINE void NAME(multiply)(const window *w) {
    NAME(multiply_all)(w, false);
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
#undef NUMBER
#undef NAME
