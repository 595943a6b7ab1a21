/* Lines: an array seen along one of its axes.
 *
 * A row-major array is outer x length x inner, where the numbers of a line lie `inner` elements
 * apart. What needs dense lines brings the axis to the end first, in scratch where that moves
 * numbers. */
#ifndef LEGO_KERNELS_LINES_H
#define LEGO_KERNELS_LINES_H

#include "../core/array.h"
#include "../core/isa.h"

#define dense_lines_open  FOR_ISA(dense_lines_open)
#define dense_lines_load  FOR_ISA(dense_lines_load)
#define dense_lines_store FOR_ISA(dense_lines_store)
#define dense_lines_close FOR_ISA(dense_lines_close)

typedef struct lines {
    int64_t outer;
    int64_t length;
    int64_t inner;
} lines;

/* Of a row-major array; the axis may be counted from the end. */
static inline lines lines_along(const lego_array *x, int64_t axis) {
    int along = axis_from_first(axis, x->rank);
    lines l = {.outer = 1, .length = x->shape[along], .inner = 1};
    for (int i = 0; i < x->rank; i++) {
        l.outer *= i < along ? x->shape[i] : 1;
        l.inner *= i > along ? x->shape[i] : 1;
    }
    return l;
}

/* The lines of any array, each of them dense: in the array's own memory where they lie so already,
 * else in scratch. */
typedef struct dense_lines {
    lego_array array; /* with the axis last */
    lego_array dense; /* the same in row-major order */
    int64_t count;    /* of lines */
    int64_t n;        /* numbers in each */
    void *scratch;    /* NULL: the lines are the array's own memory */
    size_t bytes;
} dense_lines;

/* Makes room for the lines; nothing is copied. To be closed, also after a failure. */
lego_status dense_lines_open(dense_lines *l, const lego_array *x, int64_t axis);

/* Copies the array to scratch, or scratch back to the array. */
void dense_lines_load(const dense_lines *l);
void dense_lines_store(const dense_lines *l);

void dense_lines_close(dense_lines *l);

#endif
