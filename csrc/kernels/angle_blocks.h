/* Loops over functions of angles, a block at a time: a template (per_float.h).
 *
 * `near` is the vectorized loop, which is right below NEAR_LIMIT. Where a block has larger numbers,
 * too, these few are gathered, reduced one at a time, and computed by `far`, which is vectorized
 * again. So what a number becomes does not depend on its neighbours. Numbers that are not side by
 * side are copied into a block first; so is a block with large numbers, because y may take the
 * place of x. */

static inline bool NAME(is_far)(NUMBER x) {
    return x >= NAME(NEAR_LIMIT) || x <= -NAME(NEAR_LIMIT);
}

static inline bool NAME(any_far)(int64_t n, const NUMBER *xs) {
    int far = 0;
    _Pragma("omp simd reduction(| : far)") for (int64_t i = 0; i < n; i++) {
        far |= (xs[i] < 0 ? -xs[i] : xs[i]) >= NAME(NEAR_LIMIT);
    }
    return far != 0;
}

/* y = far(x) for the large numbers of a block. */
static void NAME(replace_far)(far_loop *far, int64_t n, const NUMBER *xs, NUMBER *ys) {
    double x[ANGLES_IN_BLOCK] = {0}; /* GCC does not see that it is filled up to count */
    double high[ANGLES_IN_BLOCK], low[ANGLES_IN_BLOCK], y[ANGLES_IN_BLOCK];
    uint64_t quarters[ANGLES_IN_BLOCK];
    int places[ANGLES_IN_BLOCK], count = 0;
    for (int i = 0; i < n; i++) { /* without a branch, which would be taken at random */
        places[count] = i;
        x[count] = xs[i];
        count += NAME(is_far)(xs[i]);
    }
    angles reduced = {quarters, high, low};
    reduce_angles(count, x, reduced);
    far(count, reduced, y);
    for (int i = 0; i < count; i++) {
        ys[places[i]] = (NUMBER)y[i];
    }
}

static void NAME(run_angles)(void (*near)(int64_t, const NUMBER *, NUMBER *), far_loop *far,
                             int64_t n, const NUMBER *xs, int64_t step, NUMBER *ys) {
    NUMBER kept[ANGLES_IN_BLOCK];
    for (; n > 0; n -= ANGLES_IN_BLOCK) {
        const int64_t count = n < ANGLES_IN_BLOCK ? n : ANGLES_IN_BLOCK;
        bool is_copied = step != 1 || NAME(any_far)(count, xs);
        for (int64_t i = 0; is_copied && i < count; i++) {
            kept[i] = xs[i * step];
        }
        near(count, is_copied ? kept : xs, ys);
        if (is_copied && NAME(any_far)(count, kept)) {
            NAME(replace_far)(far, count, kept, ys);
        }
        xs += count * step;
        ys += count;
    }
}
