/* Pad: a tensor in the middle of a larger one, each element written once.
 *
 * y is contiguous, so what lies between two rows of x is one gap: what follows the one row and what
 * comes before the other, however many axes are padded. y is written from its first element to its
 * last:
 *
 *     gap, row, gap, row, ..., gap
 *
 * Axes behind the last one that is padded belong to the row. */
#ifndef NAME
#include "pad.h"

#include "../core/threads.h"
#include "move.h"
#include "unroll.h"

enum { X, Y }; /* the arrays of a walk */

#define TEMPLATE "pad.c"
#include "per_size.h"

/* Fills y from begin to end, in bytes. */
typedef void gap_fill(char *begin, const char *end, const void *element);

typedef struct pad_work {
    walk_axes rows; /* where they begin in x and in y */
    int64_t count;
    size_t row_bytes;
    int64_t bytes; /* of an element */
    const char *x;
    char *first; /* where the first row begins in y */
    char *y, *y_end;
    uint64_t element; /* what fills the gaps */
    gap_fill *fill;
} pad_work;

static void pad_rows(void *context, int64_t begin, int64_t end) {
    const pad_work *w = context;
    char *gap = w->y;
    if (begin > 0) {
        gap = w->first + axes_at(&w->rows, begin - 1).offsets[Y] * w->bytes + w->row_bytes;
    }
    walk_position at = axes_at(&w->rows, begin);
    for (int64_t i = begin; i < end; i++) {
        char *row = w->first + at.offsets[Y] * w->bytes;
        w->fill(gap, row, &w->element);
        copy_short(row, w->x + at.offsets[X] * w->bytes, w->row_bytes);
        gap = row + w->row_bytes;
        axes_next(&w->rows, &at, w->rows.rank - 1);
    }
    if (end == w->count) {
        w->fill(gap, w->y_end, &w->element);
    }
}

/* The last axis that is padded; -1: none. */
static int last_padded(const lego_array *x, const lego_array *y) {
    int axis = x->rank - 1;
    while (axis >= 0 && x->shape[axis] == y->shape[axis]) {
        axis--;
    }
    return axis;
}

/* Whether x's elements of the axes from that one on are adjacent. */
static bool has_dense_rows(const lego_array *x, int axis) {
    lego_array row = {.dtype = x->dtype, .rank = x->rank - axis};
    memcpy(row.shape, x->shape + axis, sizeof(int64_t) * (size_t)row.rank);
    memcpy(row.strides, x->strides + axis, sizeof(int64_t) * (size_t)row.rank);
    return array_is_contiguous(&row);
}

/* The walk over the axes before that one. */
static walk_axes axes_before(const lego_array *x, const lego_array *y, int axis) {
    lego_array rows[] = {*x, *y};
    const lego_array *both[] = {&rows[X], &rows[Y]};
    memcpy(rows[Y].shape, x->shape, sizeof rows[Y].shape);
    rows[X].rank = rows[Y].rank = axis;
    return axes_broadcast(&rows[X], both, 2);
}

static void pad_dense_rows(const lego_array *x, const lego_array *y, const int64_t *begin,
                           int padded, uint64_t element) {
    const int64_t bytes = (int64_t)lego_dtype_size(y->dtype);
    pad_work w = {
        .rows = axes_before(x, y, padded),
        .bytes = bytes,
        .x = x->data,
        .first = y->data,
        .y = y->data,
        .y_end = (char *)y->data + array_size(y) * bytes,
        .element = element,
        .fill = OF_SIZE(fill_gap, bytes),
    };
    for (int axis = 0; axis < y->rank; axis++) {
        w.first += begin[axis] * y->strides[axis] * bytes;
    }
    w.count = axes_size(&w.rows);
    int64_t row_size = array_size(x) / w.count;
    w.row_bytes = (size_t)(row_size * bytes);
    threads_run(w.count, threads_grain(row_size), pad_rows, &w);
}

void pad_elements(const lego_array *x, const lego_array *y, const int64_t *begin, double value) {
    int padded = last_padded(x, y);
    if (padded < 0) {
        move_elements(x, y);
    } else if (array_size(x) > 0 && has_dense_rows(x, padded)) {
        pad_dense_rows(x, y, begin, padded, element_of(value, y->dtype));
    } else {
        const int64_t ones[LEGO_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1};
        fill_elements(y, value);
        move_into(x, y, begin, ones);
    }
}

#else /* the template, for elements of one size */

static void NAME(fill_gap)(char *begin, const char *end, const void *element) {
    ELEMENT *y = (ELEMENT *)begin;
    const int64_t n = (end - begin) / BYTES;
    const ELEMENT value = *(const ELEMENT *)element;
    for (int64_t i = 0; i < n; i++) {
        y[i] = value;
    }
}

#endif
