/* Loops over a row of a tile of attention: a template for one type of number (per_float.h). A row
 * is whole lines of the cache, so that a loop is a few vectors of any width, without an end. Behind
 * the last key stand scores of -infinity, whose powers are 0. Sums have as many running totals for
 * all instruction sets: their bits are the same. */

/* x = number from key `first` on, to the end of its line. */
static inline void NAME(pad)(int64_t first, NUMBER number, NUMBER *x) {
    const int64_t line = first / LANES * LANES;
    const int keys = (int)(first - line);
    if (keys > 0) {
        EACH_LANE {
            x[line + j] = j < keys ? x[line + j] : number;
        }
    }
}

/* The sum of running totals, which it spends. */
static inline NUMBER NAME(total)(NUMBER *lanes) {
    UNROLL
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) {
            lanes[j] += lanes[j + half];
        }
    }
    return lanes[0];
}

static void NAME(scale)(int64_t n, const NUMBER factor, NUMBER *x) {
    EACH_LINE {
        EACH_LANE {
            x[line + j] *= factor;
        }
    }
}

/* x = c tanh(x / c); slope becomes 1 - tanh(x / c)^2. */
static NEVER_INLINE void NAME(cap)(int64_t n, const NUMBER c, NUMBER *restrict x,
                                   NUMBER *restrict slope) {
    EACH_LINE {
        EACH_LANE {
            const NUMBER y = NAME(tanh)(x[line + j] / c);
            x[line + j] = y * c;
            slope[line + j] = 1 - y * y;
        }
    }
}

/* x = e^(x - most) */
static void NAME(powers)(int64_t n, const NUMBER most, NUMBER *x) {
    EACH_LINE {
        EACH_LANE {
            x[line + j] = NAME(exp)(x[line + j] - most);
        }
    }
}

/* x = 0 where a share is dropped; what is left is larger for it. */
static void NAME(drop)(int64_t n, const uint32_t *restrict words, double rate, NUMBER *restrict x) {
    const NUMBER factor = (NUMBER)keep_factor(rate);
    const uint32_t threshold = keep_threshold(rate);
    EACH_LINE {
        EACH_LANE {
            const NUMBER kept = x[line + j] * factor;
            x[line + j] = words[line + j] < threshold ? 0 : kept;
        }
    }
}

/* The number that scores are compared with: the largest, unless all are -infinity. */
static inline NUMBER NAME(finite)(NUMBER largest) {
    return largest == -(NUMBER)INFINITY ? 0 : largest;
}

/* ---- with the mask and the bias of a tile -----------------------------------------------------
 */

static NEVER_INLINE void NAME(add_bias)(const attention *a, const attention_tile *t, int64_t row,
                                        NUMBER *restrict x) {
    NUMBER room[MOST_KEYS];
    const NUMBER *bias = dense_row(&a->bias, t, row, sizeof(NUMBER), room);
    const int64_t n = t->keys;
    EACH_ELEMENT {
        x[i] += bias[i];
    }
}

/* x = other where the mask is false. */
static NEVER_INLINE void NAME(mask)(const attention *a, const attention_tile *t, int64_t row,
                                    NUMBER other, NUMBER *restrict x) {
    uint8_t room[MOST_KEYS];
    const uint8_t *mask = dense_row(&a->mask, t, row, 1, room);
    const int64_t n = t->keys;
    EACH_ELEMENT {
        x[i] = mask[i] ? x[i] : other;
    }
}

/* x = other for the keys from `first` on. */
static void NAME(cut)(int64_t n, int64_t first, NUMBER other, NUMBER *x) {
    EACH_LINE {
        const int keys = (int)(first - line);
        EACH_LANE {
            x[line + j] = j < keys ? x[line + j] : other;
        }
    }
}

/* x = other where a key does not count. */
static void NAME(hide)(const attention *a, const attention_tile *t, int64_t i, NUMBER other,
                       NUMBER *x) {
    int64_t seen = larger(0, t->query + i + 1 - t->key);
    if (a->mask.data) {
        NAME(mask)(a, t, i, other, x);
    }
    if (a->is_causal && seen < t->keys) {
        NAME(cut)(t->keys, seen, other, x);
    }
}

/* Makes scores of the products in row i; slopes are those of the soft cap. */
static void NAME(score)(const attention *a, const attention_tile *t, int64_t i, NUMBER *x,
                        NUMBER *slopes) {
    NAME(pad)(t->keys, 0, x);
    NAME(scale)(t->keys, (NUMBER)a->scale, x);
    if (!isinf(a->soft_cap)) {
        NAME(cap)(t->keys, (NUMBER)a->soft_cap, x, slopes);
    }
    if (a->bias.data) {
        NAME(add_bias)(a, t, i, x);
    }
    NAME(hide)(a, t, i, (NUMBER)FAR_BELOW, x);
    NAME(pad)(t->keys, -(NUMBER)INFINITY, x);
}
