/* Places side by side that see the same taps. */
#include "conv_window.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

conv_windows conv_windows_of(conv_scan scan, int64_t channels, int64_t width) {
    const scan_axis *last = &scan.axes[CONV_AXES - 1];
    conv_windows all = {.scan = scan};
    window *w = &all.outline;
    *w = (window){
        .channels = channels,
        .a_step = last->step * channels,
        .y_step = last->result_step * channels,
    };
    for (int i = CONV_AXES - 1; i >= 0; i--) {
        const scan_axis *axis = &scan.axes[i];
        w->a_taps[i] = axis->tap_step * channels;
        w->k_taps[i] = axis->kernel_step * width;
        w->k_begin += axis->kernel_first * width;
        channels *= axis->sources;
        width *= axis->kernel_taps;
    }
    return all;
}

static bool is_inside(const scan_axis *axis, int64_t source) {
    return (uint64_t)source < (uint64_t)axis->sources;
}

/* How many taps see something from there, and the first of them. */
static int64_t taps_seen(const scan_axis *axis, int64_t source, int64_t *first) {
    int64_t begin = 0;
    int64_t end = axis->taps;
    while (begin < end && !is_inside(axis, source + begin * axis->tap_step)) {
        begin++;
    }
    while (begin < end && !is_inside(axis, source + (end - 1) * axis->tap_step)) {
        end--;
    }
    *first = begin;
    return end - begin;
}

/* How many places in a row, `most` at most, see the same taps: one alone at the edges. */
static int64_t places_alike(const scan_axis *axis, int64_t source, int64_t taps, int64_t most) {
    if (taps < axis->taps) {
        return 1;
    }
    int64_t reach = (taps - 1) * axis->tap_step;
    int64_t highest = source + (reach > 0 ? reach : 0);
    return taps == 0 ? most : smaller(most, (axis->sources - 1 - highest) / axis->step + 1);
}

window_iterator windows_from(const conv_windows *all, int64_t first, int64_t count) {
    window_iterator walk = {.left = count};
    if (count > 0) {
        walk.coordinate = scan_place(&all->scan, first);
    }
    return walk;
}

bool windows_next(const conv_windows *all, window_iterator *walk, window *w) {
    const scan_axis *axes = all->scan.axes;
    output_coordinate *coordinate = &walk->coordinate;
    if (walk->left == 0) {
        return false;
    }
    *w = all->outline;
    w->a_begin = coordinate->source_offset * w->channels;
    w->result = coordinate->result_offset;
    for (int i = 0; i < CONV_AXES; i++) {
        int64_t first;
        w->taps[i] = taps_seen(&axes[i], coordinate->source[i], &first);
        w->a_begin += first * w->a_taps[i];
        w->k_begin += first * w->k_taps[i];
    }
    int64_t most = smaller(walk->left, scan_row_left(&all->scan, coordinate));
    w->places = places_alike(&axes[2], coordinate->source[2], w->taps[2], most);
    walk->left -= w->places;
    scan_advance(&all->scan, coordinate, w->places);
    return true;
}
