/* Long loops: what fills no vector. */
#include "long_loop.h"

#include "unroll.h"

enum { VECTOR = 64, MOST_INPUTS = 2 };

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

/* An input as whole vectors: where it lies, or one vector of copies. */
static const void *vectors_of(int64_t bytes, int64_t n, const void *x, int64_t step, char *copies) {
    if (n == 1 || step == 0) {
        repeat(bytes, x, VECTOR, copies);
        return copies;
    }
    if (n * bytes < VECTOR) {
        memset(copies, 0, VECTOR);
        memcpy(copies, x, (size_t)(n * bytes));
        return copies;
    }
    return x;
}

/* `inputs` is a constant where this is inlined. */
static ALWAYS_INLINE void run(const int inputs, element_loop *by_vectors, int64_t bytes, int64_t n,
                              const void *const *x, const int64_t *steps, char *y) {
    _Alignas(VECTOR) char copies[MOST_INPUTS][VECTOR], made[VECTOR];
    const void *whole[MOST_INPUTS], *last[MOST_INPUTS];
    const int64_t size = n * bytes;
    bool is_equal = true;
    for (int k = 0; k < inputs; k++) {
        whole[k] = vectors_of(bytes, n, x[k], steps[k], copies[k]);
        last[k] = whole[k] == x[k] ? (const char *)x[k] + size - VECTOR : whole[k];
        is_equal = is_equal && (n == 1 || steps[k] == 0);
    }
    if (is_equal) {
        by_vectors(1, whole, steps, made);
        repeat(bytes, made, size, y);
    } else if (size < VECTOR) {
        by_vectors(1, whole, steps, made);
        memcpy(y, made, (size_t)size);
    } else if (size % VECTOR == 0) {
        by_vectors(size / VECTOR, whole, steps, y);
    } else { /* the last ones before all others, because y may take the place of an x */
        by_vectors(1, last, steps, made);
        by_vectors(size / VECTOR, whole, steps, y);
        memcpy(y + size - VECTOR, made, VECTOR);
    }
}

void run_long_loop(element_loop *by_vectors, int64_t bytes, int64_t n, const void *const *x,
                   const int64_t *steps, void *y) {
    run(1, by_vectors, bytes, n, x, steps, y);
}

void run_long_binary_loop(element_loop *by_vectors, int64_t bytes, int64_t n, const void *const *x,
                          const int64_t *steps, void *y) {
    run(2, by_vectors, bytes, n, x, steps, y);
}
