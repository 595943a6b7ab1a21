/* Powers of floats; included by power.c through per_float.h. */

/* The whole and half exponents that are multiplied out. The products of float32 are in double, so
 * that they are rounded once. */
#define EACH_EXPONENT(CASE)                                                                        \
    CASE(2, NUMBER, x *x)                                                                          \
    CASE(3, double, x * x * x)                                                                     \
    CASE(0.5, NUMBER, NAME(root_of)(x))                                                            \
    CASE(-1, NUMBER, 1 / x)                                                                        \
    CASE(-0.5, NUMBER, 1 / NAME(root_of)(x))                                                       \
    CASE(1, NUMBER, x)                                                                             \
    CASE(4, double, (x * x) * (x * x))                                                             \
    CASE(1.5, double, fabs(x) * root_of_float64(x))                                                \
    CASE(2.5, double, x * x * root_of_float64(x))                                                  \
    CASE(-2, double, (1 / x) * (1 / x))

/* y = a^b for one exponent b, if it is one of these. */
static bool NAME(power_of_one)(int64_t n, const NUMBER *a, NUMBER b, NUMBER *y) {
    EACH_EXPONENT(IF_EXPONENT)
    return false;
}

/* y = a^b where b is one of these. */
static void NAME(powers_of_halves)(int64_t n, const NUMBER *a, const NUMBER *b, NUMBER *y) {
    EACH_ELEMENT {
        NUMBER power = y[i];
        EACH_EXPONENT(SELECT_EXPONENT)
        y[i] = power;
    }
}

#undef EACH_EXPONENT

/* What is among the numbers of a block. */
typedef struct NAME(findings) {
    bool differs;    /* an exponent from the first one */
    bool is_half;    /* an exponent of few digits, which power_of_one() may know */
    bool is_special; /* a number or an exponent for whose sign or limit must be asked */
} NAME(findings);

static inline NAME(bits) NAME(bits_in)(NUMBER x) {
    NAME(bits) bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* By their bits, whose differences and largest are found faster. */
static NAME(findings) NAME(look_at)(int64_t n, const NUMBER *a, const NUMBER *b) {
    const NUMBER least = LEAST_NORMAL(NUMBER), infinity = INFINITY;
    const int before_digits = sizeof(NUMBER) == 4 ? 9 : 12; /* the sign and the exponent */
    const NAME(bits) first = NAME(bits_in)(b[0]), least_bits = NAME(bits_in)(least);
    const NAME(bits) infinite_bits = NAME(bits_in)(infinity);
    NAME(bits) others = 0, halves = 0, most_a = 0, most_b = 0;
    EACH_ELEMENT {
        const NAME(bits) of_a = NAME(bits_in)(a[i]) - least_bits, of_b = NAME(bits_in)(b[i]);
        const NAME(bits) size_of_b = of_b << 1;
        others |= of_b ^ first;
        most_a = of_a > most_a ? of_a : most_a;
        most_b = size_of_b > most_b ? size_of_b : most_b;
        halves |= of_b << (before_digits + 2) == 0;
    }
    bool is_special = most_a >= infinite_bits - least_bits || most_b >= infinite_bits << 1;
    return (NAME(findings)){others != 0, halves != 0, is_special};
}

/* y = a^b, where y is |a|^b unless a or b is special. */
static void NAME(special_powers)(int64_t n, const NUMBER *a, const NUMBER *b, NUMBER *y) {
    EACH_ELEMENT {
        y[i] = NAME(power_of_any)(a[i], b[i], y[i]);
    }
}

/* Whole vectors can be read of a and b. y may be a or b: a block is finished before it is stored.
 */
static void NAME(power_of_many)(int64_t n, const NUMBER *a, const NUMBER *b, NUMBER *y) {
    const int64_t whole = divide_up(n, DENSE_STEP) * DENSE_STEP;
    const NAME(findings) found = NAME(look_at)(n, a, b);
    if (!found.differs && NAME(power_of_one)(n, a, b[0], y)) {
        return;
    }
    NUMBER powers[POWER_BLOCK];
    NAME(positive_powers)(whole, a, b, powers);
    if (found.is_special) {
        NAME(special_powers)(whole, a, b, powers);
    }
    if (found.is_half && found.differs) {
        NAME(powers_of_halves)(whole, a, b, powers);
    }
    memcpy(y, powers, (size_t)n * sizeof(NUMBER));
}
