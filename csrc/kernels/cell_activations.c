/* Activations of recurrent cells; the lower half of this file is a template for one type of number
 * (per_float.h). */
#ifndef NUMBER
#include "cell_activations.h"

#include "elements.h"
#include "sigmoid.h"

#define sigmoid_of_float32 fast_sigmoidf
#define sigmoid_of_float64 fast_sigmoid
#define tanh_of_float32    fast_tanhf
#define tanh_of_float64    fast_tanh

/* Those of the bricks relu and hard_sigmoid: NaN stays. */
#define RELU(x)          ((x) <= 0 ? 0 : (x))
#define BETWEEN(x, a, b) SMALLER(LARGER(x, a), b)
#define HARD_SIGMOID(x)  (BETWEEN((x) + 3, 0, 6) / 6)

#define TEMPLATE "cell_activations.c"
#include "per_float.h"

#else /* the template, for one type of number */

#define IN_PLACE(function)                                                                         \
    EACH_ELEMENT {                                                                                 \
        x[i] = function(x[i]);                                                                     \
    }                                                                                              \
    break;

void NAME(activate)(cell_activation f, int64_t count, NUMBER *x) {
    const int64_t n = whole_vectors(count);
    switch (f) {
    case CELL_TANH:
        IN_PLACE(NAME(tanh_of))
    case CELL_SIGMOID:
        IN_PLACE(NAME(sigmoid_of))
    case CELL_RELU:
        IN_PLACE(RELU)
    case CELL_HARD_SIGMOID:
        IN_PLACE(HARD_SIGMOID)
    default: /* linear */
        break;
    }
}

#define SET(slope)                                                                                 \
    EACH_ELEMENT {                                                                                 \
        slopes[i] = slope;                                                                         \
    }                                                                                              \
    break;

void NAME(slopes_of)(cell_activation f, int64_t n, const NUMBER *y, NUMBER *slopes) {
    const NUMBER sixth = (NUMBER)(1.0 / 6);
    switch (f) {
    case CELL_TANH:
        SET(1 - y[i] * y[i])
    case CELL_SIGMOID:
        SET(y[i] * (1 - y[i]))
    case CELL_RELU:
        SET(y[i] > 0 ? 1 : 0)
    case CELL_HARD_SIGMOID:
        SET(y[i] > 0 && y[i] < 1 ? sixth : 0)
    default: /* linear */
        SET(1)
    }
}

#undef IN_PLACE
#undef SET

#endif
