/* Chains: linked and run, tile by tile. */
#include "chain.h"

#include <string.h>

#include "../core/threads.h"
#include "link.h"

enum {
    TILE_BYTES = 8 * TILE_ELEMENTS + 448,
    STAGE_GAIN = 8, /* operations in tiles that cost what one over memory does */
    LONG_ROW = 256  /* rows that are worth a tile of their own; of shorter ones a tile holds several */
};

typedef struct total total;

struct chain {
    int64_t rows;
    int64_t columns;
    int64_t tile_rows; /* of a whole tile */
    int64_t tile_columns;
    int64_t tiles;  /* in all */
    int64_t across; /* tiles side by side */
    int64_t grain;  /* tiles that are worth a thread */
    bool is_spread; /* rows and columns of numbers are spread out in tiles of their own */
    int64_t block_rows;  /* rows of a product's block that may be taken as one */
    size_t block_bytes;  /* of a product's number */
    int slot_count;
    int stage_count;
    slot *slots;
    stage *stages;
    total *total; /* NULL: none */
};

/* What everything is joined to in the end. The tiles are those of one long row. */
struct total {
    const total_faces *faces;
    lego_call call;
    const lego_array *x;
    lego_array y;
    int64_t chunk; /* elements that share a total */
    int64_t chunks;
    int64_t grain; /* chunks that are worth a thread */
    char *totals;  /* of all chunks */
};

/* ---- linking -------------------------------------------------------------------------------- */

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

/* Long rows are cut into tiles; of short ones a tile takes as many as it holds, and what is the same
 * for all rows (or columns) is spread out to the tile's size. */
static void cut(chain *c, const sketch *s) {
    bool has_rows = has_form(s, FORM_ROW) || has_form(s, FORM_COLUMN);
    c->columns = s->space.columns ? s->space.columns : s->space.size;
    c->rows = s->space.size / c->columns;
    c->is_spread = has_rows && c->columns < LONG_ROW;
    c->tile_columns = smaller(c->columns, TILE_ELEMENTS);
    c->tile_rows = c->is_spread ? smaller(c->rows, TILE_ELEMENTS / c->columns) : 1;
    c->across = threads_pieces(c->columns, c->tile_columns);
    c->tiles = c->across * threads_pieces(c->rows, c->tile_rows);
    c->block_rows = c->is_spread ? c->tile_rows : has_rows ? 1 : INT64_MAX / TILE_ELEMENTS;
    c->grain = threads_grain(c->tile_rows * c->tile_columns * s->stage_count / STAGE_GAIN);
}

/* Gives each row or column that is spread out a tile of its own. */
static void spread(chain *c, int tile) {
    for (int i = 0; i < c->slot_count && c->is_spread; i++) {
        bool is_spread = c->slots[i].form == FORM_ROW || c->slots[i].form == FORM_COLUMN;
        c->slots[i].tile = is_spread ? tile++ : c->slots[i].tile;
    }
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

/* The part that joins everything, if there is one. */
static part *find_total(instruction *i) {
    for (int k = 0; k < i->part_count; k++) {
        space own;
        if (chain_totals(&i->parts[k], &own)) {
            return &i->parts[k];
        }
    }
    return NULL;
}

static lego_status link_total(lego_program *p, chain *c, part *piece) {
    const int64_t total_bytes = 8;
    total *t = pool_take(&p->pool, 1, sizeof *t);
    if (!t) {
        return LEGO_NO_MEMORY;
    }
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
    t->chunk = t->faces->chunk(c->columns);
    t->chunks = threads_pieces(c->columns, t->chunk);
    t->grain = threads_grain(t->chunk * c->stage_count / STAGE_GAIN);
    t->totals = pool_take(&p->pool, (size_t)t->chunks, total_bytes);
    c->total = t;
    return t->totals ? link_address(p, &t->y.data, piece->y[0].home, piece->y[0].offset)
                     : LEGO_NO_MEMORY;
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
    i->chain = c;
    part *joined = i->is_chain ? find_total(i) : NULL;
    lego_status status = joined ? link_total(p, c, joined) : LEGO_OK;
    return status ? status : link_slots(p, c);
}

/* ---- running -------------------------------------------------------------------------------- */

/* The part of the space that is worked on: `n` elements from (row, column) on, in so many rows. */
typedef struct tile {
    int64_t row;
    int64_t column;
    int64_t rows;
    int64_t n;
    const void *block; /* of a product: its number at (row, column) */
} tile;

typedef char tile_buffer[TILE_BYTES];

/* Copies x[n] of elements of `bytes` over and over until there are `count`. */
static void repeat(const void *x, int64_t n, int64_t count, size_t bytes, char *y) {
    for (int64_t i = 0; i < count; i += n) {
        memcpy(y + (size_t)i * bytes, x, (size_t)n * bytes);
    }
}

/* Rows are the same for every tile: they are spread out before the first. */
static void spread_rows(const chain *c, tile_buffer *buffers) {
    for (int i = 0; i < c->slot_count; i++) {
        const slot *s = &c->slots[i];
        if (s->form == FORM_ROW) {
            repeat(s->memory, c->columns, c->tile_rows * c->columns, (size_t)s->bytes,
                   buffers[s->tile]);
        }
    }
}

static void spread_column(const chain *c, const slot *s, const tile *t, tile_buffer *buffers) {
    size_t bytes = (size_t)s->bytes;
    for (int64_t row = 0; row < t->rows; row++) {
        const char *number = (const char *)s->memory + (size_t)(t->row + row) * bytes;
        repeat(number, 1, c->columns, bytes, buffers[s->tile] + (size_t)(row * c->columns) * bytes);
    }
}

/* Where a slot's numbers for the tile begin. */
static void *place_of(const chain *c, const slot *s, const tile *t, tile_buffer *buffers) {
    if (s->tile == TILE_OF_BLOCK) {
        return (void *)t->block;
    }
    if (s->tile >= 0) {
        if (s->form == FORM_COLUMN) {
            spread_column(c, s, t, buffers);
        }
        return buffers[s->tile];
    }
    char *memory = s->memory;
    switch (s->form) {
    case FORM_WHOLE:
        return memory + (t->row * c->columns + t->column) * s->bytes;
    case FORM_ROW:
        return memory + t->column * s->bytes;
    case FORM_COLUMN:
        return memory + t->row * s->bytes;
    default:
        return memory;
    }
}

/* Whether the slot's place moves on with the elements. */
static bool is_stepping(const slot *s) {
    return s->tile >= 0 || s->form == FORM_WHOLE || s->form == FORM_ROW;
}

static void run_tile(const chain *c, const tile *t, tile_buffer *buffers, void *running) {
    void *places[MOST_SLOTS];
    int64_t steps[MOST_SLOTS];
    for (int i = 0; i < c->slot_count; i++) {
        places[i] = place_of(c, &c->slots[i], t, buffers);
        steps[i] = is_stepping(&c->slots[i]);
    }
    for (int i = 0; i < c->stage_count; i++) {
        const stage *s = &c->stages[i];
        const void *x[4];
        int64_t x_steps[4];
        for (int k = 0; k < s->count; k++) {
            x[k] = places[s->x[k]];
            x_steps[k] = steps[s->x[k]];
        }
        if (s->loop) {
            s->loop(t->n, x, x_steps, places[s->y]);
        } else {
            c->total->faces->feed(running, x[0], t->n);
        }
    }
}

static tile tile_at(const chain *c, int64_t index) {
    tile t = {
        .row = index / c->across * c->tile_rows,
        .column = index % c->across * c->tile_columns,
    };
    t.rows = smaller(c->tile_rows, c->rows - t.row);
    t.n = t.rows * smaller(c->tile_columns, c->columns - t.column);
    return t;
}

static void run_tiles(void *work, int64_t begin, int64_t end) {
    const chain *c = work;
    _Alignas(64) tile_buffer buffers[MOST_TILES];
    if (c->is_spread) {
        spread_rows(c, buffers);
    }
    for (int64_t index = begin; index < end; index++) {
        tile t = tile_at(c, index);
        run_tile(c, &t, buffers, NULL);
    }
}

/* Rows that lie densely one below the other are one long row, as far as a tile goes. */
static void run_rows(const chain *c, const result_block *b, int64_t row, int64_t rows,
                     tile_buffer *buffers) {
    size_t bytes = c->block_bytes;
    const char *data = (const char *)b->data + (size_t)((row - b->row) * b->row_stride) * bytes;
    int64_t count = rows * b->columns;
    for (int64_t done = 0; done < count; done += TILE_ELEMENTS) {
        tile t = {
            .row = row,
            .column = b->column + done,
            .rows = rows,
            .n = smaller(TILE_ELEMENTS, count - done),
            .block = data + (size_t)done * bytes,
        };
        run_tile(c, &t, buffers, NULL);
    }
}

void chain_run_block(const void *context, const result_block *b) {
    const chain *c = context;
    _Alignas(64) tile_buffer buffers[MOST_TILES];
    bool is_dense = b->columns == c->columns && b->row_stride == b->columns;
    int64_t rows = is_dense ? c->block_rows : 1;
    if (c->is_spread) {
        spread_rows(c, buffers);
    }
    for (int64_t row = b->row; row < b->row + b->rows; row += rows) {
        run_rows(c, b, row, smaller(rows, b->row + b->rows - row), buffers);
    }
}

/* Chunks of one long row, each joined to a total of its own. */
static void run_chunks(void *work, int64_t begin, int64_t end) {
    const chain *c = work;
    const total *t = c->total;
    _Alignas(64) tile_buffer buffers[MOST_TILES];
    _Alignas(64) char running[RUNNING_BYTES];
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk * t->chunk;
        int64_t count = smaller(t->chunk, c->columns - first);
        t->faces->open(&t->call, count, running);
        for (int64_t done = 0; done < count; done += TILE_ELEMENTS) {
            tile at = {
                .column = first + done,
                .rows = 1,
                .n = smaller(TILE_ELEMENTS, count - done),
            };
            run_tile(c, &at, buffers, running);
        }
        t->faces->close(running, t->totals + chunk * 8);
    }
}

void chain_run(const chain *c) {
    if (c->total) {
        const total *t = c->total;
        threads_run(t->chunks, t->grain, run_chunks, (void *)c);
        t->faces->finish(&t->call, t->totals, t->chunks);
        return;
    }
    threads_run(c->tiles, c->grain, run_tiles, (void *)c);
}
