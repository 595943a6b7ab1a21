/* The geometry of a convolution: which pixels an output sees. */
#include "conv_geometry.h"

#include "../core/sizes.h"

/* ---- the two directions ---------------------------------------------------------------------- */

conv_geometry geometry_forward(const conv *c) {
    conv_geometry g;
    for (int i = 0; i < CONV_AXES; i++) {
        const conv_axis *axis = &c->axes[i];
        g.axes[i] = (geometry_axis){
            .outputs = axis->output,
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
    return g;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The first tap that the phase sees, or the number of taps: the smallest solution of
 * t * dilation = phase + before modulo stride. */
static int64_t first_tap(const conv_axis *axis, int64_t phase) {
    int64_t t = 0;
    while (t < axis->taps && (phase + axis->before - t * axis->dilation) % axis->stride != 0) {
        t++;
    }
    return t;
}

/* With d = gcd(stride, dilation), the taps of a phase are stride / d apart. Their sources are
 * dilation / d apart, in the other direction. */
static geometry_axis backward_along(const conv_axis *axis, int64_t phase) {
    int64_t divisor = greatest_common_divisor(axis->stride, axis->dilation);
    int64_t apart = axis->stride / divisor;
    int64_t tap = first_tap(axis, phase);
    return (geometry_axis){
        .outputs = (axis->input - phase + axis->stride - 1) / axis->stride,
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
    return smaller(axis->stride, axis->input);
}

int64_t geometry_phases(const conv *c) {
    return phases_along(&c->axes[0]) * phases_along(&c->axes[1]) * phases_along(&c->axes[2]);
}

conv_geometry geometry_backward(const conv *c, int64_t phase) {
    conv_geometry g;
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        int64_t phases = phases_along(&c->axes[i]);
        g.axes[i] = backward_along(&c->axes[i], phase % phases);
        phase /= phases;
    }
    return g;
}

int64_t geometry_taps(const conv_geometry *g, conv_tap *taps) {
    int64_t count = geometry_tap_count(g);
    for (int64_t number = 0; number < count; number++) {
        conv_tap *tap = &taps[number];
        int64_t rest = number;
        int64_t image = 1;
        int64_t kernel = 1;
        *tap = (conv_tap){.offset = 0};
        for (int i = CONV_AXES - 1; i >= 0; i--) {
            const geometry_axis *axis = &g->axes[i];
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

/* ---- one output ------------------------------------------------------------------------------ */

/* Sets sources and offsets, from image and at. */
static void locate(const conv_geometry *g, output_coordinate *coordinate) {
    coordinate->source_offset = coordinate->image;
    coordinate->result_offset = coordinate->image;
    for (int i = 0; i < CONV_AXES; i++) {
        const geometry_axis *axis = &g->axes[i];
        int64_t result = axis->result_first + coordinate->at[i] * axis->result_step;
        coordinate->source[i] = axis->first + coordinate->at[i] * axis->step;
        coordinate->source_offset =
            coordinate->source_offset * axis->sources + coordinate->source[i];
        coordinate->result_offset = coordinate->result_offset * axis->results + result;
    }
}

output_coordinate coordinate_at(const conv_geometry *g, int64_t index) {
    output_coordinate coordinate;
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        coordinate.at[i] = index % g->axes[i].outputs;
        index /= g->axes[i].outputs;
    }
    coordinate.image = index;
    locate(g, &coordinate);
    return coordinate;
}

void coordinate_advance(const conv_geometry *g, output_coordinate *coordinate, int64_t n) {
    const geometry_axis *last = &g->axes[CONV_AXES - 1];
    coordinate->at[CONV_AXES - 1] += n;
    if (coordinate->at[CONV_AXES - 1] < last->outputs) {
        coordinate->source[CONV_AXES - 1] += n * last->step;
        coordinate->source_offset += n * last->step;
        coordinate->result_offset += n * last->result_step;
        return;
    }
    for (int i = CONV_AXES - 1; i > 0 && coordinate->at[i] == g->axes[i].outputs; i--) {
        coordinate->at[i] = 0;
        coordinate->at[i - 1]++;
    }
    if (coordinate->at[0] == g->axes[0].outputs) {
        coordinate->at[0] = 0;
        coordinate->image++;
    }
    locate(g, coordinate);
}

bool coordinate_sees_all(const conv_geometry *g, const output_coordinate *coordinate, int64_t n) {
    bool sees_all = true;
    for (int i = 0; i < CONV_AXES; i++) {
        const geometry_axis *axis = &g->axes[i];
        int64_t reach = (axis->taps - 1) * axis->tap_step;
        int64_t last = coordinate->source[i] + (i == CONV_AXES - 1 ? (n - 1) * axis->step : 0);
        int64_t lowest = coordinate->source[i] + (reach < 0 ? reach : 0);
        int64_t highest = last + (reach < 0 ? 0 : reach);
        sees_all = sees_all && lowest >= 0 && highest < axis->sources;
    }
    return sees_all;
}

/* ---- squares --------------------------------------------------------------------------------- */

static bool is_inside(int64_t source, int64_t length) {
    return (uint64_t)source < (uint64_t)length;
}

void geometry_square(const image_square *s, const void *outside, const void **addresses) {
    const int64_t row_bytes = s->lengths[1] * s->pixel;
    const char *row = s->pixels + ((s->first + s->row * s->lengths[1]) * s->pixel);
    for (int i = 0; i < s->side; i++) {
        bool is_row = is_inside(s->row + i, s->lengths[0]);
        for (int j = 0; j < s->side; j++) {
            bool is_pixel = is_row && is_inside(s->column + j, s->lengths[1]);
            *addresses++ = is_pixel ? row + (s->column + j) * s->pixel : outside;
        }
        row += row_bytes;
    }
}

/* ---- windows --------------------------------------------------------------------------------- */

/* How many taps see a source inside, and the first of them. */
static int64_t taps_inside(const geometry_axis *axis, int64_t source, int64_t *first) {
    int64_t begin = 0;
    int64_t end = axis->taps;
    while (begin < end && !is_inside(source + begin * axis->tap_step, axis->sources)) {
        begin++;
    }
    while (begin < end && !is_inside(source + (end - 1) * axis->tap_step, axis->sources)) {
        end--;
    }
    *first = begin;
    return end - begin;
}

/* How many outputs in a row, `most` at most, see the same taps: one alone at the edges. */
static int64_t outputs_alike(const geometry_axis *axis, int64_t source, int64_t taps,
                             int64_t most) {
    if (taps < axis->taps) {
        return 1;
    }
    int64_t reach = (taps - 1) * axis->tap_step;
    int64_t highest = source + (reach > 0 ? reach : 0);
    return taps == 0 ? most : smaller(most, (axis->sources - 1 - highest) / axis->step + 1);
}

window window_outline(const conv_geometry *g, int64_t channels, int64_t width) {
    const geometry_axis *last = &g->axes[CONV_AXES - 1];
    window w = {
        .channels = channels,
        .a_step = last->step * channels,
        .y_step = last->result_step * channels,
    };
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        const geometry_axis *axis = &g->axes[i];
        w.a_taps[i] = axis->tap_step * channels;
        w.k_taps[i] = axis->kernel_step * width;
        w.k_begin += axis->kernel_first * width;
        channels *= axis->sources;
        width *= axis->kernel_taps;
    }
    return w;
}

window_iterator windows_over(const conv_geometry *g, const window *outline, int64_t first,
                             int64_t count) {
    window_iterator i;
    i.geometry = g;
    i.outline = outline;
    i.left = count;
    i.waiting = 0;
    if (count > 0) {
        i.coordinate = coordinate_at(g, first);
    }
    return i;
}

/* Begins the window of the output at the coordinate, with the taps that are inside along the first
 * axes. */
static void begin_window(const window_iterator *i, int axes, window *w) {
    *w = *i->outline;
    w->a_begin = i->coordinate.source_offset * w->channels;
    w->result = i->coordinate.result_offset;
    for (int axis = 0; axis < axes; axis++) {
        int64_t first;
        const geometry_axis *a = &i->geometry->axes[axis];
        w->taps[axis] = taps_inside(a, i->coordinate.source[axis], &first);
        w->a_begin += first * w->a_taps[axis];
        w->k_begin += first * w->k_taps[axis];
    }
}

/* The outputs from the coordinate on that see the same taps. */
static void take_row(window_iterator *i, window *w) {
    const geometry_axis *axes = i->geometry->axes;
    begin_window(i, CONV_AXES, w);
    int64_t most = smaller(i->left, coordinate_row_left(i->geometry, &i->coordinate));
    w->outputs = outputs_alike(&axes[2], i->coordinate.source[2], w->taps[2], most);
    i->left -= w->outputs;
    coordinate_advance(i->geometry, &i->coordinate, w->outputs);
}

/* Adds the output of w to the column; false when it sees other taps, or lies at another step. */
static bool column_add(const window_iterator *i, window *column, const window *w) {
    int64_t pixel = i->outline->y_step / i->geometry->axes[CONV_AXES - 1].result_step;
    int64_t step = (w->a_begin - column->a_begin) / column->outputs;
    int64_t result = (w->result - column->result) / column->outputs;
    bool is_next =
        column->outputs < COLUMN_OUTPUTS && column->k_begin == w->k_begin &&
        column->a_begin + column->outputs * step == w->a_begin &&
        column->result + column->outputs * result == w->result &&
        (column->outputs == 1 || (step == column->a_step && result * pixel == column->y_step));
    for (int axis = 0; axis < CONV_AXES; axis++) {
        is_next = is_next && column->taps[axis] == w->taps[axis];
    }
    if (is_next) {
        column->a_step = step;
        column->y_step = result * pixel;
        column->outputs++;
    }
    return is_next;
}

/* Lets the output of w wait in its column; false when w is to be returned: there is no room, or
 * what had waited, which no longer fits. */
static bool column_wait(window_iterator *i, int64_t at, window *w) {
    for (int c = 0; c < i->waiting; c++) {
        window *column = &i->columns[c].window;
        if (i->columns[c].at == at) {
            window former = *column;
            if (column_add(i, column, w)) {
                return true;
            }
            *column = *w;
            *w = former;
            return false;
        }
    }
    if (i->waiting == MOST_COLUMNS) {
        return false;
    }
    i->columns[i->waiting++] = (window_column){at, *w};
    return true;
}

bool windows_next(window_iterator *i, window *w) {
    while (i->left > 0) {
        int64_t at = i->coordinate.at[CONV_AXES - 1];
        take_row(i, w);
        bool is_edge = w->taps[2] < i->geometry->axes[2].taps && w->outputs == 1;
        if (!is_edge || !column_wait(i, at, w)) {
            return true;
        }
    }
    if (i->waiting == 0) {
        return false;
    }
    *w = i->columns[--i->waiting].window;
    return true;
}

bool rows_next(window_iterator *i, window_row *r) {
    if (i->left <= 0) {
        return false;
    }
    const geometry_axis *axis = &i->geometry->axes[CONV_AXES - 1];
    window *w = &r->window;
    begin_window(i, CONV_AXES - 1, w);
    w->taps[CONV_AXES - 1] = axis->taps;
    w->outputs = smaller(i->left, coordinate_row_left(i->geometry, &i->coordinate));
    int64_t source = i->coordinate.source[CONV_AXES - 1];
    r->begin = -source;
    r->end = axis->sources - source;
    if (axis->tap_step < 0) {
        int64_t back = w->outputs - 1;
        source += back * axis->step;
        r->begin = source - axis->sources + 1;
        r->end = source + 1;
        w->a_begin += back * w->a_step;
        w->result += back * axis->result_step;
        w->a_step = -w->a_step;
        w->y_step = -w->y_step;
    }
    i->left -= w->outputs;
    coordinate_advance(i->geometry, &i->coordinate, w->outputs);
    return true;
}
