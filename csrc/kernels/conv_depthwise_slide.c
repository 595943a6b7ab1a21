/* Depthwise convolutions of float32 whose taps lie side by side.
 *
 * A tile is SLIDE_ROWS outputs of a row times a few vectors of channels. A pixel is loaded once for
 * all outputs of the tile that see it, and taps outside of the image are left out. Each output
 * still gets its taps in their order. */
#include "../core/sizes.h"
#include "conv_depthwise_loops.h"
#include "registers.h"

typedef float vector __attribute__((vector_size(VECTOR_BYTES)));
typedef float loose_vector
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(float)), may_alias));

/* With the taps of a row, the sums fill the registers. */
#if defined(__AVX512F__)
enum { VECTORS = 2 };
#else
enum { VECTORS = 1 };
#endif

enum { LANES = VECTOR_BYTES / 4, MOST_TAPS = 5, STRIDES = 2 };

/* sums += the products with a row of taps. Pixels before `begin` and from `end` on are outside;
 * only those that the first taps of an output or the last ones see can be. */
static ALWAYS_INLINE void add_row(const window *w, const float *a, const float *k, int64_t begin,
                                  int64_t end, vector (*sums)[VECTORS], const int taps,
                                  const int stride, const int vectors) {
    const int last = (SLIDE_ROWS - 1) * stride;
    vector row[MOST_TAPS][VECTORS];
    UNROLL
    for (int t = 0; t < taps; t++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
            row[t][v] = ((const loose_vector *)(k + t * w->k_taps[2]))[v];
        }
    }
    UNROLL
    for (int pixel = 0; pixel < last + taps; pixel++) {
        if ((pixel >= taps - 1 || pixel >= begin) && (pixel <= last || pixel < end)) {
            UNROLL
            for (int v = 0; v < vectors; v++) {
                vector seen = ((const loose_vector *)a)[v];
                UNROLL
                for (int t = 0; t < taps; t++) {
                    int output = (pixel - t) / stride;
                    if (pixel >= t && (pixel - t) % stride == 0 && output < SLIDE_ROWS) {
                        sums[output][v] += seen * row[t][v];
                    }
                }
            }
        }
        a += w->a_taps[2];
    }
}

/* The tile from output `first` and channel c on. */
static ALWAYS_INLINE void sum_tile(const window_row *r, int64_t first, int64_t c, const int taps,
                                   const int stride, const int vectors) {
    vector sums[SLIDE_ROWS][VECTORS] = {0};
    const window *w = &r->window;
    const float *a = (const float *)w->a + first * w->a_step + c;
    const float *k = (const float *)w->k + c;
    for (int64_t i = 0; i < w->taps[0]; i++) {
        for (int64_t j = 0; j < w->taps[1]; j++) {
            add_row(w, a + i * w->a_taps[0] + j * w->a_taps[1],
                    k + i * w->k_taps[0] + j * w->k_taps[1], r->begin - first * stride,
                    r->end - first * stride, sums, taps, stride, vectors);
        }
    }
    float *y = (float *)w->y + first * w->y_step + c;
    UNROLL
    for (int i = 0; i < SLIDE_ROWS; i++) {
        UNROLL
        for (int v = 0; v < vectors; v++) {
            ((loose_vector *)(y + i * w->y_step))[v] = sums[i][v];
        }
    }
}

/* Rows of outputs, one below the other: for a few channels all of them, so that the pixels that
 * several rows see are still in the nearest cache. The last tile of a row ends with it, the last
 * vectors with the channels, and both may sum some outputs once more. */
static ALWAYS_INLINE void sum_rows(const window_row *rows, int64_t count, const int taps,
                                   const int stride, const int vectors) {
    const int64_t channels = rows->window.channels;
    for (int64_t c = 0; c < channels; c += vectors * LANES) {
        const int64_t own = smaller(c, channels - vectors * LANES);
        for (int64_t i = 0; i < count; i++) {
            const int64_t outputs = rows[i].window.outputs;
            for (int64_t first = 0; first < outputs; first += SLIDE_ROWS) {
                sum_tile(&rows[i], smaller(first, outputs - SLIDE_ROWS), own, taps, stride,
                         vectors);
            }
        }
    }
}

#define LOOP(taps, stride, vectors)                                                                \
    static void slide_##taps##_##stride(const window_row *rows, int64_t count) {                   \
        sum_rows(rows, count, taps, stride, vectors);                                              \
    }
LOOP(3, 1, VECTORS)
LOOP(3, 2, VECTORS)
LOOP(5, 1, VECTORS)
LOOP(5, 2, 1) /* the registers hold no more sums beside so many taps */

/* Whether all pixels between the first tap's last one and the last tap's first one are inside. */
static bool is_edge_narrow(const geometry_axis *a) {
    const int64_t back = a->tap_step < 0 ? a->taps - 1 : 0;
    const int64_t lowest = a->first - back, highest = lowest + (a->outputs - 1) * a->step;
    return lowest > -a->taps && highest < a->sources;
}

rows_loop *rows_loop_for(lego_dtype dtype, const conv_geometry *g, int64_t channels) {
    static rows_loop *const loops[][STRIDES] = {{slide_3_1, slide_3_2}, {slide_5_1, slide_5_2}};
    const geometry_axis *a = &g->axes[CONV_AXES - 1];
    const bool is_forward = a->tap_step == 1 && a->step <= STRIDES;
    const bool is_backward = a->tap_step == -1 && a->step == 1;
    if (dtype != LEGO_FLOAT32 || (a->taps != 3 && a->taps != 5) || !(is_forward || is_backward) ||
        !is_edge_narrow(a) || a->outputs < SLIDE_ROWS || channels < VECTORS * LANES) {
        return NULL;
    }
    return loops[a->taps == 5][a->step - 1];
}
