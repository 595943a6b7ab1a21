/* The loop of power for one dtype; included by power.c through per_number.h. */

/* y may be a or b. */
static void NAME(power)(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {
    const NUMBER *a = inputs[0], *b = inputs[1];
    NUMBER *y = output, a_block[POWER_BLOCK], b_block[POWER_BLOCK];
    if (steps[0] == 1 && steps[1] == 0 && NAME(power_of_one)(n, a, b[0], y)) {
        return;
    }
    for (int64_t i = 0; i < n; i += POWER_BLOCK) {
        int64_t m = smaller(n - i, POWER_BLOCK);
        const NUMBER *some_a = NAME(dense)(a + i * steps[0], steps[0], m, a_block);
        const NUMBER *some_b = NAME(dense)(b + i * steps[1], steps[1], m, b_block);
        NAME(power_of_many)(m, some_a, some_b, y + i);
    }
}
