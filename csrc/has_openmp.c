/* Compiles and links with -fopenmp where the thread pool can stand on OpenMP: see core/team.c. */
#include <omp.h>
#include <stdlib.h>

#if defined(__linux__) && !defined(__GLIBC__)
#error "musl: OpenMP would give its threads stacks of 128 KB, too small for the engine"
#endif

int main(void) {
    return omp_get_max_threads() > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
