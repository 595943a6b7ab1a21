/* s += g and t += g (x - c) for one type of number: a template of pair_sums.c (per_float.h explains
 * it). g is NULL if it is x - c. Whether there is a g, and the width of a block, are constants
 * where the innermost function is inlined. */

static void NAME(given)(int64_t n, const void *from, double *to) {
    const NUMBER *x = from;
    EACH_ELEMENT {
        to[i] = x[i];
    }
}

static void NAME(centers)(int64_t n, const void *from, int64_t stride, double *c) {
    const NUMBER *x = from;
    EACH_ELEMENT {
        const NUMBER first = x[i * stride];
        c[i] = first - first == 0 ? first : 0;
    }
}

static void NAME(write)(int64_t n, const double *from, void *to) {
    NUMBER *y = to;
    EACH_ELEMENT {
        y[i] = (NUMBER)from[i];
    }
}

/* A whole block of columns, or one number for each lane. */
static ALWAYS_INLINE void NAME(add_whole)(const NUMBER *g, const NUMBER *x, const double *c,
                                          double *s, double *t) {
    for (int i = 0; i < BLOCK; i += DOUBLES) {
        const doubles away = DOUBLES_OF(x + i) - *(const loose_doubles *)(c + i);
        const doubles factor = g ? DOUBLES_OF(g + i) : away;
        *(loose_doubles *)(s + i) += factor;
        *(loose_doubles *)(t + i) += factor * away;
    }
}

static ALWAYS_INLINE void NAME(add)(const int n, const NUMBER *g, const NUMBER *x, const double *c,
                                    double *s, double *t) {
    EACH_ELEMENT {
        const double away = (double)x[i] - c[i];
        const double factor = g ? (double)g[i] : away;
        s[i] += factor;
        t[i] += factor * away;
    }
}

/* Sums n <= BLOCK columns in registers; `is_whole`, a constant, says that n is BLOCK. If `ahead` is
 * not 0, each row prefetches its share of the next band, in the order of memory: rows lie too far
 * apart for hardware prefetchers. */
static ALWAYS_INLINE void NAME(add_block)(int64_t rows, int64_t stride, bool is_whole, const int n,
                                          int64_t ahead, const NUMBER *g, const NUMBER *x,
                                          const double *c, double *s, double *t) {
    double sums[BLOCK], products[BLOCK], centers[BLOCK];
    for (int i = 0; i < n; i++) {
        sums[i] = s[i], products[i] = t[i], centers[i] = c[i];
    }
    for (int64_t row = 0; row < rows; row++) {
        const int64_t at = row * stride;
        if (ahead) {
            prefetch(g ? g + ahead + row * n : g);
            prefetch(x + ahead + row * n);
        }
        if (is_whole) {
            NAME(add_whole)(g ? g + at : g, x + at, centers, sums, products);
        } else {
            NAME(add)(n, g ? g + at : g, x + at, centers, sums, products);
        }
    }
    for (int i = 0; i < n; i++) {
        s[i] = sums[i], t[i] = products[i];
    }
}

static ALWAYS_INLINE void NAME(add_band)(const pair_matrix *m, const NUMBER *g, const NUMBER *x,
                                         int64_t rows, const double *c, double *s, double *t) {
    const int64_t stride = m->row_stride;
    int64_t i = 0;
    for (; i + BLOCK <= m->columns; i += BLOCK) {
        const int64_t ahead = rows * stride + i * (rows - 1);
        NAME(add_block)(rows, stride, true, BLOCK, ahead, g ? g + i : g, x + i, c + i, s + i,
                        t + i);
    }
    if (i < m->columns) {
        const int n = (int)(m->columns - i);
        NAME(add_block)(rows, stride, false, n, 0, g ? g + i : g, x + i, c + i, s + i, t + i);
    }
}

/* Short lines, n of them side by side. */
static ALWAYS_INLINE void NAME(add_beside)(const pair_matrix *m, const int n, const NUMBER *g,
                                           const NUMBER *x, const double *c, double *s, double *t) {
    const int64_t stride = m->column_stride;
    double sums[BLOCK] = {0}, products[BLOCK] = {0}, centers[BLOCK];
    for (int i = 0; i < n; i++) {
        centers[i] = c[i];
    }
    for (int64_t row = 0; row < m->rows; row++) {
        EACH_ELEMENT {
            const double away = (double)x[row + i * stride] - centers[i];
            const double factor = g ? (double)g[row + i * stride] : away;
            sums[i] += factor;
            products[i] += factor * away;
        }
    }
    for (int i = 0; i < n; i++) {
        s[i] += sums[i], t[i] += products[i];
    }
}

static ALWAYS_INLINE void NAME(add_short_lines)(const pair_matrix *m, const NUMBER *g,
                                                const double *c, double *s, double *t) {
    const NUMBER *x = m->x;
    int64_t i = 0;
    for (; i < m->columns; i += BLOCK) {
        const int n = (int)smaller(BLOCK, m->columns - i);
        const int64_t at = i * m->column_stride;
        if (n == BLOCK) {
            NAME(add_beside)(m, BLOCK, g ? g + at : g, x + at, c + i, s + i, t + i);
        } else {
            NAME(add_beside)(m, n, g ? g + at : g, x + at, c + i, s + i, t + i);
        }
    }
}

/* Adds all rows to s[columns] and t[columns]. */
static void NAME(add_columns)(const pair_matrix *m, const double *c, double *s, double *t) {
    const NUMBER *g = m->g, *x = m->x;
    if (m->column_stride > 1) {
        if (g) {
            NAME(add_short_lines)(m, g, c, s, t);
        } else {
            NAME(add_short_lines)(m, NULL, c, s, t);
        }
        return;
    }
    const int64_t band = band_rows(m->columns);
    for (int64_t row = 0; row < m->rows; row += band) {
        const int64_t rows = smaller(band, m->rows - row);
        const int64_t offset = row * m->row_stride;
        if (g) {
            NAME(add_band)(m, g + offset, x + offset, rows, c, s, t);
        } else {
            NAME(add_band)(m, NULL, x + offset, rows, c, s, t);
        }
    }
}

/* Adds the last numbers of a line of PAIR_LANES or more: they go to the lanes from `first` on. */
static ALWAYS_INLINE void NAME(add_last)(int first, const NUMBER *g, const NUMBER *x, double c,
                                         double *s, double *t) {
    for (int lane = 0; lane < PAIR_LANES; lane++) {
        const double away = lane < first ? 0 : (double)x[lane] - c;
        const double factor = !g ? away : lane < first ? 0 : (double)g[lane];
        s[lane] += factor;
        t[lane] += factor * away;
    }
}

static ALWAYS_INLINE void NAME(add_lanes)(int64_t n, const NUMBER *g, const NUMBER *x, double c,
                                          pair_lanes *lanes) {
    double s[PAIR_LANES], t[PAIR_LANES], centers[PAIR_LANES];
    memcpy(s, lanes->s, sizeof s);
    memcpy(t, lanes->t, sizeof t);
    for (int lane = 0; lane < PAIR_LANES; lane++) {
        centers[lane] = c;
    }
    for (int64_t i = 0; i + PAIR_LANES <= n; i += PAIR_LANES) {
        NAME(add_whole)(g ? g + i : g, x + i, centers, s, t);
    }
    const int left = (int)(n % PAIR_LANES), first = PAIR_LANES - left;
    if (left > 0 && n > PAIR_LANES) {
        NAME(add_last)(first, g ? g + n - PAIR_LANES : g, x + n - PAIR_LANES, c, s, t);
    } else if (left > 0) {
        NUMBER padded_g[PAIR_LANES] = {0}, padded_x[PAIR_LANES] = {0};
        for (int i = 0; i < left; i++) {
            padded_x[first + i] = x[i];
            padded_g[first + i] = g ? g[i] : 0;
        }
        NAME(add_last)(first, g ? padded_g : g, padded_x, c, s, t);
    }
    memcpy(lanes->s, s, sizeof s);
    memcpy(lanes->t, t, sizeof t);
}

/* Adds the n numbers of a line: number i to lane i % PAIR_LANES, and what is left at the end to the
 * last lanes, so that it is read as one vector. */
static void NAME(add_line)(int64_t n, const void *g, const void *x, double c, pair_lanes *lanes) {
    if (g) {
        NAME(add_lanes)(n, g, x, c, lanes);
    } else {
        NAME(add_lanes)(n, NULL, x, c, lanes);
    }
}
