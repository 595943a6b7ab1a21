/* Images sampled at the coordinates that a matrix gives, and the adjoint of this map (the
 * gradient).
 *
 * Coordinates are integers in units of 2^-32 pixels, so they are exact: a rotation by a right
 * angle, a flip and a shift by whole pixels copy pixels unchanged. */
#ifndef LEGO_KERNELS_AFFINE_H
#define LEGO_KERNELS_AFFINE_H

#include "../core/array.h"
#include "../core/isa.h"

#define affine_sample FOR_ISA(affine_sample)
#define affine_spread FOR_ISA(affine_spread)

/* How an image is continued beyond its edges, shown for a row of pixels a b c d and fill value
 * k. */
typedef enum fill_mode {
    FILL_CONSTANT, /* k k k k | a b c d | k k k k */
    FILL_NEAREST,  /* a a a a | a b c d | d d d d */
    FILL_REFLECT,  /* d c b a | a b c d | d c b a */
    FILL_MIRROR,   /* c d c b | a b c d | c b a b */
    FILL_WRAP,     /* a b c d | a b c d | a b c d */
    FILL_CUT,      /* as FILL_CONSTANT, but not interpolated across the edges */
    FILL_MODES
} fill_mode;

/* The output's pixel at row r and column c is sampled at
 *
 *     row    m[0] r + m[1] c + m[2]
 *     column m[3] r + m[4] c + m[5]
 *
 * of the image, where m are this image's six numbers, in 2^-32 pixels. */
typedef struct affine {
    lego_dtype dtype; /* float32 or float64, dense: [images][height][width][channels] */
    const int64_t *matrices;
    int64_t images;
    int64_t channels;
    int64_t height; /* of the images that are sampled */
    int64_t width;
    int64_t rows; /* of the output */
    int64_t columns;
    bool is_bilinear; /* interpolates between the four pixels around, else takes the nearest */
    fill_mode mode;
    double fill; /* of FILL_CONSTANT and FILL_CUT */
} affine;

void affine_sample(const affine *a, const void *x, void *y);

/* The adjoint of affine_sample(): each pixel of dx is the sum of dy times the pixel's share over
 * all outputs that sample it. */
void affine_spread(const affine *a, const void *dy, void *dx);

#endif
