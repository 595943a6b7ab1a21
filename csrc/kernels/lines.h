/* Lines: an array as the set of its lines along one axis.
 *
 * A row-major array is outer x length x inner, and the numbers of a line lie `inner` elements
 * apart. Kernels that need dense lines move the axis to the end first, and copy to scratch memory
 * if the lines are not dense yet. */
#ifndef LEGO_KERNELS_LINES_H
#define LEGO_KERNELS_LINES_H

#include "../core/array.h"
#include "../core/isa.h"

#define dense_lines_open  FOR_ISA(dense_lines_open)
#define dense_lines_load  FOR_ISA(dense_lines_load)
#define dense_lines_close FOR_ISA(dense_lines_close)
#define lines_in_memory   FOR_ISA(lines_in_memory)

typedef struct lines {
    int64_t outer;
    int64_t length;
    int64_t inner;
} lines;

/* The lines of a row-major array; a negative axis counts from the end. */
static inline lines lines_along(const lego_array *x, int64_t axis) {
    int along = axis_from_first(axis, x->rank);
    lines l = {.outer = 1, .length = x->shape[along], .inner = 1};
    for (int i = 0; i < x->rank; i++) {
        l.outer *= i < along ? x->shape[i] : 1;
        l.inner *= i > along ? x->shape[i] : 1;
    }
    return l;
}

/* The same for an array whose axes lie in another order, where lines still follow each other in the
 * order of the other axes: a matrix that is transposed, for one. False if they do not, or if there
 * are gaps between the numbers. */
bool lines_in_memory(const lego_array *x, int64_t axis, lines *l);

/* The dense lines of any array: in the array's own memory if they are dense there, else in scratch
 * memory. */
typedef struct dense_lines {
    lego_array array; /* with the axis last */
    lego_array dense; /* the same in row-major order */
    int64_t count;    /* of lines */
    int64_t n;        /* numbers in each */
    void *scratch;    /* NULL: the lines are the array's own memory */
    size_t bytes;
} dense_lines;

/* Allocates scratch memory if it is needed; nothing is copied. Needs dense_lines_close(), after a
 * failure too. */
lego_status dense_lines_open(dense_lines *l, const lego_array *x, int64_t axis);

/* Copies the array to scratch. */
void dense_lines_load(const dense_lines *l);

void dense_lines_close(dense_lines *l);

#endif
