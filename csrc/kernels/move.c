/* Copies between strided arrays.
 *
 * Elements are copied by one load and one store of an integer of their size. The order of copies is
 * free, so axes are walked in the order of y's memory. If x is denser along another axis than y (a
 * transposed copy), the walk goes block by block (transpose.c), else plane by plane: the last two
 * axes are two loops, however short their rows are. */
#ifndef NAME
#include "move.h"

#include "../core/threads.h"
#include "convert.h"
#include "transpose.h"

enum { X, Y }; /* the arrays of a walk */

/* ---- plane by plane ------------------------------------------------------------------------- */

/* Rows of one length; steps are in elements. */
typedef struct plane {
    int64_t rows, length;
    int64_t x_row, x_step, y_row, y_step; /* from row to row, and within a row */
} plane;

#define TEMPLATE "move.c"
#include "per_size.h"

static void move_plane(const plane *p, size_t bytes, const char *x, char *y) {
    if (bytes == 1) {
        move_plane_1(p, (const element_1 *)x, (element_1 *)y);
    } else if (bytes == 2) {
        move_plane_2(p, (const element_2 *)x, (element_2 *)y);
    } else if (bytes == 4) {
        move_plane_4(p, (const element_4 *)x, (element_4 *)y);
    } else {
        move_plane_8(p, (const element_8 *)x, (element_8 *)y);
    }
}

/* Steps over whole rows of the plane. */
static void next_rows(const walk_axes *a, walk_position *at, int64_t rows) {
    int axis = a->rank - 2;
    if (axis >= 0) {
        axes_move(a, at, axis, rows - 1);
    }
    axes_next(a, at, axis);
}

void move_walked(const walk_axes *a, size_t bytes, const char *x, char *y, int64_t begin,
                 int64_t end) {
    if (begin >= end) {
        return; /* an empty walk has no position */
    }
    const int last = a->rank - 1;
    const int64_t length = a->shape[last];
    const int64_t *row = a->strides[last > 0 ? last - 1 : 0];
    const int64_t *step = a->strides[last];
    plane p = {1, length, row[X], step[X], row[Y], step[Y]};
    walk_position at = axes_at(a, begin);
    while (begin < end) {
        const char *from = x + at.offsets[X] * (int64_t)bytes;
        char *to = y + at.offsets[Y] * (int64_t)bytes;
        if (at.coordinates[last] == 0 && end - begin >= length) {
            int64_t left = last > 0 ? a->shape[last - 1] - at.coordinates[last - 1] : 1;
            p.rows = smaller(left, (end - begin) / length);
            p.length = length;
            next_rows(a, &at, p.rows);
        } else {
            p.rows = 1;
            p.length = axes_in_row(a, &at, end - begin);
            axes_next_row(a, &at);
        }
        move_plane(&p, bytes, from, to);
        begin += p.rows * p.length;
    }
}

typedef struct move_work {
    const walk_axes *axes;
    size_t bytes;
    const char *x;
    char *y;
} move_work;

static void move_range(void *context, int64_t begin, int64_t end) {
    const move_work *w = context;
    move_walked(w->axes, w->bytes, w->x, w->y, begin, end);
}

/* ---- the choice ----------------------------------------------------------------------------- */

/* Rows and columns that are worth blocks. */
enum { WORTH_BLOCKS = 3 };

static int64_t distance(int64_t stride) {
    return stride < 0 ? -stride : stride;
}

/* The axis along which x is denser than along the last one, where y is dense; -1: there is none. */
static int axis_across(const walk_axes *a) {
    int last = a->rank - 1;
    int across = -1;
    int64_t nearest = distance(a->strides[last][X]);
    if (a->strides[last][Y] != 1 || a->shape[last] < WORTH_BLOCKS) {
        return -1;
    }
    for (int axis = 0; axis < last; axis++) {
        int64_t step = distance(a->strides[axis][X]);
        if (step > 0 && step < nearest && a->shape[axis] >= WORTH_BLOCKS) {
            nearest = step;
            across = axis;
        }
    }
    return across;
}

static void move_transposed(walk_axes *a, int across, const lego_array *x, const lego_array *y) {
    int last = a->rank - 1;
    transposition t = {
        .bytes = lego_dtype_size(x->dtype),
        .x = x->data,
        .y = y->data,
        .rows = a->shape[across],
        .columns = a->shape[last],
        .x_row = a->strides[across][X],
        .x_column = a->strides[last][X],
        .y_row = a->strides[across][Y],
    };
    axes_remove(a, last);
    axes_remove(a, across);
    t.outer = *a;
    transpose_run(&t);
}

/* The axes of both in the order of y's memory. */
static walk_axes axes_in_memory(const lego_array *x, const lego_array *y) {
    walk_axes a = {.arrays = 2};
    int order[LEGO_MAX_RANK];
    axes_by_stride(y, order);
    for (int i = 0; i < y->rank; i++) {
        const int64_t strides[] = {x->strides[order[i]], y->strides[order[i]]};
        axes_add(&a, y->shape[order[i]], strides);
    }
    axes_add_row(&a);
    return a;
}

void move_elements(const lego_array *x, const lego_array *y) {
    int64_t size = array_size(x);
    if (size == 0) {
        return;
    }
    walk_axes a = axes_in_memory(x, y);
    int across = axis_across(&a);
    if (across >= 0) {
        move_transposed(&a, across, x, y);
    } else {
        move_work work = {&a, lego_dtype_size(x->dtype), x->data, y->data};
        threads_run_evenly(size, move_range, &work);
    }
}

void move_into(const lego_array *x, const lego_array *y, const int64_t *begin,
               const int64_t *step) {
    lego_array window = *x;
    char *data = y->data;
    if (array_size(x) == 0) {
        return; /* an empty range may begin at the end of the walk */
    }
    for (int axis = 0; axis < y->rank; axis++) {
        data += begin[axis] * y->strides[axis] * (int64_t)lego_dtype_size(y->dtype);
        window.strides[axis] = y->strides[axis] * step[axis];
    }
    window.data = data;
    move_elements(x, &window);
}

/* ---- one number ----------------------------------------------------------------------------- */

uint64_t element_of(double value, lego_dtype dtype) {
    const void *inputs[] = {&value};
    const int64_t steps[] = {0};
    uint64_t element = 0;
    convert_loop(LEGO_FLOAT64, dtype)(1, inputs, steps, &element);
    return element;
}

void fill_elements(const lego_array *y, double value) {
    uint64_t element = element_of(value, y->dtype);
    lego_array x = *y;
    memset(x.strides, 0, sizeof x.strides);
    x.data = &element;
    move_elements(&x, y);
}

#else /* the template, for elements of one size */

/* y[i] = x[i] for n elements, x_step and y_step elements apart. The frequent steps are constants,
 * so that compilers make vectors of them. */
static inline void NAME(step_through)(int64_t n, const ELEMENT *restrict x, int64_t x_step,
                                      ELEMENT *restrict y, int64_t y_step) {
    if (y_step != 1) {
        for (int64_t i = 0; i < n; i++) {
            y[i * y_step] = x[i * x_step];
        }
    } else if (x_step == 0) {
        const ELEMENT element = *x;
        for (int64_t i = 0; i < n; i++) {
            y[i] = element;
        }
    } else if (x_step == 2) {
        for (int64_t i = 0; i < n; i++) {
            y[i] = x[2 * i];
        }
    } else if (x_step == -1) {
        for (int64_t i = 0; i < n; i++) {
            y[i] = x[-i];
        }
    } else {
        for (int64_t i = 0; i < n; i++) {
            y[i] = x[i * x_step];
        }
    }
}

static void NAME(move_rows)(const plane *p, const ELEMENT *x, ELEMENT *y) {
    for (int64_t row = 0; row < p->rows; row++) {
        NAME(step_through)(p->length, x + row * p->x_row, p->x_step, y + row * p->y_row, p->y_step);
    }
}

/* Many short rows are walked column by column, in parts that stay in L1. */
static void NAME(move_columns)(const plane *p, const ELEMENT *x, ELEMENT *y) {
    enum { PART = 256 };
    plane turned = {p->length, 0, p->x_step, p->x_row, p->y_step, p->y_row};
    for (int64_t row = 0; row < p->rows; row += PART) {
        turned.length = smaller(PART, p->rows - row);
        NAME(move_rows)(&turned, x + row * p->x_row, y + row * p->y_row);
    }
}

static void NAME(move_plane)(const plane *p, const ELEMENT *x, ELEMENT *y) {
    enum { SHORT = 12 };
    if (p->x_step == 1 && p->y_step == 1) {
        for (int64_t row = 0; row < p->rows; row++) {
            copy_short((char *)(y + row * p->y_row), (const char *)(x + row * p->x_row),
                       (size_t)p->length * BYTES);
        }
    } else if (p->length < SHORT && p->length < p->rows) {
        NAME(move_columns)(p, x, y);
    } else {
        NAME(move_rows)(p, x, y);
    }
}

#endif
