/* The plan: how long each home lives, and where in the arena it lies.
 *
 * Homes are placed from the largest to the smallest, each into the lowest gap that no home which
 * lives at the same time reaches into (greedy by size: Pisarchyk and Lee, "Efficient memory
 * management for deep neural net inference", arXiv:2001.03288). */
#include <stdlib.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "program.h"

enum { ALIGNMENT = 64 };

/* ---- lifetimes ------------------------------------------------------------------------------ */

static void touch(lego_program *p, int index, int instruction) {
    home *h = program_home(p, index);
    h->first = h->first < 0 ? instruction : h->first;
    h->last = instruction;
}

static void touch_all(lego_program *p, const part *piece, int instruction) {
    for (int k = part_first_input(piece); k < piece->x_count; k++) {
        touch(p, piece->x[k].home, instruction);
    }
    for (int k = 0; k < piece->y_count; k++) {
        touch(p, piece->y[k].home, instruction);
        program_home(p, piece->y[k].home)->is_written |= part_writes(piece);
    }
}

static void find_lifetimes(lego_program *p) {
    for (size_t i = 0; i < p->homes.count; i++) {
        home *h = program_home(p, (int)i);
        h->first = h->last = -1;
        h->is_written = false;
        h->room = (int)i;
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        const instruction *at = program_instruction(p, i);
        for (int k = 0; k < at->part_count; k++) {
            touch_all(p, &at->parts[k], (int)i);
        }
    }
    for (size_t i = 0; i < p->homes.count; i++) {
        program_home(p, (int)i)->room_last = program_home(p, (int)i)->last;
    }
}

/* ---- places --------------------------------------------------------------------------------- */

static bool needs_place(const lego_program *p, int index) {
    const home *h = program_home(p, index);
    return h->kind == LEGO_HOME_ARENA && h->first >= 0 && h->room == index;
}

static bool live_together(const home *a, const home *b) {
    return a->first <= b->room_last && b->first <= a->room_last;
}

static int64_t rounded(int64_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int largest_first(const void *left, const void *right) {
    const home *a = *(home *const *)left;
    const home *b = *(home *const *)right;
    if (a->bytes != b->bytes) {
        return a->bytes < b->bytes ? 1 : -1;
    }
    return a->first - b->first;
}

static int lowest_first(const void *left, const void *right) {
    const home *a = *(home *const *)left;
    const home *b = *(home *const *)right;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Those of placed[count] that live when h does, in the order of their places. */
static int neighbours(const home *h, home *const *placed, int count, home **found) {
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (live_together(h, placed[i])) {
            found[n++] = placed[i];
        }
    }
    qsort(found, (size_t)n, sizeof *found, lowest_first);
    return n;
}

/* The lowest place where h fits between its neighbours. */
static int64_t lowest_gap(const home *h, home *const *neighbour, int count) {
    int64_t place = 0;
    for (int i = 0; i < count; i++) {
        if (neighbour[i]->place >= place + rounded(h->bytes)) {
            break;
        }
        int64_t end = neighbour[i]->place + rounded(neighbour[i]->bytes);
        place = end > place ? end : place;
    }
    return place;
}

static lego_status find_places(lego_program *p, bool reuse) {
    home **homes = pool_take(&p->pool, p->homes.count + 1, sizeof *homes);
    home **found = pool_take(&p->pool, p->homes.count + 1, sizeof *found);
    if (!homes || !found) {
        return LEGO_NO_MEMORY;
    }
    int count = 0;
    for (size_t i = 0; i < p->homes.count; i++) {
        if (needs_place(p, (int)i)) {
            homes[count++] = program_home(p, (int)i);
        }
    }
    qsort(homes, (size_t)count, sizeof *homes, largest_first);
    for (int i = 0; i < count; i++) {
        int n = reuse ? neighbours(homes[i], homes, i, found) : 0;
        homes[i]->place = reuse ? lowest_gap(homes[i], found, n) : p->arena_bytes;
        int64_t end = homes[i]->place + rounded(homes[i]->bytes);
        p->arena_bytes = end > p->arena_bytes ? end : p->arena_bytes;
    }
    for (size_t i = 0; i < p->homes.count; i++) {
        home *h = program_home(p, (int)i);
        h->place = program_home(p, h->room)->place;
    }
    return LEGO_OK;
}

lego_status plan_arena(lego_program *p, bool reuse) {
    find_lifetimes(p);
    if (reuse) {
        plan_in_place(p);
    }
    return find_places(p, reuse);
}
