/* Vectors of doubles that are made where floats lie in memory: each instruction loads the floats
 * that it makes doubles of. A compiler that makes them in a loop over floats loads a whole vector
 * of these and takes it apart, which costs as much as sums of them. */
#ifndef LEGO_KERNELS_DOUBLES_H
#define LEGO_KERNELS_DOUBLES_H

#if defined(__AVX512F__)
enum { DOUBLES = 8 };
#define DOUBLES_OF(x) ((doubles){(x)[0], (x)[1], (x)[2], (x)[3], (x)[4], (x)[5], (x)[6], (x)[7]})
#elif defined(__AVX2__)
enum { DOUBLES = 4 };
#define DOUBLES_OF(x) ((doubles){(x)[0], (x)[1], (x)[2], (x)[3]})
#else
enum { DOUBLES = 2 };
#define DOUBLES_OF(x) ((doubles){(x)[0], (x)[1]})
#endif

typedef double doubles __attribute__((vector_size(DOUBLES * sizeof(double))));
typedef double loose_doubles
    __attribute__((vector_size(DOUBLES * sizeof(double)), aligned(sizeof(double)), may_alias));

#endif
