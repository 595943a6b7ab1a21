/* Powers of floats; included by power.c through per_float.h. */

/* y = a^b for one whole or half exponent b, if it is one of these. The products of float32 are in
 * double, so that they are rounded once. */
static bool NAME(power_of_one)(int64_t n, const NUMBER *a, NUMBER b, NUMBER *y) {
    IF_EXPONENT(2, NUMBER, x * x)
    IF_EXPONENT(3, double, x * x * x)
    IF_EXPONENT(0.5, NUMBER, NAME(root_of)(x))
    IF_EXPONENT(-1, NUMBER, 1 / x)
    IF_EXPONENT(-0.5, NUMBER, 1 / NAME(root_of)(x))
    IF_EXPONENT(1, NUMBER, x)
    IF_EXPONENT(4, double, (x * x) * (x * x))
    IF_EXPONENT(1.5, double, fabs(x) * root_of_float64(x))
    IF_EXPONENT(2.5, double, x * x * root_of_float64(x))
    IF_EXPONENT(-2, double, (1 / x) * (1 / x))
    return false;
}

/* How many of the exponents power_of_one() may know. */
static int NAME(halves)(int64_t n, const NUMBER *b) {
    int halves = 0;
    for (int64_t i = 0; i < n; i++) {
        NUMBER twice = fabs(2 * b[i]);
        halves += twice <= 8 && NAME(nearest_whole)(twice) == twice;
    }
    return halves;
}

/* Whether no special value is among the numbers, so that neither sign nor limit is asked for. */
static bool NAME(are_ordinary)(int64_t n, const NUMBER *a, const NUMBER *b) {
    int others = 0;
    for (int64_t i = 0; i < n; i++) {
        others |= !(a[i] >= LEAST_NORMAL(NUMBER)) | !(a[i] < INFINITY) | !(fabs(b[i]) < INFINITY);
    }
    return !others;
}

static void NAME(powers)(int64_t n, const NUMBER *a, const NUMBER *b, NUMBER *y) {
    NAME(positive_powers)(n, a, b, y);
    if (!NAME(are_ordinary)(n, a, b)) {
        EACH_ELEMENT {
            y[i] = NAME(power_of_any)(a[i], b[i], y[i]);
        }
    }
}

/* Whole vectors can be read of a and b. y may be a or b: a block is finished before it is stored.
 */
static void NAME(power_of_many)(int64_t n, const NUMBER *a, const NUMBER *b, bool differ,
                                NUMBER *y) {
    NUMBER powers[POWER_BLOCK];
    NAME(powers)(divide_up(n, DENSE_STEP) * DENSE_STEP, a, b, powers);
    if (differ && NAME(halves)(n, b) > 0) {
        for (int64_t i = 0; i < n; i++) {
            NAME(power_of_one)(1, a + i, b[i], powers + i);
        }
    }
    memcpy(y, powers, (size_t)n * sizeof(NUMBER));
}
