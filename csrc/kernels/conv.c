/* Convolutions over up to three spatial axes, and their two gradients. */
#include "conv.h"

#include <string.h>

#include "../core/threads.h"

/* ---- where things lie ----------------------------------------------------------------------- */

static int64_t inputs_of(const conv *c) {
    return c->axes[0].input * c->axes[1].input * c->axes[2].input;
}

static int64_t outputs_of(const conv *c) {
    return c->axes[0].output * c->axes[1].output * c->axes[2].output;
}

static int64_t taps_of(const conv *c) {
    return c->axes[0].taps * c->axes[1].taps * c->axes[2].taps;
}

/* The position that an output sees through a tap, counted over all axes; -1 for the padding. */
static int64_t seen_through(const conv *c, int64_t output, int64_t tap) {
    int64_t position = 0;
    int64_t scale = 1;
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        const conv_axis *axis = &c->axes[i];
        int64_t at =
            output % axis->output * axis->stride + tap % axis->taps * axis->dilation - axis->before;
        if (at < 0 || at >= axis->input) {
            return -1;
        }
        position += at * scale;
        scale *= axis->input;
        output /= axis->output;
        tap /= axis->taps;
    }
    return position;
}

typedef struct conv_work {
    const conv *c;
    const void *a;
    const void *b;
    void *result;
} conv_work;

#define NUMBER     float
#define NAME(word) word##_float32
#include "conv_block.h"

#define NUMBER     double
#define NAME(word) word##_float64
#include "conv_block.h"

/* ---- the three ------------------------------------------------------------------------------ */

/* Grains that make a piece worth a thread, by what each number of the result costs. */
static lego_status run(const conv_work *w, int64_t items, int64_t work, threads_task *of_float32,
                       threads_task *of_float64) {
    conv_work own = *w;
    threads_run(items, threads_grain(work), w->c->dtype == LEGO_FLOAT32 ? of_float32 : of_float64,
                &own);
    return LEGO_OK;
}

lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y) {
    conv_work w = {c, x, kernel, y};
    int64_t work = taps_of(c) * c->channels * c->filters * c->groups;
    return run(&w, c->batch * outputs_of(c), work, conv_pixels_float32, conv_pixels_float64);
}

lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx) {
    conv_work w = {c, dy, kernel, dx};
    int64_t work = outputs_of(c) * taps_of(c) * c->channels * c->filters * c->groups;
    return run(&w, c->batch, work, conv_inputs_float32, conv_inputs_float64);
}

lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel) {
    conv_work w = {c, x, dy, dkernel};
    int64_t work = c->batch * outputs_of(c) * c->channels * c->filters * c->groups;
    return run(&w, taps_of(c), work, conv_taps_float32, conv_taps_float64);
}
