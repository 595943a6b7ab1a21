/* n numbers, `step` apart, as a dense block of whole vectors: where they lie, or copied into
 * `block` with ones behind them up to a multiple of DENSE_STEP. For loops whose rest, one by one,
 * would be slow. A template. */
static const NUMBER *NAME(dense)(const NUMBER *x, int64_t step, int64_t n, NUMBER *block) {
    if (step == 1 && n % DENSE_STEP == 0) {
        return x;
    }
    if (step == 0) {
        const NUMBER first = x[0];
        EACH_ELEMENT {
            block[i] = first;
        }
    }
    for (int64_t i = 0; i < n && step != 0; i++) {
        block[i] = x[i * step];
    }
    for (int64_t i = n; i % DENSE_STEP != 0; i++) {
        block[i] = 1;
    }
    return block;
}
