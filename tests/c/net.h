/* A small network for tests: y = sigmoid(tanh(x w0 + w1) w2 + w3), loss = mean((y - t)^2). */
#ifndef LEGO_TESTS_NET_H
#define LEGO_TESTS_NET_H

#include "check.h"

enum { NET_WEIGHTS = 4 };

typedef struct net {
    lego_tensor *weights[NET_WEIGHTS]; /* kept variables of float32 */
    lego_tensor *x;
    lego_tensor *t;
} net;

/* Weights, inputs and targets of fixed numbers; false when something failed. */
bool net_open(net *n, int64_t rows, int64_t inputs, int64_t hidden);

/* The loss, kept and with its history; NULL when something failed. */
lego_tensor *net_loss(const net *n);

/* One step of gradient descent; the loss before it, or NULL. */
lego_tensor *net_train(const net *n);

#endif
