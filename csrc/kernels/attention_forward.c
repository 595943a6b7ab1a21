/* Attention, forward: each task takes a block of queries of one head through all of its keys. The
 * lower half of this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include <math.h>
#include <stdatomic.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "attention_tile.h"
#include "elements.h"

/* How the work is cut. A task takes one block of queries. */
typedef struct attention_work {
    const attention *a;
    const attention_result *result;
    query_blocks blocks;
    int64_t row;
    atomic_bool failed;
} attention_work;

static attention_tile tile_of(const attention_work *w, int64_t task) {
    int64_t head = task / w->blocks.count, query = task % w->blocks.count * w->blocks.length;
    return (attention_tile){
        .batch = head / w->a->heads,
        .head = head % w->a->heads,
        .query = query,
        .queries = larger(0, smaller(w->blocks.length, w->a->queries - query)),
        .row = w->row,
    };
}

#define TEMPLATE "attention_forward.c"
#include "per_float.h"

static void run_tasks(void *work, int64_t begin, int64_t end) {
    attention_work *w = work;
    size_t bytes = (size_t)(w->blocks.length * w->row) * lego_dtype_size(w->a->dtype);
    void *scores = memory_take(bytes);
    if (!scores) {
        atomic_store(&w->failed, true);
        return;
    }
    for (int64_t task = begin; task < end; task++) {
        attention_tile t = tile_of(w, task);
        if (w->a->dtype == LEGO_FLOAT32) {
            attend_float32(w, &t, scores);
        } else {
            attend_float64(w, &t, scores);
        }
    }
    memory_give(scores, bytes);
}

lego_status attention_run(const attention *a, const attention_result *result) {
    attention_work w = {
        .a = a,
        .result = result,
        .blocks = cut_queries(a),
        .row = tile_row(a->dtype, smaller(a->keys, MOST_KEYS)),
    };
    int64_t work = w.blocks.length * score_work(a->size + a->value_size);
    threads_run(a->batch * a->heads * w.blocks.count, threads_grain(work * larger(1, a->keys)),
                run_tasks, &w);
    return atomic_load(&w.failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

#else /* the template, for one type of number */

/* The largest of x and `most`; NaN does not count. */
static NUMBER NAME(largest)(int64_t n, const NUMBER *x, NUMBER most) {
    NUMBER lanes[LANES];
    for (int j = 0; j < LANES; j++) {
        lanes[j] = most;
    }
    EACH_LINE {
        EACH_LANE {
            lanes[j] = x[line + j] > lanes[j] ? x[line + j] : lanes[j];
        }
    }
    UNROLL
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int j = 0; j < half; j++) {
            lanes[j] = lanes[j + half] > lanes[j] ? lanes[j + half] : lanes[j];
        }
    }
    return lanes[0];
}

/* What is known of the queries of a block while keys pass by. */
typedef struct NAME(running) {
    NUMBER largest[MOST_QUERIES];
    double sums[MOST_QUERIES];
    NUMBER *y; /* of the first query, */
    int64_t y_row;
} NAME(running);

static void NAME(shrink)(const int64_t n, const NUMBER factor, NUMBER *y) {
    EACH_ELEMENT {
        y[i] *= factor;
    }
}

/* Row i of a tile becomes powers; what was summed before shrinks where the largest score grows. */
static void NAME(add_row)(const attention *a, const attention_tile *t, int64_t i, NUMBER *row,
                          NAME(running) * r) {
    NUMBER former = r->largest[i], slopes[MOST_KEYS];
    NAME(attention_score)(a, t, i, row, slopes);
    r->largest[i] = NAME(largest)(t->keys, row, former);
    const NUMBER shift = FINITE(r->largest[i]);
    const NUMBER sum = NAME(attention_powers)(t->keys, shift, 1, row);
    if (t->key > 0) {
        NUMBER shrinking = NAME(exp)(former - shift);
        r->sums[i] *= (double)shrinking;
        NAME(shrink)(a->value_size, shrinking, r->y + i * r->y_row);
    }
    r->sums[i] += (double)sum;
    if (a->rate > 0) {
        tile_words words;
        NAME(attention_drop)(t->keys, words_of(a, t, i, &words), a->rate, row);
    }
}

static void NAME(add_keys)(const attention *a, const attention_tile *t, NUMBER *scores,
                           NAME(running) * r) {
    multiply_keys(a, t, scores);
    for (int64_t i = 0; i < t->queries; i++) {
        NAME(add_row)(a, t, i, scores + i * t->row, r);
    }
    int64_t group = t->head / (a->heads / a->groups);
    gemm_operand shares = {.data = scores, .row_stride = t->row, .column_stride = 1};
    gemm_operand values = steps_from(a->dtype, &a->value, t->batch, t->key, group);
    attention_multiply(a->dtype, t->queries, t->keys, a->value_size, shares, values, r->y, r->y_row,
                       t->key > 0);
}

/* Lets the block see so many keys. Whether keys that it does not see have a part in its shares:
 * where no key counts, all of them count the same. */
static bool NAME(see)(const attention *a, attention_tile *t, int64_t keys, NUMBER *scores,
                      NAME(running) * r) {
    for (int64_t i = 0; i < t->queries; i++) {
        r->largest[i] = -(NUMBER)INFINITY;
        r->sums[i] = 0;
    }
    t->key = 0;
    do {
        t->keys = smaller(MOST_KEYS, keys - t->key);
        NAME(add_keys)(a, t, scores, r);
        t->key += t->keys;
    } while (t->key < keys);
    bool is_blind = false;
    for (int64_t i = 0; i < t->queries && keys < a->keys; i++) {
        is_blind |= !(r->largest[i] > (NUMBER)FAR_BELOW);
    }
    return is_blind;
}

static void NAME(attend)(const attention_work *w, attention_tile *t, NUMBER *scores) {
    const attention *a = w->a;
    int64_t row = (t->batch * a->heads + t->head) * a->queries + t->query;
    int64_t step = (t->batch * a->queries + t->query) * a->heads + t->head;
    NAME(running) r;
    r.y = (NUMBER *)w->result->y + step * a->value_size;
    r.y_row = a->heads * a->value_size;
    if (NAME(see)(a, t, keys_seen(a, t->query + t->queries), scores, &r)) {
        NAME(see)(a, t, a->keys, scores, &r);
    }
    for (int64_t i = 0; i < t->queries; i++) {
        const int64_t n = a->value_size;
        const NUMBER sum = a->keys > 0 ? (NUMBER)r.sums[i] : 1;
        NUMBER *restrict y = r.y + i * r.y_row;
        EACH_ELEMENT {
            y[i] /= sum;
        }
    }
    for (int64_t i = 0; i < t->queries; i++) {
        ((NUMBER *)w->result->largest)[row + i] = r.largest[i] + 0; /* 0 for -0 */
        ((NUMBER *)w->result->sums)[row + i] = (NUMBER)r.sums[i];
    }
}
#endif
