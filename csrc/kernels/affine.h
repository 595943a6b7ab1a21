/* Images sampled at the places that a matrix gives, and the transpose of that (the gradient).
 *
 * Places are whole numbers in units of 2^-32 pixels. So they are exact: turning by a right angle,
 * flipping and shifting by whole pixels move pixels and compute none. */
#ifndef LEGO_KERNELS_AFFINE_H
#define LEGO_KERNELS_AFFINE_H

#include "../core/array.h"
#include "../core/isa.h"

#define affine_sample FOR_ISA(affine_sample)
#define affine_spread FOR_ISA(affine_spread)

/* What lies beyond the edge of a b c d. */
typedef enum fill_mode {
    FILL_CONSTANT, /* k k k k | a b c d | k k k k */
    FILL_NEAREST,  /* a a a a | a b c d | d d d d */
    FILL_REFLECT,  /* d c b a | a b c d | d c b a */
    FILL_MIRROR,   /* c d c b | a b c d | c b a b */
    FILL_WRAP,     /* a b c d | a b c d | a b c d */
    FILL_CUT,      /* k k k k | a b c d | k k k k, and k between k and a, and between d and k */
    FILL_MODES
} fill_mode;

/* Row r and column c of what comes out are sampled at
 *
 *     row    m[0] r + m[1] c + m[2]
 *     column m[3] r + m[4] c + m[5]
 *
 * of the image, where m are the six numbers of this image, in 2^-32 pixels. */
typedef struct affine {
    lego_dtype dtype; /* float32 or float64, dense: [images][height][width][channels] */
    const int64_t *matrices;
    int64_t images;
    int64_t channels;
    int64_t height; /* of the images that are sampled */
    int64_t width;
    int64_t rows; /* of what comes out */
    int64_t columns;
    bool is_bilinear; /* the mean of the four pixels around the place, else the nearest pixel */
    fill_mode mode;
    double fill; /* of FILL_CONSTANT and FILL_CUT */
} affine;

void affine_sample(const affine *a, const void *x, void *y);

/* The transpose of affine_sample() as a linear map: dx is the sum, for each pixel of x, of all dy
 * for which it was sampled, times its share in them. */
void affine_spread(const affine *a, const void *dy, void *dx);

#endif
