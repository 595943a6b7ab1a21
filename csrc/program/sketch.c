/* Chains: which tiles their numbers pass through. */
#include "chain.h"

#include <string.h>

/* What the sketch is made of, and how far it is. */
typedef struct sketching {
    const part *const *parts;
    int count;
    const bool *is_inner;
    sketch *s;
    wording wordings[MOST_STAGES]; /* of the stage that part i is the last of */
    int spoken_by[MOST_STAGES];    /* the last part of the stage that does part i */
    int last_read[MOST_STAGES];    /* the last part that reads what part i makes; -1: none */
    int writes_for[MOST_STAGES];   /* the assignment that part i does itself; -1: none */
    bool is_done[MOST_STAGES];     /* assignments that are done by the part that makes the value */
    bool is_taken[MOST_TILES];
} sketching;

/* ---- who reads what ------------------------------------------------------------------------- */

static bool reads(const part *piece, int home) {
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        if (piece->x[i].home == home) {
            return true;
        }
    }
    return false;
}

/* Whether the part makes a number for each element: it neither assigns nor joins. */
static bool is_maker(const part *piece) {
    return !part_writes(piece) && part_loop(piece);
}

static int maker_of(const sketching *k, int home, int before) {
    for (int i = before - 1; i >= 0; i--) {
        if (is_maker(k->parts[i]) && k->parts[i]->y[0].home == home) {
            return i;
        }
    }
    return -1;
}

/* Whether the part reads all of a home, element by element. */
static bool is_read_whole(const part *piece, const operand *o) {
    int64_t columns;
    operand_form form = form_below(&o->array, &piece->y[0].array, &columns);
    bool is_one = array_size(&piece->y[0].array) == 1;
    return (form == FORM_WHOLE || is_one) && o->offset == 0;
}

static bool touches(const part *piece, int home) {
    return reads(piece, home) || piece->y[0].home == home;
}

/* A value that is made in this chain is written to its variable at once, when it is assigned as it
 * is, nobody in between reads the variable's former numbers and nobody writes it again. */
static bool may_write_at_once(const sketching *k, int maker, int assignment) {
    int variable = k->parts[assignment]->y[0].home;
    const operand *value = &k->parts[assignment]->x[1];
    if (!k->is_inner[value->home] || k->writes_for[maker] >= 0 ||
        !is_read_whole(k->parts[assignment], value)) {
        return false;
    }
    for (int i = maker + 1; i < k->count; i++) {
        bool is_former = i < assignment && touches(k->parts[i], variable);
        bool is_again = i > assignment && k->parts[i]->y[0].home == variable;
        if (is_former || is_again) {
            return false;
        }
    }
    return true;
}

static void find_direct_writes(sketching *k) {
    for (int i = 0; i < k->count; i++) {
        k->writes_for[i] = -1;
    }
    for (int i = 0; i < k->count; i++) {
        if (!part_writes(k->parts[i])) {
            continue;
        }
        int maker = maker_of(k, k->parts[i]->x[1].home, i);
        if (maker >= 0 && may_write_at_once(k, maker, i)) {
            k->writes_for[maker] = i;
            k->is_done[i] = true;
        }
    }
}

/* From the end, since a phrase is found by its last brick. */
static void find_wordings(sketching *k) {
    for (int last = k->count - 1; last >= 0; last = k->wordings[last].first - 1) {
        k->wordings[last] = chain_wording(k->parts, k->count, k->is_inner, k->writes_for, last);
        for (int i = k->wordings[last].first; i <= last; i++) {
            k->spoken_by[i] = last;
        }
    }
}

static void find_last_reads(sketching *k) {
    for (int i = 0; i < k->count; i++) {
        k->last_read[i] = -1;
        for (int reader = i + 1; reader < k->count; reader++) {
            if (is_maker(k->parts[i]) && reads(k->parts[reader], k->parts[i]->y[0].home)) {
                k->last_read[i] = k->spoken_by[reader];
            }
        }
    }
}

/* ---- slots ---------------------------------------------------------------------------------- */

/* The slot like this one, found or made; -1 when there are too many. */
static int slot_like(sketch *s, const slot *wanted) {
    for (int i = 0; i < s->slot_count; i++) {
        const slot *have = &s->slots[i];
        if (have->home == wanted->home && have->offset == wanted->offset &&
            have->form == wanted->form && have->tile == wanted->tile) {
            return i;
        }
    }
    if (s->slot_count == MOST_SLOTS) {
        return -1;
    }
    s->slots[s->slot_count] = *wanted;
    return s->slot_count++;
}

static slot slot_in_memory(const operand *o, operand_form form) {
    return (slot){
        .home = o->home,
        .offset = o->offset,
        .form = form,
        .bytes = (int64_t)lego_dtype_size(o->array.dtype),
        .tile = TILE_NONE,
    };
}

static int take_tile(sketching *k) {
    for (int tile = 0; tile < MOST_TILES; tile++) {
        if (!k->is_taken[tile]) {
            k->is_taken[tile] = true;
            k->s->tile_count = tile + 1 > k->s->tile_count ? tile + 1 : k->s->tile_count;
            return tile;
        }
    }
    return -1;
}

static bool is_written_here(const sketching *k, int home) {
    for (int i = 0; i < k->count; i++) {
        if (k->parts[i]->y[0].home == home) {
            return true;
        }
    }
    return false;
}

/* The slot that the part reads for its input: of the part that made it, where that is in here. What
 * is written in here can only be read element by element. */
static int input_slot(sketching *k, int at, const operand *o, const int *made) {
    int64_t columns;
    operand_form form = form_below(&o->array, &k->parts[at]->y[0].array, &columns);
    if (!is_read_whole(k->parts[at], o) && is_written_here(k, o->home)) {
        return -1;
    }
    int maker = maker_of(k, o->home, at);
    if (maker >= 0) {
        return made[maker];
    }
    slot wanted = slot_in_memory(o, form);
    wanted.tile = k->is_inner[o->home] ? TILE_OF_BLOCK : TILE_NONE;
    return slot_like(k->s, &wanted);
}

/* Tiles whose last reader was this stage are free again. */
static void free_tiles(sketching *k, int at, const int *made) {
    for (int i = 0; i <= at; i++) {
        int tile = made[i] >= 0 ? k->s->slots[made[i]].tile : TILE_NONE;
        bool is_over = k->last_read[i] == at || (k->spoken_by[i] == at && k->last_read[i] < 0);
        if (tile >= 0 && is_over) {
            k->is_taken[tile] = false;
        }
    }
}

static int output_slot(sketching *k, int at) {
    const part *piece = k->parts[at];
    bool is_direct = k->writes_for[at] >= 0;
    const operand *y = is_direct ? &k->parts[k->writes_for[at]]->y[0] : &piece->y[0];
    slot wanted = slot_in_memory(y, FORM_WHOLE);
    if (!is_direct && !part_writes(piece) && k->is_inner[y->home]) {
        wanted.tile = take_tile(k);
        if (wanted.tile < 0) {
            return -1;
        }
    }
    return slot_like(k->s, &wanted);
}

/* ---- stages --------------------------------------------------------------------------------- */

static bool add_stage(sketching *k, int at, int *made) {
    const wording *w = &k->wordings[at];
    bool ends_with_write = k->writes_for[at] == at + 1;
    stage next = {
        .loop = w->loop,
        .phrase = w->phrase,
        .text = w->text,
        .first = w->first,
        .last = ends_with_write ? at + 1 : at,
        .x_count = w->x_count,
        .y_count = w->y_count,
    };
    bool feeds_total = !w->loop && !w->phrase;
    if (feeds_total) {
        next.total = k->s->total_count++;
    }
    for (int i = 0; i < w->x_count; i++) {
        next.x[i] = input_slot(k, w->readers[i], w->x[i], made);
        if (next.x[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < w->y_count; i++) {
        made[w->makers[i]] = next.y[i] = output_slot(k, w->makers[i]);
        if (next.y[i] < 0) {
            return false;
        }
    }
    free_tiles(k, at, made);
    k->s->stages[k->s->stage_count++] = next;
    return true;
}

/* Totals are fed in one long row, all of them in the same chunks. */
static bool join_spaces(const part *const *parts, int count, space *all) {
    int totals = 0;
    const part *first = NULL;
    *all = (space){array_size(&parts[0]->y[0].array), 0};
    for (int i = 0; i < count; i++) {
        space own;
        bool is_total = chain_totals(parts[i], &own);
        totals += is_total;
        first = is_total && !first ? parts[i] : first;
        if ((!is_total && !chain_takes(parts[i], &own)) || !space_join(all, &own, all) ||
            (is_total && parts[i]->brick->total->chunk != first->brick->total->chunk)) {
            return false;
        }
    }
    return totals == 0 || (totals <= MOST_TOTALS && all->columns == 0);
}

/* Rows and columns of numbers may be spread out to tiles of their own when the chain runs. */
static bool has_tiles_to_spread(const sketch *s) {
    int tiles = s->tile_count;
    for (int i = 0; i < s->slot_count; i++) {
        tiles += s->slots[i].form == FORM_ROW || s->slots[i].form == FORM_COLUMN;
    }
    return tiles <= MOST_TILES;
}

bool chain_sketch(const part *const *parts, int count, const bool *is_inner, sketch *s) {
    sketching k = {.parts = parts, .count = count, .is_inner = is_inner, .s = s};
    int made[MOST_STAGES];
    s->slot_count = s->stage_count = s->total_count = s->tile_count = 0;
    if (count > MOST_STAGES || !join_spaces(parts, count, &s->space)) {
        return false;
    }
    find_direct_writes(&k);
    find_wordings(&k);
    find_last_reads(&k);
    for (int i = 0; i < count; i++) {
        made[i] = -1;
        bool has_stage = k.spoken_by[i] == i && !k.is_done[i];
        if (has_stage && !add_stage(&k, i, made)) {
            return false;
        }
    }
    return has_tiles_to_spread(s);
}
