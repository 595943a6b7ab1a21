/* The signs and the special values of a^b after IEEE 754; included by power.h through per_float.h.
 * A number too small to be normal counts as 0. Conditions are selections of numbers, for compilers
 * do not vectorize && of different types. */

/* What |a|^b is near to if |a| or b is 0 or infinite, or the result too large or too small. */
static inline NUMBER NAME(power_limit)(NUMBER size, NUMBER b) {
    const NUMBER infinity = INFINITY;
    NUMBER rising = size < 1 ? 0 : infinity, falling = size < 1 ? infinity : 0;
    NUMBER limit = b < 0 ? falling : rising;
    return size == 1 ? 1 : limit;
}

/* The nearest whole number. From 2^23 or 2^52 on all numbers are whole; adding that to a smaller
 * one rounds it. */
static inline NUMBER NAME(nearest_whole)(NUMBER size) {
    const NUMBER rounder = (NUMBER)(sizeof(NUMBER) == 4 ? 0x1p23 : 0x1p52);
    NUMBER rounded = (size + rounder) - rounder;
    return size < rounder ? rounded : size;
}

/* a^b for any a and b, where y is |a|^b unless a or b is special. */
static inline NUMBER NAME(power_of_any)(NUMBER a, NUMBER b, NUMBER y) {
    NUMBER size = fabs(a), times = fabs(b), limit = NAME(power_limit)(size, b);
    y = size < LEAST_NORMAL(NUMBER) ? limit : y;
    y = size == (NUMBER)INFINITY ? limit : y;
    y = times == (NUMBER)INFINITY ? limit : y;

    NUMBER half = times / 2;
    NUMBER sign_if_odd = NAME(nearest_whole)(half) == half ? 1 : a;
    NUMBER if_whole = copysign(y, sign_if_odd);
    NUMBER if_not = a < 0 ? NAN : y;
    if_not = size == (NUMBER)INFINITY ? y : if_not;
    y = NAME(nearest_whole)(times) == times ? if_whole : if_not;

    y = a != a ? a : y;
    y = b != b ? b : y;
    y = b == 0 ? 1 : y;
    return a == 1 ? 1 : y;
}

/* The square root of -0 is 0 and that of -infinity is infinity, as a power. */
static inline NUMBER NAME(root_of)(NUMBER x) {
    return sqrt(x == -(NUMBER)INFINITY ? (NUMBER)INFINITY : x + 0);
}
