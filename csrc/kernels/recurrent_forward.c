/* Recurrent cells, forwards. A step of some rows of the batch is one product, the gates in loops
 * over what lies in the nearest caches, and copies from and to the arrays. The lower half of this
 * file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "recurrence.h"

#include "../core/error.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "elements.h"
#include "recurrent_rows.h"

typedef struct forward_work {
    const recurrence *r;
    packed_matrix kernels[MOST_KERNELS];
    int64_t block; /* rows */
    char *memory;  /* of all blocks */
    int64_t memory_step;
} forward_work;

/* Five gates, as a sequence keeps them; h and c, and those that follow. */
enum { STATES = MOST_PLANES + 4 };

#define TEMPLATE "recurrent_states.h"
#include "per_float.h"

#define TEMPLATE "recurrent_forward.c"
#include "per_float.h"

static int64_t numbers_of_block(const recurrence *r, const plain_matrix *kernel, int64_t rows) {
    return rows * packed_matrix_columns(kernel) + STATES * numbers_of_state(r, rows);
}

static lego_status run_forward(forward_work *w) {
    const recurrence *r = w->r;
    int64_t blocks = divide_up(r->batch, w->block), bytes;
    w->memory_step =
        numbers_of_block(r, &w->kernels[0].plain, w->block) * (int64_t)lego_dtype_size(r->dtype);
    if (!size_multiply(w->memory_step, blocks, &bytes)) {
        return fail(LEGO_NO_MEMORY, "the states of %lld samples are too large",
                    (long long)r->batch);
    }
    w->memory = memory_take((size_t)bytes);
    if (!w->memory) {
        return LEGO_NO_MEMORY;
    }
    threads_run(r->batch, w->block, r->dtype == LEGO_FLOAT32 ? forward_float32 : forward_float64,
                w);
    memory_give(w->memory, (size_t)bytes);
    return LEGO_OK;
}

lego_status recurrent_forward(const recurrence *r) {
    if (r->batch == 0 || r->units == 0) {
        return LEGO_OK;
    }
    forward_work w = {.r = r, .block = rows_in_block(r)};
    lego_status status = open_kernels(w.kernels, r, w.block, false);
    if (status == LEGO_OK) {
        status = run_forward(&w);
    }
    close_kernels(w.kernels);
    return status;
}

#else /* the template, for one type of number */

#define CELL_STATE NAME(cell_state)

/* States of all rows of a block, (rows, units) each. A step writes what the gradient will read of
 * it to where that is kept, if whole vectors fit there, and else to scratch memory first. */
typedef struct CELL_STATE {
    NUMBER *gates; /* i, f, n, o of an LSTM and the activation of c, `plane` numbers apart; or z, r,
                    * n of a GRU and what belongs to n */
    int64_t plane;
    NUMBER *h, *c;
    NUMBER *next_h, *next_c;
    NUMBER *scratch; /* of STATES */
} CELL_STATE;

/* ---- one step of each kind of cell: from h and c, next_h and next_c ---------------------------
 */

/* to = x + the product, for `count` gates from `first` on, with which the product begins. */
static void NAME(add_inputs)(const recurrent_rows *b, int64_t t, number_rows product, int64_t first,
                             int64_t count, NUMBER *to, int64_t plane) {
    const recurrence *r = b->r;
    const int64_t n = r->units, width = gates_of(r->kind) * n;
    for (int64_t row = 0; row < b->count; row++) {
        const NUMBER *xs = (const NUMBER *)r->x + place(r, b->first + row, t, width) + first * n;
        const NUMBER *ps = (const NUMBER *)product.data + row * product.stride;
        for (int64_t gate = 0; gate < count; gate++, xs += n, ps += n) {
            NUMBER *y = to + gate * plane + row * n;
            EACH_ELEMENT {
                y[i] = xs[i] + ps[i];
            }
        }
    }
}

/* c' = f c + i n, h' = o activation(c'); the gates have their inputs. */
static void NAME(step_lstm)(const recurrent_rows *b, CELL_STATE *s) {
    const cell_activation gate = b->r->gate_activation;
    const int64_t n = whole_vectors(b->n);
    NUMBER *in = s->gates, *forget = in + s->plane, *new = forget + s->plane;
    NUMBER *out = new + s->plane, *active_c = out + s->plane;
    NUMBER *c = s->c, *next_c = s->next_c, *h = s->next_h;
    NAME(activate)(gate, n, in);
    NAME(activate)(gate, n, forget);
    NAME(activate)(b->r->activation, n, new);
    NAME(activate)(gate, n, out);
    EACH_ELEMENT {
        next_c[i] = forget[i] * c[i] + in[i] * new[i];
        active_c[i] = next_c[i];
    }
    NAME(activate)(b->r->activation, n, active_c);
    EACH_ELEMENT {
        h[i] = out[i] * active_c[i];
    }
}

static void NAME(add_bias)(const recurrent_rows *b) {
    const int64_t n = 3 * b->r->units;
    const NUMBER *bias = b->r->bias;
    for (int64_t row = 0; row < b->count; row++) {
        NUMBER *y = (NUMBER *)b->product.data + row * b->product.stride;
        EACH_ELEMENT {
            y[i] += bias[i];
        }
    }
}

/* new = x_n + reset h_n, where h_n is the last third of the product, which is kept. */
static void NAME(reset)(const recurrent_rows *b, int64_t t, const NUMBER *resets, NUMBER *news,
                        NUMBER *kept) {
    const recurrence *r = b->r;
    const int64_t n = r->units;
    for (int64_t row = 0; row < b->count; row++) {
        const NUMBER *x = (const NUMBER *)r->x + place(r, b->first + row, t, 3 * n) + 2 * n;
        const NUMBER *h = (const NUMBER *)b->product.data + row * b->product.stride + 2 * n;
        const NUMBER *reset = resets + row * n;
        NUMBER *new = news + row * n, *own = kept + row * n;
        EACH_ELEMENT {
            own[i] = h[i];
            new[i] = x[i] + reset[i] * h[i];
        }
    }
}

/* new = x_n + (reset h) R_n, where reset h is kept. */
static void NAME(reset_before)(const recurrent_rows *b, int64_t t, const NUMBER *reset,
                               const NUMBER *h, NUMBER *new, NUMBER *kept) {
    const int64_t n = whole_vectors(b->n);
    EACH_ELEMENT {
        kept[i] = reset[i] * h[i];
    }
    number_rows from = {kept, b->r->units};
    number_rows product = packed_product(&b->kernels[1], b->count, from, b->product.data);
    NAME(add_inputs)(b, t, product, 2, 1, new, 0);
}

/* h' = z h + (1 - z) n; the bias is in the product, and z and r have their inputs. */
static void NAME(step_gru)(const recurrent_rows *b, int64_t t, CELL_STATE *s) {
    const int64_t n = whole_vectors(b->n);
    NUMBER *keep = s->gates, *reset = keep + s->plane, *new = reset + s->plane;
    NUMBER *kept = new + s->plane, *h = s->h, *next_h = s->next_h;
    NAME(activate)(b->r->gate_activation, n, keep);
    NAME(activate)(b->r->gate_activation, n, reset);
    if (b->r->kind == CELL_GRU) {
        NAME(reset)(b, t, reset, new, kept);
    } else {
        NAME(reset_before)(b, t, reset, h, new, kept);
    }
    NAME(activate)(b->r->activation, n, new);
    EACH_ELEMENT {
        next_h[i] = keep[i] * h[i] + (1 - keep[i]) * new[i];
    }
}

static void NAME(step)(const recurrent_rows *b, int64_t t, CELL_STATE *s) {
    const cell_kind kind = b->r->kind;
    if (kind == CELL_GRU) {
        NAME(add_bias)(b);
    }
    NAME(add_inputs)(b, t, b->product, 0, kind == CELL_GRU ? 2 : first_gates_of(kind),
                     kind == CELL_SIMPLE ? s->next_h : s->gates, s->plane);
    switch (kind) {
    case CELL_SIMPLE:
        NAME(activate)(b->r->activation, b->n, s->next_h);
        break;
    case CELL_GRU:
    case CELL_GRU_RESET_BEFORE:
        NAME(step_gru)(b, t, s);
        break;
    case CELL_LSTM:
        NAME(step_lstm)(b, s);
        break;
    }
}

/* ---- from step to step ----------------------------------------------------------------------- */

/* Where step t writes: h and c alternate between two places, if c is not kept. */
static void NAME(aim)(const recurrent_rows *b, int64_t t, CELL_STATE *s) {
    const recurrence *r = b->r;
    NUMBER *states = s->scratch + MOST_PLANES * b->n;
    s->next_h = s->h == states ? states + b->n : states;
    s->next_c = s->c == states + 2 * b->n ? states + 3 * b->n : states + 2 * b->n;
    s->gates = s->scratch;
    s->plane = b->n;
    if (keeps_in_place(b)) {
        s->gates = (NUMBER *)r->gates + gate_place(r, b->first, t, 0);
        s->plane = r->batch * r->units;
    }
    if (keeps_in_place(b) && r->kind == CELL_LSTM) {
        s->next_c = (NUMBER *)r->cells + cell_place(r, b->first, t);
    }
}

/* What the gradient will read of a step, where it was written to scratch memory. */
static void NAME(keep)(const recurrent_rows *b, int64_t t, const CELL_STATE *s) {
    const recurrence *r = b->r;
    const int64_t numbers = b->count * r->units;
    for (int64_t gate = 0; gate < planes_of(r->kind); gate++) {
        NUMBER *to = (NUMBER *)r->gates + gate_place(r, b->first, t, gate);
        NAME(copy)(numbers, s->gates + gate * s->plane, to);
    }
    if (r->kind == CELL_LSTM) {
        NAME(copy)(numbers, s->next_c, (NUMBER *)r->cells + cell_place(r, b->first, t));
    }
}

/* A masked step leaves the states as they are. */
static void NAME(pass_over)(const recurrent_rows *b, int64_t t, int64_t row, CELL_STATE *s) {
    const recurrence *r = b->r;
    int64_t units = r->units, before = step_before(r, t), at = row * units;
    NUMBER *y = (NUMBER *)r->y + place(r, b->first + row, t, units);
    NAME(copy)(units, s->h + at, s->next_h + at);
    NAME(copy)(units, s->c + at, s->next_c + at);
    for (int64_t gate = 0; gate < planes_of(r->kind); gate++) {
        NAME(clear)(units, s->gates + gate * s->plane + at);
    }
    if (before < 0 || r->zero_masked) {
        NAME(clear)(units, y);
    } else {
        NAME(copy)(units, (NUMBER *)r->y + place(r, b->first + row, before, units), y);
    }
}

/* The new states become the states. */
static void NAME(settle)(const recurrent_rows *b, int64_t t, CELL_STATE *s) {
    const recurrence *r = b->r;
    for (int64_t row = 0; row < b->count; row++) {
        if (!is_real(r, b->first + row, t)) {
            NAME(pass_over)(b, t, row, s);
        } else {
            NUMBER *y = (NUMBER *)r->y + place(r, b->first + row, t, r->units);
            NAME(copy)(r->units, s->next_h + row * r->units, y);
        }
    }
    if (r->gates && !keeps_in_place(b)) {
        NAME(keep)(b, t, s);
    }
    s->h = s->next_h;
    s->c = s->next_c;
}

static void NAME(run_rows)(recurrent_rows *b, CELL_STATE *s) {
    const recurrence *r = b->r;
    NAME(load)(b, r->h0, s->h);
    if (r->kind == CELL_LSTM) {
        NAME(load)(b, r->c0, s->c);
    }
    for (int64_t k = 0; k < r->steps; k++) {
        int64_t t = step_at(r, k);
        number_rows h = {s->h, r->units};
        b->product = packed_product(&b->kernels[0], b->count, h, b->product.data);
        NAME(aim)(b, t, s);
        NAME(step)(b, t, s);
        NAME(settle)(b, t, s);
    }
    NAME(store)(b, s->h, r->last_h);
    if (r->kind == CELL_LSTM) {
        NAME(store)(b, s->c, r->last_c);
    }
}

static void NAME(forward)(void *work, int64_t begin, int64_t end) {
    const forward_work *w = work;
    NUMBER *memory = (NUMBER *)(w->memory + begin / w->block * w->memory_step);
    int64_t rows = end - begin, n = numbers_of_state(w->r, rows);
    recurrent_rows b = {
        .r = w->r,
        .kernels = w->kernels,
        .first = begin,
        .count = rows,
        .n = n,
        .product = {.data = memory + STATES * n},
    };
    CELL_STATE s = {
        .scratch = memory, .h = memory + MOST_PLANES * n, .c = memory + (MOST_PLANES + 2) * n};
    NAME(clear)(STATES * n, memory);
    NAME(run_rows)(&b, &s);
}

#undef CELL_STATE

#endif
