/* Powers of integers; included by power.c through per_integer.h. Products wrap around as NumPy's
 * do: their last bits are the same in any number of bits. */

/* y = a^b for one b >= 0, by squares: all elements are squared and multiplied together. */
static bool NAME(power_of_one)(int64_t n, const NUMBER *a, NUMBER b, NUMBER *y) {
    uint64_t exponent = b > 0 ? (uint64_t)b : 0;
    for (int64_t begin = 0; begin < n; begin += POWER_BLOCK) {
        int64_t m = smaller(n - begin, POWER_BLOCK);
        NUMBER square[POWER_BLOCK], product[POWER_BLOCK];
        for (int64_t i = 0; i < m; i++) {
            square[i] = a[begin + i];
            product[i] = exponent & 1 ? square[i] : 1;
        }
        for (uint64_t rest = exponent >> 1; rest > 0; rest >>= 1) {
            for (int64_t i = 0; i < m; i++) {
                square[i] = (NUMBER)(square[i] * square[i]);
                product[i] = (NUMBER)(rest & 1 ? product[i] * square[i] : product[i]);
            }
        }
        memcpy(y + begin, product, (size_t)m * sizeof(NUMBER));
    }
    return true;
}

static bool NAME(all_equal)(const NUMBER *x, int64_t n) {
    int others = 0;
    for (int64_t i = 0; i < n; i++) {
        others |= x[i] != x[0];
    }
    return !others;
}

static void NAME(power_of_many)(int64_t n, const NUMBER *a, const NUMBER *b, NUMBER *y) {
    if (NAME(all_equal)(b, n)) {
        NAME(power_of_one)(n, a, b[0], y);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        NUMBER square = a[i], product = 1;
        for (NUMBER rest = b[i]; rest > 0; rest = (NUMBER)(rest >> 1)) {
            product = (NUMBER)(rest & 1 ? product * square : product);
            square = (NUMBER)(square * square);
        }
        y[i] = product;
    }
}
