/* Loops of the brick power. A result depends on its two numbers alone: a whole or a half exponent
 * gives the same bits whether it is one number for all elements or stands among others. */
#include "selections.h" /* first, for it changes what follows */

#include "power.h"

#include "../core/sizes.h"
#include "elements.h"

enum {
    POWER_BLOCK = 128, /* elements, of those that are copied or squared together */
    DENSE_STEP = 16    /* of whole vectors */
};

#define TEMPLATE "power_integers.h"
#include "per_integer.h"
#undef TEMPLATE

/* One loop of power_of_one(): x is a number of `type`. */
#define IF_EXPONENT(exponent, type, expression)                                                    \
    if (b == (NUMBER)(exponent)) {                                                                 \
        EACH_ELEMENT {                                                                             \
            const type x = a[i];                                                                   \
            y[i] = (NUMBER)(expression);                                                           \
        }                                                                                          \
        return true;                                                                               \
    }

/* One of many in a loop: y[i] becomes `power`. */
#define SELECT_EXPONENT(exponent, type, expression)                                                \
    {                                                                                              \
        const type x = a[i];                                                                       \
        power = b[i] == (NUMBER)(exponent) ? (NUMBER)(expression) : power;                         \
    }

typedef uint32_t bits_float32;
typedef uint64_t bits_float64;

/* y = |a|^b, where neither is special: in loops, because one chain of so many operations would wait
 * for itself. A processor looks ahead by about a hundred operations. */
static void positive_powers_float32(int64_t n, const float *a, const float *b, float *y) {
    double x[POWER_BLOCK];
    EACH_ELEMENT {
        x[i] = log2_of_float32(fabsf(a[i]));
    }
    EACH_ELEMENT {
        x[i] = bounded_exponent(b[i] * x[i]);
    }
    EACH_ELEMENT {
        y[i] = exp2_to_float32(x[i]);
    }
}

static void positive_powers_float64(int64_t n, const double *a, const double *b, double *y) {
    double heads[POWER_BLOCK], tails[POWER_BLOCK];
    EACH_ELEMENT {
        two_doubles log = log_three_halves(fabs(a[i]));
        heads[i] = log.head;
        tails[i] = log.tail;
    }
    EACH_ELEMENT {
        y[i] = power_of_log((two_doubles){heads[i], tails[i]}, b[i]);
    }
}

#define TEMPLATE "power_floats.h"
#include "per_float.h"

#define TEMPLATE "dense.h"
#include "per_number.h"

#define TEMPLATE "power_loop.h"
#include "per_number.h"

element_loop *const power_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_UINT8] = power_uint8,     [LEGO_INT32] = power_int32,     [LEGO_INT64] = power_int64,
    [LEGO_FLOAT32] = power_float32, [LEGO_FLOAT64] = power_float64,
};
