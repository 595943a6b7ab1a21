/* Copies between strided arrays. Elements are copied as bytes, so only their size matters. */
#ifndef LEGO_KERNELS_MOVE_H
#define LEGO_KERNELS_MOVE_H

#include <string.h>

#include "axes.h"

#define move_elements FOR_ISA(move_elements)
#define move_into     FOR_ISA(move_into)
#define move_walked   FOR_ISA(move_walked)
#define fill_elements FOR_ISA(fill_elements)
#define element_of    FOR_ISA(element_of)

/* y = x. Both have the same dtype and shape, and any strides; their memory must not overlap. */
void move_elements(const lego_array *x, const lego_array *y);

/* y[begin + i * step] = x[i] for every index i of x; the rest of y stays as it is. */
void move_into(const lego_array *x, const lego_array *y, const int64_t *begin, const int64_t *step);

/* y = x for elements begin <= i < end of a walk through x and y, on this thread. `bytes` is the
 * size of an element. */
void move_walked(const walk_axes *a, size_t bytes, const char *x, char *y, int64_t begin,
                 int64_t end);

/* y = value, converted to its dtype; y has any strides. */
void fill_elements(const lego_array *y, double value);

/* The value as an element of that dtype, in the first bytes. */
uint64_t element_of(double value, lego_dtype dtype);

/* Copies a few bytes. Two pieces that may overlap are faster than a call of memcpy: most short rows
 * of one copy have the same length, so that the branches are foreseen. */
static inline void copy_short(char *y, const char *x, size_t bytes) {
    enum { MOST = 64 };
    if (bytes > MOST) {
        memcpy(y, x, bytes);
    } else if (bytes > 32) {
        char pieces[2][32];
        memcpy(pieces[0], x, 32);
        memcpy(pieces[1], x + bytes - 32, 32);
        memcpy(y, pieces[0], 32);
        memcpy(y + bytes - 32, pieces[1], 32);
    } else if (bytes >= 16) {
        char pieces[2][16];
        memcpy(pieces[0], x, 16);
        memcpy(pieces[1], x + bytes - 16, 16);
        memcpy(y, pieces[0], 16);
        memcpy(y + bytes - 16, pieces[1], 16);
    } else if (bytes >= 8) {
        uint64_t first, last;
        memcpy(&first, x, 8);
        memcpy(&last, x + bytes - 8, 8);
        memcpy(y, &first, 8);
        memcpy(y + bytes - 8, &last, 8);
    } else if (bytes >= 4) {
        uint32_t first, last;
        memcpy(&first, x, 4);
        memcpy(&last, x + bytes - 4, 4);
        memcpy(y, &first, 4);
        memcpy(y + bytes - 4, &last, 4);
    } else {
        for (size_t i = 0; i < bytes; i++) {
            y[i] = x[i];
        }
    }
}

#endif
