/* Rows that fill no whole vector. Part of the templates that define NUMBER, VECTOR, LOOSE_VECTOR
 * and LANES. Compilers make one masked load or store of each loop, where the instruction set has
 * them. */

/* The first n numbers, 0 < n < LANES, of a row of y (+)= x. */
static ALWAYS_INLINE void NAME(put_end)(NUMBER *restrict y, const NUMBER *restrict x, int64_t n,
                                        bool adds) {
    VECTOR sums = *(const VECTOR *)x;
    if (adds) {
        VECTOR own;
        for (int64_t j = 0; j < LANES; j++) {
            own[j] = j < n ? y[j] : 0;
        }
        sums += own;
    }
    for (int64_t j = 0; j < LANES; j++) {
        if (j < n) {
            y[j] = sums[j];
        }
    }
}

/* The first n numbers of y (+)= x, a row of whole vectors. */
static ALWAYS_INLINE void NAME(put_row)(NUMBER *y, const VECTOR *x, int64_t n, bool adds) {
    for (; n >= LANES; n -= LANES) {
        LOOSE_VECTOR *own = (LOOSE_VECTOR *)y;
        if (adds) {
            *own += *x;
        } else {
            *own = *x;
        }
        y += LANES;
        x++;
    }
    if (n > 0) {
        NAME(put_end)(y, (const NUMBER *)x, n, adds);
    }
}
