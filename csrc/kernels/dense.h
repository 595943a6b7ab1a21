/* n numbers, `step` apart, as a dense block: where they lie, or copied into `block`. A template. */
static const NUMBER *NAME(dense)(const NUMBER *x, int64_t step, int64_t n, NUMBER *block) {
    if (step == 1) {
        return x;
    }
    for (int64_t i = 0; i < n; i++) {
        block[i] = x[i * step];
    }
    return block;
}
