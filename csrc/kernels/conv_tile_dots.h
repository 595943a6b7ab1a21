/* The row tile where the result has few columns, for one dtype: a template (per_float.h) of
 * conv_tile.c. One number is
 *
 *     y[i][j] = sum over segments s and depth k of a_s[i][k] b_s[j][k]
 *
 * A panel would leave most lanes of its vectors empty. Here they run along the depth: lane l has
 * the sum over k = l, l + lanes, ..., and the lanes are added up in the end. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define HALF         NAME(half)
#define QUARTER      NAME(quarter)
#define BITS         NAME(bits)
#define MASK         NAME(mask)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))
#define SUM_LANES    (SUM_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));
typedef NUMBER HALF __attribute__((vector_size(SUM_BYTES / 2), may_alias));
typedef NUMBER QUARTER __attribute__((vector_size(SUM_BYTES / 4), may_alias));
typedef BITS MASK __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(BITS)), may_alias));

/* What is left of the depth behind whole sums: the numbers in front of it are masked out of a and
 * of b. */
typedef struct NAME(depth_end) {
    int64_t rest;
    MASK masks[PARTS];
} NAME(depth_end);

static ALWAYS_INLINE void NAME(set_end)(int64_t depth, NAME(depth_end) * end) {
    BITS bits[2 * SUM_LANES] = {0};
    memset(bits + SUM_LANES, 0xff, SUM_BYTES);
    end->rest = depth % SUM_LANES;
    memcpy(end->masks, bits + end->rest, SUM_BYTES);
}

static ALWAYS_INLINE VECTOR NAME(load)(const NUMBER *x, const MASK *mask) {
    VECTOR lanes = *(const LOOSE_VECTOR *)x;
    return mask ? (VECTOR)((MASK)lanes & *mask) : lanes;
}

/* sums[i][j] += a[i] b[j], lane by lane, from number k of the depth on. rows and columns are
 * constants wherever this is inlined. */
static ALWAYS_INLINE void NAME(add_lanes)(const NUMBER *const *a, const NUMBER *const *b, int64_t k,
                                          const MASK *masks, VECTOR (*sums)[MOST_DOTS][PARTS],
                                          const int rows, const int columns) {
    UNROLL
    for (int p = 0; p < PARTS; p++) {
        UNROLL
        for (int i = 0; i < rows; i++) {
            UNROLL
            for (int j = 0; j < columns; j++) {
                sums[i][j][p] += NAME(load)(a[i] + k + p * LANES, masks ? &masks[p] : NULL) *
                                 NAME(load)(b[j] + k + p * LANES, masks ? &masks[p] : NULL);
            }
        }
    }
}

/* The upper half of the lanes is added to the lower half, until one is left. */
static ALWAYS_INLINE NUMBER NAME(sum_lanes)(VECTOR *lanes) {
    UNROLL
    for (int half = PARTS / 2; half > 0; half /= 2) {
        UNROLL
        for (int p = 0; p < half; p++) {
            lanes[p] += lanes[p + half];
        }
    }
#if defined(__AVX512F__)
    HALF half = ((const HALF *)lanes)[0] + ((const HALF *)lanes)[1];
    QUARTER s = ((const QUARTER *)&half)[0] + ((const QUARTER *)&half)[1];
#elif defined(__AVX2__)
    QUARTER s = ((const QUARTER *)lanes)[0] + ((const QUARTER *)lanes)[1];
#else
    VECTOR s = lanes[0];
#endif
    const int last = SUM_LANES / 4 - 1; /* 3 or 1 */
    return last == 3 ? (s[0] + s[last - 1]) + (s[1] + s[last]) : s[0] + s[last];
}

/* Rows from `first` on. */
static ALWAYS_INLINE void NAME(sum_dots)(const conv_tile *t, int first, const int rows,
                                         const int columns) {
    VECTOR sums[CONV_ROWS][MOST_DOTS][PARTS] = {{{{0}}}};
    NAME(depth_end) end;
    NAME(set_end)(t->depth, &end);
    for (int64_t s = 0; s < t->segments; s++) {
        const NUMBER *a[CONV_ROWS];
        const NUMBER *b[MOST_DOTS];
        UNROLL
        for (int i = 0; i < rows; i++) {
            a[i] = (const NUMBER *)t->a[s][first + i];
        }
        UNROLL
        for (int j = 0; j < columns; j++) {
            b[j] = (const NUMBER *)t->b + t->b_begins[s] * columns + j * t->depth;
        }
        for (int64_t k = 0; k < t->depth - end.rest; k += SUM_LANES) {
            NAME(add_lanes)(a, b, k, NULL, sums, rows, columns);
        }
        if (end.rest > 0) {
            NAME(add_lanes)(a, b, t->depth - SUM_LANES, end.masks, sums, rows, columns);
        }
    }
    UNROLL
    for (int i = 0; i < rows; i++) {
        NUMBER unused[MOST_DOTS] = {0};
        NUMBER *y = first + i < t->rows ? t->y[first + i] : unused;
        UNROLL
        for (int j = 0; j < columns; j++) {
            NUMBER sum = NAME(sum_lanes)(sums[i][j]);
            y[j] = t->adds ? sum + y[j] : sum;
        }
    }
}

/* The more columns, the fewer rows at a time: their sums fit the registers. */
static ALWAYS_INLINE void NAME(sum_columns)(const conv_tile *t, const int columns) {
    const int rows = CONV_ROWS / columns;
    for (int first = 0; first < t->rows; first += rows) {
        NAME(sum_dots)(t, first, rows, columns);
    }
}

static NEVER_INLINE void NAME(run_dots)(const conv_tile *t) {
    if (t->columns == 1) {
        NAME(sum_columns)(t, 1);
    } else if (t->columns == 2) {
        NAME(sum_columns)(t, 2);
    } else if (t->columns == 3) {
        NAME(sum_columns)(t, 3);
    } else {
        NAME(sum_columns)(t, 4);
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef HALF
#undef QUARTER
#undef BITS
#undef MASK
#undef LANES
#undef SUM_LANES
