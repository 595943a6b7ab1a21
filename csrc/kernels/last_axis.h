/* One axis brought to the end, so that each of its lines lies densely in memory. */
#ifndef LEGO_KERNELS_LAST_AXIS_H
#define LEGO_KERNELS_LAST_AXIS_H

#include "../core/array.h"
#include "../core/isa.h"

#define last_axis_open  FOR_ISA(last_axis_open)
#define last_axis_close FOR_ISA(last_axis_close)
#define last_axis_load  FOR_ISA(last_axis_load)
#define last_axis_store FOR_ISA(last_axis_store)

/* An array's lines: in its own memory where they lie densely already, else in scratch. */
typedef struct last_axis {
    lego_array array; /* with the axis last */
    lego_array lines; /* the same in row-major order */
    int64_t count;    /* of lines */
    int64_t n;        /* numbers in each */
    void *scratch;    /* NULL: the lines are the array's own memory */
    size_t bytes;
} last_axis;

/* Makes room for the lines; nothing is copied. To be closed, also after a failure. */
lego_status last_axis_open(last_axis *l, const lego_array *x, int64_t axis);
void last_axis_close(last_axis *l);

/* Copies the array to scratch, or scratch back to the array. */
void last_axis_load(const last_axis *l);
void last_axis_store(const last_axis *l);

#endif
