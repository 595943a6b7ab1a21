/* Triangles: the part of each matrix that lies on one side of a diagonal. */
#ifndef LEGO_KERNELS_TRIANGLE_H
#define LEGO_KERNELS_TRIANGLE_H

#include "../core/array.h"
#include "../core/isa.h"

#define triangle_copy FOR_ISA(triangle_copy)

/* The matrices are the last two axes. The diagonal is column = row + k. */
typedef struct triangle {
    int64_t k;
    bool is_upper; /* the diagonal and what is above it; else what is below it */
} triangle;

/* y = x in the triangle, 0 elsewhere. x has any strides, y is contiguous. */
void triangle_copy(const lego_array *x, triangle t, const lego_array *y);

#endif
