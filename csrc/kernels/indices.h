/* Indices as kernels read them: a few at a time, into memory of their own, and checked there. Then
 * no other thread can change an index between its check and its use. */
#ifndef LEGO_KERNELS_INDICES_H
#define LEGO_KERNELS_INDICES_H

#include <stdbool.h>
#include <stdint.h>

enum { MOST_INDICES = 512 }; /* at a time: they stay in L1 */

/* to[i] = from[i * step] for n indices into an axis of that length, where negative ones count from
 * its end. Returns whether all of them fit, -length <= index < length: then neither
 * ~(index - length) nor index + length has a sign, and the sums of those that fit do not overflow.
 */
static inline bool indices_read(int64_t n, const int64_t *from, int64_t step, int64_t length,
                                int64_t *to) {
    int64_t signs = 0;
    if (step == 1) {
        for (int64_t i = 0; i < n; i++) {
            int64_t index = from[i];
            signs |= ~(index - length) | (index + length);
            to[i] = index + (index < 0 ? length : 0);
        }
    } else {
        for (int64_t i = 0; i < n; i++) {
            int64_t index = from[i * step];
            signs |= ~(index - length) | (index + length);
            to[i] = index + (index < 0 ? length : 0);
        }
    }
    return signs >= 0;
}

#endif
