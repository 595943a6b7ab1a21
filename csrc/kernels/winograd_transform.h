/* Winograd's algorithm F(m x m, 3 x 3): the transforms of a tile before and after its products.
 *
 * A convolution of two polynomials is a product of their values at enough points. So m outputs of
 * three taps need m + 2 multiplications, not 3 m, and a tile of m x m outputs (m + 2)^2, not 9 m^2:
 * 2.25 times fewer with m = 2, four times fewer with m = 4.
 *
 *     y = A^T [(G k G^T) * (B^T d B)] A
 *
 * with d the (m + 2) x (m + 2) inputs of the tile, k the 3 x 3 taps, and * elementwise. Summed over
 * channels, this is a product of matrices for each of the (m + 2)^2 points.
 *
 * With m = 2 the points are 0, 1, -1 and infinity, and the transforms of inputs and outputs only
 * add. With m = 4 they are 0, 1, -1, 2, -2 and infinity, and cancellation costs about three bits.
 *
 * Source: Lavin, Gray: Fast Algorithms for Convolutional Neural Networks (arXiv:1509.09308). */
#ifndef LEGO_KERNELS_WINOGRAD_TRANSFORM_H
#define LEGO_KERNELS_WINOGRAD_TRANSFORM_H

#include "../core/isa.h"
#include "../lego.h"

#define winograd_transform_kernel   FOR_ISA(winograd_transform_kernel)
#define winograd_transform_input    FOR_ISA(winograd_transform_input)
#define winograd_transform_output   FOR_ISA(winograd_transform_output)
#define winograd_transform_gradient FOR_ISA(winograd_transform_gradient)
#define winograd_transform_taps     FOR_ISA(winograd_transform_taps)

enum {
    WINOGRAD_TAPS = 3,
    MOST_WINOGRAD_OUTPUTS = 4,
    MOST_WINOGRAD_REACH = MOST_WINOGRAD_OUTPUTS + WINOGRAD_TAPS - 1,
    MOST_WINOGRAD_POINTS = MOST_WINOGRAD_REACH * MOST_WINOGRAD_REACH,
    WINOGRAD_NUMBERS = 16, /* numbers that are transformed at once, with every instruction set */
};

/* The size of a tile, and the distance between its points in the transformed arrays, in numbers. */
typedef struct winograd_points {
    lego_dtype dtype; /* float32 or float64 */
    int outputs;      /* 2 or 4 */
    int64_t step;
} winograd_points;

/* to[point] = G k G^T of `count` adjacent kernels, a multiple of WINOGRAD_NUMBERS. taps[i] points
 * to tap i of the first kernel, in row-major order. */
void winograd_transform_kernel(const winograd_points *p, const void *const *taps, int64_t count,
                               void *to);

/* to[point] = B^T d B of `channels` channels, a multiple of WINOGRAD_NUMBERS. pixels[i] points to
 * pixel i of d, in row-major order. */
void winograd_transform_input(const winograd_points *p, const void *const *pixels, int64_t channels,
                              void *to);

/* pixels = A^T from[point] A for channels first <= i < first + channels, any number of them; `from`
 * has room for whole vectors. A pixel that is NULL is not written. */
void winograd_transform_output(const winograd_points *p, const void *from, int64_t channels,
                               char *const *pixels, int64_t first);

/* to[point] = A dy A^T of `channels` channels, a multiple of WINOGRAD_NUMBERS. pixels[i] points to
 * output i of dy, in row-major order. */
void winograd_transform_gradient(const winograd_points *p, const void *const *pixels,
                                 int64_t channels, void *to);

/* taps = G^T from[point] G of `count` adjacent kernels, a multiple of WINOGRAD_NUMBERS. */
void winograd_transform_taps(const winograd_points *p, const void *from, int64_t count,
                             char *const *taps);

#endif
