/* The rows of a matrix times a vector, each summed from its first product to its last, k-block by
 * k-block as in gemm.c: a template (per_float.h) of gemv.c. The numbers of a row lie side by side.
 * QUARTER of them, 16 bytes, are read of as many rows as a vector has numbers, and transposed in
 * registers: a vector then has one number of each row. */

#define VECTOR  NAME(vector)
#define LANES   (VECTOR_BYTES / (int)sizeof(NUMBER))
#define QUARTER (16 / (int)sizeof(NUMBER))

/* own += QUARTER products of each of LANES rows, from number k on, but for the first `done` ones.
 */
static ALWAYS_INLINE void NAME(add_quarters)(const NUMBER *const *rows, int64_t k, const NUMBER *x,
                                             int64_t x_stride, int done, VECTOR *own) {
    word_vector row[QUARTER];
    UNROLL
    for (int i = 0; i < QUARTER; i++) {
        const void *parts[QUARTERS];
        UNROLL
        for (int q = 0; q < QUARTERS; q++) {
            parts[q] = rows[q * QUARTER + i] + k;
        }
        row[i] = join_quarters(parts);
    }
    if (QUARTER == 4) {
        ROUND_OF_WORDS(QUARTER, 1)
        ROUND_OF_PAIRS(QUARTER, 2)
    } else {
        ROUND_OF_PAIRS(QUARTER, 1)
    }
    UNROLL
    for (int i = 0; i < QUARTER; i++) {
        if (i >= done) {
            *own += (VECTOR)row[i] * x[(k + i) * x_stride];
        }
    }
}

/* n <= LANES * groups rows: those that vectors have room for beside them are the last one again.
 * Additions to a vector wait for each other, so there are several groups. */
static ALWAYS_INLINE void NAME(sum_groups)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                           int64_t x_stride, int64_t depth, int64_t n, NUMBER *sum,
                                           const int groups) {
    const NUMBER *rows[LANES * GROUPS];
    VECTOR sums[GROUPS] = {{0}};
    for (int64_t i = 0; i < LANES * groups; i++) {
        rows[i] = a + smaller(i, n - 1) * row_stride;
    }
    for (int64_t begin = 0; begin < depth; begin += BLOCK_DEPTH) {
        const int64_t end = smaller(begin + BLOCK_DEPTH, depth);
        VECTOR own[GROUPS] = {{0}};
        int64_t k = begin;
        for (; k + QUARTER <= end; k += QUARTER) {
            UNROLL
            for (int g = 0; g < groups; g++) {
                NAME(add_quarters)(rows + g * LANES, k, x, x_stride, 0, own + g);
            }
        }
        for (int g = 0; g < groups && k < end; g++) {
            const int64_t last = end - QUARTER;
            NAME(add_quarters)(rows + g * LANES, last, x, x_stride, (int)(k - last), own + g);
        }
        UNROLL
        for (int g = 0; g < groups; g++) {
            sums[g] = begin > 0 ? sums[g] + own[g] : own[g];
        }
    }
    memcpy(sum, sums, (size_t)n * sizeof *sum);
}

static NEVER_INLINE void NAME(sum_one_group)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                             int64_t x_stride, int64_t depth, int64_t n,
                                             NUMBER *sum) {
    NAME(sum_groups)(a, row_stride, x, x_stride, depth, n, sum, 1);
}

static NEVER_INLINE void NAME(sum_all_groups)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                              int64_t x_stride, int64_t depth, NUMBER *sum) {
    NAME(sum_groups)(a, row_stride, x, x_stride, depth, LANES * GROUPS, sum, GROUPS);
}

/* n rows of fewer than QUARTER products, or few rows: the processor adds those of several rows at
 * the same time. No loop here is vectorized: compilers would multiply first and then add. */
static NEVER_INLINE void NAME(sum_one_by_one)(const NUMBER *a, int64_t row_stride, const NUMBER *x,
                                              int64_t x_stride, int64_t depth, int64_t n,
                                              NUMBER *sum) {
    const NUMBER first = depth > 0 ? x[0] : 0;
    const NUMBER second = depth > 1 ? x[x_stride] : 0;
    for (int64_t i = 0; i < n; i++) {
        NUMBER own = 0;
        own += depth > 0 ? a[0] * first : 0;
        if (depth > 1) {
            own += a[1] * second;
        }
        for (int64_t k = 2; k < depth; k++) {
            own += ONE_OF(NUMBER, a, k) * x[k * x_stride];
        }
        sum[i] = own;
        a += row_stride;
    }
}

/* n rows of so few products, one right behind another. */
static ALWAYS_INLINE void NAME(sum_short)(const NUMBER *restrict a, const NUMBER *x,
                                          int64_t x_stride, int64_t n, NUMBER *restrict sum,
                                          const int depth) {
    NUMBER factors[4];
    for (int k = 0; k < depth; k++) {
        factors[k] = x[k * x_stride];
    }
    EACH_ELEMENT {
        NUMBER own = 0;
        UNROLL
        for (int k = 0; k < depth; k++) {
            own += a[i * depth + k] * factors[k];
        }
        sum[i] = own;
    }
}

/* n rows of g, from a on. */
static void NAME(sum_in_order)(const gemm *g, int64_t n, const void *matrix, const void *vector,
                               void *result) {
    const int64_t down = g->a.row_stride, step = g->b.row_stride, all = LANES * GROUPS;
    const bool are_few = g->depth < FEW_PRODUCTS || (n < FEW_ROWS && g->depth < FEW_ROWS_DEPTH);
    const NUMBER *a = matrix;
    const NUMBER *x = vector;
    NUMBER *sum = result;
    int64_t i = 0;
    if (down == 2 && g->depth == 2) {
        NAME(sum_short)(a, x, step, n, sum, 2);
        return;
    }
    if (down == 3 && g->depth == 3) {
        NAME(sum_short)(a, x, step, n, sum, 3);
        return;
    }
    if (are_few) {
        NAME(sum_one_by_one)(a, down, x, step, g->depth, n, sum);
        return;
    }
    for (; i + all <= n && down * (int64_t)sizeof *a % SAME_SETS != 0; i += all) {
        NAME(sum_all_groups)(a + i * down, down, x, step, g->depth, sum + i);
    }
    for (; i < n; i += LANES) {
        NAME(sum_one_group)(a + i * down, down, x, step, g->depth, smaller(LANES, n - i), sum + i);
    }
}

#undef VECTOR
#undef LANES
#undef QUARTER
