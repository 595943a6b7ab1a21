/* Softmax along any axis, and cross-entropies of rows.
 *
 * Lines are taken in blocks that stay in the cache. A block is a few adjacent runs of numbers:
 * whole lines along the last axis, or, along another axis, the places i of some adjacent lines.
 * Largest numbers and sums of all lines of a block are computed by the reducers, and exponentials
 * in one loop over a piece of it, for a line of ten classes is too short for a loop of its own. So
 * all of it is loops over vectors, and the bits do not depend on their width. The lower half of
 * this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "softmax.h"

#include <math.h>
#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "exponential.h"
#include "logarithm.h"
#include "reducer.h"

enum {
    PIECE = 2048,                    /* numbers whose exponentials are computed at once, in L1 */
    NARROW = 16,                     /* least width of a block of columns: a line of the cache */
    WIDE = 256,                      /* and the most */
    LONG = 64,                       /* numbers of a run that are worth a loop of their own */
    BLOCK = L2_BYTES / 2,            /* bytes of a block, which is read three times */
    OPERATIONS_OF_AN_EXPONENTIAL = 8 /* its cost in simple operations */
};

#define exp_float32 fast_expf
#define exp_float64 fast_exp
#define log_float32 fast_logf
#define log_float64 fast_log

/* y / s. The product in double is rounded as the quotient is, but for few numbers in a billion, and
 * takes half of its time. */
static inline float quotient_float32(float y, double s, double inverse) {
    (void)s;
    return (float)((double)y * inverse);
}

static inline double quotient_float64(double y, double s, double inverse) {
    (void)inverse;
    return y / s;
}

static const lego_dtype dtype_of_float32 = LEGO_FLOAT32, dtype_of_float64 = LEGO_FLOAT64;

/* `count` runs of `width` adjacent numbers, `stride` apart. Each run is a line, or there is a line
 * along each place of the runs. */
typedef struct lines_block {
    int64_t count, width, stride;
    bool runs_are_lines;
} lines_block;

static int64_t lines_in(const lines_block *b) {
    return b->runs_are_lines ? b->count : b->width;
}

/* The numbers of a block as a matrix whose columns are the lines. */
static reduce_matrix matrix_of(const lines_block *b, const void *x) {
    return b->runs_are_lines ? (reduce_matrix){x, b->width, 1, b->count, b->stride}
                             : (reduce_matrix){x, b->count, b->stride, b->width, 1};
}

/* Where a piece of a block begins that has at most PIECE numbers: it is cut across the lines if
 * they are long, so that each sum has a fixed order. */
static lines_block piece_at(const lines_block *b, int64_t step, int64_t *offset) {
    lines_block p = *b;
    if (b->runs_are_lines) { /* one long line, or as many as there are */
        *offset = step * PIECE;
        p.width = b->count == 1 ? smaller(PIECE, b->width - *offset) : b->width;
    } else {
        int64_t runs = PIECE / b->width;
        *offset = step * runs * b->stride;
        p.count = smaller(runs, b->count - step * runs);
    }
    return p;
}

static int64_t pieces_of(const lines_block *b) {
    return b->runs_are_lines ? divide_up(b->width, PIECE) : divide_up(b->count, PIECE / b->width);
}

typedef void block_task(const lines_block *b, const void *x, void *y);

typedef struct lines_work {
    block_task *task;
    lines lines;
    bool is_reduced; /* y has one number per line */
    int64_t bytes;   /* of a number */
    const char *x;
    char *y;
} lines_work;

/* Lines along the last axis: as many in a block as fit into a piece. */
static int64_t rows_of_block(int64_t n) {
    return larger(1, smaller(PIECE / larger(1, n), REDUCE_TILE));
}

typedef struct loss_work {
    const class_rows *rows;
    const void *targets;
    const int64_t *labels; /* instead of targets */
    void *y;
} loss_work;

#define TEMPLATE "softmax.c"
#include "per_float.h"

/* ---- softmax, log_softmax, logsumexp --------------------------------------------------------- */

static void run_rows(void *context, int64_t begin, int64_t end) {
    const lines_work *w = context;
    int64_t n = w->lines.length;
    int64_t most = rows_of_block(n);
    for (int64_t row = begin; row < end; row += most) {
        lines_block b = {smaller(most, end - row), n, n, true};
        w->task(&b, w->x + row * n * w->bytes, w->y + row * (w->is_reduced ? 1 : n) * w->bytes);
    }
}

static int64_t block_width(const lines_work *w) {
    int64_t fits = BLOCK / w->bytes / w->lines.length / NARROW * NARROW;
    return smaller(larger(NARROW, smaller(fits, WIDE)), w->lines.inner);
}

/* Lines along another axis: item i is block i % blocks of outer index i / blocks. */
static void run_columns(void *context, int64_t begin, int64_t end) {
    const lines_work *w = context;
    int64_t width = block_width(w), inner = w->lines.inner, n = w->lines.length;
    int64_t blocks = divide_up(inner, width);
    for (int64_t item = begin; item < end; item++) {
        int64_t first = item % blocks * width, outer = item / blocks;
        lines_block b = {n, smaller(width, inner - first), inner, false};
        int64_t x = outer * n * inner + first;
        int64_t y = w->is_reduced ? outer * inner + first : x;
        w->task(&b, w->x + x * w->bytes, w->y + y * w->bytes);
    }
}

static void run_lines(lines_work w) {
    const lines *l = &w.lines;
    int64_t operations = OPERATIONS_OF_AN_EXPONENTIAL * l->length;
    if (l->outer * l->inner * l->length == 0) {
        return;
    }
    if (l->inner == 1) {
        threads_run(l->outer, threads_grain(operations), run_rows, &w);
    } else {
        int64_t width = block_width(&w);
        threads_run(l->outer * divide_up(l->inner, width), threads_grain(operations * width),
                    run_columns, &w);
    }
}

static lines_work softmax_work(lego_dtype dtype, lines l, const void *x, void *y) {
    block_task *task = dtype == LEGO_FLOAT32 ? softmax_float32 : softmax_float64;
    return (lines_work){task, l, false, (int64_t)lego_dtype_size(dtype), x, y};
}

static lines_work log_softmax_work(lego_dtype dtype, lines l, const void *x, void *y) {
    block_task *task = dtype == LEGO_FLOAT32 ? log_softmax_float32 : log_softmax_float64;
    return (lines_work){task, l, false, (int64_t)lego_dtype_size(dtype), x, y};
}

static lines_work logsumexp_work(lego_dtype dtype, lines l, const void *x, void *y) {
    block_task *task = dtype == LEGO_FLOAT32 ? logsumexp_float32 : logsumexp_float64;
    return (lines_work){task, l, true, (int64_t)lego_dtype_size(dtype), x, y};
}

void softmax_lines(lego_dtype dtype, lines l, const void *x, void *y) {
    run_lines(softmax_work(dtype, l, x, y));
}

void log_softmax_lines(lego_dtype dtype, lines l, const void *x, void *y) {
    run_lines(log_softmax_work(dtype, l, x, y));
}

void softmax_rows(lego_dtype dtype, const void *x, int64_t count, int64_t n, void *y) {
    lines_work w = softmax_work(dtype, (lines){count, n, 1}, x, y);
    run_rows(&w, 0, count);
}

void log_softmax_rows(lego_dtype dtype, const void *x, int64_t count, int64_t n, void *y) {
    lines_work w = log_softmax_work(dtype, (lines){count, n, 1}, x, y);
    run_rows(&w, 0, count);
}

void logsumexp_lines(lego_dtype dtype, lines l, const void *x, void *y) {
    run_lines(logsumexp_work(dtype, l, x, y));
}

void logsumexp_rows(lego_dtype dtype, const void *x, int64_t count, int64_t n, void *y) {
    lines_work w = logsumexp_work(dtype, (lines){count, n, 1}, x, y);
    run_rows(&w, 0, count);
}

/* ---- cross-entropies ------------------------------------------------------------------------- */

static void share_losses(loss_work work) {
    const class_rows *rows = work.rows;
    int64_t operations = OPERATIONS_OF_AN_EXPONENTIAL * rows->n;
    threads_run(rows->count, threads_grain(operations),
                rows->dtype == LEGO_FLOAT32 ? losses_float32 : losses_float64, &work);
}

void crossentropy_rows(const class_rows *rows, const void *t, void *y) {
    share_losses((loss_work){.rows = rows, .targets = t, .y = y});
}

void sparse_crossentropy_rows(const class_rows *rows, const int64_t *labels, void *y) {
    share_losses((loss_work){.rows = rows, .labels = labels, .y = y});
}

#else /* the template, for one type of number */

/* ---- the lines of a block -------------------------------------------------------------------- */

/* The largest number of each line; NaN if there is one. */
static void NAME(largest)(const lines_block *b, const NUMBER *x, NUMBER *max) {
    const reducer *r = reducer_for(REDUCE_MAX, NAME(dtype_of));
    const reduce_matrix m = matrix_of(b, x);
    r->start(m.columns, max);
    r->accumulate(&m, max);
}

static void NAME(add_to_sums)(const lines_block *b, const NUMBER *x, double *sums) {
    double own[REDUCE_TILE];
    const reducer *r = reducer_for(REDUCE_SUM, NAME(dtype_of));
    const reduce_matrix m = matrix_of(b, x);
    r->start(m.columns, own);
    r->accumulate(&m, own);
    reduce_join(REDUCE_SUM, LEGO_FLOAT64, m.columns, own, sums);
}

/* y = x - s, with a number s for each line. */
static void NAME(shift)(const lines_block *b, const NUMBER *x, const NUMBER *s, NUMBER *y,
                        int64_t y_stride) {
    const int64_t n = b->width;
    for (int64_t run = 0; run < b->count; run++, x += b->stride, y += y_stride) {
        if (b->runs_are_lines) {
            const NUMBER own = s[run];
            EACH_ELEMENT {
                y[i] = x[i] - own;
            }
        } else {
            EACH_ELEMENT {
                y[i] = x[i] - s[i];
            }
        }
    }
}

/* y / s, with a sum s for each line. */
static void NAME(divide)(const lines_block *b, NUMBER *y, const double *s) {
    const int64_t n = b->width;
    double inverses[REDUCE_TILE];
    for (int64_t i = 0; i < lines_in(b); i++) {
        inverses[i] = 1 / s[i];
    }
    for (int64_t run = 0; run < b->count; run++, y += b->stride) {
        if (b->runs_are_lines) {
            const double own = s[run], inverse = inverses[run];
            EACH_ELEMENT {
                y[i] = NAME(quotient)(y[i], own, inverse);
            }
        } else {
            EACH_ELEMENT {
                y[i] = NAME(quotient)(y[i], s[i], inverses[i]);
            }
        }
    }
}

/* y = e^(x - s), with a number s for each line, for runs that are worth a loop of their own. */
static void NAME(exp_of_runs)(const lines_block *b, const NUMBER *x, const NUMBER *s, NUMBER *y,
                              int64_t y_stride) {
    const int64_t n = b->width;
    for (int64_t run = 0; run < b->count; run++, x += b->stride, y += y_stride) {
        if (b->runs_are_lines) {
            const NUMBER own = s[run];
            EACH_ELEMENT {
                y[i] = NAME(exp)(x[i] - own);
            }
        } else {
            EACH_ELEMENT {
                y[i] = NAME(exp)(x[i] - s[i]);
            }
        }
    }
}

static void NAME(exp_in_place)(int64_t n, NUMBER *y) {
    EACH_ELEMENT {
        y[i] = NAME(exp)(y[i]);
    }
}

/* y = e^(x - s) for all runs of a piece. */
static void NAME(exp_of_piece)(const lines_block *p, const NUMBER *x, const NUMBER *s, NUMBER *y,
                               int64_t y_stride) {
    if (p->width >= LONG || y_stride != p->width) {
        NAME(exp_of_runs)(p, x, s, y, y_stride);
    } else {
        NAME(shift)(p, x, s, y, y_stride);
        NAME(exp_in_place)(p->count * p->width, y);
    }
}

/* y = e^(x - max), and their sum for each line; y is scratch memory if it is NULL. */
static void NAME(exponentials)(const lines_block *b, const NUMBER *x, const NUMBER *max, NUMBER *y,
                               double *sums) {
    NUMBER scratch[PIECE];
    for (int64_t i = 0; i < lines_in(b); i++) {
        sums[i] = 0;
    }
    for (int64_t step = 0; step < pieces_of(b); step++) {
        int64_t offset;
        lines_block p = piece_at(b, step, &offset);
        lines_block to = {p.count, p.width, y ? p.stride : p.width, p.runs_are_lines};
        NUMBER *powers = y ? y + offset : scratch;
        NAME(exp_of_piece)(&p, x + offset, max, powers, to.stride);
        NAME(add_to_sums)(&to, powers, sums);
    }
}

static void NAME(softmax)(const lines_block *b, const void *x, void *y) {
    NUMBER max[REDUCE_TILE];
    double sums[REDUCE_TILE];
    NAME(largest)(b, x, max);
    NAME(exponentials)(b, x, max, y, sums);
    NAME(divide)(b, y, sums);
}

/* max[] and log s of each line. */
static void NAME(log_sums)(const lines_block *b, const void *x, NUMBER *max, NUMBER *log_sums) {
    double sums[REDUCE_TILE];
    NAME(largest)(b, x, max);
    NAME(exponentials)(b, x, max, NULL, sums);
    const int64_t n = lines_in(b);
    EACH_ELEMENT {
        log_sums[i] = (NUMBER)log_float64(sums[i]);
    }
}

static void NAME(log_softmax)(const lines_block *b, const void *x, void *y) {
    NUMBER max[REDUCE_TILE], log_sums[REDUCE_TILE];
    NAME(log_sums)(b, x, max, log_sums);
    NAME(shift)(b, x, max, y, b->stride);
    NAME(shift)(b, y, log_sums, y, b->stride);
}

static void NAME(logsumexp)(const lines_block *b, const void *x, void *result) {
    NUMBER max[REDUCE_TILE], log_sums[REDUCE_TILE], *y = result;
    NAME(log_sums)(b, x, max, log_sums);
    for (int64_t i = 0; i < lines_in(b); i++) {
        y[i] = isinf(max[i]) ? max[i] : max[i] + log_sums[i];
    }
}

/* ---- cross-entropies ------------------------------------------------------------------------- */

/* Statistics of the lines of a block that log p of each of their classes needs. */
typedef struct NAME(class_scales) {
    NUMBER max[REDUCE_TILE];      /* of logits */
    NUMBER log_sums[REDUCE_TILE]; /* of logits: logarithms of the sums of exponentials */
    double sums[REDUCE_TILE];     /* of probabilities */
} NAME(class_scales);

static void NAME(find_scales)(const lines_block *b, bool from_logits, const NUMBER *x,
                              NAME(class_scales) * scales) {
    if (from_logits) {
        NAME(log_sums)(b, x, scales->max, scales->log_sums);
        return;
    }
    memset(scales->sums, 0, sizeof scales->sums);
    NAME(add_to_sums)(b, x, scales->sums);
}

static void NAME(log_of_clipped)(int64_t n, NUMBER *y) {
    const NUMBER least = (NUMBER)LEAST_PROBABILITY, most = (NUMBER)(1 - LEAST_PROBABILITY);
    EACH_ELEMENT {
        const NUMBER at_least = LARGER(y[i], least);
        y[i] = NAME(log)(SMALLER(at_least, most));
    }
}

/* log p of the numbers of a piece of a block, to the dense y. */
static void NAME(log_p)(const lines_block *p, bool from_logits, const NAME(class_scales) * scales,
                        const NUMBER *x, NUMBER *y) {
    lines_block dense = {p->count, p->width, p->width, true};
    if (from_logits) {
        NAME(shift)(p, x, scales->max, y, p->width);
        NAME(shift)(&dense, y, scales->log_sums, y, p->width);
        return;
    }
    for (int64_t run = 0; run < p->count; run++) {
        memcpy(y + run * p->width, x + run * p->stride, (size_t)p->width * sizeof(NUMBER));
    }
    NAME(divide)(&dense, y, scales->sums);
    NAME(log_of_clipped)(p->count * p->width, y);
}

static void NAME(weigh)(int64_t n, const NUMBER *t, NUMBER *y) {
    EACH_ELEMENT {
        y[i] *= t[i];
    }
}

/* y = -sum of t_i log p_i for each line of a block. */
static void NAME(block_losses)(const lines_block *b, bool from_logits, const NUMBER *x,
                               const NUMBER *t, NUMBER *y) {
    NAME(class_scales) scales;
    NUMBER terms[PIECE];
    double sums[REDUCE_TILE] = {0};
    NAME(find_scales)(b, from_logits, x, &scales);
    for (int64_t step = 0; step < pieces_of(b); step++) {
        int64_t offset;
        lines_block p = piece_at(b, step, &offset);
        lines_block dense = {p.count, p.width, p.width, true};
        NAME(log_p)(&p, from_logits, &scales, x + offset, terms);
        NAME(weigh)(p.count * p.width, t + offset, terms);
        NAME(add_to_sums)(&dense, terms, sums);
    }
    for (int64_t i = 0; i < b->count; i++) {
        y[i] = (NUMBER)-sums[i];
    }
}

/* y = -log p of the label of each line of a block. */
static void NAME(block_label_losses)(const lines_block *b, bool from_logits, const NUMBER *x,
                                     const int64_t *labels, NUMBER *y) {
    NAME(class_scales) scales;
    NUMBER chosen[REDUCE_TILE];
    lines_block one_each = {b->count, 1, 1, true};
    NAME(find_scales)(b, from_logits, x, &scales);
    for (int64_t i = 0; i < b->count; i++) {
        chosen[i] = x[i * b->stride + labels[i]];
    }
    NAME(log_p)(&one_each, from_logits, &scales, chosen, y);
    for (int64_t i = 0; i < b->count; i++) {
        y[i] = -y[i];
    }
}

static void NAME(losses)(void *context, int64_t begin, int64_t end) {
    const loss_work *w = context;
    const class_rows *rows = w->rows;
    const int64_t n = rows->n, most = rows_of_block(n);
    for (int64_t row = begin; row < end; row += most) {
        lines_block b = {smaller(most, end - row), n, n, true};
        const NUMBER *x = (const NUMBER *)rows->x + row * n;
        NUMBER *y = (NUMBER *)w->y + row;
        if (w->labels) {
            NAME(block_label_losses)(&b, rows->from_logits, x, w->labels + row, y);
        } else {
            NAME(block_losses)(&b, rows->from_logits, x, (const NUMBER *)w->targets + row * n, y);
        }
    }
}

#endif
