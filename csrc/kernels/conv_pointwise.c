/* Convolutions of one tap: an output sees the pixel at its own position and nothing else. The image
 * is a matrix with a row for each pixel, and the convolution a product of matrices. */
#include "../core/memory.h"
#include "conv_algorithms.h"
#include "conv_tile.h"
#include "gemm.h"

/* Where columns are few, the direct algorithm's dots are faster. */
bool pointwise_accepts(const conv *c, conv_action action) {
    bool are_dots = action != CONV_KERNEL_GRADIENT &&
                    conv_tile_dots(c->dtype, conv_depth(c, action), conv_columns(c, action));
    bool accepts = c->groups == 1 && !are_dots;
    for (int i = 0; i < CONV_AXES; i++) {
        const conv_axis *axis = &c->axes[i];
        accepts = accepts && axis->taps == 1 && axis->stride == 1 && axis->before == 0 &&
                  axis->input == axis->output;
    }
    return accepts;
}

static int64_t pixels_of(const conv *c) {
    return c->batch * c->axes[0].output * c->axes[1].output * c->axes[2].output;
}

/* Begins to use the kernel's panels, where they are kept: for one call alone, gemm_run() packs what
 * it needs itself. */
static kept_use open_panels(const conv *c, const gemm *g, size_t *bytes) {
    static const char maker;
    kept_layout layout = {&maker, g->b.data, {g->depth, g->columns, g->dtype}};
    int64_t numbers;
    int64_t all;
    if (!size_multiply(gemm_packed_columns(g), g->depth, &numbers) ||
        !size_multiply(numbers, (int64_t)lego_dtype_size(g->dtype), &all)) {
        return (kept_use){.memory = NULL};
    }
    *bytes = (size_t)all;
    kept_use use = kept_open(c->kept, &layout, *bytes);
    if (use.memory && !use.is_made) {
        gemm_pack(g, use.memory);
        use.is_made = true;
    }
    return use;
}

/* y (pixels, filters) = x (pixels, channels) k (channels, filters) */
lego_status pointwise_forward(const conv *c, const void *x, const void *kernel, void *y,
                              const epilogue *epilogue) {
    gemm g = {
        .dtype = c->dtype,
        .rows = pixels_of(c),
        .columns = c->filters,
        .depth = c->channels,
        .a = {x, c->channels, 1, {0}},
        .b = {kernel, c->filters, 1, {0}},
        .y = y,
        .end = epilogue,
    };
    size_t bytes = 0;
    kept_use panels = open_panels(c, &g, &bytes);
    g.panels = panels.memory;
    gemm_run(&g);
    kept_close(&panels, bytes);
    return LEGO_OK;
}

/* dx = dy k^T */
lego_status pointwise_input_gradient(const conv *c, const void *dy, const void *kernel, void *dx) {
    gemm g = {
        .dtype = c->dtype,
        .rows = pixels_of(c),
        .columns = c->channels,
        .depth = c->filters,
        .a = {dy, c->filters, 1, {0}},
        .b = {kernel, 1, c->filters, {0}},
        .y = dx,
    };
    gemm_run(&g);
    return LEGO_OK;
}

/* dk = x^T dy */
lego_status pointwise_kernel_gradient(const conv *c, const void *x, const void *dy, void *dkernel) {
    gemm g = {
        .dtype = c->dtype,
        .rows = c->channels,
        .columns = c->filters,
        .depth = pixels_of(c),
        .a = {x, 1, c->channels, {0}},
        .b = {dy, c->filters, 1, {0}},
        .y = dkernel,
    };
    gemm_run(&g);
    return LEGO_OK;
}
