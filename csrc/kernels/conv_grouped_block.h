/* The loops of grouped convolutions for one vector length. conv_grouped_loops.c includes this file
 * once for each, with LANES the numbers of a vector and NAME(word) the word with them appended. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)

typedef float VECTOR __attribute__((vector_size(LANES * sizeof(float))));
typedef float LOOSE_VECTOR
    __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/* Numbers of the depth that are summed without a loop: the narrowest groups are seldom deeper. */
enum { NAME(at_once) = LANES < DEPTH_AT_ONCE ? LANES : DEPTH_AT_ONCE };

/* ---- forward, and the gradient by the input -------------------------------------------------- */

/* sums += `count` numbers of the depth, from number `seen` behind the pointers a. count, rows and
 * slices are constants wherever this is inlined. */
static ALWAYS_INLINE void NAME(add_numbers)(const grouped_window *g, const float *const *a,
                                            int64_t seen, const float *k, VECTOR *sums,
                                            const int count, const int rows, const int slices) {
    UNROLL
    for (int i = 0; i < count; i++) {
        UNROLL
        for (int s = 0; s < slices; s++) {
            VECTOR row = *(const LOOSE_VECTOR *)(k + s * g->slice_size + i * LANES);
            UNROLL
            for (int r = 0; r < rows; r++) {
                sums[r * slices + s] += a[r * slices + s][seen + i] * row;
            }
        }
    }
}

/* sums += one tap. */
static ALWAYS_INLINE void NAME(add_tap)(const grouped_window *g, const float *const *a,
                                        int64_t seen, const float *k, VECTOR *sums, const int rows,
                                        const int slices) {
    const int64_t end = seen + g->depth;
    for (; seen + NAME(at_once) <= end; seen += NAME(at_once)) {
        NAME(add_numbers)(g, a, seen, k, sums, NAME(at_once), rows, slices);
        k += NAME(at_once) * LANES;
    }
    for (; seen < end; seen++) {
        NAME(add_numbers)(g, a, seen, k, sums, 1, rows, slices);
        k += LANES;
    }
}

/* y = the sum over all taps and the depth of a k, for outputs from `first` on, and for slices from
 * `slice` on. */
static ALWAYS_INLINE void NAME(sum_tile)(const grouped_window *g, int64_t first, int64_t slice,
                                         const int rows, const int slices) {
    const window *w = &g->window;
    const float *a[TILE_SUMS];
    VECTOR sums[TILE_SUMS] = {0};
    UNROLL
    for (int s = 0; s < slices; s++) {
        const float *row = (const float *)w->a + first * w->a_step + g->places[slice + s].source;
        UNROLL
        for (int r = 0; r < rows; r++) {
            a[r * slices + s] = row + r * w->a_step;
        }
    }
    for (int64_t i = 0; i < w->taps[0]; i++) {
        for (int64_t j = 0; j < w->taps[1]; j++) {
            int64_t seen = i * w->a_taps[0] + j * w->a_taps[1];
            const float *k =
                (const float *)w->k + slice * g->slice_size + i * w->k_taps[0] + j * w->k_taps[1];
            for (int64_t tap = 0; tap < w->taps[2]; tap++) {
                NAME(add_tap)(g, a, seen, k, sums, rows, slices);
                seen += w->a_taps[2];
                k += w->k_taps[2];
            }
        }
    }
    UNROLL
    for (int s = 0; s < slices; s++) {
        float *y = (float *)w->y + first * w->y_step + g->places[slice + s].result;
        UNROLL
        for (int r = 0; r < rows; r++) {
            *(LOOSE_VECTOR *)(y + r * w->y_step) = sums[r * slices + s];
        }
    }
}

/* All slices of some outputs. The last tile ends with the slices, and may sum some of them once
 * more. */
static ALWAYS_INLINE void NAME(sum_rows)(const grouped_window *g, int64_t first, const int rows,
                                         const int slices) {
    for (int64_t slice = 0; slice < g->slices; slice += slices) {
        NAME(sum_tile)(g, first, smaller(slice, g->slices - slices), rows, slices);
    }
}

/* Outputs from `first` on, one by one. */
static NEVER_INLINE void NAME(sum_single)(const grouped_window *g, int64_t first) {
    for (; first < g->window.outputs; first++) {
        if (g->slices >= SINGLE_SLICES) {
            NAME(sum_rows)(g, first, 1, SINGLE_SLICES);
        } else {
            NAME(sum_rows)(g, first, 1, FEW_SLICES);
        }
    }
}

/* All outputs. The last low tile ends with the outputs, and may sum some of them once more. */
static NEVER_INLINE void NAME(sum)(const grouped_window *g) {
    const int64_t outputs = g->window.outputs;
    int64_t first = 0;
    for (; first + TILE_SUMS <= outputs; first += TILE_SUMS) {
        NAME(sum_rows)(g, first, TILE_SUMS, 1);
    }
    if (outputs < LOW_ROWS) {
        NAME(sum_single)(g, first);
        return;
    }
    for (; first < outputs; first += LOW_ROWS) {
        NAME(sum_rows)(g, smaller(first, outputs - LOW_ROWS), LOW_ROWS, FEW_SLICES);
    }
}

/* ---- the gradient by the kernel -------------------------------------------------------------- */

/* k += the sum over outputs of a y, for so many taps side by side and so many numbers of the depth.
 * a points to what the first output sees, k to the sums and y to the slice of the first output. */
static ALWAYS_INLINE void NAME(multiply_tile)(const window *w, const float *a, float *k,
                                              const float *y, const int across, const int depth) {
    const float *seen[TAPS_AT_ONCE];
    VECTOR sums[TILE_SUMS] = {0};
    UNROLL
    for (int tap = 0; tap < across; tap++) {
        seen[tap] = a + tap * w->a_taps[2];
    }
    int64_t end = w->outputs * w->a_step;
    for (int64_t output = 0; output != end; output += w->a_step) {
        VECTOR dy = *(const LOOSE_VECTOR *)y;
        UNROLL
        for (int i = 0; i < across * depth; i++) {
            sums[i] += seen[i / depth][output + i % depth] * dy;
        }
        y += w->y_step;
    }
    UNROLL
    for (int i = 0; i < across * depth; i++) {
        float *own = k + i / depth * w->k_taps[2] + i % depth * LANES;
        *(LOOSE_VECTOR *)own += sums[i];
    }
}

/* The whole depth of some taps. */
static ALWAYS_INLINE void NAME(multiply_taps)(const grouped_window *g, const float *a, float *k,
                                              const float *y, const int across) {
    int64_t done = 0;
    for (; done + NAME(at_once) <= g->depth; done += NAME(at_once)) {
        NAME(multiply_tile)(&g->window, a + done, k + done * LANES, y, across, NAME(at_once));
    }
    for (; done < g->depth; done++) {
        NAME(multiply_tile)(&g->window, a + done, k + done * LANES, y, across, 1);
    }
}

/* A row of taps. */
static ALWAYS_INLINE void NAME(multiply_line)(const grouped_window *g, const float *a, float *k,
                                              const float *y) {
    const window *w = &g->window;
    int64_t tap = 0;
    for (; tap + TAPS_AT_ONCE <= w->taps[2]; tap += TAPS_AT_ONCE) {
        NAME(multiply_taps)(g, a + tap * w->a_taps[2], k + tap * w->k_taps[2], y, TAPS_AT_ONCE);
    }
    for (; tap < w->taps[2]; tap++) {
        NAME(multiply_taps)(g, a + tap * w->a_taps[2], k + tap * w->k_taps[2], y, 1);
    }
}

static NEVER_INLINE void NAME(multiply)(const grouped_window *g) {
    const window *w = &g->window;
    for (int64_t slice = 0; slice < g->slices; slice++) {
        const float *a = (const float *)w->a + g->places[slice].source;
        const float *y = (const float *)w->y + g->places[slice].result;
        float *k = (float *)w->k + slice * g->slice_size;
        for (int64_t i = 0; i < w->taps[0]; i++) {
            for (int64_t j = 0; j < w->taps[1]; j++) {
                NAME(multiply_line)(g, a + i * w->a_taps[0] + j * w->a_taps[1],
                                    k + i * w->k_taps[0] + j * w->k_taps[1], y);
            }
        }
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
#undef NAME
