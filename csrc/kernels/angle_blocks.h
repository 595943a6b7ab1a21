/* Loops over functions of angles, a block at a time: a template (per_float.h).
 *
 * `near` is the vectorized loop, which is right for |x| < NAME(NEAR_LIMIT). Where a block has
 * larger numbers, too, these few are computed again by `far`, one at a time. What a number becomes
 * does not depend on its neighbours, therefore. Numbers that are not side by side are copied into a
 * block first; so is a block with large numbers, because y may take the place of x. */

static inline bool NAME(any_far)(int64_t n, const NUMBER *xs, int64_t step) {
    int far = 0;
    if (step == 1) {
        _Pragma("omp simd reduction(| : far)") for (int64_t i = 0; i < n; i++) {
            far |= (xs[i] < 0 ? -xs[i] : xs[i]) >= NAME(NEAR_LIMIT);
        }
        return far != 0;
    }
    for (int64_t i = 0; i < n; i++) {
        far |= (xs[i * step] < 0 ? -xs[i * step] : xs[i * step]) >= NAME(NEAR_LIMIT);
    }
    return far != 0;
}

static void NAME(run_angles)(void (*near)(int64_t, const NUMBER *, NUMBER *), NUMBER (*far)(NUMBER),
                             int64_t n, const NUMBER *xs, int64_t step, NUMBER *ys) {
    enum { BLOCK = 256 };
    NUMBER kept[BLOCK];
    for (; n > 0; n -= BLOCK, xs += BLOCK * step, ys += BLOCK) {
        const int64_t count = n < BLOCK ? n : BLOCK;
        const bool has_far = NAME(any_far)(count, xs, step);
        const bool is_copied = has_far || step != 1;
        for (int64_t i = 0; is_copied && i < count; i++) {
            kept[i] = xs[i * step];
        }
        near(count, is_copied ? kept : xs, ys);
        for (int64_t i = 0; has_far && i < count; i++) {
            if (kept[i] >= NAME(NEAR_LIMIT) || kept[i] <= -NAME(NEAR_LIMIT)) {
                ys[i] = far(kept[i]);
            }
        }
    }
}
