/* Linking: the chain of an instruction, from its sketch. */
#include <string.h>

#include "../core/threads.h"
#include "chain.h"
#include "link.h"

enum {
    STREAMED_BYTES = 1 << 19 /* more would not stay in the second-level cache until it is read */
};

static bool has_form(const sketch *s, operand_form form) {
    for (int i = 0; i < s->slot_count; i++) {
        if (s->slots[i].form == form) {
            return true;
        }
    }
    return false;
}

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Long rows are cut into tiles; of short ones a tile takes as many as it holds, and what is the
 * same for all rows (or columns) is spread out to the tile's size. A stage that is alone has
 * nothing to hand on in the first-level cache: its tiles may be larger. */
static void cut(chain *c, const sketch *s) {
    bool has_rows = has_form(s, FORM_ROW) || has_form(s, FORM_COLUMN);
    c->columns = s->space.columns ? s->space.columns : s->space.size;
    c->rows = s->space.size / c->columns;
    c->is_spread = has_rows && c->columns < LONG_ROW;
    c->tile_elements = s->stage_count == 1 && s->tile_count == 0 ? LONE_ELEMENTS : TILE_ELEMENTS;
    c->tile_columns = smaller(c->columns, c->tile_elements);
    c->tile_rows = c->is_spread ? smaller(c->rows, TILE_ELEMENTS / c->columns) : 1;
    c->across = threads_pieces(c->columns, c->tile_columns);
    c->tiles = c->across * threads_pieces(c->rows, c->tile_rows);
    c->block_rows = c->is_spread ? c->tile_rows : has_rows ? 1 : INT64_MAX / TILE_ELEMENTS;
    c->grain = threads_grain(c->tile_rows * c->tile_columns * c->part_count / STAGE_GAIN);
}

/* Gives each row or column that is spread out a tile of its own. */
static void spread(chain *c, int tile) {
    for (int i = 0; i < c->slot_count && c->is_spread; i++) {
        bool is_spread = c->slots[i].form == FORM_ROW || c->slots[i].form == FORM_COLUMN;
        c->slots[i].tile = is_spread ? tile++ : c->slots[i].tile;
    }
}

static int64_t bytes_in_memory(const chain *c) {
    int64_t bytes = 0;
    for (int i = 0; i < c->slot_count; i++) {
        bool is_whole = c->slots[i].tile == TILE_NONE && c->slots[i].form == FORM_WHOLE;
        bytes += is_whole ? c->rows * c->columns * c->slots[i].bytes : 0;
    }
    return bytes;
}

static lego_status link_slots(lego_program *p, chain *c) {
    lego_status status = LEGO_OK;
    for (int i = 0; i < c->slot_count && status == LEGO_OK; i++) {
        slot *own = &c->slots[i];
        bool is_in_memory = own->tile == TILE_NONE || own->form != FORM_WHOLE;
        if (is_in_memory) {
            status = link_address(p, &own->memory, own->home, own->offset);
        }
    }
    return status;
}

static lego_status link_total(lego_program *p, const chain *c, part *piece, total *t) {
    t->faces = piece->brick->total;
    t->x = &piece->x[0].array;
    t->y = piece->y[0].array;
    t->call = (lego_call){
        .brick = piece->brick,
        .attributes = piece->attributes,
        .x = &t->x,
        .input_count = 1,
        .y = &t->y,
        .output_count = 1,
    };
    t->chunks = pool_take(&p->pool, (size_t)c->chunks, TOTAL_BYTES);
    return t->chunks ? link_address(p, &t->y.data, piece->y[0].home, piece->y[0].offset)
                     : LEGO_NO_MEMORY;
}

/* The parts that join everything, in the order of the stages that feed them. */
static lego_status link_totals(lego_program *p, instruction *i, chain *c) {
    int linked = 0;
    c->totals = pool_take(&p->pool, (size_t)c->total_count, sizeof(total));
    lego_status status = c->totals ? LEGO_OK : LEGO_NO_MEMORY;
    for (int k = 0; k < i->part_count && status == LEGO_OK; k++) {
        space own;
        if (!chain_totals(&i->parts[k], &own)) {
            continue;
        }
        if (linked == 0) {
            c->chunk = i->parts[k].brick->total->chunk(c->columns);
            c->chunks = threads_pieces(c->columns, c->chunk);
            c->chunk_grain = threads_grain(c->chunk * c->part_count / STAGE_GAIN);
        }
        status = link_total(p, c, &i->parts[k], &c->totals[linked++]);
    }
    return status;
}

lego_status link_chain(lego_program *p, instruction *i, int first) {
    const part *parts[MOST_STAGES];
    sketch s;
    bool *is_inner = pool_take(&p->pool, p->homes.count, sizeof *is_inner);
    chain *c = pool_take(&p->pool, 1, sizeof *c);
    if (!is_inner || !c) {
        return LEGO_NO_MEMORY;
    }
    for (size_t k = 0; k < p->homes.count; k++) {
        is_inner[k] = program_home(p, (int)k)->kind == LEGO_HOME_TILE;
    }
    for (int k = first; k < i->part_count; k++) {
        parts[k - first] = &i->parts[k];
    }
    chain_sketch(parts, i->part_count - first, is_inner, &s);
    if (first > 0) { /* the rows are those of the product's blocks */
        const lego_array *y = &i->parts[0].y[0].array;
        s.space.columns = y->shape[y->rank - 1];
    }
    c->part_count = i->part_count - first;
    c->total_count = s.total_count;
    c->slot_count = s.slot_count;
    c->stage_count = s.stage_count;
    c->slots = pool_take(&p->pool, (size_t)s.slot_count, sizeof(slot));
    c->stages = pool_take(&p->pool, (size_t)s.stage_count, sizeof(stage));
    if (!c->slots || !c->stages) {
        return LEGO_NO_MEMORY;
    }
    memcpy(c->slots, s.slots, sizeof(slot) * (size_t)s.slot_count);
    memcpy(c->stages, s.stages, sizeof(stage) * (size_t)s.stage_count);
    c->block_bytes = lego_dtype_size(i->parts[0].y[0].array.dtype);
    cut(c, &s);
    spread(c, s.tile_count);
    c->is_streamed = c->stage_count > 1 && bytes_in_memory(c) > STREAMED_BYTES;
    i->chain = c;
    lego_status status = c->total_count > 0 ? link_totals(p, i, c) : LEGO_OK;
    return status ? status : link_slots(p, c);
}
