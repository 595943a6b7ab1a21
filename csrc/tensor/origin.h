/* Origins: the place in the user's code, such as a layer, that an op of a program belongs to. */
#ifndef LEGO_TENSOR_ORIGIN_H
#define LEGO_TENSOR_ORIGIN_H

#include <stdbool.h>

/* A label's number in the program, and whether the op belongs to the backward pass through the
 * ops of that label. */
typedef struct origin {
    int label;
    bool is_gradient;
} origin;

/* This thread's origin: nodes and recorded ops carry it. */
origin origin_now(void);

/* Sets it and returns the former one. */
origin origin_set(origin next);

#endif
