/* A small network for tests. */
#include "net.h"

#include <math.h>

/* Numbers between -1/2 and 1/2 in no visible order. */
static lego_tensor *scattered(int rank, const int64_t *shape) {
    lego_tensor *x = keep(lego_variable_new(LEGO_FLOAT32, rank, shape, NULL, true));
    int64_t size = x ? lego_tensor_size(x) : 0;
    for (int64_t i = 0; i < size; i++) {
        ((float *)lego_tensor_data(x))[i] = (float)(sin((double)(i * i) + 1) / 2);
    }
    return x;
}

bool net_open(net *n, int64_t rows, int64_t inputs, int64_t hidden) {
    n->x = scattered(2, (int64_t[]){rows, inputs});
    n->t = scattered(2, (int64_t[]){rows, 1});
    n->weights[0] = scattered(2, (int64_t[]){inputs, hidden});
    n->weights[1] = scattered(1, (int64_t[]){hidden});
    n->weights[2] = scattered(2, (int64_t[]){hidden, 1});
    n->weights[3] = scattered(1, (int64_t[]){1});
    if (!n->x || !n->t) {
        return false;
    }
    lego_variable_set_trainable(n->x, false);
    lego_variable_set_trainable(n->t, false);
    return n->weights[0] && n->weights[1] && n->weights[2] && n->weights[3];
}

static lego_tensor *dense(lego_tensor *x, lego_tensor *w, lego_tensor *b) {
    const int64_t not_transposed[] = {0, 0};
    return APPLY("add", NULL, APPLY("matmul", not_transposed, x, w), b);
}

lego_tensor *net_loss(const net *n) {
    const axes_attributes all = {.axes = {2, {0, 1}}};
    lego_taping former = lego_tape(LEGO_TAPE_VARIABLES);
    lego_tensor *hidden = APPLY("tanh", NULL, dense(n->x, n->weights[0], n->weights[1]));
    lego_tensor *y = APPLY("sigmoid", NULL, dense(hidden, n->weights[2], n->weights[3]));
    lego_tensor *miss = APPLY("square", NULL, APPLY("subtract", NULL, y, n->t));
    lego_tensor *loss = APPLY("mean", &all, miss);
    lego_tape(former);
    return loss;
}

/* weight := weight - rate * gradient */
static bool descend(lego_tensor *weight, lego_tensor *gradient, lego_tensor *rate) {
    lego_tensor *step = APPLY("multiply", NULL, gradient, rate);
    return APPLY("assign", NULL, weight, APPLY("subtract", NULL, weight, step)) != NULL;
}

lego_tensor *net_train(const net *n) {
    const float half = 0.5F;
    lego_tensor *gradients[NET_WEIGHTS];
    lego_tensor *rate = keep(lego_tensor_new(LEGO_FLOAT32, 0, NULL, &half));
    lego_tensor *loss = net_loss(n);
    if (!loss || !rate ||
        lego_gradients(&loss, NULL, 1, n->weights, NET_WEIGHTS, false, gradients)) {
        return NULL;
    }
    bool done = true;
    for (int i = 0; i < NET_WEIGHTS; i++) {
        done = descend(n->weights[i], keep(gradients[i]), rate) && done;
    }
    return done ? loss : NULL;
}
