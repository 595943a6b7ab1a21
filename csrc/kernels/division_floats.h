/* Divisions of floats, block by block; included by division.c through per_float.h. */

static bool NAME(are_plain)(int64_t n, const NUMBER *a, const NUMBER *b) {
    int others = 0;
    for (int64_t i = 0; i < n; i++) {
        others |= !NAME(is_plain)(a[i], b[i]);
    }
    return !others;
}

/* Writes the whole numbers or the rests of at most a block. */
static void NAME(divide_block)(int64_t n, const NUMBER *a, const NUMBER *b, bool wants_rest,
                               NUMBER *y) {
    if (!NAME(are_plain)(n, a, b)) {
        for (int64_t i = 0; i < n; i++) {
            division d = NAME(is_plain)(a[i], b[i]) ? NAME(divided)(a[i], b[i])
                                                    : divided_by_fmod(a[i], b[i]);
            y[i] = (NUMBER)(wants_rest ? d.rest : d.whole);
        }
    } else if (wants_rest) {
        EACH_ELEMENT {
            y[i] = (NUMBER)NAME(divided)(a[i], b[i]).rest;
        }
    } else {
        EACH_ELEMENT {
            y[i] = (NUMBER)NAME(divided)(a[i], b[i]).whole;
        }
    }
}

/* y may be a or b: a block is finished before it is stored. */
static void NAME(divide_floats)(int64_t n, const void *const *inputs, const int64_t *steps,
                                bool wants_rest, NUMBER *y) {
    const NUMBER *a = inputs[0], *b = inputs[1];
    NUMBER a_block[DIVISION_BLOCK], b_block[DIVISION_BLOCK], y_block[DIVISION_BLOCK];
    for (int64_t i = 0; i < n; i += DIVISION_BLOCK) {
        int64_t m = smaller(n - i, DIVISION_BLOCK);
        const NUMBER *some_a = NAME(dense)(a + i * steps[0], steps[0], m, a_block);
        const NUMBER *some_b = NAME(dense)(b + i * steps[1], steps[1], m, b_block);
        int64_t whole = divide_up(m, DENSE_STEP) * DENSE_STEP;
        NAME(divide_block)(whole, some_a, some_b, wants_rest, y_block);
        memcpy(y + i, y_block, (size_t)m * sizeof(NUMBER));
    }
}

static void NAME(floor_divide)(int64_t n, const void *const *inputs, const int64_t *steps,
                               void *output) {
    NAME(divide_floats)(n, inputs, steps, false, output);
}

static void NAME(mod)(int64_t n, const void *const *inputs, const int64_t *steps, void *output) {
    NAME(divide_floats)(n, inputs, steps, true, output);
}
