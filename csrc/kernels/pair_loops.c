/* The loops behind pair_sums.c: s += g and t += g (x - c), for one dtype each. */
#include "pair_loops.h"

#include "elements.h"

enum {
    BLOCK = PAIR_LANES, /* columns whose sums live in registers */
    BAND = 2048,        /* numbers whose rows are walked block by block: they stay in L1, and
                           memory is still read about as it lies */
    LEAST_ROWS = 4      /* of a band: a block's sums are loaded and stored once for each */
};

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* The upper half of so many lanes joins the lower one; a constant where this is inlined. */
static ALWAYS_INLINE void join_half(pair_lanes *lanes, const int half) {
    for (int lane = 0; lane < half; lane++) {
        lanes->s[lane] += lanes->s[lane + half];
        lanes->t[lane] += lanes->t[lane + half];
    }
}

void pair_lanes_close(pair_lanes *lanes, double *s, double *t) {
    _Static_assert(PAIR_LANES == 16, "as many halves as joined below");
    join_half(lanes, 8);
    join_half(lanes, 4);
    join_half(lanes, 2);
    join_half(lanes, 1);
    *s = lanes->s[0];
    *t = lanes->t[0];
}

/* Calls for what is read soon: each block for its share of the next band, in the order of memory,
 * since rows that lie far apart are nothing that a processor would guess. */
static ALWAYS_INLINE void fetch(const void *numbers) {
    if (numbers) {
        __builtin_prefetch(numbers);
    }
}

static int64_t band_rows(int64_t columns) {
    return columns * LEAST_ROWS < BAND ? BAND / columns : LEAST_ROWS;
}

/* PAIR_LOOPS(float32, float) makes pair_loops_float32. Whether there is a g, and how wide a block
 * is, are constants wherever the innermost function is inlined. */
#define PAIR_LOOPS(suffix, type)                                                                   \
    static ALWAYS_INLINE void add_##suffix(const int n, const type *g, const type *x,              \
                                           const double *c, double *s, double *t) {                \
        EACH_ELEMENT {                                                                             \
            const double away = (double)x[i] - c[i];                                               \
            const double factor = g ? (double)g[i] : away;                                         \
            s[i] += factor;                                                                        \
            t[i] += factor * away;                                                                 \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void block_##suffix(int64_t rows, int64_t stride, const int n,            \
                                             int64_t ahead, const type *g, const type *x,          \
                                             const double *c, double *s, double *t) {              \
        double sums[BLOCK], products[BLOCK], centers[BLOCK];                                       \
        for (int i = 0; i < n; i++) {                                                              \
            sums[i] = s[i], products[i] = t[i], centers[i] = c[i];                                 \
        }                                                                                          \
        for (int64_t row = 0; row < rows; row++) {                                                 \
            const int64_t at = row * stride;                                                       \
            if (ahead) {                                                                           \
                fetch(g ? g + ahead + row * n : g);                                                \
                fetch(x + ahead + row * n);                                                        \
            }                                                                                      \
            add_##suffix(n, g ? g + at : g, x + at, centers, sums, products);                      \
        }                                                                                          \
        for (int i = 0; i < n; i++) {                                                              \
            s[i] = sums[i], t[i] = products[i];                                                    \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void band_##suffix(const pair_matrix *m, const type *g, const type *x,    \
                                            int64_t rows, const double *c, double *s, double *t) { \
        const int64_t stride = m->row_stride;                                                      \
        int64_t i = 0;                                                                             \
        for (; i + BLOCK <= m->columns; i += BLOCK) {                                              \
            const int64_t ahead = rows * stride + i * (rows - 1);                                  \
            block_##suffix(rows, stride, BLOCK, ahead, g ? g + i : g, x + i, c + i, s + i, t + i); \
        }                                                                                          \
        if (i < m->columns) {                                                                      \
            block_##suffix(rows, stride, (int)(m->columns - i), 0, g ? g + i : g, x + i, c + i,    \
                           s + i, t + i);                                                          \
        }                                                                                          \
    }                                                                                              \
    static void columns_##suffix(const pair_matrix *m, const double *c, double *s, double *t) {    \
        const type *g = m->g, *x = m->x;                                                           \
        const int64_t band = band_rows(m->columns);                                                \
        for (int64_t row = 0; row < m->rows; row += band) {                                        \
            int64_t rows = m->rows - row < band ? m->rows - row : band;                            \
            int64_t offset = row * m->row_stride;                                                  \
            if (g) {                                                                               \
                band_##suffix(m, g + offset, x + offset, rows, c, s, t);                           \
            } else {                                                                               \
                band_##suffix(m, NULL, x + offset, rows, c, s, t);                                 \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static ALWAYS_INLINE void lanes_##suffix(int64_t n, const type *g, const type *x, double c,    \
                                             pair_lanes *lanes) {                                  \
        double centers[PAIR_LANES];                                                                \
        for (int i = 0; i < PAIR_LANES; i++) {                                                     \
            centers[i] = c;                                                                        \
        }                                                                                          \
        block_##suffix(n / PAIR_LANES, PAIR_LANES, PAIR_LANES, 0, g, x, centers, lanes->s,         \
                       lanes->t);                                                                  \
        int64_t done = n - n % PAIR_LANES;                                                         \
        add_##suffix((int)(n - done), g ? g + done : g, x + done, centers, lanes->s, lanes->t);    \
    }                                                                                              \
    static void line_##suffix(int64_t n, const void *g, const void *x, double c,                   \
                              pair_lanes *lanes) {                                                 \
        if (g) {                                                                                   \
            lanes_##suffix(n, g, x, c, lanes);                                                     \
        } else {                                                                                   \
            lanes_##suffix(n, NULL, x, c, lanes);                                                  \
        }                                                                                          \
    }                                                                                              \
    const pair_loops pair_loops_##suffix = {line_##suffix, columns_##suffix};

PAIR_LOOPS(float32, float)
PAIR_LOOPS(float64, double)
