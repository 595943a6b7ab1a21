/* Denormal numbers: the control registers that flush them to zero. */
#include "denormals.h"

#if defined(__x86_64__)

#include <xmmintrin.h>

uint64_t denormals_flush(void) {
    const unsigned flush_to_zero = 0x8000;
    const unsigned denormals_are_zero = 0x0040;
    unsigned former = _mm_getcsr();
    _mm_setcsr(former | flush_to_zero | denormals_are_zero);
    return former;
}

void denormals_restore(uint64_t former) {
    _mm_setcsr((unsigned)former);
}

#elif defined(__aarch64__)

/* Neither C11 nor both compilers name the control register, hence the two instructions. */
uint64_t denormals_flush(void) {
    const uint64_t flush_to_zero = (uint64_t)1 << 24;
    uint64_t former;
    __asm__ volatile("mrs %0, fpcr" : "=r"(former));
    __asm__ volatile("msr fpcr, %0" : : "r"(former | flush_to_zero));
    return former;
}

void denormals_restore(uint64_t former) {
    __asm__ volatile("msr fpcr, %0" : : "r"(former));
}

#else

uint64_t denormals_flush(void) {
    return 0;
}

void denormals_restore(uint64_t former) {
    (void)former;
}

#endif
