/* Cross-entropies of lines: x and t are row-major floats of shape (count, n), y has shape (count,).
 *
 * What x says of class i is log p_i: log softmax(x)_i for logits; else the logarithm of x_i over
 * the sum of the line, clipped to 1e-7 <= p_i <= 1 - 1e-7. */
#ifndef LEGO_KERNELS_CROSSENTROPY_H
#define LEGO_KERNELS_CROSSENTROPY_H

#include "../core/array.h"
#include "../core/isa.h"

#define categorical_crossentropy FOR_ISA(categorical_crossentropy)
#define sparse_crossentropy      FOR_ISA(sparse_crossentropy)

#define LEAST_PROBABILITY 1e-7

typedef struct crossentropy_lines {
    lego_dtype dtype;
    bool from_logits;
    int64_t count;
    int64_t n;
    const void *x;
    void *y;
} crossentropy_lines;

/* y = -sum of t_i log p_i */
void categorical_crossentropy(const crossentropy_lines *lines, const void *t);

/* y = -log p of the label; labels[count] are from 0 to n - 1. */
void sparse_crossentropy(const crossentropy_lines *lines, const int64_t *labels);

#endif
