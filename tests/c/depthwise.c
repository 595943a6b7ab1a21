/* csrc/kernels/conv_depthwise_loops.h: which convolutions are summed by loops over whole rows. */
#include "kernels/conv_depthwise_loops.h"

#include "check.h"

/* A picture of side x side pixels, with as many zeros in front of it and behind it. */
static conv convolution(int64_t side, int64_t taps, int64_t stride, int64_t zeros) {
    conv c = {.dtype = LEGO_FLOAT32, .batch = 1, .groups = 64, .channels = 1, .filters = 1};
    int64_t outputs = (side + 2 * zeros - taps) / stride + 1;
    c.axes[0] = (conv_axis){1, 1, 1, 1, 1, 0};
    c.axes[1] = (conv_axis){side, outputs, taps, stride, 1, zeros};
    c.axes[2] = c.axes[1];
    return c;
}

static bool is_by_rows(conv c) {
    conv_geometry g = geometry_forward(&c);
    return rows_loop_for(c.dtype, &g, c.groups) != NULL;
}

static void taps_side_by_side_are_summed_by_rows(void) {
    CHECK(is_by_rows(convolution(14, 3, 1, 1)) && is_by_rows(convolution(7, 3, 1, 1)));
    CHECK(is_by_rows(convolution(15, 3, 2, 0)) && is_by_rows(convolution(28, 5, 1, 2)));
    CHECK(is_by_rows(convolution(28, 5, 2, 2)));
    conv c = convolution(14, 3, 1, 1);
    conv_geometry backward = geometry_backward(&c, 0);
    CHECK(rows_loop_for(c.dtype, &backward, c.groups));
}

static void others_are_not(void) {
    CHECK(!is_by_rows(convolution(14, 7, 1, 3)) && !is_by_rows(convolution(30, 3, 3, 1)));
    CHECK(!is_by_rows(convolution(6, 3, 1, 1)));  /* no whole tile */
    CHECK(!is_by_rows(convolution(14, 3, 1, 3))); /* outputs that see no pixel */
    conv dilated = convolution(14, 3, 1, 2);
    dilated.axes[1].dilation = dilated.axes[2].dilation = 2;
    conv narrow = convolution(14, 3, 1, 1), wide = narrow;
    narrow.groups = 1;
    wide.dtype = LEGO_FLOAT64;
    CHECK(!is_by_rows(dilated) && !is_by_rows(narrow) && !is_by_rows(wide));
}

const test depthwise_tests[] = {
    {"taps side by side are summed by rows", taps_side_by_side_are_summed_by_rows},
    {"others are not", others_are_not},
    {NULL, NULL},
};
