/* Denormal numbers are flushed to zero: arithmetic on them is about a hundred times slower, and a
 * vanishing gradient is full of them. */
#ifndef LEGO_CORE_DENORMALS_H
#define LEGO_CORE_DENORMALS_H

#include <stdint.h>

/* Flushes them on this thread from now on and returns the former setting. */
uint64_t denormals_flush(void);
void denormals_restore(uint64_t former);

#endif
