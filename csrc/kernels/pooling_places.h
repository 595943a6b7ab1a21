/* What is done at the places of windows, for one type of float: a template (per_float.h) of
 * pooling.c. */

/* dx += dy at the place of each channel, where that is the window's own. Of the channels before
 * `whole`, which fill vectors, place by place. */
static ALWAYS_INLINE void NAME(scatter_small)(const pool_window *w, int64_t n, int64_t whole,
                                              NUMBER *dx, const NUMBER *dy, const uint8_t *places) {
    const int64_t lanes = VECTOR_BYTES / sizeof(NUMBER), count = place_count(w);
    NUMBER foreign = 0;
    for (int64_t window = 0; window < w->beside; window++) {
        for (int64_t c = 0; c < whole; c += lanes) {
            NAME(scatter_tile)(w, count, dx + c, dy + c, places + c);
        }
        for (int64_t i = whole; i < n; i++) {
            const int64_t at = w->offsets[places[i]];
            NUMBER *to = at >= 0 ? &dx[at + i] : &foreign; /* no branch: it is hard to foresee */
            *to += dy[i];
        }
        dx += w->apart;
        dy += w->channels;
        places += w->channels;
    }
}

/* The same where place numbers are not bytes. */
static void NAME(scatter_wide)(const pool_window *w, int64_t n, NUMBER *dx, const NUMBER *dy,
                               const int32_t *places) {
    for (int64_t window = 0; window < w->beside; window++) {
        for (int64_t i = 0; i < n; i++) {
            const int64_t at = place_offset(w, places[i]);
            if (at >= 0) {
                dx[at + i] += dy[i];
            }
        }
        dx += w->apart;
        dy += w->channels;
        places += w->channels;
    }
}

static void NAME(scatter)(const pool_window *w, int64_t n, void *dx, void *dy, void *places) {
    const int64_t lanes = VECTOR_BYTES / sizeof(NUMBER);
    if (!w->is_small) {
        NAME(scatter_wide)(w, n, dx, dy, places);
    } else if (n >= lanes && place_count(w) <= FEW_PLACES) {
        NAME(scatter_small)(w, n, n / lanes * lanes, dx, dy, places);
    } else {
        NAME(scatter_small)(w, n, 0, dx, dy, places);
    }
}

/* y = z at the place of each channel. */
static void NAME(gather)(const pool_window *w, int64_t n, void *numbers, void *output,
                         void *places) {
    NAME(place_number) found[BLOCK];
    NAME(load)(w, n, places, found);
    NUMBER *y = output;
    EACH_ELEMENT {
        y[i] = 0;
    }
    EACH_PLACE(w) {
        const NUMBER *z = (const NUMBER *)numbers + p.at;
        const NAME(place_number) here = (NAME(place_number))p.number;
        EACH_ELEMENT {
            const NUMBER number = z[i];
            y[i] = found[i] == here ? number : y[i];
        }
    }
}

/* dx += share at all places of a window that are its own. */
static ALWAYS_INLINE void NAME(spread_share)(const pool_window *w, const int64_t n,
                                             const NUMBER *share, NUMBER *first) {
    for (int64_t a = w->own_begin; a < w->own_end; a++) {
        for (int64_t b = 0; b < w->lengths[1]; b++) {
            NUMBER *dx = first + a * w->steps[0] + b * w->steps[1];
            for (int64_t c = 0; c < w->lengths[2]; c++, dx += w->steps[2]) {
                EACH_ELEMENT {
                    dx[i] += share[i];
                }
            }
        }
    }
}

/* dx += dy / n at all places of the windows. */
static void NAME(spread)(const pool_window *w, int64_t n, void *output, void *grad, void *none) {
    (void)none;
    const NUMBER *dy = grad;
    NUMBER *dx = output;
    const NUMBER count = (NUMBER)place_count(w);
    NUMBER share[BLOCK];
    for (int64_t window = 0; window < w->beside; window++, dx += w->apart, dy += w->channels) {
        EACH_ELEMENT {
            share[i] = dy[i] / count;
        }
        if (n == 1) {
            NAME(spread_share)(w, 1, share, dx);
        } else {
            NAME(spread_share)(w, n, share, dx);
        }
    }
}
