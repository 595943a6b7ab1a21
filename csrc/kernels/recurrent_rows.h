/* What the passes through a sequence, forwards and backwards, have in common: the rows of the batch
 * that a thread works on, and the order of the steps. */
#ifndef LEGO_KERNELS_RECURRENT_ROWS_H
#define LEGO_KERNELS_RECURRENT_ROWS_H

#include <string.h>

#include "../core/sizes.h"
#include "packed_matrix.h"
#include "recurrence.h"

enum {
    MOST_ROWS = 16, /* of a block: the kernel passes through the caches once for all of them */
    MOST_ROWS_OF_LARGE = 64, /* with a large kernel */
};

/* The part of the batch that one thread takes through all steps. */
typedef struct recurrent_rows {
    const recurrence *r;
    const recurrence_slopes *s; /* on the way back */
    const packed_matrix *kernel;
    int64_t first, count; /* rows of the batch */
    int64_t stride;       /* numbers from row to row of a state */
    int64_t n;            /* numbers of a state of all rows, with what lies between them */
    number_rows product;
} recurrent_rows;

static inline int64_t gates_of(cell_kind kind) {
    return kind == CELL_LSTM ? 4 : kind == CELL_GRU ? 3 : 1;
}

/* Blocks are about equally large. A kernel that the second-level cache does not hold is worth more
 * rows, if two threads still have work. */
static inline int64_t rows_in_block(const recurrence *r) {
    int64_t units = L2_BYTES / 2 / (int64_t)lego_dtype_size(r->dtype) / gates_of(r->kind);
    bool is_large = r->units > units / r->units;
    int64_t half = smaller(divide_up(r->batch, 2), MOST_ROWS_OF_LARGE);
    int64_t most = is_large ? larger(half, MOST_ROWS) : MOST_ROWS;
    return divide_up(r->batch, divide_up(r->batch, most));
}

/* Step number k in the order of computation. */
static inline int64_t step_at(const recurrence *r, int64_t k) {
    return r->is_reversed ? r->steps - 1 - k : k;
}

/* The step that comes before t; -1 where t is the first. */
static inline int64_t step_before(const recurrence *r, int64_t t) {
    return !r->is_reversed ? t - 1 : t + 1 < r->steps ? t + 1 : -1;
}

static inline bool is_real(const recurrence *r, int64_t row, int64_t t) {
    return !r->mask || r->mask[row * r->steps + t];
}

/* Where row and step begin in an array of the shape (batch, steps, width). */
static inline int64_t place(const recurrence *r, int64_t row, int64_t t, int64_t width) {
    return (row * r->steps + t) * width;
}

/* The same of the shape (steps, batch, width). */
static inline int64_t kept_place(const recurrence *r, int64_t row, int64_t t, int64_t width) {
    return (t * r->batch + row) * width;
}

#endif
