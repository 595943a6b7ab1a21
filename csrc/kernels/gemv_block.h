/* The rows of a matrix times a vector, for one type of number: a template (per_float.h) of gemv.c.
 */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))
#define PARTS        (PARTS_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

/* The sum of the partial sums of a row. */
static ALWAYS_INLINE NUMBER NAME(fold)(NUMBER *parts) {
    for (int half = PARTS / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            parts[i] = (NUMBER)(parts[i] + parts[i + half]);
        }
    }
    return parts[0];
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

/* Rows whose numbers lie side by side, as those of x. */
static ALWAYS_INLINE void NAME(sum_lines)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                          int64_t depth, NUMBER *sum, const int rows) {
    VECTOR sums[ROWS_AT_ONCE][PART_VECTORS] = {{{0}}};
    NAME(add_stretches)(a, row_stride, x, depth, sums, rows);
    int64_t whole = depth - depth % PARTS;
    for (int i = 0; i < rows; i++) {
        NUMBER *parts = (NUMBER *)sums[i];
        const NUMBER *end = a + i * row_stride;
        for (int64_t k = whole; k < depth; k++) {
            parts[k - whole] = (NUMBER)(parts[k - whole] + end[k] * x[k]);
        }
        sum[i] = NAME(fold)(parts);
    }
}

/* n <= LINE_ROWS rows that lie side by side: the products of a column go to the same part of all.
 */
static void NAME(sum_columns)(const NUMBER *a, int64_t column_stride, const NUMBER *x,
                              int64_t x_stride, int64_t depth, int64_t n, NUMBER *sum) {
    NUMBER parts[PARTS][LINE_ROWS] = {{0}};
    for (int64_t k = 0; k < depth; k++) {
        NUMBER *own = parts[k % PARTS];
        const NUMBER *column = a + k * column_stride;
        const NUMBER factor = x[k * x_stride];
        EACH_ELEMENT {
            own[i] = (NUMBER)(own[i] + column[i] * factor);
        }
    }
    for (int half = PARTS / 2; half > 0; half /= 2) {
        for (int p = 0; p < half; p++) {
            for (int64_t i = 0; i < LINE_ROWS; i++) {
                parts[p][i] = (NUMBER)(parts[p][i] + parts[p + half][i]);
            }
        }
    }
    memcpy(sum, parts[0], (size_t)n * sizeof *sum);
}

/* A row with any strides. */
static NUMBER NAME(sum_numbers)(const NUMBER *a, int64_t a_stride, const NUMBER *x,
                                int64_t x_stride, int64_t depth) {
    NUMBER parts[PARTS] = {0};
    for (int64_t k = 0; k < depth; k++) {
        NUMBER *own = &parts[k % PARTS];
        *own = (NUMBER)(*own + a[k * a_stride] * x[k * x_stride]);
    }
    return NAME(fold)(parts);
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
    int64_t i = 0;
    if (across == 1 && step == 1) {
        for (; i + ROWS_AT_ONCE <= n; i += ROWS_AT_ONCE) {
            NAME(sum_lines)(a + i * down, down, x, g->depth, sum + i, ROWS_AT_ONCE);
        }
        for (; i < n; i++) {
            NAME(sum_lines)(a + i * down, down, x, g->depth, sum + i, 1);
        }
    } else if (down == 1) {
        for (; i < n; i += LINE_ROWS) {
            NAME(sum_columns)(a + i, across, x, step, g->depth, smaller(LINE_ROWS, n - i), sum + i);
        }
    } else {
        for (; i < n; i++) {
            sum[i] = NAME(sum_numbers)(a + i * down, across, x, step, g->depth);
        }
    }
}

/* y (+)= sum */
static void NAME(put_sums)(int64_t n, const void *sums, bool adds, void *output) {
    const NUMBER *sum = sums;
    NUMBER *y = output;
    EACH_ELEMENT {
        y[i] = (NUMBER)(adds ? y[i] + sum[i] : sum[i]);
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
#undef PARTS
