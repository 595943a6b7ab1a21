/* Updates: what the optimizers of pylego/optimizers do to each weight, in one loop that keeps all
 * intermediate numbers in registers. The bits are those of the bricks one by one: the order of
 * operations is the same, and no product is joined with its sum (-ffp-contract=off).
 *
 * Which ops become which loop, and the order of x and y: passes/patterns/. */
#include "updates.h"

#include <math.h>

#include "elements.h"

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
        type *w_out = y[0], *v_out = y[1];                                                         \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), v = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type step = g * rate;                                                            \
            const type v_next = v * share - step;                                                  \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w + (v_next * share_ahead - step);                                          \
        }                                                                                          \
    }

/* The steps of Adam, and of RMSprop, with epsilon under the root, whatever m and v were made of. */
#define STEP_LOOP(name, type, root)                                                                \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 3), epsilon = NUMBER(type, 4);                              \
        type *w_out = y[0];                                                                        \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), v = VECTOR(type, 2);              \
            w_out[i] = w - m * rate / (root(v) + epsilon);                                         \
        }                                                                                          \
    }

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

/* What Lamb measures before it steps. */
#define DIRECTION_LOOP(name, type, root)                                                           \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type m_share = NUMBER(type, 3), rate = NUMBER(type, 4), v_share = NUMBER(type, 5);   \
        const type epsilon = NUMBER(type, 6);                                                      \
        type *step_out = y[0], *m_out = y[1], *v_out = y[2];                                       \
        EACH_ELEMENT {                                                                             \
            const type m = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            const type m_next = m + (g - m) * m_share;                                             \
            const type v_next = v + (g * g - v) * v_share;                                         \
            m_out[i] = m_next;                                                                     \
            v_out[i] = v_next;                                                                     \
            step_out[i] = m_next * rate / (root(v_next) + epsilon);                                \
        }                                                                                          \
    }

/* Adamax: q is the largest gradient so far, of which each step forgets a share. */
#define ADAMAX_LOOP(name, type, root)                                                              \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type m_share = NUMBER(type, 4), rate = NUMBER(type, 5), q_keep = NUMBER(type, 6);    \
        const type epsilon = NUMBER(type, 7);                                                      \
        type *w_out = y[0], *m_out = y[1], *q_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type q = VECTOR(type, 3) * q_keep, size = g < 0 ? -g : g;                        \
            const type m_next = m + (g - m) * m_share, largest = LARGER(q, size);                  \
            m_out[i] = m_next;                                                                     \
            q_out[i] = largest;                                                                    \
            w_out[i] = w - m_next * rate / (largest + epsilon);                                    \
        }                                                                                          \
    }

/* Nadam, whose step looks ahead along the gradient. */
#define NADAM_LOOP(name, type, root)                                                               \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type m_share = NUMBER(type, 4), ahead = NUMBER(type, 5), rate = NUMBER(type, 6);     \
        const type v_share = NUMBER(type, 7), epsilon = NUMBER(type, 8);                           \
        type *w_out = y[0], *m_out = y[1], *v_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type v = VECTOR(type, 3);                                                        \
            const type m_next = m + (g - m) * m_share;                                             \
            const type v_next = v + (g * g - v) * v_share;                                         \
            const type m_ahead = m_next + (g - m_next) * ahead;                                    \
            m_out[i] = m_next;                                                                     \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w - m_ahead * rate / (root(v_next) + epsilon);                              \
        }                                                                                          \
    }

/* Adam without a schedule: m are the weights that its steps lead to. */
#define SCHEDULE_FREE_LOOP(name, type, root)                                                       \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type m_share = NUMBER(type, 4), m_keep = NUMBER(type, 5), ahead = NUMBER(type, 6);   \
        const type rate = NUMBER(type, 7), v_share = NUMBER(type, 8), epsilon = NUMBER(type, 9);   \
        type *w_out = y[0], *m_out = y[1], *v_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type v = VECTOR(type, 3);                                                        \
            const type v_next = v + (g * g - v) * v_share;                                         \
            const type m_next = m - g * rate / (root(v_next) + epsilon);                           \
            const type mean = w - m * m_share;                                                     \
            m_out[i] = m_next;                                                                     \
            v_out[i] = v_next;                                                                     \
            w_out[i] = mean + (m_next * m_keep - mean) * ahead;                                    \
        }                                                                                          \
    }

#define ADAGRAD_LOOP(name, type, root)                                                             \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 3), epsilon = NUMBER(type, 4);                              \
        type *w_out = y[0], *v_out = y[1];                                                         \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            const type v_next = v + g * g;                                                         \
            v_out[i] = v_next;                                                                     \
            w_out[i] = w - g * rate / root(v_next + epsilon);                                      \
        }                                                                                          \
    }

/* Adadelta: m is the mean of squared steps. */
#define ADADELTA_LOOP(name, type, root)                                                            \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type rate = NUMBER(type, 4), v_share = NUMBER(type, 5), m_share = NUMBER(type, 6);   \
        const type epsilon = NUMBER(type, 7);                                                      \
        type *w_out = y[0], *v_out = y[1], *m_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            const type m = VECTOR(type, 3);                                                        \
            const type v_next = v + (g * g - v) * v_share;                                         \
            const type step = g * root((m + epsilon) / (v_next + epsilon));                        \
            v_out[i] = v_next;                                                                     \
            m_out[i] = m + (step * step - m) * m_share;                                            \
            w_out[i] = w - step * rate;                                                            \
        }                                                                                          \
    }

/* Ftrl: p pulls the weight away from 0, and only what exceeds the limits counts. */
#define FTRL_LOOP(name, type, root)                                                                \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type per_rate = NUMBER(type, 4), shrink = NUMBER(type, 5), low = NUMBER(type, 6);    \
        const type high = NUMBER(type, 7), rate = NUMBER(type, 8), hold = NUMBER(type, 9);         \
        type *w_out = y[0], *v_out = y[1], *p_out = y[2];                                          \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), g = VECTOR(type, 1), v = VECTOR(type, 2);              \
            const type p = VECTOR(type, 3);                                                        \
            const type v_next = v + g * g, after = root(v_next), before = root(v);                 \
            const type p_next = p + g - (after - before) * w * per_rate + w * shrink;              \
            const type at_least = LARGER(p_next, low);                                             \
            const type excess = p_next - SMALLER(at_least, high);                                  \
            v_out[i] = v_next;                                                                     \
            p_out[i] = p_next;                                                                     \
            w_out[i] = excess / (after * rate - hold);                                             \
        }                                                                                          \
    }

/* Lion: a step of the same length for each weight. */
#define LION_LOOP(name, type, root)                                                                \
    static void name(int64_t n, const void *const *x, void *const *y) {                            \
        const type ahead = NUMBER(type, 3), rate = NUMBER(type, 4), m_share = NUMBER(type, 5);     \
        type *w_out = y[0], *m_out = y[1];                                                         \
        EACH_ELEMENT {                                                                             \
            const type w = VECTOR(type, 0), m = VECTOR(type, 1), g = VECTOR(type, 2);              \
            const type change = g - m, towards = m + change * ahead;                               \
            const type direction = towards > 0 ? 1 : towards < 0 ? -1 : towards;                   \
            m_out[i] = m + change * m_share;                                                       \
            w_out[i] = w - direction * rate;                                                       \
        }                                                                                          \
    }

/* The table, and both loops of each row: LOOP(name, type, sqrt of that type). */
#define UPDATES(UPDATE)                                                                            \
    UPDATE(LERP_SQUARE_LOOP, adam_velocity)                                                        \
    UPDATE(ADAM_LOOP, adam)                                                                        \
    UPDATE(AMSGRAD_LOOP, adam_amsgrad)                                                             \
    UPDATE(NADAM_LOOP, nadam)                                                                      \
    UPDATE(SCHEDULE_FREE_LOOP, adam_schedule_free)                                                 \
    UPDATE(ADAMAX_LOOP, adamax)                                                                    \
    UPDATE(DIRECTION_LOOP, adam_direction)                                                         \
    UPDATE(ADAGRAD_LOOP, adagrad)                                                                  \
    UPDATE(ADADELTA_LOOP, adadelta)                                                                \
    UPDATE(FTRL_LOOP, ftrl)                                                                        \
    UPDATE(LION_LOOP, lion)                                                                        \
    UPDATE(STEP_LOOP, adam_step)                                                                   \
    UPDATE(RMS_LOOP, rmsprop)                                                                      \
    UPDATE(CENTERED_LOOP, rmsprop_centered)                                                        \
    UPDATE(RMS_MOMENTUM_LOOP, rmsprop_momentum)                                                    \
    UPDATE(CENTERED_MOMENTUM_LOOP, rmsprop_centered_momentum)                                      \
    UPDATE(ROOT_LOOP, rmsprop_step)                                                                \
    UPDATE(DECAY_LOOP, weight_decay)                                                               \
    UPDATE(SGD_LOOP, sgd)                                                                          \
    UPDATE(MOMENTUM_LOOP, sgd_momentum)                                                            \
    UPDATE(NESTEROV_LOOP, sgd_nesterov)

#define BOTH_LOOPS(LOOP, name) LOOP(name##_float32, float, sqrtf) LOOP(name##_float64, double, sqrt)
UPDATES(BOTH_LOOPS)

#define ROW(LOOP, loop)                                                                            \
    {.name = #loop, .loops = {[LEGO_FLOAT32] = loop##_float32, [LEGO_FLOAT64] = loop##_float64}},
const pattern_kernel update_loops[] = {UPDATES(ROW){.name = NULL}};
