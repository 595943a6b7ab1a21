/* Long loops: what fills no vector. */
#include "long_loop.h"

#include "../core/sizes.h"

enum { VECTOR = 64 };

/* At least one vector: numbers at the end are computed twice, the first time before all others,
 * because y may take the place of x. */
static void run_many(vectors_loop *loop, int64_t size, const char *x, char *y) {
    _Alignas(VECTOR) char last[VECTOR];
    loop(1, x + size - VECTOR, last);
    loop(size / VECTOR, x, y);
    memcpy(y + size - VECTOR, last, VECTOR);
}

static void run_few(vectors_loop *loop, int64_t size, const char *x, char *y) {
    _Alignas(VECTOR) char from[VECTOR] = {0}, to[VECTOR];
    memcpy(from, x, (size_t)size);
    loop(1, from, to);
    memcpy(y, to, (size_t)size);
}

/* A vector of equal numbers is stored by one instruction, and so is loaded without waiting. */
#define REPEAT(type, x, size, y)                                                                   \
    {                                                                                              \
        type number;                                                                               \
        memcpy(&number, x, sizeof number);                                                         \
        for (int64_t at = 0; at < (size); at += (int64_t)sizeof number) {                          \
            memcpy((char *)(y) + at, &number, sizeof number);                                      \
        }                                                                                          \
    }

static void repeat(int64_t bytes, const void *x, int64_t size, void *y) {
    if (bytes == sizeof(float)) {
        REPEAT(float, x, size, y)
    } else {
        REPEAT(double, x, size, y)
    }
}

static void run_equal(vectors_loop *loop, int64_t bytes, int64_t size, const void *x, void *y) {
    _Alignas(VECTOR) char from[VECTOR], to[VECTOR];
    repeat(bytes, x, VECTOR, from);
    loop(1, from, to);
    repeat(bytes, to, size, y);
}

void run_long_loop(vectors_loop *loop, int64_t bytes, int64_t n, const void *x, int64_t step,
                   void *y) {
    const int64_t size = n * bytes;
    if (n == 1 || step == 0) {
        run_equal(loop, bytes, size, x, y);
    } else if (size < VECTOR) {
        run_few(loop, size, x, y);
    } else if (size % VECTOR != 0) {
        run_many(loop, size, x, y);
    } else {
        loop(size / VECTOR, x, y);
    }
}
