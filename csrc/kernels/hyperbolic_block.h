/* sinh, cosh and their inverses of one number; included by hyperbolic.h through per_float.h. */

/* ---- sinh and cosh --------------------------------------------------------------------------- */

/* With a = |x| = k ln 2 + r, S = sinh(k ln 2) and C = cosh(k ln 2),
 *     sinh a = S cosh r + C sinh r        cosh a = C cosh r + S sinh r
 * without a cancellation from 1 on; below, sinh is r + r^3 p(r^2) for r = a. S / 2 and C / 2 are
 * computed: twice a result may be infinite where S is not. */
static inline NUMBER NAME(fast_sinh)(NUMBER x) {
    NUMBER a = fabs(x);
    bool is_near = a < 1;
    NAME(exp_pair) e = NAME(exp_pair_of)(a);
    NUMBER r = is_near ? a : e.r;
    NUMBER z = r * r, bend = r * z * NAME(sinh_bend)(z);
    NUMBER s = e.above - e.below, c = e.above + e.below;
    NUMBER rest = NAME(fused)(c, bend, s * (z * NAME(cosh_bend)(z)));
    NUMBER far = s + NAME(fused)(c, r, rest);
    return copysign(is_near ? r + bend : 2 * far, x);
}

static inline NUMBER NAME(fast_cosh)(NUMBER x) {
    NAME(exp_pair) e = NAME(exp_pair_of)(fabs(x));
    NUMBER z = e.r * e.r, bend = e.r * z * NAME(sinh_bend)(z);
    NUMBER s = e.above - e.below, c = e.above + e.below;
    NUMBER rest = NAME(fused)(s, bend, c * (z * NAME(cosh_bend)(z)));
    return 2 * (c + NAME(fused)(s, e.r, rest));
}

/* ---- arcsinh and arccosh: ln(1 + v), or ln(2 a) for large a ---------------------------------- */

/* With 1 + v = u + lost and u = 2^k (1 + f), the logarithm is k ln 2 + ln(1 + f) + lost / u. For
 * s = f / (2 + f), ln(1 + f) is 2 arctanh s = f - s (f - 2 s^2 p(s^2)). 1 / (1 + f) is 1.03 - 0.8
 * f, near enough for lost / u. If k is 0, f is v itself, without an error. */
static inline NUMBER NAME(log_of_sum)(NUMBER v, NUMBER a, bool is_large) {
    NUMBER u = is_large ? a : 1 + v;
    NUMBER lost = v > 1 ? 1 - (u - v) : v - (u - 1);
    NAME(log_split) l = NAME(log_split_of)(u);
    NUMBER rest = lost * l.inverse_power * NAME(fused)((NUMBER)-0.8, l.f, (NUMBER)1.03);
    bool is_exact = (l.k == 0) | is_large;
    NUMBER f = l.k == 0 ? v : l.f, k = is_large ? l.k + 1 : l.k;

    NUMBER s = f / (2 + f), z = s * s;
    NUMBER bend = NAME(fused)(2 * z, NAME(arctanh_bend)(z), -f);
    NUMBER y = f + NAME(fused)(s, bend, NAME(fused)(k, NAME(LN2_LOW), is_exact ? 0 : rest));
    y = NAME(fused)(k, NAME(LN2), y);
    return u < (NUMBER)INFINITY ? y : u;
}

/* ln(a + sqrt(a^2 + 1)), with v = a + a^2 / (1 + sqrt(a^2 + 1)) */
static inline NUMBER NAME(arcsinh_excess)(NUMBER x) {
    NUMBER a = fabs(x), b = a > NAME(ABOVE_ONE) ? 1 : a;
    NUMBER root = sqrt(NAME(fused)(b, b, 1));
    return b + (b * b) / (1 + root);
}

static inline NUMBER NAME(arcsinh_of_excess)(NUMBER x, NUMBER v) {
    NUMBER a = fabs(x);
    return copysign(NAME(log_of_sum)(v, a, a > NAME(ABOVE_ONE)), x);
}

/* ln(x + sqrt(x^2 - 1)), with v = t + sqrt(2 t + t^2) for t = x - 1 */
static inline NUMBER NAME(arccosh_excess)(NUMBER x) {
    NUMBER t = x > NAME(ABOVE_ONE) ? 1 : x - 1;
    return t + sqrt(NAME(fused)(t, t, 2 * t));
}

static inline NUMBER NAME(arccosh_of_excess)(NUMBER x, NUMBER v) {
    NUMBER y = NAME(log_of_sum)(v, x, x > NAME(ABOVE_ONE));
    return x < 1 ? (NUMBER)NAN : y;
}

/* ---- arctanh --------------------------------------------------------------------------------- */

/* With a = |x| and 2^k near to (1 + a) / (1 - a),
 *     arctanh a = k ln(2) / 2 + arctanh s,    s = (1 + a - 2^k (1 - a)) / (1 + a + 2^k (1 - a))
 * The rounding errors of 1 + a and 1 - a are added. */
static inline NUMBER NAME(fast_arctanh)(NUMBER x) {
    NUMBER a = fabs(x), above = 1 + a, below = 1 - a;
    NUMBER above_low = a - (above - 1), below_low = (1 - below) - a;
    NAME(ratio) q = NAME(ratio_of)(above, below);
    NUMBER n = (above - q.power * below) + (above_low - q.power * below_low);
    NUMBER s = q.k == 0 ? a : n / (above + q.power * below);
    NUMBER z = s * s, half_k = q.k * (NUMBER)0.5;
    NUMBER bend = NAME(fused)(s * z, NAME(arctanh_bend)(z), half_k * NAME(LN2_LOW));
    NUMBER y = NAME(fused)(half_k, NAME(LN2), s + bend);
    y = a < 1 ? y : (NUMBER)NAN;
    return copysign(a == 1 ? (NUMBER)INFINITY : y, x);
}
