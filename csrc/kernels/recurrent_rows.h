/* What the passes through a sequence, forwards and backwards, have in common: the rows of the batch
 * that a thread works on, and the order of the steps. */
#ifndef LEGO_KERNELS_RECURRENT_ROWS_H
#define LEGO_KERNELS_RECURRENT_ROWS_H

#include <string.h>

#include "../core/sizes.h"
#include "packed_matrix.h"
#include "recurrence.h"

/* The part of the batch that one thread takes through all steps. */
typedef struct recurrent_rows {
    const recurrence *r;
    const recurrence_slopes *s;   /* on the way back */
    const packed_matrix *kernels; /* of open_kernels() */
    int64_t first, count;         /* rows of the batch */
    int64_t n;                    /* numbers of a state of all rows, in whole vectors */
    number_rows product;
} recurrent_rows;

/* A step has a product for the first of the gates, and where n is not among them, one for n. */
static inline int64_t first_gates_of(cell_kind kind) {
    return kind == CELL_GRU_RESET_BEFORE ? 2 : gates_of(kind);
}

/* The columns of the kernel from gate `first` up to gate `end`, or the same transposed. */
static inline plain_matrix columns_of_gates(const recurrence *r, int64_t first, int64_t end,
                                            bool is_transposed) {
    int64_t row = gates_of(r->kind) * r->units, columns = (end - first) * r->units;
    const char *data = (const char *)r->kernel;
    data += first * r->units * (int64_t)lego_dtype_size(r->dtype);
    return is_transposed ? (plain_matrix){r->dtype, columns, r->units, data, 1, row}
                         : (plain_matrix){r->dtype, r->units, columns, data, row, 1};
}

enum { MOST_KERNELS = 2 };

/* Packs the kernel of each product of a step; the others are empty. All are to be closed. */
static inline lego_status open_kernels(packed_matrix *kernels, const recurrence *r, int64_t rows,
                                       bool is_transposed) {
    int64_t ends[] = {0, first_gates_of(r->kind), gates_of(r->kind)};
    lego_status status = LEGO_OK;
    for (int i = 0; i < MOST_KERNELS && ends[i] < ends[i + 1] && status == LEGO_OK; i++) {
        plain_matrix columns = columns_of_gates(r, ends[i], ends[i + 1], is_transposed);
        status = packed_matrix_open(&kernels[i], &columns, rows, r->steps);
    }
    return status;
}

static inline void close_kernels(packed_matrix *kernels) {
    for (int i = 0; i < MOST_KERNELS; i++) {
        packed_matrix_close(&kernels[i]);
    }
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

/* The same in what is kept: cells (steps, batch, units), gates (steps, planes, batch, units). */
static inline int64_t cell_place(const recurrence *r, int64_t row, int64_t t) {
    return (t * r->batch + row) * r->units;
}

static inline int64_t gate_place(const recurrence *r, int64_t row, int64_t t, int64_t gate) {
    return ((t * planes_of(r->kind) + gate) * r->batch + row) * r->units;
}

/* A state (rows, units) in scratch memory. */
static inline int64_t numbers_of_state(const recurrence *r, int64_t rows) {
    return round_up(rows * r->units, WHOLE_VECTORS);
}

/* Whether a step's gates are computed where they are kept: whole vectors write no number of the
 * rows of another thread. */
static inline bool keeps_in_place(const recurrent_rows *b) {
    return b->r->gates && b->n == b->count * b->r->units;
}

#endif
