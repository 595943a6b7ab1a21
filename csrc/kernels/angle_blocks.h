/* Loops over functions of angles, a chunk at a time: a template (per_float.h).
 *
 * `near` is the vectorized loop, which is right below NEAR_LIMIT. Where a chunk has larger numbers,
 * too, it is computed in blocks: the few large numbers are gathered, reduced one at a time, and
 * computed by `far`, which is vectorized again. So what a number becomes does not depend on its
 * neighbours. Blocks are copied first: y may take the place of x, and numbers may not be side by
 * side. */

typedef void NAME(near_loop)(int64_t n, const NUMBER *xs, NUMBER *ys);

static inline bool NAME(is_far)(NUMBER x) {
    return x >= NAME(NEAR_LIMIT) || x <= -NAME(NEAR_LIMIT);
}

/* Whether a number may be far, or is NaN: by its bits but the sign, which are in the order of the
 * numbers, and of which the largest is found faster. */
static inline bool NAME(any_far)(int64_t n, const NUMBER *xs) {
    const NUMBER limit = NAME(NEAR_LIMIT);
    NAME(bits) most = 0, limit_bits;
    memcpy(&limit_bits, &limit, sizeof limit);
    _Pragma("omp simd reduction(max : most)") for (int64_t i = 0; i < n; i++) {
        NAME(bits) bits;
        memcpy(&bits, &xs[i], sizeof bits);
        bits <<= 1;
        most = bits > most ? bits : most;
    }
    return most >= limit_bits << 1;
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

static void NAME(run_blocks)(NAME(near_loop) * near, far_loop *far, int64_t n, const NUMBER *xs,
                             int64_t step, NUMBER *ys) {
    NUMBER kept[ANGLES_IN_BLOCK];
    for (int64_t begin = 0; begin < n; begin += ANGLES_IN_BLOCK) {
        const int64_t count = n - begin < ANGLES_IN_BLOCK ? n - begin : ANGLES_IN_BLOCK;
        for (int64_t i = 0; i < count; i++) {
            kept[i] = xs[(begin + i) * step];
        }
        near(count, kept, ys + begin);
        if (NAME(any_far)(count, kept)) {
            NAME(replace_far)(far, count, kept, ys + begin);
        }
    }
}

static void NAME(run_angles)(NAME(near_loop) * near, far_loop *far, int64_t n, const NUMBER *xs,
                             int64_t step, NUMBER *ys) {
    for (; n > 0; n -= ANGLES_IN_CHUNK) {
        const int64_t count = n < ANGLES_IN_CHUNK ? n : ANGLES_IN_CHUNK;
        if (step == 1 && !NAME(any_far)(count, xs)) {
            near(count, xs, ys);
        } else {
            NAME(run_blocks)(near, far, count, xs, step, ys);
        }
        xs += count * step;
        ys += count;
    }
}
