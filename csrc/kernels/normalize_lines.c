/* Normalization of dense lines. The lower half of this file is a template (per_float.h). */
#ifndef NUMBER
#include "normalize_lines.h"

#include <math.h>
#include <string.h>

#include "../core/threads.h"
#include "elements.h"
#include "pair_sums.h"

enum {
    OPERATIONS_OF_A_NUMBER = 8,
    GROUP = 64,    /* most lines whose sums are computed together */
    NUMBERS = 4096 /* and their numbers, which stay in L1 between the sums and the results */
};

static int64_t lines_of_group(int64_t n) {
    return larger(1, smaller(GROUP, NUMBERS / n));
}

/* mean[n] = c + s / size and factor[n] = (v + epsilon)^(-1/2). */
static void make_scales(const normalized_lines *l, int64_t n, const double *c, const double *s,
                        const double *t, double *mean, double *factor) {
    const double size = (double)l->n, epsilon = l->epsilon;
    const bool is_centered = l->is_centered;
    EACH_ELEMENT {
        const double away = is_centered ? s[i] / size : 0;
        const double v = (is_centered ? t[i] - s[i] * away : t[i]) / size;
        mean[i] = c[i] + away;
        factor[i] = 1 / sqrt((v < 0 ? 0 : v) + epsilon);
    }
}

static void use_finite(int64_t n, const double *from, double *c) {
    EACH_ELEMENT {
        c[i] = from[i] - from[i] == 0 ? from[i] : c[i];
    }
}

/* Means and factors of `count` lines from x on; the means are near at first. With c = m the sums
 * are those of the second pass of moments(): see pair_sums.c. */
static void find_scales(const normalized_lines *l, const void *x, int64_t count, double *mean,
                        double *factor) {
    double c[GROUP], s[GROUP], t[GROUP];
    memcpy(c, mean, sizeof c);
    lines_sums(l->dtype, count, l->n, x, c, s, t);
    make_scales(l, count, c, s, t, mean, factor);
    if (l->dtype == LEGO_FLOAT64 && l->is_centered) {
        use_finite(count, mean, c);
        lines_sums(l->dtype, count, l->n, x, c, s, t);
        make_scales(l, count, c, s, t, mean, factor);
    }
}

#define TEMPLATE "normalize_lines.c"
#include "per_float.h"

void normalize_lines(const normalized_lines *l) {
    if (l->n > 0) {
        threads_task *task = l->dtype == LEGO_FLOAT32 ? normalize_float32 : normalize_float64;
        threads_run(l->count, threads_grain(OPERATIONS_OF_A_NUMBER * l->n), task, (void *)l);
    }
}

#else /* the template, for one type of number */

/* y = (x - m) r gamma + beta for one line. */
static void NAME(apply)(const normalized_lines *l, NUMBER m, NUMBER r, const NUMBER *x, NUMBER *y) {
    const int64_t n = l->n;
    const NUMBER *gamma = l->gamma, *beta = l->beta;
    if (l->gamma_is_line && l->beta_is_line) {
        EACH_ELEMENT {
            y[i] = (x[i] - m) * r * gamma[i] + beta[i];
        }
    } else if (l->gamma_is_line) {
        const NUMBER b = *beta;
        EACH_ELEMENT {
            y[i] = (x[i] - m) * r * gamma[i] + b;
        }
    } else {
        const NUMBER c = *gamma;
        const int64_t step = l->beta_is_line;
        EACH_ELEMENT {
            y[i] = (x[i] - m) * r * c + beta[i * step];
        }
    }
}

static void NAME(normalize_group)(const normalized_lines *l, int64_t first, int64_t count) {
    const int64_t n = l->n;
    const NUMBER *x = (const NUMBER *)l->x + first * n;
    NUMBER *y = (NUMBER *)l->y + first * n;
    double means[GROUP] = {0}, factors[GROUP];
    for (int64_t i = 0; l->is_centered && i < count; i++) {
        const double near = x[i * n];
        means[i] = near - near == 0 ? near : 0;
    }
    find_scales(l, x, count, means, factors);
    for (int64_t i = 0; i < count; i++) {
        const NUMBER m = (NUMBER)means[i], r = (NUMBER)factors[i];
        ((NUMBER *)l->mean)[first + i] = m;
        ((NUMBER *)l->factor)[first + i] = r;
        NAME(apply)(l, m, r, x + i * n, y + i * n);
    }
}

static void NAME(normalize)(void *context, int64_t begin, int64_t end) {
    const normalized_lines *l = context;
    const int64_t most = lines_of_group(l->n);
    for (int64_t line = begin; line < end; line += most) {
        NAME(normalize_group)(l, line, smaller(most, end - line));
    }
}

#endif
