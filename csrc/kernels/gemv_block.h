/* The rows of a matrix times a vector, for one type of number: a template (per_float.h) of gemv.c.
 */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))
#define IS_WHOLE     ((NUMBER)0.5 == 0)
#define AT_ONCE      (IS_WHOLE ? 1 : ROWS_AT_ONCE)
#define PARTS        (PARTS_BYTES / (int)sizeof(NUMBER))

/* Vectors of 32 and 16 bytes, and how many numbers are in the latter. */
#define HALF_VECTOR      NAME(half_vector)
#define QUARTER_VECTOR   NAME(quarter_vector)
#define PARTS_OF_QUARTER (16 / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));
typedef NUMBER HALF_VECTOR __attribute__((vector_size(32), aligned(sizeof(NUMBER)), may_alias));
typedef NUMBER QUARTER_VECTOR __attribute__((vector_size(16), aligned(sizeof(NUMBER)), may_alias));

/* The sum of the partial sums of a row, in halves: by vectors as long as they are whole ones. */
static ALWAYS_INLINE NUMBER NAME(fold)(VECTOR sums[PART_VECTORS]) {
    NUMBER parts[PARTS_OF_QUARTER];
    UNROLL
    for (int half = PART_VECTORS / 2; half > 0; half /= 2) {
        UNROLL
        for (int v = 0; v < half; v++) {
            sums[v] += sums[v + half];
        }
    }
    const char *bytes = (const char *)sums;
#if defined(__AVX512F__)
    const HALF_VECTOR half = *(const HALF_VECTOR *)bytes + *(const HALF_VECTOR *)(bytes + 32);
    bytes = (const char *)&half;
#endif
#if defined(__AVX2__)
    *(QUARTER_VECTOR *)parts =
        *(const QUARTER_VECTOR *)bytes + *(const QUARTER_VECTOR *)(bytes + 16);
#else
    memcpy(parts, bytes, sizeof parts);
#endif
    UNROLL
    for (int half = PARTS_OF_QUARTER / 2; half > 0; half /= 2) {
        UNROLL
        for (int i = 0; i < half; i++) {
            parts[i] = (NUMBER)(parts[i] + parts[i + half]);
        }
    }
    return parts[0];
}

/* The first n <= LANES numbers of x, and zeros: a masked load, where there is one. */
static ALWAYS_INLINE VECTOR NAME(load_some)(const NUMBER *x, int64_t n) {
    VECTOR loaded = {0};
    NUMBER *to = (NUMBER *)&loaded;
    _Pragma("omp simd") for (int64_t i = 0; i < LANES; i++) {
        to[i] = i < n ? x[i] : 0;
    }
    return loaded;
}

/* sums += the products of whole stretches of PARTS numbers, of some rows. */
static ALWAYS_INLINE void NAME(add_stretches)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                              int64_t depth, VECTOR (*sums)[PART_VECTORS],
                                              const int rows) {
    for (int64_t k = 0; k + PARTS <= depth; k += PARTS) {
        UNROLL
        for (int v = 0; v < PART_VECTORS; v++) {
            VECTOR of_x = ((const LOOSE_VECTOR *)(x + k))[v];
            UNROLL
            for (int i = 0; i < rows; i++) {
                sums[i][v] += ((const LOOSE_VECTOR *)(a + i * row_stride + k))[v] * of_x;
            }
        }
    }
}

/* The same of the n < PARTS numbers behind them. */
static ALWAYS_INLINE void NAME(add_end)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                        int64_t n, VECTOR (*sums)[PART_VECTORS], const int rows) {
    for (int64_t k = 0; IS_WHOLE && k < n; k++) { /* of one row */
        ((NUMBER *)sums[0])[k] += (NUMBER)(a[k] * x[k]);
    }
    UNROLL
    for (int v = 0; v < PART_VECTORS && !IS_WHOLE; v++) {
        const int64_t k = v * LANES, left = smaller(n - k, LANES);
        if (left > 0) {
            const VECTOR of_x = NAME(load_some)(x + k, left);
            UNROLL
            for (int i = 0; i < rows; i++) {
                sums[i][v] += NAME(load_some)(a + i * row_stride + k, left) * of_x;
            }
        }
    }
}

/* Rows whose numbers lie side by side, as those of x. */
static ALWAYS_INLINE void NAME(sum_lines)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                          int64_t depth, NUMBER *sum, const int rows) {
    VECTOR sums[ROWS_AT_ONCE][PART_VECTORS] = {{{0}}};
    const int64_t whole = depth - depth % PARTS;
    NAME(add_stretches)(a, row_stride, x, depth, sums, rows);
    if (whole < depth) {
        NAME(add_end)(a + whole, row_stride, x + whole, depth - whole, sums, rows);
    }
    for (int i = 0; i < rows; i++) {
        sum[i] = NAME(fold)(sums[i]);
    }
}

/* Some vectors of rows that lie side by side, n < LANES rows of the last one. The partial sums are
 * found one after another, in the order in which halves are added: a sum waits on the stack for the
 * one that it is added to, as the digits of a binary counter wait for the carry. */
static ALWAYS_INLINE void NAME(sum_columns)(const NUMBER *a, int64_t column_stride, const NUMBER *x,
                                            int64_t x_stride, int64_t depth, int64_t n, VECTOR *sum,
                                            const int vectors) {
    VECTOR waiting[LEVELS][LINE_VECTORS];
    int64_t part = 0;
    for (int counter = 0; counter < PARTS; counter++) {
        VECTOR own[LINE_VECTORS] = {{0}};
        for (int64_t k = part; k < depth; k += PARTS) {
            const NUMBER *column = a + k * column_stride;
            const NUMBER factor = x[k * x_stride];
            UNROLL
            for (int v = 0; v < vectors; v++) {
                own[v] += (n < LANES ? NAME(load_some)(column, n)
                                     : (VECTOR)((const LOOSE_VECTOR *)column)[v]) *
                          factor;
            }
        }
        int level = 0;
        int64_t half = PARTS / 2;
        for (; counter >> level & 1; level++, half /= 2) {
            UNROLL
            for (int v = 0; v < vectors; v++) {
                own[v] = waiting[level][v] + own[v];
            }
            part -= half;
        }
        part += half;
        UNROLL
        for (int v = 0; v < vectors; v++) {
            waiting[level][v] = own[v];
            sum[v] = own[v];
        }
    }
}

/* n rows that lie side by side. */
static NEVER_INLINE void NAME(sum_all_columns)(const NUMBER *a, int64_t column_stride,
                                               const NUMBER *x, int64_t x_stride, int64_t depth,
                                               int64_t n, NUMBER *sum) {
    enum { ROWS = LINE_VECTORS * LANES };
    VECTOR sums[LINE_VECTORS];
    for (; n >= ROWS; n -= ROWS) {
        NAME(sum_columns)(a, column_stride, x, x_stride, depth, LANES, sums, LINE_VECTORS);
        memcpy(sum, sums, sizeof sums);
        a += ROWS;
        sum += ROWS;
    }
    for (; n > 0; n -= LANES) {
        const int64_t rows = smaller(n, LANES);
        NAME(sum_columns)(a, column_stride, x, x_stride, depth, rows, sums, 1);
        memcpy(sum, sums, (size_t)rows * sizeof *sum);
        a += LANES;
        sum += LANES;
    }
}

/* A row with any strides. */
static NUMBER NAME(sum_numbers)(const NUMBER *a, int64_t a_stride, const NUMBER *x,
                                int64_t x_stride, int64_t depth) {
    VECTOR sums[PART_VECTORS] = {{0}};
    NUMBER *parts = (NUMBER *)sums;
    for (int64_t k = 0; k < depth; k++) {
        NUMBER *own = &parts[k % PARTS];
        *own = (NUMBER)(*own + a[k * a_stride] * x[k * x_stride]);
    }
    return NAME(fold)(sums);
}

static NEVER_INLINE NUMBER NAME(sum_line)(const NUMBER *a, const NUMBER *x, int64_t depth) {
    NUMBER sum;
    NAME(sum_lines)(a, 0, x, depth, &sum, 1);
    return sum;
}

/* n numbers side by side: x itself, if they lie so, or a copy. */
static inline const NUMBER *NAME(line_of)(const NUMBER *x, int64_t stride, int64_t n,
                                          NUMBER *copy) {
    for (int64_t i = 0; i < n && stride != 1; i++) {
        copy[i] = x[i * stride];
    }
    return stride == 1 ? x : copy;
}

/* n rows of g, from a on. */
static void NAME(sum_rows)(const gemm *g, int64_t n, const void *matrix, const void *vector,
                           void *result) {
    const int64_t down = g->a.row_stride;
    const int64_t across = g->a.column_stride;
    const int64_t step = g->b.row_stride;
    const NUMBER *a = matrix;
    const NUMBER *x = vector;
    NUMBER *sum = result;
    NUMBER copies[2][IS_WHOLE ? 1 : MOST_COPIED];
    int64_t i = 0;
    if (!IS_WHOLE && down == 1 && across != 1) {
        NAME(sum_all_columns)(a, across, x, step, g->depth, n, sum);
    } else if (!IS_WHOLE && (across != 1 || step != 1) && g->depth > MOST_COPIED) {
        for (; i < n; i++) {
            sum[i] = NAME(sum_numbers)(a + i * down, across, x, step, g->depth);
        }
    } else {
        x = IS_WHOLE ? x : NAME(line_of)(x, step, g->depth, copies[0]);
        for (; AT_ONCE > 1 && across == 1 && i + AT_ONCE <= n; i += AT_ONCE) {
            NAME(sum_lines)(a + i * down, down, x, g->depth, sum + i, AT_ONCE);
        }
        for (; i < n; i++) {
            const NUMBER *row = a + i * down;
            row = IS_WHOLE ? row : NAME(line_of)(row, across, g->depth, copies[1]);
            sum[i] = NAME(sum_line)(row, x, g->depth);
        }
    }
}

/* y += sum */
static void NAME(add_sums)(int64_t n, const void *sums, void *output) {
    const NUMBER *sum = sums;
    NUMBER *y = output;
    EACH_ELEMENT {
        y[i] = (NUMBER)(y[i] + sum[i]);
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
#undef PARTS
#undef IS_WHOLE
#undef AT_ONCE
#undef HALF_VECTOR
#undef QUARTER_VECTOR
#undef PARTS_OF_QUARTER
