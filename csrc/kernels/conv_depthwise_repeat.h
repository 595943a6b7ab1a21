/* Numbers repeated, and sums of groups of numbers, for one dtype: a template (per_float.h) of
 * conv_depthwise_loops.c. */

static ALWAYS_INLINE void NAME(repeat_known)(int64_t n, const int64_t times,
                                             const NUMBER *restrict x, NUMBER *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < times; j++) {
            y[i * times + j] = x[i];
        }
    }
}

/* A few constants, which the compiler turns into shuffles of vectors. */
static void NAME(repeat)(int64_t n, int64_t times, const NUMBER *x, NUMBER *y) {
    switch (times) {
    case 2:
        NAME(repeat_known)(n, 2, x, y);
        return;
    case 3:
        NAME(repeat_known)(n, 3, x, y);
        return;
    case 4:
        NAME(repeat_known)(n, 4, x, y);
        return;
    case 8:
        NAME(repeat_known)(n, 8, x, y);
        return;
    default:
        NAME(repeat_known)(n, times, x, y);
    }
}

static ALWAYS_INLINE void NAME(sum_groups_of)(const group_sums *s, const int64_t times,
                                              const NUMBER *restrict x, NUMBER *restrict y) {
    for (int64_t i = 0; i < s->rows; i++) {
        for (int64_t j = 0; j < s->n; j++) {
            NUMBER sum = x[j * times];
            for (int64_t k = 1; k < times; k++) {
                sum += x[j * times + k];
            }
            y[j] = sum;
        }
        x += s->n * times;
        y += s->step;
    }
}

static void NAME(sum_groups)(const group_sums *s, const NUMBER *x, NUMBER *y) {
    switch (s->times) {
    case 2:
        NAME(sum_groups_of)(s, 2, x, y);
        return;
    case 3:
        NAME(sum_groups_of)(s, 3, x, y);
        return;
    case 4:
        NAME(sum_groups_of)(s, 4, x, y);
        return;
    case 8:
        NAME(sum_groups_of)(s, 8, x, y);
        return;
    default:
        NAME(sum_groups_of)(s, s->times, x, y);
    }
}
