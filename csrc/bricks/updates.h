/* Phrases (tensor/brick.h): what the optimizers of pylego/optimizers do to each weight, said in one
 * loop. Longer ones stand before those that are a part of them. */
#ifndef LEGO_BRICKS_UPDATES_H
#define LEGO_BRICKS_UPDATES_H

#include "../kernels/elements.h"
#include "../tensor/brick.h"

#define VECTOR(type, index) ((const type *)x[index])[i]
#define NUMBER(type, index) (*(const type *)x[index])

/* The mean of squared gradients, as Adam keeps it. */
#define LERP_SQUARE_LOOP(name, type, root)                                                         \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type share = NUMBER(type, 2);                                                        \
        type *v_out = y[0];                                                                        \
        EACH_ELEMENT {                                                                             \
            const type v = VECTOR(type, 0), g = VECTOR(type, 1);                                   \
            v_out[i] = v + (g * g - v) * share;                                                    \
        }                                                                                          \
    }

/* Weight decay. */
#define DECAY_LOOP(name, type, root)                                                               \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type decay = NUMBER(type, 1), rate = NUMBER(type, 2);                                \
        type *w_out = y[0];                                                                        \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0);                                                        \
            w_out[i] = w - w * decay * rate;                                                       \
        }                                                                                          \
    }

#define SGD_LOOP(name, type, root)                                                                 \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 2);                                                         \
        type *w_out = y[0];                                                                        \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1);                                   \
            w_out[i] = w - g * rate;                                                               \
        }                                                                                          \
    }

/* SGD with momentum, and with the momentum of Nesterov. */
#define MOMENTUM_LOOP(name, type, root)                                                            \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type share = NUMBER(type, 3), rate = NUMBER(type, 4);                                \
        type *w_out = y[0], *v_out = y[1];                                                         \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), v = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type v_next = v * share - g * rate;                                              \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w + v_next;                                                                 \
        }                                                                                          \
    }

#define NESTEROV_LOOP(name, type, root)                                                            \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type share = NUMBER(type, 3), rate = NUMBER(type, 4);                                \
        const type share_ahead = NUMBER(type, 5);                                                  \
        type *w_out = y[0], *v_out = y[1], *step_out = y[2];                                       \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), v = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type step = g * rate;                                                            \
            const type v_next = v * share - step;                                                  \
            step_out[i] = step;                                                                    \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w + (v_next * share_ahead - step);                                          \
        }                                                                                          \
    }

/* The step of RMSprop and Adagrad, with epsilon under the root, whatever v was made of. */
#define ROOT_LOOP(name, type, root)                                                                \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 3), epsilon = NUMBER(type, 4);                              \
        type *w_out = y[0];                                                                        \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            w_out[i] = w - g * rate / root(v + epsilon);                                           \
        }                                                                                          \
    }

/* RMSprop as a whole; centered; with momentum; and both. */
#define RMS_LOOP(name, type, root)                                                                 \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 3), v_keep = NUMBER(type, 4), v_share = NUMBER(type, 5);    \
        const type epsilon = NUMBER(type, 6);                                                      \
        type *w_out = y[0], *v_out = y[1];                                                         \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            const type v_next = v * v_keep + g * g * v_share;                                      \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w - g * rate / root(v_next + epsilon);                                      \
        }                                                                                          \
    }

#define CENTERED_LOOP(name, type, root)                                                            \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 4), v_keep = NUMBER(type, 5), v_share = NUMBER(type, 6);    \
        const type m_keep = NUMBER(type, 7), m_share = NUMBER(type, 8);                            \
        const type epsilon = NUMBER(type, 9);                                                      \
        type *w_out = y[0], *v_out = y[1], *m_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            const type m = VECTOR(type, 3);                                                        \
            const type v_next = v * v_keep + g * g * v_share;                                      \
            const type m_next = m * m_keep + g * m_share;                                          \
            v_out[i] = v_next;                                                                     \
            m_out[i] = m_next;                                                                     \
            w_out[i] = w - g * rate / root(v_next - m_next * m_next + epsilon);                    \
        }                                                                                          \
    }

#define RMS_MOMENTUM_LOOP(name, type, root)                                                        \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type share = NUMBER(type, 4), rate = NUMBER(type, 5), v_keep = NUMBER(type, 6);      \
        const type v_share = NUMBER(type, 7), epsilon = NUMBER(type, 8);                           \
        type *w_out = y[0], *q_out = y[1], *v_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), q = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type v = VECTOR(type, 3);                                                        \
            const type v_next = v * v_keep + g * g * v_share;                                      \
            const type q_next = q * share + g * rate / root(v_next + epsilon);                     \
            v_out[i] = v_next;                                                                     \
            q_out[i] = q_next;                                                                     \
            w_out[i] = w - q_next;                                                                 \
        }                                                                                          \
    }

#define CENTERED_MOMENTUM_LOOP(name, type, root)                                                   \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type share = NUMBER(type, 5), rate = NUMBER(type, 6), v_keep = NUMBER(type, 7);      \
        const type v_share = NUMBER(type, 8), m_keep = NUMBER(type, 9);                            \
        const type m_share = NUMBER(type, 10), epsilon = NUMBER(type, 11);                         \
        type *w_out = y[0], *q_out = y[1], *v_out = y[2], *m_out = y[3];                           \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), q = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type v = VECTOR(type, 3), m = VECTOR(type, 4);                                   \
            const type v_next = v * v_keep + g * g * v_share;                                      \
            const type m_next = m * m_keep + g * m_share;                                          \
            const type variance = v_next - m_next * m_next;                                        \
            const type q_next = q * share + g * rate / root(variance + epsilon);                   \
            v_out[i] = v_next;                                                                     \
            m_out[i] = m_next;                                                                     \
            q_out[i] = q_next;                                                                     \
            w_out[i] = w - q_next;                                                                 \
        }                                                                                          \
    }

/* Adam, and Adam that divides by the largest v so far. */
#define ADAM_LOOP(name, type, root)                                                                \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type m_share = NUMBER(type, 4), rate = NUMBER(type, 5), v_share = NUMBER(type, 6);   \
        const type epsilon = NUMBER(type, 7);                                                      \
        type *w_out = y[0], *m_out = y[1], *v_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type v = VECTOR(type, 3);                                                        \
            const type m_next = m + (g - m) * m_share;                                             \
            const type v_next = v + (g * g - v) * v_share;                                         \
            m_out[i] = m_next;                                                                     \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w - m_next * rate / (root(v_next) + epsilon);                               \
        }                                                                                          \
    }

#define AMSGRAD_LOOP(name, type, root)                                                             \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type m_share = NUMBER(type, 5), rate = NUMBER(type, 6), v_share = NUMBER(type, 7);   \
        const type epsilon = NUMBER(type, 8);                                                      \
        type *w_out = y[0], *m_out = y[1], *q_out = y[2], *v_out = y[3];                           \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type q = VECTOR(type, 3), v = VECTOR(type, 4);                                   \
            const type m_next = m + (g - m) * m_share;                                             \
            const type v_next = v + (g * g - v) * v_share;                                         \
            const type largest = LARGER(q, v_next);                                                \
            m_out[i] = m_next;                                                                     \
            q_out[i] = largest;                                                                    \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w - m_next * rate / (root(largest) + epsilon);                              \
        }                                                                                          \
    }

PHRASE_LOOPS(LERP_SQUARE_LOOP, lerp_square)
PHRASE_LOOPS(DECAY_LOOP, decay)
PHRASE_LOOPS(SGD_LOOP, sgd)
PHRASE_LOOPS(MOMENTUM_LOOP, momentum)
PHRASE_LOOPS(NESTEROV_LOOP, nesterov)
PHRASE_LOOPS(ROOT_LOOP, root)
PHRASE_LOOPS(RMS_LOOP, rms)
PHRASE_LOOPS(CENTERED_LOOP, centered)
PHRASE_LOOPS(RMS_MOMENTUM_LOOP, rms_momentum)
PHRASE_LOOPS(CENTERED_MOMENTUM_LOOP, centered_momentum)
PHRASE_LOOPS(ADAM_LOOP, adam)
PHRASE_LOOPS(AMSGRAD_LOOP, amsgrad)

static const lego_pattern add_patterns[] = {
    {"add(w, subtract(multiply(n = subtract(multiply(v, M), s = multiply(g, R)), N), s))",
     nesterov_loops},
    {"add(w, n = subtract(multiply(v, M), multiply(g, R)))", momentum_loops},
    {.text = NULL},
};

static const lego_pattern lerp_patterns[] = {
    {"lerp(v, square(g), S)", lerp_square_loops},
    {.text = NULL},
};

static const lego_pattern subtract_patterns[] = {
    {"subtract(w, divide(multiply(n = lerp(m, g, M), R), "
     "add(sqrt(p = maximum(q, u = lerp(v, square(g), V))), E)))",
     amsgrad_loops},
    {"subtract(w, divide(multiply(n = lerp(m, g, M), R), "
     "add(sqrt(u = lerp(v, square(g), V)), E)))",
     adam_loops},
    {"subtract(w, p = add(multiply(q, M), divide(multiply(g, R), sqrt(add(subtract("
     "u = add(multiply(v, A), multiply(square(g), B)), "
     "square(n = add(multiply(m, C), multiply(g, D)))), E)))))",
     centered_momentum_loops},
    {"subtract(w, p = add(multiply(q, M), divide(multiply(g, R), sqrt(add("
     "u = add(multiply(v, A), multiply(square(g), B)), E)))))",
     rms_momentum_loops},
    {"subtract(w, divide(multiply(g, R), sqrt(add(subtract("
     "u = add(multiply(v, A), multiply(square(g), B)), "
     "square(n = add(multiply(m, C), multiply(g, D)))), E))))",
     centered_loops},
    {"subtract(w, divide(multiply(g, R), sqrt(add("
     "u = add(multiply(v, A), multiply(square(g), B)), E))))",
     rms_loops},
    {"subtract(w, divide(multiply(g, R), sqrt(add(v, E))))", root_loops},
    {"subtract(w, multiply(multiply(w, D), R))", decay_loops},
    {"subtract(w, multiply(g, R))", sgd_loops},
    {.text = NULL},
};

#endif
