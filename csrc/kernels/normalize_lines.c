/* Normalization of dense lines. The lower half of this file is a template (per_float.h). */
#ifndef NUMBER
#include "normalize_lines.h"

#include <math.h>

#include "../core/threads.h"
#include "elements.h"
#include "pair_sums.h"

enum { OPERATIONS_OF_A_NUMBER = 8 };

typedef struct line_scale {
    double mean, factor;
} line_scale;

/* With c = m the sums are those of the second pass of moments(): see pair_sums.c. */
static line_scale scale_of(const normalized_lines *l, const void *x, double first) {
    double n = (double)l->n, s, t;
    double center = l->is_centered && isfinite(first) ? first : 0;
    line_sums(l->dtype, l->n, x, center, &s, &t);
    if (!l->is_centered) {
        return (line_scale){0, 1 / sqrt(t / n + l->epsilon)};
    }
    double mean = center + s / n;
    if (l->dtype == LEGO_FLOAT64 && isfinite(mean)) {
        line_sums(l->dtype, l->n, x, mean, &s, &t);
        mean += s / n;
    }
    double variance = (t - s * (s / n)) / n;
    return (line_scale){mean, 1 / sqrt((variance < 0 ? 0 : variance) + l->epsilon)};
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

static void NAME(normalize)(void *context, int64_t begin, int64_t end) {
    const normalized_lines *l = context;
    const int64_t n = l->n;
    const NUMBER *gamma = l->gamma, *beta = l->beta;
    for (int64_t line = begin; line < end; line++) {
        const NUMBER *x = (const NUMBER *)l->x + line * n;
        NUMBER *y = (NUMBER *)l->y + line * n;
        const line_scale scale = scale_of(l, x, x[0]);
        const NUMBER m = (NUMBER)scale.mean, r = (NUMBER)scale.factor;
        ((NUMBER *)l->mean)[line] = m;
        ((NUMBER *)l->factor)[line] = r;
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
}

#endif
