/* Rows of tiles of attention: products become scores, and scores powers. The lower half of this
 * file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include <math.h>
#include <string.h>

#include "attention_tile.h"
#include "elements.h"
#include "gemm.h"
#include "sigmoid.h"

#define tanh_float32 fast_tanhf
#define tanh_float64 fast_tanh

/* The rows of x from a step on, as a matrix: (step, number). */
gemm_operand steps_from(lego_dtype dtype, const attention_operand *x, int64_t batch, int64_t step,
                        int64_t head) {
    int64_t offset = batch * x->strides[0] + step * x->strides[1] + head * x->strides[2];
    return (gemm_operand){
        .data = (const char *)x->data + offset * (int64_t)lego_dtype_size(dtype),
        .row_stride = x->strides[1],
        .column_stride = x->strides[3],
    };
}

/* y (+)= a b for a (rows, depth) and b (depth, columns). */
void attention_multiply(lego_dtype dtype, int64_t rows, int64_t depth, int64_t columns,
                        gemm_operand a, gemm_operand b, void *y, int64_t y_row, bool adds) {
    gemm g = {
        .dtype = dtype,
        .rows = rows,
        .columns = columns,
        .depth = depth,
        .a = a,
        .b = b,
        .y = y,
        .adds = adds,
    };
    gemm_run_here(&g, y_row);
}

/* The words of row i of a tile. They come in blocks of four: it may begin in the middle of one. */
const uint32_t *words_of(const attention *a, const attention_tile *t, int64_t i,
                         tile_words *words) {
    uint64_t row = (uint64_t)((t->batch * a->heads + t->head) * a->queries + t->query + i);
    uint64_t first = row * (uint64_t)a->keys + (uint64_t)t->key;
    int64_t before = (int64_t)(first % WORDS_OF_BLOCK);
    int64_t count = before + round_up(t->keys, WORDS_OF_LINE);
    random_words(a->draw, first / WORDS_OF_BLOCK, divide_up(count, WORDS_OF_BLOCK), words->numbers);
    return words->numbers + before;
}

/* Row i of a tile in a mask or a bias, whose elements have so many bytes: where it lies, or copied
 * to `room` if its elements are not adjacent. */
static const void *dense_row(const attention_operand *x, const attention_tile *t, int64_t i,
                             size_t bytes, void *room) {
    int64_t offset = t->batch * x->strides[0] + t->head * x->strides[1] +
                     (t->query + i) * x->strides[2] + t->key * x->strides[3];
    const char *row = (const char *)x->data + offset * (int64_t)bytes;
    if (x->strides[3] == 1) {
        return row;
    }
    for (int64_t j = 0; j < t->keys; j++) {
        memcpy((char *)room + j * (int64_t)bytes, row, bytes);
        row += x->strides[3] * (int64_t)bytes;
    }
    return room;
}

#define TEMPLATE "attention_rows.c"
#include "per_float.h"

#else /* the template, for one type of number */

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

NUMBER NAME(attention_dot)(int64_t n, const NUMBER *a, int64_t a_step, const NUMBER *b,
                           int64_t b_step) {
    NUMBER lanes[LANES] = {0};
    for (; a_step == 1 && b_step == 1 && n >= LANES; n -= LANES, a += LANES, b += LANES) {
        EACH_LANE {
            lanes[j] += a[j] * b[j];
        }
    }
    for (int64_t i = 0; i < n; i++) {
        lanes[i % LANES] += a[i * a_step] * b[i * b_step];
    }
    return NAME(total)(lanes);
}

void NAME(attention_scale)(int64_t n, const NUMBER factor, NUMBER *x) {
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

NUMBER NAME(attention_powers)(int64_t n, const NUMBER most, const NUMBER factor, NUMBER *x) {
    NUMBER lanes[LANES] = {0};
    EACH_LINE {
        EACH_LANE {
            const NUMBER y = NAME(exp)(x[line + j] - most) * factor;
            x[line + j] = y;
            lanes[j] += y;
        }
    }
    return NAME(total)(lanes);
}

void NAME(attention_drop)(int64_t n, const uint32_t *restrict words, double rate,
                          NUMBER *restrict x) {
    const NUMBER factor = (NUMBER)keep_factor(rate);
    const uint32_t threshold = keep_threshold(rate);
    EACH_LINE {
        EACH_LANE {
            const NUMBER kept = x[line + j] * factor;
            x[line + j] = words[line + j] < threshold ? 0 : kept;
        }
    }
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

void NAME(attention_hide)(const attention *a, const attention_tile *t, int64_t i, NUMBER other,
                          NUMBER *x) {
    int64_t seen = larger(0, t->query + i + 1 - t->key);
    if (a->mask.data) {
        NAME(mask)(a, t, i, other, x);
    }
    if (a->is_causal && seen < t->keys) {
        NAME(cut)(t->keys, seen, other, x);
    }
}

void NAME(attention_score)(const attention *a, const attention_tile *t, int64_t i, NUMBER *x,
                           NUMBER *slopes) {
    NAME(pad)(t->keys, 0, x);
    NAME(attention_scale)(t->keys, (NUMBER)a->scale, x);
    if (!isinf(a->soft_cap)) {
        NAME(cap)(t->keys, (NUMBER)a->soft_cap, x, slopes);
    }
    if (a->bias.data) {
        NAME(add_bias)(a, t, i, x);
    }
    NAME(attention_hide)(a, t, i, (NUMBER)FAR_BELOW, x);
    NAME(pad)(t->keys, -(NUMBER)INFINITY, x);
}
#endif
