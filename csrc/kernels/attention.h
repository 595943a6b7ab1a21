/* Attention: y = softmax(scale q k^T + bias) v for each head, and its gradient.
 *
 * The matrix of scores is never stored as a whole (Dao et al., arXiv:2205.14135): a block of
 * queries meets the keys block by block. For each query the largest score m so far and the sum l of
 * e^(score - m) are kept; where m grows, l and y are scaled by e^(old m - new m). The gradient
 * computes the scores again, tile by tile, from m and l (Dao, arXiv:2307.08691). */
#ifndef LEGO_KERNELS_ATTENTION_H
#define LEGO_KERNELS_ATTENTION_H

#include "../core/isa.h"
#include "../core/random.h"
#include "../lego.h"

#define attention_run          FOR_ISA(attention_run)
#define attention_gradient_run FOR_ISA(attention_gradient_run)

/* Numbers read where they lie: strides count elements, and are 0 along an axis that is broadcast.
 */
typedef struct attention_operand {
    const void *data;
    int64_t strides[4];
} attention_operand;

/* Heads that stand side by side share the keys and values of a group. The axes of queries, keys and
 * values are (batch, step, head or group, number), those of mask and bias (batch, head, query,
 * key). */
typedef struct attention {
    lego_dtype dtype; /* float32 or float64 */
    int64_t batch;
    int64_t queries;
    int64_t keys;
    int64_t heads; /* a multiple of groups */
    int64_t groups;
    int64_t size;       /* of a query and of a key */
    int64_t value_size; /* of a value */

    attention_operand query;
    attention_operand key;
    attention_operand value;
    attention_operand mask; /* bool: which keys count for which queries; data NULL: all */
    attention_operand bias; /* of the dtype, added to the scores; data NULL: none */

    double scale;    /* of the products */
    double soft_cap; /* keeps them between -soft_cap and soft_cap by tanh; INFINITY: no cap */
    bool is_causal;  /* query i sees keys 0 to i */
    double rate;     /* of shares that are dropped, before they weigh values */
    random_key draw; /* which: element (batch, head, query, key) as the brick dropout counts it */
} attention;

/* A query for which no key counts gets the plain mean of all values. Row-major arrays are filled:
 * y (batch, queries, heads, value_size), largest and sums (batch, heads, queries). */
typedef struct attention_result {
    void *y;
    void *largest; /* of the scores of a query: m */
    void *sums;    /* of e^(score - m) */
} attention_result;

lego_status attention_run(const attention *a, const attention_result *result);

/* What the gradient reads beside: the outputs and dy. It fills row-major arrays of the shapes of
 * queries, keys, values and scores. */
typedef struct attention_gradient_call {
    attention forward;
    attention_operand y;
    attention_operand largest;
    attention_operand sums;
    attention_operand dy;
    void *dquery;
    void *dkey;
    void *dvalue;
    void *dscores; /* (batch, heads, queries, keys): of the scores with bias; NULL: not wanted */
} attention_gradient_call;

lego_status attention_gradient_run(const attention_gradient_call *g);

#endif
