/* What the places of a scan see, as pointers. */
#include "conv_view.h"

#include <string.h>

#include "../core/memory.h"

lego_status conv_view_open(conv_view *v, int64_t most_taps, int64_t zero_bytes) {
    int64_t tap_bytes;
    if (!size_multiply(most_taps, sizeof(scan_tap), &tap_bytes)) {
        return LEGO_NO_MEMORY;
    }
    v->bytes = (size_t)(tap_bytes + zero_bytes);
    v->memory = memory_take(v->bytes);
    if (!v->memory) {
        return LEGO_NO_MEMORY;
    }
    v->taps = (void *)v->memory;
    v->zeros = v->memory + tap_bytes;
    memset(v->memory + tap_bytes, 0, (size_t)zero_bytes);
    return LEGO_OK;
}

void conv_view_close(conv_view *v) {
    memory_give(v->memory, v->bytes);
}

void conv_view_scan(conv_view *v, conv_scan s) {
    v->scan = s;
    v->tap_count = scan_taps(&v->scan, v->taps);
}

conv_places conv_view_next(const conv_view *v, scan_spot *spot, int64_t count) {
    conv_places p = {.count = (int)count, .see_all = true};
    for (int i = 0; i < p.count; i++) {
        p.spots[i] = *spot;
        p.begins[i] = spot->source_offset * v->pixel;
        p.see_all = p.see_all && scan_sees_all(&v->scan, spot);
        scan_next(&v->scan, spot);
    }
    for (int i = p.count; i < CONV_ROWS; i++) {
        p.begins[i] = p.begins[0];
    }
    return p;
}

void conv_view_look(const conv_view *v, const conv_places *p, int64_t offset, int64_t first,
                    int64_t step, int64_t count, const void *(*a)[CONV_ROWS]) {
    for (int64_t s = 0; s < count; s++) {
        const scan_tap *tap = &v->taps[first + s * step];
        int64_t shift = tap->offset * v->pixel + offset;
        for (int i = 0; i < CONV_ROWS; i++) {
            bool sees = p->see_all || (i < p->count && scan_sees(&v->scan, &p->spots[i], tap));
            a[s][i] = sees ? v->source + (p->begins[i] + shift) : v->zeros;
        }
    }
}
