/* Where a convolution reads and writes. */
#include "conv_scan.h"

/* ---- the two directions --------------------------------------------------------------------- */

conv_scan scan_forwards(const conv *c) {
    conv_scan s;
    for (int i = 0; i < CONV_AXES; i++) {
        const conv_axis *axis = &c->axes[i];
        s.axes[i] = (scan_axis){
            .places = axis->output,
            .first = -axis->before,
            .step = axis->stride,
            .sources = axis->input,
            .taps = axis->taps,
            .tap_step = axis->dilation,
            .kernel_taps = axis->taps,
            .kernel_step = 1,
            .results = axis->output,
            .result_step = 1,
        };
    }
    return s;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The first tap that the phase sees, or the number of taps: a solution of t * dilation = phase +
 * before modulo stride. */
static int64_t first_tap(const conv_axis *axis, int64_t phase) {
    int64_t t = 0;
    while (t < axis->taps && (phase + axis->before - t * axis->dilation) % axis->stride != 0) {
        t++;
    }
    return t;
}

/* With d = gcd(stride, dilation), the taps of a phase are stride / d apart, and what they see lies
 * dilation / d apart, in the other direction. */
static scan_axis backwards_along(const conv_axis *axis, int64_t phase) {
    int64_t divisor = greatest_common_divisor(axis->stride, axis->dilation);
    int64_t apart = axis->stride / divisor;
    int64_t tap = first_tap(axis, phase);
    return (scan_axis){
        .places = (axis->input - phase + axis->stride - 1) / axis->stride,
        .first = (phase + axis->before - tap * axis->dilation) / axis->stride,
        .step = 1,
        .sources = axis->output,
        .taps = (axis->taps - tap + apart - 1) / apart,
        .tap_step = -(axis->dilation / divisor),
        .kernel_taps = axis->taps,
        .kernel_first = tap,
        .kernel_step = apart,
        .results = axis->input,
        .result_first = phase,
        .result_step = axis->stride,
    };
}

static int64_t phases_along(const conv_axis *axis) {
    return axis->stride < axis->input ? axis->stride : axis->input;
}

int64_t scan_phases(const conv *c) {
    return phases_along(&c->axes[0]) * phases_along(&c->axes[1]) * phases_along(&c->axes[2]);
}

conv_scan scan_backwards(const conv *c, int64_t phase) {
    conv_scan s;
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        int64_t phases = phases_along(&c->axes[i]);
        s.axes[i] = backwards_along(&c->axes[i], phase % phases);
        phase /= phases;
    }
    return s;
}

/* ---- taps and places ------------------------------------------------------------------------ */

int64_t scan_taps(const conv_scan *s, scan_tap *taps) {
    int64_t count = scan_tap_count(s);
    for (int64_t number = 0; number < count; number++) {
        scan_tap *tap = &taps[number];
        int64_t rest = number;
        int64_t image = 1;
        int64_t kernel = 1;
        *tap = (scan_tap){.offset = 0};
        for (int i = CONV_AXES - 1; i >= 0; i--) {
            const scan_axis *axis = &s->axes[i];
            int64_t own = rest % axis->taps;
            tap->shift[i] = own * axis->tap_step;
            tap->offset += tap->shift[i] * image;
            tap->kernel_tap += (axis->kernel_first + own * axis->kernel_step) * kernel;
            rest /= axis->taps;
            image *= axis->sources;
            kernel *= axis->kernel_taps;
        }
    }
    return count;
}

/* The offsets, of the coordinates. */
static void locate(const conv_scan *s, output_coordinate *coordinate) {
    coordinate->source_offset = coordinate->image;
    coordinate->result_offset = coordinate->image;
    for (int i = 0; i < CONV_AXES; i++) {
        const scan_axis *axis = &s->axes[i];
        int64_t result = axis->result_first + coordinate->at[i] * axis->result_step;
        coordinate->source[i] = axis->first + coordinate->at[i] * axis->step;
        coordinate->source_offset =
            coordinate->source_offset * axis->sources + coordinate->source[i];
        coordinate->result_offset = coordinate->result_offset * axis->results + result;
    }
}

output_coordinate scan_place(const conv_scan *s, int64_t index) {
    output_coordinate coordinate;
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        coordinate.at[i] = index % s->axes[i].places;
        index /= s->axes[i].places;
    }
    coordinate.image = index;
    locate(s, &coordinate);
    return coordinate;
}

void scan_advance(const conv_scan *s, output_coordinate *coordinate, int64_t n) {
    const scan_axis *last = &s->axes[CONV_AXES - 1];
    coordinate->at[CONV_AXES - 1] += n;
    if (coordinate->at[CONV_AXES - 1] < last->places) {
        coordinate->source[CONV_AXES - 1] += n * last->step;
        coordinate->source_offset += n * last->step;
        coordinate->result_offset += n * last->result_step;
        return;
    }
    for (int i = CONV_AXES - 1; i > 0 && coordinate->at[i] == s->axes[i].places; i--) {
        coordinate->at[i] = 0;
        coordinate->at[i - 1]++;
    }
    if (coordinate->at[0] == s->axes[0].places) {
        coordinate->at[0] = 0;
        coordinate->image++;
    }
    locate(s, coordinate);
}

bool scan_sees_all(const conv_scan *s, const output_coordinate *coordinate, int64_t n) {
    bool sees_all = true;
    for (int i = 0; i < CONV_AXES; i++) {
        const scan_axis *axis = &s->axes[i];
        int64_t reach = (axis->taps - 1) * axis->tap_step;
        int64_t last = coordinate->source[i] + (i == CONV_AXES - 1 ? (n - 1) * axis->step : 0);
        int64_t lowest = coordinate->source[i] + (reach < 0 ? reach : 0);
        int64_t highest = last + (reach < 0 ? 0 : reach);
        sees_all = sees_all && lowest >= 0 && highest < axis->sources;
    }
    return sees_all;
}
