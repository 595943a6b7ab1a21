/* A LEGO person learns XOR with lego.h alone: no Python, no other library.
 *
 *     cc -O3 -fopenmp-simd -pthread -Icsrc -o xor examples/xor.c $(find csrc -name '*.c') -lm
 *     ./xor
 *
 * The head thinks: a network computes answers to questions. The torso feels: the loss measures how
 * far the answers are from the truth. The legs walk: the optimizer takes a step downhill. All three
 * are built of the same bricks, and the engine computes the gradients through them. */
#include <stdio.h>

#include "lego.h"

enum { HIDDEN = 8, WEIGHTS = 4, STEPS = 2000, BOX_SIZE = 64 };

/* A box owns the tensors of a step until it is emptied; a step makes about thirty of them. */
typedef struct box {
    lego_tensor *tensors[BOX_SIZE];
    int count;
} box;

/* NULL stands for a failure and is passed on, so that only the last result must be checked. */
static lego_tensor *put(box *b, lego_tensor *x) {
    if (x) {
        b->tensors[b->count++] = x;
    }
    return x;
}

static void empty(box *b) {
    while (b->count > 0) {
        lego_tensor_release(b->tensors[--b->count]);
    }
}

/* y = brick(inputs), put into the box. */
static lego_tensor *build(box *b, const char *brick, const void *attributes,
                          lego_tensor *const *inputs, int count) {
    lego_tensor *y = NULL;
    int made = 0;
    for (int i = 0; i < count; i++) {
        if (!inputs[i]) {
            return NULL;
        }
    }
    lego_apply(lego_brick_find(brick), inputs, count, attributes, &y, 1, &made);
    return put(b, y);
}

static lego_tensor *of_one(box *b, const char *brick, const void *attributes, lego_tensor *x) {
    return build(b, brick, attributes, &x, 1);
}

static lego_tensor *of_two(box *b, const char *brick, lego_tensor *x0, lego_tensor *x1) {
    return build(b, brick, NULL, (lego_tensor *[]){x0, x1}, 2);
}

/* ---- the head: sigmoid(tanh(x w0 + w1) w2 + w3) --------------------------------------------- */

static lego_tensor *layer(box *b, const char *activation, lego_tensor *x, lego_tensor *const *w) {
    lego_tensor *sum = of_two(b, "add", of_two(b, "matmul", x, w[0]), w[1]);
    return of_one(b, activation, NULL, sum);
}

static lego_tensor *head(box *b, lego_tensor *questions, lego_tensor *const *weights) {
    return layer(b, "sigmoid", layer(b, "tanh", questions, weights), weights + 2);
}

/* Connections begin at random between -1 and 1. */
static lego_tensor *connections(box *b, int64_t inputs, int64_t outputs) {
    const int64_t shape[] = {inputs, outputs};
    const int64_t seed_and_draw[] = {7, inputs};
    const struct {
        int64_t rank, shape[LEGO_MAX_RANK];
        double low, high;
        int64_t dtype;
    } attributes = {2, {inputs, outputs}, -1, 1, LEGO_FLOAT32};
    lego_tensor *key = put(b, lego_tensor_new(LEGO_INT64, 1, (int64_t[]){2}, seed_and_draw));
    lego_tensor *x = of_one(b, "random_uniform", &attributes, key);
    return x ? put(b, lego_variable_new(LEGO_FLOAT32, 2, shape, lego_tensor_data(x), true)) : NULL;
}

/* Biases begin at 0. */
static lego_tensor *biases(box *b, int64_t outputs) {
    return put(b, lego_variable_new(LEGO_FLOAT32, 1, &outputs, NULL, true));
}

/* ---- the torso: mean((answers - truth)^2) --------------------------------------------------- */

static lego_tensor *torso(box *b, lego_tensor *answers, lego_tensor *truth) {
    const int64_t over_both_axes[] = {2, 0, 1, 0, 0, 0, 0, 0, 0, /* keepdims: */ false};
    lego_tensor *miss = of_two(b, "subtract", answers, truth);
    return of_one(b, "mean", over_both_axes, of_one(b, "square", NULL, miss));
}

/* ---- the legs: weight := weight - rate d loss / d weight ------------------------------------ */

static bool legs(box *b, lego_tensor *loss, lego_tensor *const *weights, lego_tensor *rate) {
    lego_tensor *gradients[WEIGHTS];
    if (!loss || lego_gradients(&loss, NULL, 1, weights, WEIGHTS, false, gradients)) {
        return false;
    }
    bool walked = true;
    for (int i = 0; i < WEIGHTS; i++) {
        lego_tensor *step = of_two(b, "multiply", put(b, gradients[i]), rate);
        lego_tensor *moved = of_two(b, "subtract", weights[i], step);
        walked = of_two(b, "assign", weights[i], moved) && walked;
    }
    return walked;
}

/* ---- the person ----------------------------------------------------------------------------- */

static float number_in(const lego_tensor *x, int index) {
    return ((const float *)lego_tensor_data(x))[index];
}

static bool learn(lego_tensor *const *weights, lego_tensor *questions, lego_tensor *truth,
                  lego_tensor *rate) {
    box b = {.count = 0};
    bool learned = true;
    for (int step = 1; step <= STEPS && learned; step++) {
        lego_tape(LEGO_TAPE_VARIABLES); /* the engine records what it needs for gradients */
        lego_tensor *loss = torso(&b, head(&b, questions, weights), truth);
        lego_tape(LEGO_TAPE_PAUSED);
        learned = legs(&b, loss, weights, rate);
        if (learned && step % (STEPS / 5) == 0) {
            printf("step %d: loss %.5f\n", step, number_in(loss, 0));
        }
        empty(&b);
    }
    return learned;
}

int main(void) {
    const float pairs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const float truths[] = {0, 1, 1, 0};
    const float step_size = 2;
    box b = {.count = 0};
    lego_tensor *questions = put(&b, lego_tensor_new(LEGO_FLOAT32, 2, (int64_t[]){4, 2}, pairs));
    lego_tensor *truth = put(&b, lego_tensor_new(LEGO_FLOAT32, 2, (int64_t[]){4, 1}, truths));
    lego_tensor *rate = put(&b, lego_tensor_new(LEGO_FLOAT32, 0, NULL, &step_size));
    lego_tensor *weights[WEIGHTS] = {connections(&b, 2, HIDDEN), biases(&b, HIDDEN),
                                     connections(&b, HIDDEN, 1), biases(&b, 1)};
    bool learned = learn(weights, questions, truth, rate);
    lego_tensor *answers = learned ? head(&b, questions, weights) : NULL;
    for (int i = 0; i < 4 && answers; i++) {
        printf("%g xor %g = %.3f\n", pairs[2 * i], pairs[2 * i + 1], number_in(answers, i));
    }
    if (!answers) {
        fprintf(stderr, "%s\n", lego_last_error());
    }
    empty(&b);
    lego_memory_trim();
    return answers ? 0 : 1;
}
