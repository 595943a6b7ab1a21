/* Activations of recurrent cells in place, and their slopes, which their results tell. */
#ifndef LEGO_KERNELS_CELL_ACTIVATIONS_H
#define LEGO_KERNELS_CELL_ACTIVATIONS_H

#include "../core/isa.h"
#include "../lego.h"

#define activate_float32  FOR_ISA(activate_float32)
#define activate_float64  FOR_ISA(activate_float64)
#define slopes_of_float32 FOR_ISA(slopes_of_float32)
#define slopes_of_float64 FOR_ISA(slopes_of_float64)

/* The numbers are attributes of bricks. */
typedef enum cell_activation {
    CELL_LINEAR,
    CELL_TANH,
    CELL_SIGMOID,
    CELL_RELU,
    CELL_HARD_SIGMOID,
    CELL_ACTIVATIONS /* how many */
} cell_activation;

/* Whole vectors of all sets: loops over so many numbers have no rest. */
enum { WHOLE_VECTORS = 16 };

/* The same count, which is a multiple of that; the compiler sees it here. */
static inline int64_t whole_vectors(int64_t n) {
    return n & -WHOLE_VECTORS;
}

/* x = f(x) for whole vectors, with the bits of the brick of that name. */
void activate_float32(cell_activation f, int64_t n, float *x);
void activate_float64(cell_activation f, int64_t n, double *x);

/* slopes = f'(x), where y = f(x). */
void slopes_of_float32(cell_activation f, int64_t n, const float *y, float *slopes);
void slopes_of_float64(cell_activation f, int64_t n, const double *y, double *slopes);

#endif
