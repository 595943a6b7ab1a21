/* Loops over a row of a tile of attention: a template for one type of number (per_float.h). Sums
 * have as many running totals for all instruction sets, so that their bits are the same. */

static NUMBER NAME(sum)(int64_t n, const NUMBER *x) {
    NUMBER lanes[ROW_LANES] = {0};
    for (; n >= ROW_LANES; n -= ROW_LANES, x += ROW_LANES) {
        _Pragma("omp simd") for (int j = 0; j < ROW_LANES; j++) {
            lanes[j] += x[j];
        }
    }
    for (int j = 0; j < n; j++) {
        lanes[j] += x[j];
    }
    UNROLL
    for (int half = ROW_LANES / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) {
            lanes[j] += lanes[j + half];
        }
    }
    return lanes[0];
}

static void NAME(scale)(const int64_t n, const NUMBER factor, NUMBER *x) {
    EACH_ELEMENT {
        x[i] *= factor;
    }
}

/* x = c tanh(x / c); slope, where it is asked for, becomes 1 - tanh(x / c)^2. */
static void NAME(cap)(const int64_t n, const NUMBER c, NUMBER *x, NUMBER *slope) {
    EACH_ELEMENT {
        x[i] = NAME(tanh)(x[i] / c);
    }
    if (slope) {
        EACH_ELEMENT {
            slope[i] = 1 - x[i] * x[i];
        }
    }
    NAME(scale)(n, c, x);
}

static void NAME(add_bias)(const int64_t n, const NUMBER *bias, const int64_t step, NUMBER *x) {
    if (step == 1) {
        EACH_ELEMENT {
            x[i] += bias[i];
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        x[i] += bias[i * step];
    }
}

/* x = other where the mask is false. */
static void NAME(mask)(const int64_t n, const uint8_t *mask, const int64_t step, const NUMBER other,
                       NUMBER *x) {
    if (step == 1) {
        EACH_ELEMENT {
            x[i] = mask[i] ? x[i] : other;
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        x[i] = mask[i * step] ? x[i] : other;
    }
}

/* x = e^(x - most) */
static void NAME(powers)(const int64_t n, const NUMBER most, NUMBER *x) {
    EACH_ELEMENT {
        x[i] = NAME(exp)(x[i] - most);
    }
}

/* The exponent that scores are compared with: all are -infinity where the largest is. */
static inline NUMBER NAME(finite)(NUMBER largest) {
    return largest == -(NUMBER)INFINITY ? 0 : largest;
}

/* ---- with the mask, the bias and the words of a tile ------------------------------------------
 */

/* x = other where key j of row i does not count. */
static void NAME(hide)(const attention *a, const attention_tile *t, int64_t i, NUMBER other,
                       NUMBER *x) {
    const int64_t *strides = a->mask.strides, query = t->query + i;
    if (a->mask.data) {
        int64_t offset =
            t->batch * strides[0] + t->head * strides[1] + query * strides[2] + t->key * strides[3];
        NAME(mask)(t->keys, (const uint8_t *)a->mask.data + offset, strides[3], other, x);
    }
    for (int64_t j = larger(0, query + 1 - t->key); a->is_causal && j < t->keys; j++) {
        x[j] = other;
    }
}

/* Makes scores of the products in row i. */
static void NAME(score)(const attention *a, const attention_tile *t, int64_t i, NUMBER *x,
                        NUMBER *slope) {
    const int64_t *strides = a->bias.strides;
    NAME(scale)(t->keys, (NUMBER)a->scale, x);
    if (!isinf(a->soft_cap)) {
        NAME(cap)(t->keys, (NUMBER)a->soft_cap, x, slope);
    }
    if (a->bias.data) {
        int64_t offset = t->batch * strides[0] + t->head * strides[1] +
                         (t->query + i) * strides[2] + t->key * strides[3];
        NAME(add_bias)(t->keys, (const NUMBER *)a->bias.data + offset, strides[3], x);
    }
    NAME(hide)(a, t, i, (NUMBER)FAR_BELOW, x);
}

/* x = 0 where a share is dropped; what is left is larger for it. */
static void NAME(drop)(const int64_t n, const uint32_t *words, double rate, NUMBER *x) {
    const NUMBER factor = (NUMBER)keep_factor(rate);
    const uint32_t threshold = keep_threshold(rate);
    EACH_ELEMENT {
        x[i] = words[i] < threshold ? 0 : x[i] * factor;
    }
}
