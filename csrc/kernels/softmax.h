/* Softmax along any axis, and cross-entropies of its rows. All arrays are dense and row-major.
 * Each line is computed by one thread, and sums are in double. */
#ifndef LEGO_KERNELS_SOFTMAX_H
#define LEGO_KERNELS_SOFTMAX_H

#include "../core/array.h"
#include "../core/isa.h"
#include "lines.h"

#define softmax_lines            FOR_ISA(softmax_lines)
#define log_softmax_lines        FOR_ISA(log_softmax_lines)
#define softmax_rows             FOR_ISA(softmax_rows)
#define log_softmax_rows         FOR_ISA(log_softmax_rows)
#define logsumexp_lines          FOR_ISA(logsumexp_lines)
#define logsumexp_rows           FOR_ISA(logsumexp_rows)
#define crossentropy_rows        FOR_ISA(crossentropy_rows)
#define sparse_crossentropy_rows FOR_ISA(sparse_crossentropy_rows)

/* For each line of x, with m its largest number and s = sum of e^(x_j - m):
 *
 *     softmax      y_i = e^(x_i - m) / s
 *     log_softmax  y_i = (x_i - m) - log s
 *     logsumexp    y = m + log s, one number per line; m if m is infinite */
void softmax_lines(lego_dtype dtype, lines l, const void *x, void *y);
void log_softmax_lines(lego_dtype dtype, lines l, const void *x, void *y);
void logsumexp_lines(lego_dtype dtype, lines l, const void *x, void *y);

/* The same for dense lines x[count][n], on the thread that calls. */
void softmax_rows(lego_dtype dtype, const void *x, int64_t count, int64_t n, void *y);
void log_softmax_rows(lego_dtype dtype, const void *x, int64_t count, int64_t n, void *y);
void logsumexp_rows(lego_dtype dtype, const void *x, int64_t count, int64_t n, void *y);

/* Probabilities are clipped to LEAST_PROBABILITY <= p <= 1 - LEAST_PROBABILITY, as in Keras. */
#define LEAST_PROBABILITY 1e-7

/* Rows of x hold logits or probabilities of classes. For logits, log p_i = log_softmax(x)_i; for
 * probabilities, log p_i = log(x_i / sum of x_j), clipped as above. */
typedef struct class_rows {
    lego_dtype dtype;
    bool from_logits;
    int64_t count;
    int64_t n;     /* classes */
    const void *x; /* of shape (count, n) */
} class_rows;

/* y[count] = -sum of t_i log p_i; t has the shape (count, n). */
void crossentropy_rows(const class_rows *rows, const void *t, void *y);

/* y[count] = -log p of the label; 0 <= labels[count] < n. */
void sparse_crossentropy_rows(const class_rows *rows, const int64_t *labels, void *y);

#endif
