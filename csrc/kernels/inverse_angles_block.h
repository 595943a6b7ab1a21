/* arcsin, arccos, arctan and arctan2 of one number; included by inverse_angles.h through
 * per_float.h. */

/* A sum of two numbers, of which the second is less than the last digit of the first. */
typedef struct NAME(exact_sum) {
    NUMBER high, low;
} NAME(exact_sum);

/* a + b, where |b| is at most |a|, or a is 0. */
static inline NAME(exact_sum) NAME(sum_of)(NAME(exact_sum) a, NUMBER b) {
    NUMBER sum = a.high + b;
    return (NAME(exact_sum)){sum, a.low + ((a.high - sum) + b)};
}

/* ---- arcsin and arccos ----------------------------------------------------------------------- */

/* Up to 1/2, arcsin a = s + bend with s = a. Above, arccos a = 2 arcsin s with s = sqrt((1 - a) /
 * 2), which is at most 1/2 too; 1 - a is exact. NaN for a > 1. */
typedef struct NAME(sine) {
    bool is_large;
    NUMBER s, bend;
} NAME(sine);

static inline NAME(sine) NAME(sine_of)(NUMBER a) {
    bool is_large = a > (NUMBER)0.5;
    NUMBER z = is_large ? (NUMBER)0.5 - (NUMBER)0.5 * a : a * a;
    NUMBER s = is_large ? sqrt(z) : a;
    return (NAME(sine)){is_large, s, s * z * NAME(arcsin_bend)(z)};
}

/* pi/2 - 2 (s + bend) above 1/2 */
static inline NUMBER NAME(fast_arcsin)(NUMBER x) {
    NAME(sine) r = NAME(sine_of)(fabs(x));
    NUMBER small = r.s + r.bend;
    NAME(exact_sum) half_pi = {NAME(HALF_PI), NAME(HALF_PI_LOW)};
    NAME(exact_sum) rest = NAME(sum_of)(half_pi, -2 * r.s);
    NUMBER large = rest.high + (rest.low - 2 * r.bend);
    return copysign(r.is_large ? large : small, x);
}

/* pi/2 - arcsin x up to 1/2; above, 2 arcsin s for x > 0, and 2 (pi/2 - arcsin s) for x < 0 */
static inline NUMBER NAME(fast_arccos)(NUMBER x) {
    NAME(sine) r = NAME(sine_of)(fabs(x));
    NUMBER sign = r.is_large ? -x : x;
    bool is_from_0 = r.is_large & (x > 0);
    NUMBER begin = is_from_0 ? 0 : NAME(HALF_PI), begin_low = is_from_0 ? 0 : NAME(HALF_PI_LOW);
    NUMBER y = begin - (copysign(r.s, sign) + (copysign(r.bend, sign) - begin_low));
    return r.is_large ? 2 * y : y;
}

/* ---- arctan and arctan2 ---------------------------------------------------------------------- */

/* The angle from 0 to pi/2 whose tangent is a / b; it begins at 0, pi/4 or pi/2. With low <= high,
 * the smaller and the larger of the two, arctan(low / high) is arctan t for t = low / high, or,
 * above tan(1/2), pi/4 + arctan t for t = (low - high) / (low + high). The other angle of the
 * triangle is the rest of pi/2. */
typedef struct NAME(arc) {
    NUMBER begin; /* in quarter turns */
    NUMBER t;
} NAME(arc);

static inline NAME(arc) NAME(arc_of)(NUMBER a, NUMBER b) {
    const NUMBER tan_of_half = (NUMBER)0.54630248984379048;
    bool is_steep = !(a <= b);
    NUMBER low = is_steep ? b : a, high = is_steep ? a : b;
    bool is_middle = low >= tan_of_half * high;
    NUMBER less = low == high ? 0 : low - high; /* of two infinities, too */
    NUMBER t = (is_middle ? less : low) / (is_middle ? low + high : high);
    NUMBER half = is_middle ? (NUMBER)0.5 : 0;
    return (NAME(arc)){is_steep ? 1 - half : half, is_steep ? -t : t};
}

/* `lost` is what begin pi/2 loses where it is rounded. */
static inline NUMBER NAME(angle_of)(NAME(arc) r, NUMBER lost) {
    NUMBER z = r.t * r.t;
    NAME(exact_sum) begin = {r.begin * NAME(HALF_PI), r.begin * NAME(HALF_PI_LOW) + lost};
    NAME(exact_sum) sum = NAME(sum_of)(begin, r.t);
    return sum.high + NAME(fused)(r.t * z, NAME(arctan_bend)(z), sum.low);
}

static inline NUMBER NAME(fast_arctan)(NUMBER x) {
    return copysign(NAME(angle_of)(NAME(arc_of)(fabs(x), 1), -(NUMBER)0), x);
}

/* The angle of the point (x, y) but for the sign of y: left of 0 it is pi less that of |x|. The
 * quotient of two zeros is taken for 0. */
static inline NAME(arc) NAME(arc_to)(NUMBER y, NUMBER x) {
    NUMBER a = fabs(y), b = fabs(x), sum = a + b;
    NUMBER scale = sum > NAME(MUCH) ? 1 / NAME(MUCH) : 1;
    NAME(arc) r = NAME(arc_of)(a * scale, sum == 0 ? 1 : b * scale);
    bool is_left = copysign(1, x) < 0;
    return (NAME(arc)){is_left ? 2 - r.begin : r.begin, is_left ? -r.t : r.t};
}

static inline NUMBER NAME(angle_to)(NAME(arc) r) {
    return NAME(angle_of)(r, r.begin == (NUMBER)1.5 ? NAME(LOST_OF_3_4_PI) : 0);
}
