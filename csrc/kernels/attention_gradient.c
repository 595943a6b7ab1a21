/* The gradient of attention. With the shares p = e^(score - m) / l, which of them are kept as k
 * (0, or 1 / (1 - rate)), and D = sum of dy y for each query:
 *
 *     dp = k (dy v^T)     dscore = p (dp - D)     dv = (k p)^T dy
 *     dq = scale dscore k     dk = scale dscore^T q
 *
 * A task has the keys and values of a group for its own, block by block, and takes the queries of
 * all heads of the group through them. Where groups are few, their keys are cut into parts: each
 * part sums dq on its own, and these sums are added in order. The lower half of this file is a
 * template for one type of number (per_float.h). */
#ifndef NUMBER
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "attention_tile.h"

enum { ENOUGH_TASKS = 8 };

/* How the work is cut. */
typedef struct gradient_work {
    const attention_gradient_call *g;
    query_blocks blocks;
    int64_t row;
    int64_t parts;     /* of the keys of a group */
    int64_t part_keys; /* a multiple of MOST_KEYS */
    int64_t dq_size;   /* numbers */
    char *partial_dq;  /* [parts - 1][dq_size]; part 0 sums in place */
    atomic_bool failed;
} gradient_work;

/* What a task works with: memory of a tile, and the gradients of which it is the owner. */
typedef struct gradient_task {
    void *shares; /* of a tile: products become scores and then shares, */
    void *dscores;
    void *dq;     /* and what the part adds to dq */
    bool adds_dq; /* the first tiles set their gradients, later ones add to them */
    bool adds_dk; /* and to dv */
} gradient_task;

static const attention *attention_of(const gradient_work *w) {
    return &w->g->forward;
}

#define TEMPLATE "attention_gradient.c"
#include "per_float.h"

static void run_tasks(void *work, int64_t begin, int64_t end) {
    gradient_work *w = work;
    size_t bytes = (size_t)(w->blocks.length * w->row) * lego_dtype_size(attention_of(w)->dtype);
    char *memory = memory_take(2 * bytes);
    if (!memory) {
        atomic_store(&w->failed, true);
        return;
    }
    gradient_task own = {.shares = memory, .dscores = memory + bytes};
    for (int64_t task = begin; task < end; task++) {
        if (attention_of(w)->dtype == LEGO_FLOAT32) {
            run_part_float32(w, task, &own);
        } else {
            run_part_float64(w, task, &own);
        }
    }
    memory_give(memory, 2 * bytes);
}

static void run_sums(void *work, int64_t begin, int64_t end) {
    const gradient_work *w = work;
    if (attention_of(w)->dtype == LEGO_FLOAT32) {
        add_parts_float32(w, begin, end);
    } else {
        add_parts_float64(w, begin, end);
    }
}

/* By sizes alone. */
static void cut_keys(gradient_work *w) {
    const attention *a = attention_of(w);
    int64_t groups = larger(1, a->batch * a->groups);
    int64_t blocks = divide_up(a->keys, MOST_KEYS);
    int64_t parts = groups < ENOUGH_TASKS ? smaller(blocks, divide_up(ENOUGH_TASKS, groups)) : 1;
    w->part_keys = divide_up(larger(1, blocks), larger(1, parts)) * MOST_KEYS;
    w->parts = larger(1, divide_up(a->keys, w->part_keys));
}

static void run_parts(gradient_work *w) {
    const attention *a = attention_of(w);
    int64_t heads = a->heads / a->groups;
    int64_t keys = larger(1, smaller(w->part_keys, a->keys));
    int64_t work = heads * a->queries * keys * score_work(3 * a->size + 2 * a->value_size);
    threads_run(a->batch * a->groups * w->parts, threads_grain(work), run_tasks, w);
    if (w->parts > 1 && !atomic_load(&w->failed)) {
        threads_run(w->dq_size, threads_grain(w->parts), run_sums, w);
    }
}

lego_status attention_gradient_run(const attention_gradient_call *g) {
    const attention *a = &g->forward;
    gradient_work w = {
        .g = g,
        .blocks = cut_queries(a),
        .row = tile_row(a->dtype, smaller(a->keys, MOST_KEYS)),
        .dq_size = a->batch * a->queries * a->heads * a->size,
    };
    cut_keys(&w);
    int64_t bytes;
    if (!size_multiply((w.parts - 1) * (int64_t)lego_dtype_size(a->dtype), w.dq_size, &bytes)) {
        return LEGO_NO_MEMORY;
    }
    w.partial_dq = memory_take((size_t)bytes);
    if (!w.partial_dq) {
        return LEGO_NO_MEMORY;
    }
    run_parts(&w);
    memory_give(w.partial_dq, (size_t)bytes);
    return atomic_load(&w.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

#else /* the template, for one type of number */

/* dp becomes dscore = p (dp - mean), times a factor. */
static void NAME(slope)(int64_t n, const NUMBER mean, const NUMBER factor, const NUMBER *restrict p,
                        NUMBER *restrict dp) {
    EACH_LINE {
        EACH_LANE {
            dp[line + j] = p[line + j] * (dp[line + j] - mean) * factor;
        }
    }
}

static void NAME(multiply_rows)(int64_t n, const NUMBER *restrict factors, NUMBER *restrict x) {
    EACH_LINE {
        EACH_LANE {
            x[line + j] *= factors[line + j];
        }
    }
}

/* The number of query i of a tile in an array (batch, heads, queries). */
static NUMBER NAME(number_at)(const attention_operand *x, const attention_tile *t, int64_t i) {
    return ((const NUMBER *)x->data)[t->batch * x->strides[0] + t->head * x->strides[1] +
                                     (t->query + i) * x->strides[2]];
}

static NUMBER *NAME(dscores_at)(const gradient_work *w, const attention_tile *t, int64_t i) {
    const attention *a = attention_of(w);
    int64_t row = (t->batch * a->heads + t->head) * a->queries + t->query + i;
    return (NUMBER *)w->g->dscores + row * a->keys + t->key;
}

/* Row i of a tile: products of queries and keys become the shares that weigh values, those of dy
 * and values the gradients of products. */
static void NAME(gradient_row)(const gradient_work *w, const attention_tile *t, int64_t i,
                               NUMBER mean, NUMBER *p, NUMBER *dp) {
    const attention *a = attention_of(w);
    const int64_t n = t->keys;
    const NUMBER largest = NAME(number_at)(&w->g->largest, t, i);
    const NUMBER sum = NAME(number_at)(&w->g->sums, t, i);
    const bool is_score = w->g->dscores || !isinf(a->soft_cap); /* before it is scaled */
    NUMBER slopes[MOST_KEYS];
    tile_words words;
    NAME(attention_score)(a, t, i, p, slopes);
    NAME(attention_powers)(n, FINITE(largest), 1 / sum, p);
    const uint32_t *numbers = a->rate > 0 ? words_of(a, t, i, &words) : NULL;
    if (numbers) {
        NAME(attention_drop)(n, numbers, a->rate, dp);
    }
    NAME(slope)(n, mean, is_score ? 1 : (NUMBER)a->scale, p, dp);
    NAME(attention_hide)(a, t, i, 0, dp);
    if (numbers) {
        NAME(attention_drop)(n, numbers, a->rate, p);
    }
    if (w->g->dscores) {
        memcpy(NAME(dscores_at)(w, t, i), dp, (size_t)n * sizeof(NUMBER));
    }
    if (!isinf(a->soft_cap)) {
        NAME(multiply_rows)(n, slopes, dp);
    }
    if (is_score) {
        NAME(attention_scale)(n, (NUMBER)a->scale, dp);
    }
}

static void NAME(gradient_rows)(const gradient_work *w, const attention_tile *t, gemm_operand dy,
                                gradient_task *s) {
    const attention *a = attention_of(w);
    gemm_operand y = steps_from(a->dtype, &w->g->y, t->batch, t->query, t->head);
    for (int64_t i = 0; i < t->queries; i++) {
        NUMBER mean = NAME(attention_dot)(
            a->value_size, (const NUMBER *)dy.data + i * dy.row_stride, dy.column_stride,
            (const NUMBER *)y.data + i * y.row_stride, y.column_stride);
        NAME(gradient_row)(w, t, i, mean, (NUMBER *)s->shares + i * t->row,
                           (NUMBER *)s->dscores + i * t->row);
    }
}

/* Adds what a tile has to say to dq, dk and dv. */
static void NAME(gradient_tile)(const gradient_work *w, const attention_tile *t, gradient_task *s) {
    const attention *a = attention_of(w);
    const lego_dtype dtype = a->dtype;
    const int64_t group = t->head / (a->heads / a->groups);
    gemm_operand q = steps_from(dtype, &a->query, t->batch, t->query, t->head);
    gemm_operand k = steps_from(dtype, &a->key, t->batch, t->key, group);
    gemm_operand v = steps_from(dtype, &a->value, t->batch, t->key, group);
    gemm_operand dy = steps_from(dtype, &w->g->dy, t->batch, t->query, t->head);
    multiply_keys(a, t, s->shares);
    attention_multiply(dtype, t->queries, a->value_size, t->keys, dy, transposed(v), s->dscores,
                       t->row, false);
    NAME(gradient_rows)(w, t, dy, s);

    const attention_operand all[] = {
        row_major(s->dq, a->queries, a->heads, a->size),
        row_major(w->g->dkey, a->keys, a->groups, a->size),
        row_major(w->g->dvalue, a->keys, a->groups, a->value_size),
    };
    gemm_operand shares = {.data = s->shares, .row_stride = t->row, .column_stride = 1};
    gemm_operand dscores = {.data = s->dscores, .row_stride = t->row, .column_stride = 1};
    gemm_operand dq = steps_from(dtype, &all[0], t->batch, t->query, t->head);
    gemm_operand dk = steps_from(dtype, &all[1], t->batch, t->key, group);
    gemm_operand dv = steps_from(dtype, &all[2], t->batch, t->key, group);
    attention_multiply(dtype, t->keys, t->queries, a->value_size, transposed(shares), dy,
                       (void *)dv.data, dv.row_stride, s->adds_dk);
    attention_multiply(dtype, t->keys, t->queries, a->size, transposed(dscores), q, (void *)dk.data,
                       dk.row_stride, s->adds_dk);
    attention_multiply(dtype, t->queries, t->keys, a->size, dscores, k, (void *)dq.data,
                       dq.row_stride, s->adds_dq);
    s->adds_dk = true;
}

static NEVER_INLINE void NAME(clear)(int64_t steps, int64_t size, NUMBER *x, int64_t row) {
    for (int64_t i = 0; i < steps; i++) {
        memset(x + i * row, 0, (size_t)size * sizeof(NUMBER));
    }
}

/* How many of a tile's keys the queries have shares of: a causal mask hides those behind. Where no
 * key counts, all have the same share. */
static int64_t NAME(keys_in_use)(const gradient_work *w, const attention_tile *t) {
    int64_t seen = keys_seen(attention_of(w), t->query + t->queries) - t->key;
    int64_t keys = larger(0, smaller(seen, t->keys));
    for (int64_t i = 0; i < t->queries && keys < t->keys; i++) {
        keys = NAME(number_at)(&w->g->largest, t, i) > (NUMBER)FAR_BELOW ? keys : t->keys;
    }
    return keys;
}

/* A tile, or what a causal mask leaves of it. */
static void NAME(run_tile)(const gradient_work *w, attention_tile t, gradient_task *s) {
    const attention *a = attention_of(w);
    int64_t keys = NAME(keys_in_use)(w, &t), hidden = t.keys - keys;
    if (w->g->dscores) {
        NAME(clear)(t.queries, hidden, NAME(dscores_at)(w, &t, 0) + keys, a->keys);
    }
    t.keys = keys;
    if (keys > 0) {
        NAME(gradient_tile)(w, &t, s);
    } else if (!s->adds_dq) {
        int64_t row = (t.batch * a->queries + t.query) * a->heads + t.head;
        NAME(clear)(t.queries, a->size, (NUMBER *)s->dq + row * a->size, a->heads * a->size);
    }
}

static void NAME(clear_keys)(const gradient_work *w, const attention_tile *t, int64_t group) {
    const attention *a = attention_of(w);
    int64_t row = (t->batch * a->keys + t->key) * a->groups + group;
    NUMBER *dk = (NUMBER *)w->g->dkey + row * a->size;
    NUMBER *dv = (NUMBER *)w->g->dvalue + row * a->value_size;
    NAME(clear)(t->keys, a->size, dk, a->groups * a->size);
    NAME(clear)(t->keys, a->value_size, dv, a->groups * a->value_size);
}

/* All queries of a group pass the keys of a block. The last queries, which see the most keys, come
 * first: their tile sets dk and dv, unless some keys are behind them all. */
static void NAME(run_keys)(const gradient_work *w, attention_tile t, int64_t group,
                           gradient_task *s) {
    const attention *a = attention_of(w);
    const int64_t heads = a->heads / a->groups, queries = w->blocks.length;
    s->adds_dk = heads * w->blocks.count == 0 || keys_seen(a, a->queries) < t.key + t.keys;
    if (s->adds_dk) {
        NAME(clear_keys)(w, &t, group);
    }
    for (t.head = group * heads; t.head < (group + 1) * heads; t.head++) {
        for (int64_t block = w->blocks.count - 1; block >= 0; block--) {
            t.query = block * queries;
            t.queries = larger(0, smaller(queries, a->queries - t.query));
            NAME(run_tile)(w, t, s);
        }
    }
}

static void NAME(run_part)(const gradient_work *w, int64_t task, gradient_task *s) {
    const attention *a = attention_of(w);
    int64_t part = task % w->parts, pair = task / w->parts, key = part * w->part_keys;
    int64_t end = smaller(a->keys, key + w->part_keys);
    attention_tile t = {.batch = pair / a->groups, .key = key, .row = w->row};
    NUMBER *extra = (NUMBER *)w->partial_dq + (part - 1) * w->dq_size;
    s->dq = part > 0 ? extra : w->g->dquery;
    do { /* without keys as well: dq is 0 then */
        t.keys = smaller(MOST_KEYS, end - t.key);
        s->adds_dq = t.key > key;
        NAME(run_keys)(w, t, pair % a->groups, s);
        t.key += t.keys;
    } while (t.key < end);
}

static void NAME(add_parts)(const gradient_work *w, int64_t begin, int64_t end) {
    NUMBER *dq = w->g->dquery;
    const NUMBER *extra = (const NUMBER *)w->partial_dq;
    for (int64_t part = 1; part < w->parts; part++, extra += w->dq_size) {
        for (int64_t i = begin; i < end; i++) {
            dq[i] += extra[i];
        }
    }
}
#endif
