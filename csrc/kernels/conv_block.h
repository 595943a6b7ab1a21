/* Convolutions of one type of number. conv.c includes this file once per type, with NUMBER the type
 * and NAME(word) the word with the type's name behind it. */

/* y (filters) += x (channels) k (channels, filters), for all groups side by side. */
static void NAME(conv_pixels)(void *work, int64_t begin, int64_t end) {
    const conv_work *w = work;
    const conv *c = w->c;
    int64_t all = c->groups * c->filters;
    for (int64_t p = begin; p < end; p++) {
        NUMBER *y = (NUMBER *)w->result + p * all;
        memset(y, 0, sizeof *y * (size_t)all);
        for (int64_t t = 0; t < taps_of(c); t++) {
            int64_t seen = seen_through(c, p % outputs_of(c), t);
            if (seen < 0) {
                continue;
            }
            seen += p / outputs_of(c) * inputs_of(c);
            const NUMBER *x = (const NUMBER *)w->a + seen * c->groups * c->channels;
            const NUMBER *k = (const NUMBER *)w->b + t * c->channels * all;
            for (int64_t g = 0; g < c->groups; g++) {
                for (int64_t i = 0; i < c->channels; i++) {
                    for (int64_t f = 0; f < c->filters; f++) {
                        y[g * c->filters + f] +=
                            x[g * c->channels + i] * k[i * all + g * c->filters + f];
                    }
                }
            }
        }
    }
}

/* dx (channels) += k (channels, filters) dy (filters), for whole images. */
static void NAME(conv_inputs)(void *work, int64_t begin, int64_t end) {
    const conv_work *w = work;
    const conv *c = w->c;
    int64_t all = c->groups * c->filters;
    int64_t image = inputs_of(c) * c->groups * c->channels;
    memset((NUMBER *)w->result + begin * image, 0,
           sizeof(NUMBER) * (size_t)((end - begin) * image));
    for (int64_t p = begin * outputs_of(c); p < end * outputs_of(c); p++) {
        const NUMBER *dy = (const NUMBER *)w->a + p * all;
        for (int64_t t = 0; t < taps_of(c); t++) {
            int64_t seen = seen_through(c, p % outputs_of(c), t);
            if (seen < 0) {
                continue;
            }
            seen += p / outputs_of(c) * inputs_of(c);
            NUMBER *dx = (NUMBER *)w->result + seen * c->groups * c->channels;
            const NUMBER *k = (const NUMBER *)w->b + t * c->channels * all;
            for (int64_t g = 0; g < c->groups; g++) {
                for (int64_t i = 0; i < c->channels; i++) {
                    for (int64_t f = 0; f < c->filters; f++) {
                        dx[g * c->channels + i] +=
                            k[i * all + g * c->filters + f] * dy[g * c->filters + f];
                    }
                }
            }
        }
    }
}

/* dk (channels, filters) += x (channels) dy (filters), for whole taps. */
static void NAME(conv_taps)(void *work, int64_t begin, int64_t end) {
    const conv_work *w = work;
    const conv *c = w->c;
    int64_t all = c->groups * c->filters;
    for (int64_t t = begin; t < end; t++) {
        NUMBER *dk = (NUMBER *)w->result + t * c->channels * all;
        memset(dk, 0, sizeof *dk * (size_t)(c->channels * all));
        for (int64_t p = 0; p < c->batch * outputs_of(c); p++) {
            int64_t seen = seen_through(c, p % outputs_of(c), t);
            if (seen < 0) {
                continue;
            }
            seen += p / outputs_of(c) * inputs_of(c);
            const NUMBER *x = (const NUMBER *)w->a + seen * c->groups * c->channels;
            const NUMBER *dy = (const NUMBER *)w->b + p * all;
            for (int64_t g = 0; g < c->groups; g++) {
                for (int64_t i = 0; i < c->channels; i++) {
                    for (int64_t f = 0; f < c->filters; f++) {
                        dk[i * all + g * c->filters + f] +=
                            x[g * c->channels + i] * dy[g * c->filters + f];
                    }
                }
            }
        }
    }
}

#undef NUMBER
#undef NAME
