/* Recurrent cells over whole sequences, and their gradients; bricks/recurrent.c has the formulas.
 *
 * Threads share the samples out, some rows of the batch each: no thread waits for another one
 * between two steps, and what a row becomes depends on no other row. */
#ifndef LEGO_KERNELS_RECURRENCE_H
#define LEGO_KERNELS_RECURRENCE_H

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "cell_activations.h"

#define recurrent_forward  FOR_ISA(recurrent_forward)
#define recurrent_backward FOR_ISA(recurrent_backward)

typedef enum cell_kind {
    CELL_SIMPLE,
    CELL_GRU,
    CELL_GRU_RESET_BEFORE, /* the state is reset before its product, not after */
    CELL_LSTM,
} cell_kind;

/* The gates that beside each other are the columns of the kernel: z, r, n of a GRU; i, f, n, o of
 * an LSTM. */
static inline int64_t gates_of(cell_kind kind) {
    return kind == CELL_LSTM ? 4 : kind == CELL_SIMPLE ? 1 : 3;
}

/* What is kept of a step, (B, U) each: i, f, n, o and the activation of c; or z, r, n and the n of
 * the product, or in its place r h. */
enum { NEW_STATE = 2, ACTIVE_CELL = 4, MOST_PLANES = 5 };

static inline int64_t planes_of(cell_kind kind) {
    return kind == CELL_LSTM ? MOST_PLANES : kind == CELL_SIMPLE ? 0 : 4;
}

/* The first ones, which are results of an activation. */
static inline int64_t active_planes_of(cell_kind kind) {
    return kind == CELL_LSTM ? MOST_PLANES : kind == CELL_SIMPLE ? 0 : 3;
}

/* Arrays are in row-major order: B is the batch, T the steps, U the units, G the gates. */
typedef struct recurrence {
    cell_kind kind;
    lego_dtype dtype;
    int64_t batch, steps, units;
    bool is_reversed; /* the last step comes first */
    bool zero_masked; /* the output of a masked step is 0; else that of the step before */
    cell_activation activation, gate_activation;

    const void *x;       /* (B, T, G U): projected inputs; the backward pass reads none */
    const void *kernel;  /* (U, G U) */
    const void *bias;    /* (G U): of the product of the state; of the GRU that resets after it */
    const void *h0, *c0; /* (B, U); c0 of the LSTM only, as all that is called c */
    const uint8_t *mask; /* (B, T), or NULL: steps with 0 are passed over */

    void *y;               /* (B, T, U): the outputs */
    void *last_h, *last_c; /* (B, U) */
    void *gates; /* (T, planes, B, U); 0 in masked steps. NULL: no gradient will be taken */
    void *cells; /* (T, B, U): c after each step; NULL as well */
} recurrence;

/* What the backward pass reads and writes beside that. */
typedef struct recurrence_slopes {
    const void *dy, *dh, *dc; /* of y, last_h, last_c; NULL where no gradient arrives */
    void *dx;                 /* (B, T, G U) */
    void *d_product;          /* the same of the product of the state, where resets come after it */
    void *h_before;           /* (B, T, U): what the kernel was multiplied by; 0 in masked steps */
    void *h_reset;            /* the same of the kernel of n, where resets come before: r h */
    void *dh0, *dc0;
} recurrence_slopes;

enum {
    MOST_ROWS = 16, /* of a block: the kernel passes through the caches once for all of them */
    MOST_ROWS_OF_LARGE = 64, /* with a large kernel */
};

/* Blocks are about equally large. A kernel that the second-level cache does not hold is worth more
 * rows, if two threads still have work. */
static inline int64_t rows_in_block(const recurrence *r) {
    int64_t units = L2_BYTES / 2 / (int64_t)lego_dtype_size(r->dtype) / gates_of(r->kind);
    bool is_large = r->units > units / r->units;
    int64_t half = smaller(divide_up(r->batch, 2), MOST_ROWS_OF_LARGE);
    int64_t most = is_large ? larger(half, MOST_ROWS) : MOST_ROWS;
    return divide_up(r->batch, divide_up(r->batch, most));
}

lego_status recurrent_forward(const recurrence *r);
lego_status recurrent_backward(const recurrence *r, const recurrence_slopes *s);

#endif
