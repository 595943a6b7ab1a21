/* Winograd's transforms for one dtype: a template (per_float.h) of winograd_transform.c.
 *
 * A tile is transformed row by row, then the result column by column. Each element of a tile is a
 * vector: of adjacent channels or kernels. `outputs` is a constant where these functions are
 * inlined, so that the tile stays in registers. */

#define VECTOR       NAME(vector)
#define LOOSE_VECTOR NAME(loose_vector)
#define LANES        (VECTOR_BYTES / (int)sizeof(NUMBER))

typedef NUMBER VECTOR __attribute__((vector_size(VECTOR_BYTES)));

/* The same in memory, aligned only as its numbers are. */
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(NUMBER)), may_alias));

/* ---- lines: consecutive elements are `step` vectors apart ------------------------------------ */

/* u = G k */
static ALWAYS_INLINE void NAME(kernel_line)(const int outputs, const VECTOR *k, VECTOR *u,
                                            const int step) {
    VECTOR ends = k[0] + k[2 * step];
    if (outputs == 2) {
        u[0] = k[0];
        u[step] = (ends + k[step]) * (NUMBER)0.5;
        u[2 * step] = (ends - k[step]) * (NUMBER)0.5;
        u[3 * step] = k[2 * step];
    } else {
        VECTOR far = k[0] + k[2 * step] * 4;
        VECTOR last = k[2 * step];
        VECTOR middle = k[step];
        u[0] = k[0] * (NUMBER)0.25;
        u[step] = (ends + middle) * (NUMBER)(-1.0 / 6);
        u[2 * step] = (ends - middle) * (NUMBER)(-1.0 / 6);
        u[3 * step] = (far + middle * 2) * (NUMBER)(1.0 / 24);
        u[4 * step] = (far - middle * 2) * (NUMBER)(1.0 / 24);
        u[5 * step] = last;
    }
}

/* d = B^T d */
static ALWAYS_INLINE void NAME(input_line)(const int outputs, VECTOR *d, const int step) {
    if (outputs == 2) {
        VECTOR one = d[step];
        VECTOR two = d[2 * step];
        d[0] -= two;
        d[step] = one + two;
        d[2 * step] = two - one;
        d[3 * step] = one - d[3 * step];
    } else {
        VECTOR one = d[step];
        VECTOR two = d[2 * step];
        VECTOR three = d[3 * step];
        VECTOR four = d[4 * step];
        VECTOR even = four - two * 4;
        VECTOR odd = three - one * 4;
        VECTOR near = four - two;
        VECTOR twice = (three - one) * 2;
        d[0] = d[0] * 4 - two * 5 + four;
        d[5 * step] += one * 4 - three * 5;
        d[step] = even + odd;
        d[2 * step] = even - odd;
        d[3 * step] = near + twice;
        d[4 * step] = near - twice;
    }
}

/* m[0], ... m[outputs - 1] = A^T m */
static ALWAYS_INLINE void NAME(output_line)(const int outputs, VECTOR *m, const int step) {
    VECTOR sum = m[step] + m[2 * step];
    VECTOR difference = m[step] - m[2 * step];
    if (outputs == 2) {
        m[0] += sum;
        m[step] = difference - m[3 * step];
    } else {
        VECTOR far = m[3 * step] + m[4 * step];
        VECTOR apart = m[3 * step] - m[4 * step];
        m[0] += sum + far;
        m[step] = difference + apart * 2;
        m[2 * step] = sum + far * 4;
        m[3 * step] = difference + apart * 8 + m[5 * step];
    }
}

/* u = A y */
static ALWAYS_INLINE void NAME(gradient_line)(const int outputs, const VECTOR *y, VECTOR *u,
                                              const int step) {
    VECTOR even = y[0];
    VECTOR odd = y[step];
    u[0] = y[0];
    if (outputs == 2) {
        u[3 * step] = -y[step];
    } else {
        VECTOR far = y[0] + y[2 * step] * 4;
        VECTOR apart = y[step] * 2 + y[3 * step] * 8;
        even += y[2 * step];
        odd += y[3 * step];
        u[3 * step] = far + apart;
        u[4 * step] = far - apart;
        u[5 * step] = y[3 * step];
    }
    u[step] = even + odd;
    u[2 * step] = even - odd;
}

/* u[0], u[step], u[2 step] = G^T u */
static ALWAYS_INLINE void NAME(taps_line)(const int outputs, VECTOR *u, const int step) {
    VECTOR sum = u[step] + u[2 * step];
    VECTOR difference = u[step] - u[2 * step];
    if (outputs == 2) {
        u[0] += sum * (NUMBER)0.5;
        u[step] = difference * (NUMBER)0.5;
        u[2 * step] = sum * (NUMBER)0.5 + u[3 * step];
    } else {
        VECTOR far = u[3 * step] + u[4 * step];
        VECTOR apart = u[3 * step] - u[4 * step];
        u[0] = u[0] * (NUMBER)0.25 - sum * (NUMBER)(1.0 / 6) + far * (NUMBER)(1.0 / 24);
        u[step] = apart * (NUMBER)(1.0 / 12) - difference * (NUMBER)(1.0 / 6);
        u[2 * step] = (far - sum) * (NUMBER)(1.0 / 6) + u[5 * step];
    }
}

/* ---- tiles ----------------------------------------------------------------------------------- */

static ALWAYS_INLINE void NAME(transform_kernel)(const int outputs, const void *const *taps,
                                                 int64_t count, void *to, int64_t step) {
    const int reach = outputs + WINOGRAD_TAPS - 1;
    for (int64_t at = 0; at < count; at += LANES) {
        VECTOR k[WINOGRAD_TAPS * WINOGRAD_TAPS];
        VECTOR lines[WINOGRAD_TAPS * MOST_WINOGRAD_REACH];
        VECTOR u[MOST_WINOGRAD_POINTS];
        UNROLL
        for (int i = 0; i < WINOGRAD_TAPS * WINOGRAD_TAPS; i++) {
            k[i] = *(const LOOSE_VECTOR *)((const NUMBER *)taps[i] + at);
        }
        UNROLL
        for (int i = 0; i < WINOGRAD_TAPS; i++) {
            NAME(kernel_line)(outputs, k + i, lines + i, WINOGRAD_TAPS);
        }
        /* `lines` is reach x taps now: each row of it becomes a row of u */
        UNROLL
        for (int i = 0; i < reach; i++) {
            NAME(kernel_line)(outputs, lines + i * WINOGRAD_TAPS, u + i * reach, 1);
        }
        UNROLL
        for (int i = 0; i < reach * reach; i++) {
            *(LOOSE_VECTOR *)((NUMBER *)to + i * step + at) = u[i];
        }
    }
}

static ALWAYS_INLINE void NAME(transform_input)(const int outputs, const void *const *pixels,
                                                int64_t channels, void *to, int64_t step) {
    const int reach = outputs + WINOGRAD_TAPS - 1;
    for (int64_t at = 0; at < channels; at += LANES) {
        VECTOR d[MOST_WINOGRAD_POINTS];
        UNROLL
        for (int i = 0; i < reach * reach; i++) {
            d[i] = *(const LOOSE_VECTOR *)((const NUMBER *)pixels[i] + at);
        }
        UNROLL
        for (int i = 0; i < reach; i++) {
            NAME(input_line)(outputs, d + i * reach, 1);
        }
        UNROLL
        for (int i = 0; i < reach; i++) {
            NAME(input_line)(outputs, d + i, reach);
            UNROLL
            for (int j = 0; j < reach; j++) {
                *(LOOSE_VECTOR *)((NUMBER *)to + (j * reach + i) * step + at) = d[j * reach + i];
            }
        }
    }
}

/* Stores the first `count` lanes: the last channels may not fill a vector. */
static ALWAYS_INLINE void NAME(put)(NUMBER *pixel, VECTOR y, int64_t count) {
    if (count >= LANES) {
        *(LOOSE_VECTOR *)pixel = y;
    } else {
        for (int i = 0; i < count; i++) {
            pixel[i] = y[i];
        }
    }
}

static ALWAYS_INLINE void NAME(transform_output)(const int outputs, const void *from, int64_t step,
                                                 int64_t channels, char *const *pixels,
                                                 int64_t first) {
    const int reach = outputs + WINOGRAD_TAPS - 1;
    for (int64_t at = 0; at < channels; at += LANES) {
        VECTOR m[MOST_WINOGRAD_POINTS];
        UNROLL
        for (int i = 0; i < reach; i++) {
            UNROLL
            for (int j = 0; j < reach; j++) {
                m[j * reach + i] =
                    *(const LOOSE_VECTOR *)((const NUMBER *)from + (j * reach + i) * step + at);
            }
            NAME(output_line)(outputs, m + i, reach);
        }
        UNROLL
        for (int i = 0; i < outputs; i++) {
            NAME(output_line)(outputs, m + i * reach, 1);
            UNROLL
            for (int j = 0; j < outputs; j++) {
                if (pixels[i * outputs + j]) {
                    NAME(put)((NUMBER *)(void *)pixels[i * outputs + j] + first + at,
                              m[i * reach + j], channels - at);
                }
            }
        }
    }
}

static ALWAYS_INLINE void NAME(transform_gradient)(const int outputs, const void *const *pixels,
                                                   int64_t channels, void *to, int64_t step) {
    const int reach = outputs + WINOGRAD_TAPS - 1;
    for (int64_t at = 0; at < channels; at += LANES) {
        VECTOR y[MOST_WINOGRAD_OUTPUTS * MOST_WINOGRAD_OUTPUTS];
        VECTOR lines[MOST_WINOGRAD_OUTPUTS * MOST_WINOGRAD_REACH];
        VECTOR u[MOST_WINOGRAD_POINTS];
        UNROLL
        for (int i = 0; i < outputs * outputs; i++) {
            y[i] = *(const LOOSE_VECTOR *)((const NUMBER *)pixels[i] + at);
        }
        UNROLL
        for (int i = 0; i < outputs; i++) {
            NAME(gradient_line)(outputs, y + i, lines + i, outputs);
        }
        UNROLL
        for (int i = 0; i < reach; i++) {
            NAME(gradient_line)(outputs, lines + i * outputs, u + i * reach, 1);
            UNROLL
            for (int j = 0; j < reach; j++) {
                *(LOOSE_VECTOR *)((NUMBER *)to + (i * reach + j) * step + at) = u[i * reach + j];
            }
        }
    }
}

static ALWAYS_INLINE void NAME(transform_taps)(const int outputs, const void *from, int64_t step,
                                               int64_t count, char *const *taps) {
    const int reach = outputs + WINOGRAD_TAPS - 1;
    for (int64_t at = 0; at < count; at += LANES) {
        VECTOR u[MOST_WINOGRAD_POINTS];
        UNROLL
        for (int i = 0; i < reach; i++) {
            UNROLL
            for (int j = 0; j < reach; j++) {
                u[j * reach + i] =
                    *(const LOOSE_VECTOR *)((const NUMBER *)from + (j * reach + i) * step + at);
            }
            NAME(taps_line)(outputs, u + i, reach);
        }
        UNROLL
        for (int i = 0; i < WINOGRAD_TAPS; i++) {
            NAME(taps_line)(outputs, u + i * reach, 1);
            UNROLL
            for (int j = 0; j < WINOGRAD_TAPS; j++) {
                NUMBER *tap = (NUMBER *)(void *)taps[i * WINOGRAD_TAPS + j] + at;
                *(LOOSE_VECTOR *)tap = u[i * reach + j];
            }
        }
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef LANES
