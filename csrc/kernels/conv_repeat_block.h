/* Repeated numbers and sums of groups, for one type of number. conv_repeat.c includes this file
 * once for each, with NUMBER the type and NAME(word) the word with it behind it. */

static ALWAYS_INLINE void NAME(repeat_known)(int64_t n, const int64_t times,
                                             const NUMBER *restrict x, NUMBER *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < times; j++) {
            y[i * times + j] = x[i];
        }
    }
}

/* A few times that the compiler knows become shuffles of vectors. */
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

static ALWAYS_INLINE void NAME(fold_known)(const fold *f, const int64_t times,
                                           const NUMBER *restrict x, NUMBER *restrict y) {
    for (int64_t i = 0; i < f->rows; i++) {
        for (int64_t j = 0; j < f->n; j++) {
            NUMBER sum = x[j * times];
            for (int64_t k = 1; k < times; k++) {
                sum += x[j * times + k];
            }
            y[j] = sum;
        }
        x += f->n * times;
        y += f->step;
    }
}

static void NAME(fold)(const fold *f, const NUMBER *x, NUMBER *y) {
    switch (f->times) {
    case 2:
        NAME(fold_known)(f, 2, x, y);
        return;
    case 3:
        NAME(fold_known)(f, 3, x, y);
        return;
    case 4:
        NAME(fold_known)(f, 4, x, y);
        return;
    case 8:
        NAME(fold_known)(f, 8, x, y);
        return;
    default:
        NAME(fold_known)(f, f->times, x, y);
    }
}

#undef NUMBER
#undef NAME
