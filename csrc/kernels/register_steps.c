/* Register steps of floats (core/register_steps.h): eight vectors are handed on as arguments, which
 * the calling conventions of x86-64 and arm64 keep in registers. The expressions are those of the
 * bricks' loops. */
#ifndef NAME
#include "register_steps.h"

#include <math.h>

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX2__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

enum { VECTORS = 8, BLOCK_BYTES = VECTORS * VECTOR_BYTES };

#define VECTOR NAME(vector)
#define LOOSE  NAME(loose_vector)
#define BITS   NAME(bits)

/* The integers that comparisons of vectors make. */
typedef int32_t bits_float32 __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t bits_float64 __attribute__((vector_size(VECTOR_BYTES)));

static inline float root_float32(float x) {
    return sqrtf(x);
}

static inline double root_float64(double x) {
    return sqrt(x);
}

static inline void *numbers_at(const register_step *step, void *const *data, int64_t block) {
    return (char *)data[step->slot] + block * step->bytes;
}

/* v1 comes last: GCC loads the arguments of a call from the last one on, and memory is to be read
 * in its order. */
#define PARAMETERS                                                                                 \
    const register_step *step, void *const *data, int64_t block, VECTOR v0, VECTOR v7, VECTOR v6,  \
        VECTOR v5, VECTOR v4, VECTOR v3, VECTOR v2, VECTOR v1

#define EACH_VECTOR(DO, f)                                                                         \
    DO(f, v0, 0)                                                                                   \
    DO(f, v1, 1) DO(f, v2, 2) DO(f, v3, 3) DO(f, v4, 4) DO(f, v5, 5) DO(f, v6, 6) DO(f, v7, 7)

/* Jumps to the next step with what this one has made. */
#define NEXT ((NAME(function) *)step[1].run)(step + 1, data, block, v0, v7, v6, v5, v4, v3, v2, v1);

#define ALONE(f, v, i)          v = f(v);
#define WITH_EACH(f, v, i)      v = f(v, bs[i]);
#define WITH_EQUAL(f, v, i)     v = f(v, b);
#define REVERSED_EACH(f, v, i)  v = f(bs[i], v);
#define REVERSED_EQUAL(f, v, i) v = f(b, v);
#define LOADED(f, v, i)         v = bs[i];
#define LOADED_EQUAL(f, v, i)   v = b;
#define STORED(f, v, i)         ys[i] = v;

/* A step that reads a number for each element, as bs, or one number for all, as b. */
#define READS_EACH(name, DO, f)                                                                    \
    static void NAME(name)(PARAMETERS) {                                                           \
        const LOOSE *bs = numbers_at(step, data, block);                                           \
        EACH_VECTOR(DO, f)                                                                         \
        NEXT                                                                                       \
    }
#define READS_EQUAL(name, DO, f)                                                                   \
    static void NAME(name)(PARAMETERS) {                                                           \
        const VECTOR b = *(const NUMBER *)data[step->slot] - (VECTOR){0};                          \
        EACH_VECTOR(DO, f)                                                                         \
        NEXT                                                                                       \
    }

#define OP_OF_ONE(name)                                                                            \
    static void NAME(name##_alone)(PARAMETERS) {                                                   \
        EACH_VECTOR(ALONE, NAME(name))                                                             \
        NEXT                                                                                       \
    }
#define OP_THAT_COMMUTES(name)                                                                     \
    READS_EACH(name##_each, WITH_EACH, NAME(name))                                                 \
    READS_EQUAL(name##_equal, WITH_EQUAL, NAME(name))
#define OP_OF_TWO(name)                                                                            \
    OP_THAT_COMMUTES(name)                                                                         \
    READS_EACH(name##_reversed_each, REVERSED_EACH, NAME(name))                                    \
    READS_EQUAL(name##_reversed_equal, REVERSED_EQUAL, NAME(name))

#define TEMPLATE "register_steps.c"
#include "per_float.h"

/* ---- the tables ------------------------------------------------------------------------------ */

#define TABLE(name, ROW)                                                                           \
    const register_ops name##_in_registers[REGISTER_DTYPES] = {                                    \
        {.frame = &frame_float32, ROW(name, float32)},                                             \
        {.frame = &frame_float64, ROW(name, float64)},                                             \
    };
#define ROW_OF_ONE(name, dtype) .unary = (register_function *)name##_alone_##dtype
#define ROW_OF_TWO(name, dtype)                                                                    \
    .each = (register_function *)name##_each_##dtype,                                              \
    .equal = (register_function *)name##_equal_##dtype,                                            \
    .reversed_each = (register_function *)name##_reversed_each_##dtype,                            \
    .reversed_equal = (register_function *)name##_reversed_equal_##dtype
#define ROW_THAT_COMMUTES(name, dtype)                                                             \
    .each = (register_function *)name##_each_##dtype,                                              \
    .equal = (register_function *)name##_equal_##dtype,                                            \
    .reversed_each = (register_function *)name##_each_##dtype,                                     \
    .reversed_equal = (register_function *)name##_equal_##dtype

TABLE(add, ROW_THAT_COMMUTES)
TABLE(multiply, ROW_THAT_COMMUTES)
TABLE(subtract, ROW_OF_TWO)
TABLE(divide, ROW_OF_TWO)
TABLE(maximum, ROW_OF_TWO)
TABLE(minimum, ROW_OF_TWO)
TABLE(negative, ROW_OF_ONE)
TABLE(absolute, ROW_OF_ONE)
TABLE(square, ROW_OF_ONE)
TABLE(sqrt, ROW_OF_ONE)
TABLE(rsqrt, ROW_OF_ONE)
TABLE(reciprocal, ROW_OF_ONE)
TABLE(relu, ROW_OF_ONE)

#else /* the template, for one dtype */

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));
typedef NUMBER LOOSE __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));
typedef void NAME(function)(PARAMETERS);

/* ---- the ops --------------------------------------------------------------------------------- */

static inline VECTOR NAME(select)(BITS is, VECTOR a, VECTOR b) {
    return (VECTOR)((is & (BITS)a) | (~is & (BITS)b));
}

static inline VECTOR NAME(add)(VECTOR a, VECTOR b) {
    return a + b;
}

static inline VECTOR NAME(multiply)(VECTOR a, VECTOR b) {
    return a * b;
}

static inline VECTOR NAME(subtract)(VECTOR a, VECTOR b) {
    return a - b;
}

static inline VECTOR NAME(divide)(VECTOR a, VECTOR b) {
    return a / b;
}

/* NaN if one of them is; a if they are equal. */
static inline VECTOR NAME(maximum)(VECTOR a, VECTOR b) {
    return NAME(select)((BITS)(a < b) | (BITS)(b != b), b, a);
}

static inline VECTOR NAME(minimum)(VECTOR a, VECTOR b) {
    return NAME(select)((BITS)(a > b) | (BITS)(b != b), b, a);
}

static inline VECTOR NAME(negative)(VECTOR x) {
    return -x;
}

static inline VECTOR NAME(absolute)(VECTOR x) {
    const BITS sign = (BITS) - (VECTOR){0};
    return (VECTOR)((BITS)x & ~sign);
}

static inline VECTOR NAME(square)(VECTOR x) {
    return x * x;
}

static inline VECTOR NAME(sqrt)(VECTOR x) {
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) {
        x[i] = NAME(root)(x[i]);
    }
    return x;
}

static inline VECTOR NAME(reciprocal)(VECTOR x) {
    return (NUMBER)1 / x;
}

static inline VECTOR NAME(rsqrt)(VECTOR x) {
    return (NUMBER)1 / NAME(sqrt)(x);
}

/* NaN stays. */
static inline VECTOR NAME(relu)(VECTOR x) {
    return NAME(select)((BITS)(x <= 0), (VECTOR){0}, x);
}

/* ---- their steps ----------------------------------------------------------------------------- */

OP_THAT_COMMUTES(add)
OP_THAT_COMMUTES(multiply)
OP_OF_TWO(subtract)
OP_OF_TWO(divide)
OP_OF_TWO(maximum)
OP_OF_TWO(minimum)
OP_OF_ONE(negative)
OP_OF_ONE(absolute)
OP_OF_ONE(square)
OP_OF_ONE(sqrt)
OP_OF_ONE(rsqrt)
OP_OF_ONE(reciprocal)
OP_OF_ONE(relu)

/* ---- what surrounds them --------------------------------------------------------------------- */

READS_EACH(load, LOADED, )
READS_EQUAL(load_equal, LOADED_EQUAL, )

static void NAME(store)(PARAMETERS) {
    LOOSE *ys = numbers_at(step, data, block);
    EACH_VECTOR(STORED, )
    NEXT
}

static void NAME(end)(PARAMETERS) {
    (void)step, (void)data, (void)block;
    (void)v0, (void)v1, (void)v2, (void)v3, (void)v4, (void)v5, (void)v6, (void)v7;
}

static void NAME(run)(const register_step *steps, void *const *data, int64_t begin, int64_t end) {
    const VECTOR v = {0};
    for (int64_t block = begin; block < end; block++) {
        ((NAME(function) *)steps->run)(steps, data, block, v, v, v, v, v, v, v, v);
    }
}

static const register_frame NAME(frame) = {
    .block_bytes = BLOCK_BYTES,
    .load = (register_function *)NAME(load),
    .load_equal = (register_function *)NAME(load_equal),
    .store = (register_function *)NAME(store),
    .end = (register_function *)NAME(end),
    .run = NAME(run),
};

#endif
