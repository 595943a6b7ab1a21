/* Convolution, and its gradient by the input: the same sum (conv_correlation.h), forwards and
 * backwards. It is a product of matrices whose left one is never made: a tile of it is read where
 * its pixels lie, and what falls outside of the image is read from a row of zeros. The kernel is
 * packed into panels once. A number of the result is summed in one order, tap by tap, whatever tile
 * it is in.
 */
#include "conv.h"

#include "../core/memory.h"
#include "conv_correlation.h"
#include "conv_depthwise.h"
#include "conv_pointwise.h"
#include "conv_winograd.h"

enum { FEW_CHANNELS = 32 }; /* bytes of them, of which lines are read */

/* ---- memory, for as long as it runs --------------------------------------------------------- */

static void *take_packed(const conv_panels *p, int64_t size) {
    int64_t bytes;
    return size_multiply(p->group_size, p->groups * size, &bytes) ? memory_take((size_t)bytes)
                                                                  : NULL;
}

/* For the panels, which are packed, and for the view, whose zeros are as many as the channels. */
static lego_status open_correlation(correlation *c) {
    conv_panels_of(&c->panels);
    lego_status status = conv_view_open(&c->view, c->panels.taps, c->panels.rows * c->size);
    if (status) {
        return status;
    }
    c->panels.packed = take_packed(&c->panels, c->size);
    if (!c->panels.packed) {
        conv_view_close(&c->view);
        return LEGO_NO_MEMORY;
    }
    conv_pack(&c->panels);
    return LEGO_OK;
}

static void close_correlation(correlation *c) {
    memory_give(c->panels.packed, (size_t)(c->panels.group_size * c->panels.groups * c->size));
    conv_view_close(&c->view);
}

/* ---- forwards and backwards ----------------------------------------------------------------- */

static int64_t taps_of(const conv *c) {
    return c->axes[0].taps * c->axes[1].taps * c->axes[2].taps;
}

/* Panels of the kernel, which is (taps, channels, groups * filters). */
static conv_panels panels_of(const conv *c, const void *kernel) {
    int64_t all_filters = c->groups * c->filters;
    return (conv_panels){
        .dtype = c->dtype,
        .groups = c->groups,
        .taps = taps_of(c),
        .rows = c->channels,
        .columns = c->filters,
        .kernel = kernel,
        .group_stride = c->filters,
        .tap_stride = c->channels * all_filters,
        .row_stride = all_filters,
        .column_stride = 1,
        .kernel_size = taps_of(c) * c->channels * all_filters,
    };
}

/* The same with the matrix of each tap transposed. */
static conv_panels transposed_panels_of(const conv *c, const void *kernel) {
    conv_panels p = panels_of(c, kernel);
    p.rows = c->filters;
    p.columns = c->channels;
    p.row_stride = 1;
    p.column_stride = c->groups * c->filters;
    return p;
}

lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y,
                     const epilogue *end) {
    if (conv_is_pointwise(c)) {
        return pointwise_run(c, x, kernel, y, end);
    }
    if (conv_is_depthwise(c)) {
        return depthwise_run(c, x, kernel, y, end);
    }
    conv_panels panels = panels_of(c, kernel);
    int tile = winograd_tile(c);
    if (tile) {
        return winograd_run(c, tile, x, &panels, y, end);
    }
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    conv_lines lines = conv_lines_of(c, x);
    bool reads_lines = lines.gather.is_dense && c->channels * size <= FEW_CHANNELS;
    correlation own = {
        .size = size,
        .batch = c->batch,
        .result = {y, c->groups * c->filters * size, c->groups * c->filters, end, false},
        .panels = panels,
        .view = {.source = x, .pixel = c->groups * c->channels * size},
        .lines = lines,
        .reads_lines = reads_lines,
        .run = reads_lines ? lines.gather.run : 1,
    };
    lego_status status = open_correlation(&own);
    if (status == LEGO_OK) {
        correlate(&own, scan_forwards(c));
        close_correlation(&own);
    }
    return atomic_load(&own.result.failed) ? LEGO_NO_MEMORY : status;
}

/* Each phase on its own: the inputs that see the same taps. */
static void correlate_phases(const conv *c, correlation *work) {
    for (int64_t number = 0; number < scan_phases(c); number++) {
        correlate(work, scan_backwards(c, number));
    }
}

lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx) {
    if (conv_is_pointwise(c)) {
        return pointwise_input_gradient_run(c, dy, kernel, dx);
    }
    if (conv_is_depthwise(c)) {
        return depthwise_input_gradient_run(c, dy, kernel, dx);
    }
    conv_panels panels = transposed_panels_of(c, kernel);
    int tile = winograd_tile(c);
    if (tile) {
        return winograd_input_gradient_run(c, tile, dy, &panels, dx);
    }
    int64_t size = (int64_t)lego_dtype_size(c->dtype);
    correlation own = {
        .size = size,
        .batch = c->batch,
        .result = {dx, c->groups * c->channels * size, c->groups * c->channels, NULL, false},
        .panels = panels,
        .view = {.source = dy, .pixel = c->groups * c->filters * size},
        .run = 1,
    };
    lego_status status = open_correlation(&own);
    if (status == LEGO_OK) {
        correlate_phases(c, &own);
        close_correlation(&own);
    }
    return status;
}
