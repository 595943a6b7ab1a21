/* Cross-entropies of lines. */
#include "crossentropy.h"

#include <math.h>

#include "../core/threads.h"
#include "elements.h"
#include "line_sums.h"
#include "logarithm.h"

enum { PIECE = 256 };

/* The work on lines begin <= i < end; `targets` are t or labels. */
typedef struct loss_work {
    const crossentropy_lines *lines;
    const void *targets;
} loss_work;

/* CROSSENTROPY(float32, float, fast_logf) makes categorical_float32 and sparse_float32. A line's
 * log p follows from two numbers: its largest one and log of the sum of e^(x - max), or its sum. */
#define CROSSENTROPY(suffix, type, log_of)                                                         \
    typedef struct facts_##suffix {                                                                \
        type max;                                                                                  \
        type sum;                                                                                  \
    } facts_##suffix;                                                                              \
    static facts_##suffix measure_##suffix(const crossentropy_lines *l, const type *x) {           \
        if (!l->from_logits) {                                                                     \
            return (facts_##suffix){.sum = (type)line_sum_##suffix(l->n, x)};                      \
        }                                                                                          \
        type max = line_max_##suffix(l->n, x);                                                     \
        return (facts_##suffix){max, (type)log(line_exp_sum_##suffix(l->n, x, max))};              \
    }                                                                                              \
    static void log_p_##suffix(bool from_logits, facts_##suffix facts, int64_t n, const type *x,   \
                               type *y) {                                                          \
        const type least = (type)LEAST_PROBABILITY, most = (type)(1 - LEAST_PROBABILITY);          \
        if (from_logits) {                                                                         \
            EACH_ELEMENT {                                                                         \
                y[i] = (x[i] - facts.max) - facts.sum;                                             \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        EACH_ELEMENT {                                                                             \
            const type p = x[i] / facts.sum;                                                       \
            const type enough = LARGER(p, least);                                                  \
            y[i] = log_of(SMALLER(enough, most));                                                  \
        }                                                                                          \
    }                                                                                              \
    static void weigh_##suffix(int64_t n, const type *t, type *y) {                                \
        EACH_ELEMENT {                                                                             \
            y[i] *= t[i];                                                                          \
        }                                                                                          \
    }                                                                                              \
    static void categorical_##suffix(void *context, int64_t begin, int64_t end) {                  \
        const loss_work *w = context;                                                              \
        const crossentropy_lines *l = w->lines;                                                    \
        for (int64_t line = begin; line < end; line++) {                                           \
            const type *x = (const type *)l->x + line * l->n;                                      \
            const type *t = (const type *)w->targets + line * l->n;                                \
            const facts_##suffix facts = measure_##suffix(l, x);                                   \
            double sum = 0;                                                                        \
            for (int64_t i = 0; i < l->n; i += PIECE) {                                            \
                type terms[PIECE];                                                                 \
                int64_t count = l->n - i < PIECE ? l->n - i : PIECE;                               \
                log_p_##suffix(l->from_logits, facts, count, x + i, terms);                        \
                weigh_##suffix(count, t + i, terms);                                               \
                sum += line_sum_##suffix(count, terms);                                            \
            }                                                                                      \
            ((type *)l->y)[line] = (type) - sum;                                                   \
        }                                                                                          \
    }                                                                                              \
    static void sparse_##suffix(void *context, int64_t begin, int64_t end) {                       \
        const loss_work *w = context;                                                              \
        const crossentropy_lines *l = w->lines;                                                    \
        for (int64_t line = begin; line < end; line++) {                                           \
            const type *x = (const type *)l->x + line * l->n;                                      \
            int64_t label = ((const int64_t *)w->targets)[line];                                   \
            type log_p;                                                                            \
            log_p_##suffix(l->from_logits, measure_##suffix(l, x), 1, x + label, &log_p);          \
            ((type *)l->y)[line] = -log_p;                                                         \
        }                                                                                          \
    }

CROSSENTROPY(float32, float, fast_logf)
CROSSENTROPY(float64, double, log)

static void run(threads_task *task, const crossentropy_lines *lines, const void *targets) {
    const int64_t operations = 8; /* about so much as an exponential costs */
    loss_work work = {lines, targets};
    threads_run(lines->count, threads_grain(operations * lines->n), task, &work);
}

void categorical_crossentropy(const crossentropy_lines *lines, const void *t) {
    run(lines->dtype == LEGO_FLOAT32 ? categorical_float32 : categorical_float64, lines, t);
}

void sparse_crossentropy(const crossentropy_lines *lines, const int64_t *labels) {
    run(lines->dtype == LEGO_FLOAT32 ? sparse_float32 : sparse_float64, lines, labels);
}
