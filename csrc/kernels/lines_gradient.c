/* The gradient of the normalization of dense lines.
 *
 * A few lines at a time are read three times, of which two come from the cache: for the sums of
 * each line, for dx, and for the sums over lines. The lines are cut into chunks by their size
 * alone; each chunk has its own sums over lines, which are added in order at the end. The lower
 * half of this file is a template (per_float.h). */
#ifndef NUMBER
#include "lines_gradient.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "elements.h"
#include "reducer.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum {
    OPERATIONS_OF_A_NUMBER = 16,
    QUARTER = 4,
    LANES = 4 * QUARTER, /* sums of a line, and columns whose sums stay in registers */
    GROUP = 64,          /* most lines that are read together, */
    FEWEST = 4,          /* the fewest: sums over lines are loaded and stored once a group, */
    NUMBERS = 2048       /* and their numbers, which stay in L1 */
};

#define EACH_LANE _Pragma("omp simd") for (int i = 0; i < LANES; i++)

typedef struct line_work {
    const normalized_gradient *l;
    int64_t chunk; /* lines in one chunk */
    int64_t chunks;
    double *sums; /* [chunks][2][n]: of dbeta and dgamma */
} line_work;

static int64_t lines_of_group(int64_t n) {
    return larger(FEWEST, smaller(GROUP, NUMBERS / n));
}

static double *sums_of(const line_work *w, int64_t chunk) {
    return w->sums + 2 * chunk * w->l->n;
}

/* The sums of a group's lines, each in a quarter of the lanes. */
typedef struct line_sums {
    double s[GROUP][QUARTER], t[GROUP][QUARTER];
} line_sums;

/* to[i] = the sum of the lanes i, i + 4, i + 8 and i + 12, combined in halves. */
static ALWAYS_INLINE void join_lanes(const double *lanes, double *to) {
    for (int i = 0; i < QUARTER; i++) {
        to[i] = (lanes[i] + lanes[i + 8]) + (lanes[i + 4] + lanes[i + 12]);
    }
}

static ALWAYS_INLINE double joined(const double *quarter) {
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

#define TEMPLATE "lines_gradient.c"
#include "per_float.h"

static void run_chunks(void *context, int64_t begin, int64_t end) {
    const line_work *w = context;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk * w->chunk, last = smaller(first + w->chunk, w->l->count);
        double *sums = sums_of(w, chunk);
        memset(sums, 0, (size_t)(2 * w->l->n) * sizeof(double));
        (w->l->dtype == LEGO_FLOAT32 ? lines_float32 : lines_float64)(w->l, first, last, sums);
    }
}

/* The chunks are added in order to the first one. */
static void join_columns(void *context, int64_t begin, int64_t end) {
    const line_work *w = context;
    double *own = w->sums + begin;
    const int64_t n = end - begin;
    for (int64_t chunk = 1; chunk < w->chunks; chunk++) {
        const double *others = sums_of(w, chunk) + begin;
        EACH_ELEMENT {
            own[i] += others[i];
        }
    }
}

static void run_all(line_work *w) {
    const normalized_gradient *l = w->l;
    int64_t operations = OPERATIONS_OF_A_NUMBER * l->n;
    threads_run(w->chunks, threads_grain(operations * w->chunk), run_chunks, w);
    threads_run(2 * l->n, threads_grain(w->chunks), join_columns, w);
    (l->dtype == LEGO_FLOAT32 ? write_float32 : write_float64)(l, w->sums);
}

lego_status lines_gradient(const normalized_gradient *l) {
    if (l->n == 0) {
        return LEGO_OK;
    }
    line_work w = {.l = l};
    w.chunk = larger(2 * FEWEST, reduce_chunk(l->count, 1, divide_up(CHUNK_WORK, l->n)));
    w.chunks = larger(1, divide_up(l->count, w.chunk));
    int64_t bytes;
    if (!size_multiply(l->n, 2 * w.chunks * (int64_t)sizeof(double), &bytes)) {
        return LEGO_NO_MEMORY;
    }
    w.sums = memory_take((size_t)bytes);
    if (!w.sums) {
        return LEGO_NO_MEMORY;
    }
    run_all(&w);
    memory_give(w.sums, (size_t)bytes);
    return LEGO_OK;
}

#else /* the template, for one type of number */

/* s += f and t += f (x - m), with f = dy gamma, for n <= LANES numbers: number i in lane i. Where
 * gamma is one number, it points to LANES of them. */
static ALWAYS_INLINE void NAME(add_products)(const int64_t n, const NUMBER *dy, const NUMBER *x,
                                             const NUMBER *gamma, double m, double *s, double *t) {
    EACH_LANE {
        const NUMBER f = i < n ? dy[i] * gamma[i] : 0;
        const double away = i < n ? (double)x[i] - m : 0;
        s[i] += (double)f;
        t[i] += (double)f * away;
    }
}

/* The sums of one line. What is read next, `ahead` numbers from here, is fetched meanwhile. */
static ALWAYS_INLINE void NAME(sum_line)(const normalized_gradient *l, const NUMBER *gamma,
                                         int64_t line, int64_t ahead, double *s, double *t) {
    const int64_t n = l->n;
    const NUMBER *dy = (const NUMBER *)l->dy + line * n, *x = (const NUMBER *)l->x + line * n;
    const double m = ((const NUMBER *)l->mean)[line];
    const int64_t step = l->gamma_is_line ? LANES : 0;
    double sums[LANES] = {0}, products[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES, gamma += step) {
        __builtin_prefetch(dy + i + ahead);
        __builtin_prefetch(x + i + ahead);
        NAME(add_products)(LANES, dy + i, x + i, gamma, m, sums, products);
    }
    if (i < n) {
        NAME(add_products)(n - i, dy + i, x + i, gamma, m, sums, products);
    }
    join_lanes(sums, s);
    join_lanes(products, t);
}

/* For each line of a group: dx = r f + (x - m) scale + shift. */
typedef struct NAME(line_scales) {
    NUMBER scale[GROUP], shift[GROUP];
} NAME(line_scales);

static void NAME(make_scales)(const normalized_gradient *l, int64_t first, int64_t n,
                              const line_sums *sums, NAME(line_scales) * to) {
    const double size = (double)l->n;
    const NUMBER *factors = (const NUMBER *)l->factor + first;
    const bool is_centered = l->is_centered;
    EACH_ELEMENT {
        const double r = factors[i];
        to->scale[i] = (NUMBER)(-(r * r * r) * joined(sums->t[i]) / size);
        to->shift[i] = is_centered ? (NUMBER)(-r * joined(sums->s[i]) / size) : 0;
    }
}

/* dx = r f + (x - m) scale + shift for n <= LANES columns of some lines; sums += dy and
 * dy (x - m) r. */
static ALWAYS_INLINE void NAME(put_columns)(const normalized_gradient *l, const NUMBER *gamma,
                                            int64_t first, int64_t count,
                                            const NAME(line_scales) * scales, int64_t column,
                                            const int64_t n, double *sums) {
    const int64_t offset = first * l->n + column;
    const NUMBER *dy = (const NUMBER *)l->dy + offset, *x = (const NUMBER *)l->x + offset;
    const NUMBER *means = (const NUMBER *)l->mean + first;
    const NUMBER *factors = (const NUMBER *)l->factor + first;
    NUMBER *dx = (NUMBER *)l->dx + offset, weights[LANES];
    double s[LANES] = {0}, t[LANES] = {0};
    EACH_LANE {
        weights[i] = i < n ? gamma[i] : 0;
    }
    for (int64_t line = 0; line < count; line++, dy += l->n, x += l->n, dx += l->n) {
        const NUMBER m = means[line], r = factors[line];
        const NUMBER scale = scales->scale[line], shift = scales->shift[line];
        EACH_LANE {
            const NUMBER g = i < n ? dy[i] : 0;
            const NUMBER away = i < n ? x[i] - m : 0;
            const NUMBER result = g * weights[i] * r + (away * scale + shift);
            if (i < n) {
                dx[i] = result;
            }
            s[i] += (double)g;
            t[i] += (double)(g * (away * r));
        }
    }
    EACH_LANE {
        if (i < n) {
            sums[column + i] += s[i];
            sums[l->n + column + i] += t[i];
        }
    }
}

static ALWAYS_INLINE void NAME(put_group)(const normalized_gradient *l, const NUMBER *gamma,
                                          int64_t first, int64_t count,
                                          const NAME(line_scales) * scales, double *sums) {
    const int64_t n = l->n, step = l->gamma_is_line ? LANES : 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES, gamma += step) {
        NAME(put_columns)(l, gamma, first, count, scales, i, LANES, sums);
    }
    if (i < n) {
        NAME(put_columns)(l, gamma, first, count, scales, i, n - i, sums);
    }
}

static void NAME(group)(const normalized_gradient *l, const NUMBER *gamma, int64_t first,
                        int64_t count, double *sums) {
    line_sums totals;
    NAME(line_scales) scales;
    const int64_t ahead = lines_of_group(l->n) * l->n;
    for (int64_t i = 0; i < count; i++) {
        NAME(sum_line)(l, gamma, first + i, ahead, totals.s[i], totals.t[i]);
    }
    NAME(make_scales)(l, first, count, &totals, &scales);
    NAME(put_group)(l, gamma, first, count, &scales, sums);
}

/* The lines first <= i < last, and their sums[2][n] over lines. */
static void NAME(lines)(const normalized_gradient *l, int64_t first, int64_t last, double *sums) {
    const int64_t most = lines_of_group(l->n);
    NUMBER same[LANES];
    EACH_LANE {
        same[i] = *(const NUMBER *)l->gamma;
    }
    for (int64_t line = first; line < last; line += most) {
        const NUMBER *gamma = l->gamma_is_line ? l->gamma : same;
        NAME(group)(l, gamma, line, smaller(most, last - line), sums);
    }
}

static void NAME(write)(const normalized_gradient *l, const double *sums) {
    const int64_t n = l->n;
    NUMBER *dbeta = l->dbeta, *dgamma = l->dgamma;
    EACH_ELEMENT {
        dbeta[i] = (NUMBER)sums[i];
        dgamma[i] = (NUMBER)sums[n + i];
    }
}

#endif
