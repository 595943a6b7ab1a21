/* Sums over channels side by side, for one type of number. conv_depthwise.c includes this file once
 * per type, with NUMBER the type and NAME(word) the word with the type's name behind it. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

/* y[i] (+)= sum over s of a[s][i] k[s], for LINE_ROWS rows from `first` on and some vectors of
 * channels from c on; `vectors` is a constant wherever this is inlined. */
static ALWAYS_INLINE void NAME(sum_line)(const lines *l, const NUMBER *kernel, int first, int64_t c,
                                         const int vectors) {
    VECTOR sums[LINE_ROWS][LINE_VECTORS] = {{{0}}};
    for (int64_t s = 0; s < l->segments; s++) {
        const LOOSE_VECTOR *k = (const void *)(kernel + l->begins[s] + c);
        UNROLL
        for (int i = 0; i < LINE_ROWS; i++) {
            const LOOSE_VECTOR *a = (const void *)((const NUMBER *)l->a[s][first + i] + c);
            UNROLL
            for (int v = 0; v < vectors; v++) {
                sums[i][v] += a[v] * k[v];
            }
        }
    }
    UNROLL
    for (int i = 0; i < LINE_ROWS; i++) {
        if (first + i < l->rows) {
            LOOSE_VECTOR *y = (void *)((NUMBER *)l->y[first + i] + c);
            UNROLL
            for (int v = 0; v < vectors; v++) {
                if (l->adds) {
                    sums[i][v] += y[v];
                }
                y[v] = sums[i][v];
            }
        }
    }
}

/* The channels behind the last vector. */
static void NAME(sum_rest)(const lines *l, const NUMBER *kernel, int i, int64_t c) {
    for (; c < l->channels; c++) {
        NUMBER sum = 0;
        for (int64_t s = 0; s < l->segments; s++) {
            sum += ((const NUMBER *)l->a[s][i])[c] * kernel[l->begins[s] + c];
        }
        NUMBER *y = l->y[i];
        y[c] = l->adds ? y[c] + sum : sum;
    }
}

static void NAME(sum_lines)(const lines *l, const NUMBER *kernel) {
    int64_t c = 0;
    for (; c + LINE_VECTORS * LANES <= l->channels; c += LINE_VECTORS * LANES) {
        for (int first = 0; first < l->rows; first += LINE_ROWS) {
            NAME(sum_line)(l, kernel, first, c, LINE_VECTORS);
        }
    }
    for (; c + LANES <= l->channels; c += LANES) {
        for (int first = 0; first < l->rows; first += LINE_ROWS) {
            NAME(sum_line)(l, kernel, first, c, 1);
        }
    }
    for (int i = 0; i < l->rows; i++) {
        NAME(sum_rest)(l, kernel, i, c);
    }
}

/* ---- by the kernel -------------------------------------------------------------------------- */

/* k[s] += sum over i of a[s][i] y[i], for some vectors of channels from c on. */
static ALWAYS_INLINE void NAME(sum_products_at)(const lines *l, NUMBER *kernel, int64_t c,
                                                const int vectors) {
    for (int64_t s = 0; s < l->segments; s++) {
        LOOSE_VECTOR *k = (void *)(kernel + l->begins[s] + c);
        VECTOR sums[LINE_VECTORS] = {{0}};
        for (int i = 0; i < l->rows; i++) {
            const LOOSE_VECTOR *a = (const void *)((const NUMBER *)l->a[s][i] + c);
            const LOOSE_VECTOR *y = (const void *)((const NUMBER *)l->y[i] + c);
            UNROLL
            for (int v = 0; v < vectors; v++) {
                sums[v] += a[v] * y[v];
            }
        }
        UNROLL
        for (int v = 0; v < vectors; v++) {
            k[v] += sums[v];
        }
    }
}

static void NAME(sum_products)(const lines *l, NUMBER *kernel) {
    int64_t c = 0;
    for (; c + LINE_VECTORS * LANES <= l->channels; c += LINE_VECTORS * LANES) {
        NAME(sum_products_at)(l, kernel, c, LINE_VECTORS);
    }
    for (; c + LANES <= l->channels; c += LANES) {
        NAME(sum_products_at)(l, kernel, c, 1);
    }
    for (; c < l->channels; c++) {
        for (int64_t s = 0; s < l->segments; s++) {
            NUMBER sum = 0;
            for (int i = 0; i < l->rows; i++) {
                sum += ((const NUMBER *)l->a[s][i])[c] * ((const NUMBER *)l->y[i])[c];
            }
            kernel[l->begins[s] + c] += sum;
        }
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
#undef NUMBER
#undef NAME
