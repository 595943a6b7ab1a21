/* Rows of floats: softmax and cross-entropies.
 *
 * The maximum and the sum of a row are computed in LANES lanes, which are combined in a fixed
 * order. So loops vectorize, and the bits do not depend on the width of vectors. The lower half of
 * this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "rows.h"

#include <math.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "exponential.h"
#include "logarithm.h"

enum {
    LANES = 8,
    SEGMENT = 256,                   /* numbers of a row whose exponentials are computed at once */
    BLOCK = L1_BYTES / 8,            /* numbers of rows that pass through softmax together, in L1 */
    OPERATIONS_OF_AN_EXPONENTIAL = 8 /* its cost in simple operations */
};

#define exp_float32 fast_expf
#define exp_float64 exp
#define log_float32 fast_logf
#define log_float64 log

typedef void row_loop(int64_t rows, int64_t n, const void *x, void *y);

typedef struct softmax_work {
    row_loop *loop;
    int64_t bytes; /* of a number */
    int64_t n;
    const char *x;
    char *y;
} softmax_work;

typedef struct loss_work {
    const class_rows *rows;
    const void *targets; /* t or labels */
    void *y;
} loss_work;

#define TEMPLATE "rows.c"
#include "per_float.h"

/* ---- softmax --------------------------------------------------------------------------------- */

static void run_rows(void *context, int64_t begin, int64_t end) {
    const softmax_work *w = context;
    int64_t block = larger(1, BLOCK / w->n);
    for (; begin < end; begin += block) {
        int64_t offset = begin * w->n * w->bytes;
        w->loop(smaller(block, end - begin), w->n, w->x + offset, w->y + offset);
    }
}

static void share_rows(softmax_work work, int64_t count) {
    int64_t operations = OPERATIONS_OF_AN_EXPONENTIAL * work.n;
    if (work.n > 0) {
        threads_run(count, threads_grain(operations), run_rows, &work);
    }
}

void softmax_rows(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y) {
    row_loop *loop = dtype == LEGO_FLOAT32 ? softmax_float32 : softmax_float64;
    share_rows((softmax_work){loop, (int64_t)lego_dtype_size(dtype), n, x, y}, count);
}

void log_softmax_rows(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y) {
    row_loop *loop = dtype == LEGO_FLOAT32 ? log_softmax_float32 : log_softmax_float64;
    share_rows((softmax_work){loop, (int64_t)lego_dtype_size(dtype), n, x, y}, count);
}

/* ---- cross-entropies ------------------------------------------------------------------------- */

static void share_losses(const class_rows *rows, const void *targets, void *y, threads_task *task) {
    loss_work work = {rows, targets, y};
    int64_t operations = OPERATIONS_OF_AN_EXPONENTIAL * rows->n;
    threads_run(rows->count, threads_grain(operations), task, &work);
}

void crossentropy_rows(const class_rows *rows, const void *t, void *y) {
    bool is_single = rows->dtype == LEGO_FLOAT32;
    share_losses(rows, t, y, is_single ? crossentropy_float32 : crossentropy_float64);
}

void sparse_crossentropy_rows(const class_rows *rows, const int64_t *labels, void *y) {
    bool is_single = rows->dtype == LEGO_FLOAT32;
    share_losses(rows, labels, y, is_single ? sparse_float32 : sparse_float64);
}

#else /* the template, for one type of number */

/* The largest number of a row; NaN if there is one, -infinity if the row is empty. */
static NUMBER NAME(row_max)(int64_t n, const NUMBER *x) {
    NUMBER lanes[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] = -(NUMBER)INFINITY;
    }
    for (; n >= LANES; n -= LANES, x += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = LARGER(lanes[lane], x[lane]);
        }
    }
    for (int lane = 0; lane < n; lane++) {
        lanes[lane] = LARGER(lanes[lane], x[lane]);
    }
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
            lanes[lane] = LARGER(lanes[lane], lanes[lane + half]);
        }
    }
    return lanes[0];
}

static double NAME(row_sum)(int64_t n, const NUMBER *x) {
    double lanes[LANES] = {0};
    for (; n >= LANES; n -= LANES, x += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] += (double)x[lane];
        }
    }
    for (int lane = 0; lane < n; lane++) {
        lanes[lane] += (double)x[lane];
    }
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
            lanes[lane] += lanes[lane + half];
        }
    }
    return lanes[0];
}

static void NAME(shifted_exp)(int64_t n, const NUMBER *x, NUMBER max, NUMBER *y) {
    EACH_ELEMENT {
        y[i] = NAME(exp)(x[i] - max);
    }
}

/* log(sum of e^(x_i - max)), where no power overflows. */
static NUMBER NAME(log_exp_sum)(int64_t n, const NUMBER *x, NUMBER max) {
    double sum = 0;
    for (int64_t begin = 0; begin < n; begin += SEGMENT) {
        NUMBER powers[SEGMENT];
        int64_t count = smaller(SEGMENT, n - begin);
        NAME(shifted_exp)(count, x + begin, max, powers);
        sum += NAME(row_sum)(count, powers);
    }
    return (NUMBER)log(sum);
}

static void NAME(exp_in_place)(int64_t n, NUMBER *y) {
    EACH_ELEMENT {
        y[i] = NAME(exp)(y[i]);
    }
}

/* The exponentials of all rows are computed in one loop: a row of ten classes is too short for a
 * vectorized loop of its own. */
static void NAME(softmax)(int64_t rows, int64_t n, const void *numbers, void *results) {
    const NUMBER *x = numbers;
    NUMBER *y = results;
    for (int64_t row = 0; row < rows; row++) {
        const NUMBER max = NAME(row_max)(n, x + row * n);
        EACH_ELEMENT {
            y[row * n + i] = x[row * n + i] - max;
        }
    }
    NAME(exp_in_place)(rows * n, y);
    for (int64_t row = 0; row < rows; row++) {
        const NUMBER sum = (NUMBER)NAME(row_sum)(n, y + row * n);
        EACH_ELEMENT {
            y[row * n + i] /= sum;
        }
    }
}

static void NAME(log_softmax)(int64_t rows, int64_t n, const void *numbers, void *results) {
    const NUMBER *x = numbers;
    NUMBER *y = results;
    for (int64_t row = 0; row < rows; row++, x += n, y += n) {
        const NUMBER max = NAME(row_max)(n, x);
        const NUMBER log_sum = NAME(log_exp_sum)(n, x, max);
        EACH_ELEMENT {
            y[i] = (x[i] - max) - log_sum;
        }
    }
}

/* Statistics of a row that log p of each of its classes needs. */
typedef struct NAME(class_scale) {
    NUMBER max;     /* of logits */
    NUMBER log_sum; /* of logits: log of the sum of exponentials */
    NUMBER sum;     /* of probabilities */
} NAME(class_scale);

static NAME(class_scale) NAME(scale_of)(const class_rows *rows, const NUMBER *x) {
    if (!rows->from_logits) {
        return (NAME(class_scale)){.sum = (NUMBER)NAME(row_sum)(rows->n, x)};
    }
    NUMBER max = NAME(row_max)(rows->n, x);
    return (NAME(class_scale)){.max = max, .log_sum = NAME(log_exp_sum)(rows->n, x, max)};
}

static void NAME(log_p)(bool from_logits, NAME(class_scale) scale, int64_t n, const NUMBER *x,
                        NUMBER *y) {
    const NUMBER least = (NUMBER)LEAST_PROBABILITY, most = (NUMBER)(1 - LEAST_PROBABILITY);
    if (from_logits) {
        EACH_ELEMENT {
            y[i] = (x[i] - scale.max) - scale.log_sum;
        }
        return;
    }
    EACH_ELEMENT {
        const NUMBER p = x[i] / scale.sum;
        const NUMBER at_least = LARGER(p, least);
        y[i] = NAME(log)(SMALLER(at_least, most));
    }
}

static void NAME(weigh)(int64_t n, const NUMBER *t, NUMBER *y) {
    EACH_ELEMENT {
        y[i] *= t[i];
    }
}

static void NAME(crossentropy)(void *context, int64_t begin, int64_t end) {
    const loss_work *w = context;
    const class_rows *rows = w->rows;
    for (int64_t row = begin; row < end; row++) {
        const NUMBER *x = (const NUMBER *)rows->x + row * rows->n;
        const NUMBER *t = (const NUMBER *)w->targets + row * rows->n;
        const NAME(class_scale) scale = NAME(scale_of)(rows, x);
        double sum = 0;
        for (int64_t i = 0; i < rows->n; i += SEGMENT) {
            NUMBER terms[SEGMENT];
            int64_t count = smaller(SEGMENT, rows->n - i);
            NAME(log_p)(rows->from_logits, scale, count, x + i, terms);
            NAME(weigh)(count, t + i, terms);
            sum += NAME(row_sum)(count, terms);
        }
        ((NUMBER *)w->y)[row] = (NUMBER)-sum;
    }
}

static void NAME(sparse)(void *context, int64_t begin, int64_t end) {
    const loss_work *w = context;
    const class_rows *rows = w->rows;
    for (int64_t row = begin; row < end; row++) {
        const NUMBER *x = (const NUMBER *)rows->x + row * rows->n;
        int64_t label = ((const int64_t *)w->targets)[row];
        NUMBER log_p;
        NAME(log_p)(rows->from_logits, NAME(scale_of)(rows, x), 1, x + label, &log_p);
        ((NUMBER *)w->y)[row] = -log_p;
    }
}

#endif
