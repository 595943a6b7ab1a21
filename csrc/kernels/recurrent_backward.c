/* Recurrent cells, backwards. A step of some rows of the batch is the slopes of its gates, which go
 * to dx, and one product of these with the kernel, transposed: the slope of the state before. The
 * lower half of this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "../core/error.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "elements.h"
#include "recurrent_rows.h"
#include "unroll.h"

typedef struct backward_work {
    const recurrence *r;
    const recurrence_slopes *s;
    packed_matrix kernels[MOST_KERNELS];
    int64_t block; /* rows */
    char *memory;  /* of all blocks */
    int64_t memory_step;
} backward_work;

/* Slopes of h, c and the output that masked steps repeat, and those of what is kept of a step. */
enum { SLOPES = 3 + MOST_PLANES };

#define TEMPLATE "recurrent_states.h"
#include "per_float.h"

#define TEMPLATE "recurrent_backward.c"
#include "per_float.h"

static lego_status run_backward(backward_work *w) {
    const recurrence *r = w->r;
    int64_t blocks = divide_up(r->batch, w->block), bytes;
    int64_t product = w->block * packed_matrix_columns(&w->kernels[0].plain);
    w->memory_step =
        (product + SLOPES * numbers_of_state(r, w->block)) * (int64_t)lego_dtype_size(r->dtype);
    if (!size_multiply(w->memory_step, blocks, &bytes)) {
        return fail(LEGO_NO_MEMORY, "the slopes of %lld samples are too large",
                    (long long)r->batch);
    }
    w->memory = memory_take((size_t)bytes);
    if (!w->memory) {
        return LEGO_NO_MEMORY;
    }
    threads_run(r->batch, w->block, r->dtype == LEGO_FLOAT32 ? backward_float32 : backward_float64,
                w);
    memory_give(w->memory, (size_t)bytes);
    return LEGO_OK;
}

lego_status recurrent_backward(const recurrence *r, const recurrence_slopes *s) {
    if (r->batch == 0 || r->units == 0) {
        return LEGO_OK;
    }
    backward_work w = {.r = r, .s = s, .block = rows_in_block(r)};
    lego_status status = open_kernels(w.kernels, r, w.block, true);
    if (status == LEGO_OK) {
        status = run_backward(&w);
    }
    close_kernels(w.kernels);
    return status;
}

#else /* the template, for one type of number */

#define CELL_SLOPES NAME(cell_slopes)
#define CELL_STEP   NAME(cell_step)

/* Slopes of the states of all rows of a block, (rows, units) each, in scratch memory. */
typedef struct CELL_SLOPES {
    NUMBER *dh, *dc;
    NUMBER *repeated;   /* slopes of outputs that repeat the one of the last step that counts */
    NUMBER *activation; /* f' of what the step kept, in its order; or of the output */
} CELL_SLOPES;

/* One row in one step: what was kept of it, and the slopes. */
typedef struct CELL_STEP {
    int64_t units;
    const NUMBER *h_before, *c_before;
    const NUMBER *gates, *slopes; /* what was kept, and its f' */
    int64_t gate_plane, slope_plane;
    NUMBER *dx, *d_product, *h_reset;
    NUMBER *dh, *dc; /* in: of the states after the step; out: what is known of those before */
} CELL_STEP;

/* ---- one step of each kind of cell ------------------------------------------------------------
 */

/* dx = dh f' */
static void NAME(back_simple)(const CELL_STEP *s) {
    const int64_t n = s->units;
    const NUMBER *slope = s->slopes;
    NUMBER *dx = s->dx, *dh = s->dh;
    EACH_ELEMENT {
        dx[i] = dh[i] * slope[i];
        dh[i] = 0;
    }
}

/* With a = f(c): da = dh o, dc = dc' + da f'(c), do = dh a, di = dc n, df = dc c_before, dn = dc i,
 * and dc f goes to the step before; each of the four is multiplied by the slope of its gate. */
static void NAME(back_lstm)(const CELL_STEP *s) {
    const int64_t n = s->units, p = s->slope_plane;
    const NUMBER *in = s->gates, *forget = in + s->gate_plane, *new = forget + s->gate_plane;
    const NUMBER *out = new + s->gate_plane, *active_c = out + s->gate_plane;
    const NUMBER *c_before = s->c_before, *slope = s->slopes;
    NUMBER *d_in = s->dx, *d_forget = d_in + n, *d_new = d_forget + n, *d_out = d_new + n;
    NUMBER *dh = s->dh, *dc = s->dc;
    EACH_ELEMENT {
        const NUMBER d = dc[i] + dh[i] * out[i] * slope[i + 4 * p];
        d_in[i] = d * new[i] * slope[i];
        d_forget[i] = d * c_before[i] * slope[i + p];
        d_new[i] = d * in[i] * slope[i + 2 * p];
        d_out[i] = dh[i] * active_c[i] * slope[i + 3 * p];
        dc[i] = d * forget[i];
        dh[i] = 0;
    }
}

/* dz = dh (h - n), dn = dh (1 - z), each with the slope of its gate; dh z goes to the step before.
 */
static void NAME(back_update)(const CELL_STEP *s) {
    const int64_t n = s->units, p = s->slope_plane;
    const NUMBER *keep = s->gates, *new = keep + 2 * s->gate_plane, *h_before = s->h_before;
    const NUMBER *slope = s->slopes;
    NUMBER *d_keep = s->dx, *d_new = d_keep + 2 * n, *dh = s->dh;
    EACH_ELEMENT {
        const NUMBER d = dh[i];
        d_keep[i] = d * (h_before[i] - new[i]) * slope[i];
        d_new[i] = d * (1 - keep[i]) * slope[i + 2 * p];
        dh[i] = d * keep[i];
    }
}

/* dr = dn h_n with the slope of its gate, and h_n has the slope dn r. */
static void NAME(back_gru)(const CELL_STEP *s) {
    const int64_t n = s->units;
    const NUMBER *reset = s->gates + s->gate_plane, *of_product = reset + 2 * s->gate_plane;
    const NUMBER *slope = s->slopes + s->slope_plane;
    NUMBER *d_reset = s->dx + n, *d_new = d_reset + n, *d_of_product = s->d_product + 2 * n;
    NAME(back_update)(s);
    EACH_ELEMENT {
        d_reset[i] = d_new[i] * of_product[i] * slope[i];
        d_of_product[i] = d_new[i] * reset[i];
    }
    NAME(copy)(2 * n, s->dx, s->d_product);
}

/* With a = r h, whose slope is da = dn R_n^T: dr = da h with the slope of its gate, and da r goes
 * to the step before. */
static void NAME(back_reset)(const CELL_STEP *s, const NUMBER *da) {
    const int64_t n = s->units;
    const NUMBER *reset = s->gates + s->gate_plane, *h_before = s->h_before;
    const NUMBER *slope = s->slopes + s->slope_plane;
    NUMBER *d_reset = s->dx + n, *dh = s->dh;
    EACH_ELEMENT {
        d_reset[i] = da[i] * h_before[i] * slope[i];
        dh[i] += da[i] * reset[i];
    }
    NAME(copy)(n, reset + 2 * s->gate_plane, s->h_reset);
}

static void NAME(back)(cell_kind kind, const CELL_STEP *s) {
    switch (kind) {
    case CELL_SIMPLE:
        NAME(back_simple)(s);
        break;
    case CELL_GRU:
        NAME(back_gru)(s);
        break;
    case CELL_GRU_RESET_BEFORE: /* back_resets() follows, for all rows */
        NAME(back_update)(s);
        break;
    case CELL_LSTM:
        NAME(back_lstm)(s);
        break;
    }
}

/* ---- one step of all rows -------------------------------------------------------------------- */

/* The state that a step begins with: the output of the last step before that counts. */
static const NUMBER *NAME(state_before)(const recurrence *r, int64_t row, int64_t t) {
    do {
        t = step_before(r, t);
    } while (t >= 0 && !is_real(r, row, t));
    const NUMBER *h0 = (const NUMBER *)r->h0 + row * r->units;
    return t < 0 ? h0 : (const NUMBER *)r->y + place(r, row, t, r->units);
}

static const NUMBER *NAME(cell_before)(const recurrence *r, int64_t row, int64_t t) {
    int64_t before = step_before(r, t);
    const NUMBER *c0 = (const NUMBER *)r->c0 + row * r->units;
    return before < 0 ? c0 : (const NUMBER *)r->cells + cell_place(r, row, before);
}

static ALWAYS_INLINE void NAME(add)(int64_t n, const NUMBER *x, NUMBER *y) {
    EACH_ELEMENT {
        y[i] += x[i];
    }
}

/* f' of what was kept of a step of all rows, or of its output. */
static void NAME(set_slopes)(const recurrent_rows *b, int64_t t, NUMBER *slopes) {
    const recurrence *r = b->r;
    for (int64_t gate = 0; gate < active_planes_of(r->kind); gate++) {
        const NUMBER *kept = (const NUMBER *)r->gates + gate_place(r, b->first, t, gate);
        bool is_gate = gate != NEW_STATE && gate != ACTIVE_CELL;
        NAME(slopes_of)(is_gate ? r->gate_activation : r->activation, b->count * r->units, kept,
                        slopes + gate * b->n);
    }
    for (int64_t row = 0; row < b->count && r->kind == CELL_SIMPLE; row++) {
        const NUMBER *y = (const NUMBER *)r->y + place(r, b->first + row, t, r->units);
        NAME(slopes_of)(r->activation, r->units, y, slopes + row * r->units);
    }
}

static CELL_STEP NAME(step_of)(const recurrent_rows *b, int64_t t, int64_t row,
                               const CELL_SLOPES *s) {
    const recurrence *r = b->r;
    int64_t units = r->units, width = gates_of(r->kind) * units, at = row * units;
    int64_t own = b->first + row, x_place = place(r, own, t, width);
    CELL_STEP step = {
        .units = units,
        .h_before = NAME(state_before)(r, own, t),
        .gates = (const NUMBER *)r->gates + gate_place(r, own, t, 0),
        .gate_plane = r->batch * units,
        .slopes = s->activation + at,
        .slope_plane = b->n,
        .dx = (NUMBER *)b->s->dx + x_place,
        .dh = s->dh + at,
        .dc = s->dc + at,
    };
    if (r->kind == CELL_LSTM) {
        step.c_before = NAME(cell_before)(r, own, t);
    }
    if (r->kind == CELL_GRU) {
        step.d_product = (NUMBER *)b->s->d_product + x_place;
    }
    if (r->kind == CELL_GRU_RESET_BEFORE) {
        step.h_reset = (NUMBER *)b->s->h_reset + place(r, own, t, units);
    }
    return step;
}

static void NAME(back_row)(const recurrent_rows *b, int64_t t, int64_t row, const CELL_SLOPES *s) {
    const recurrence *r = b->r;
    CELL_STEP step = NAME(step_of)(b, t, row, s);
    NUMBER *repeated = s->repeated + row * r->units;
    int64_t h_place = place(r, b->first + row, t, r->units);
    if (b->s->dy) {
        NAME(add)(r->units, (const NUMBER *)b->s->dy + h_place, step.dh);
    }
    if (r->mask) {
        NAME(add)(r->units, repeated, step.dh);
        NAME(clear)(r->units, repeated);
    }
    NAME(copy)(r->units, step.h_before, (NUMBER *)b->s->h_before + h_place);
    NAME(back)(r->kind, &step);
}

/* A masked step has no slopes of its own, and hands on those of the output that it repeats. */
static void NAME(pass_back)(const recurrent_rows *b, int64_t t, int64_t row, const CELL_SLOPES *s) {
    const recurrence *r = b->r;
    int64_t own = b->first + row, width = gates_of(r->kind) * r->units;
    int64_t h_place = place(r, own, t, r->units), x_place = place(r, own, t, width);
    NAME(clear)(width, (NUMBER *)b->s->dx + x_place);
    NAME(clear)(r->units, (NUMBER *)b->s->h_before + h_place);
    if (r->kind == CELL_GRU) {
        NAME(clear)(width, (NUMBER *)b->s->d_product + x_place);
    }
    if (r->kind == CELL_GRU_RESET_BEFORE) {
        NAME(clear)(r->units, (NUMBER *)b->s->h_reset + h_place);
    }
    if (b->s->dy && !r->zero_masked) {
        NAME(add)(r->units, (const NUMBER *)b->s->dy + h_place, s->repeated + row * r->units);
    }
}

/* The slopes of a product, from gate `first` on, times its kernel, transposed. */
static number_rows NAME(slopes_times)(const packed_matrix *kernel, const recurrent_rows *b,
                                      int64_t t, int64_t first) {
    const recurrence *r = b->r;
    int64_t width = gates_of(r->kind) * r->units;
    NUMBER *slopes = r->kind == CELL_GRU ? b->s->d_product : b->s->dx;
    slopes += place(r, b->first, t, width) + first * r->units;
    number_rows from = {slopes, r->steps * width};
    return packed_product(kernel, b->count, from, b->product.data);
}

/* Of a GRU that resets before its product of n: the slopes of the resets. */
static void NAME(back_resets)(const recurrent_rows *b, int64_t t, const CELL_SLOPES *s) {
    number_rows da = NAME(slopes_times)(&b->kernels[1], b, t, 2);
    for (int64_t row = 0; row < b->count; row++) {
        if (is_real(b->r, b->first + row, t)) {
            CELL_STEP step = NAME(step_of)(b, t, row, s);
            NAME(back_reset)(&step, (const NUMBER *)da.data + row * da.stride);
        }
    }
}

/* dh += the slopes of the first product times its kernel, transposed. */
static void NAME(back_product)(const recurrent_rows *b, int64_t t, const CELL_SLOPES *s) {
    const recurrence *r = b->r;
    number_rows to = NAME(slopes_times)(&b->kernels[0], b, t, 0);
    for (int64_t row = 0; row < b->count; row++) {
        if (is_real(r, b->first + row, t)) {
            const NUMBER *product = (const NUMBER *)to.data + row * to.stride;
            NAME(add)(r->units, product, s->dh + row * r->units);
        }
    }
}

static void NAME(back_rows)(const recurrent_rows *b, const CELL_SLOPES *s) {
    const recurrence *r = b->r;
    NAME(clear)(SLOPES * b->n, s->dh);
    if (b->s->dh) {
        NAME(load)(b, b->s->dh, s->dh);
    }
    if (b->s->dc) {
        NAME(load)(b, b->s->dc, s->dc);
    }
    for (int64_t k = r->steps - 1; k >= 0; k--) {
        int64_t t = step_at(r, k);
        NAME(set_slopes)(b, t, s->activation);
        for (int64_t row = 0; row < b->count; row++) {
            (is_real(r, b->first + row, t) ? NAME(back_row) : NAME(pass_back))(b, t, row, s);
        }
        if (r->kind == CELL_GRU_RESET_BEFORE) {
            NAME(back_resets)(b, t, s);
        }
        NAME(back_product)(b, t, s);
    }
    NAME(store)(b, s->dh, b->s->dh0);
    if (r->kind == CELL_LSTM) {
        NAME(store)(b, s->dc, b->s->dc0);
    }
}

static void NAME(backward)(void *work, int64_t begin, int64_t end) {
    const backward_work *w = work;
    NUMBER *memory = (NUMBER *)(w->memory + begin / w->block * w->memory_step);
    int64_t rows = end - begin, n = numbers_of_state(w->r, rows);
    recurrent_rows b = {
        .r = w->r,
        .s = w->s,
        .kernels = w->kernels,
        .first = begin,
        .count = rows,
        .n = n,
        .product = {.data = memory + SLOPES * n},
    };
    CELL_SLOPES s = {
        .dh = memory, .dc = memory + n, .repeated = memory + 2 * n, .activation = memory + 3 * n};
    NAME(back_rows)(&b, &s);
}

#undef CELL_SLOPES
#undef CELL_STEP

#endif
