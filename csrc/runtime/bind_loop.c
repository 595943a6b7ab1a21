/* Binding: the fused loop of an instruction, from its plan. */
#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "../graph/fused_loop.h"
#include "../passes/patterns/patterns.h"
#include "addresses.h"

enum {
    LEAST_BY_ROWS = 48,        /* elements of a row that are worth a stage's run */
    NEAR_BYTES = L2_BYTES / 2, /* more does not stay in the second-level cache until it is read */
    FAR_BYTES = 12 << 20 /* nor in a core's share of the third: from here on a loop was measured
                            to gain by prefetching all that it touches */
};

/* Rows that are long enough for a tile of their own. Totals of columns are loaded and stored once
 * per tile: it takes two rows where they fit. */
static int64_t long_row(const loop_plan *s) {
    return s->reduces_columns && !s->reduces_rows ? TILE_ELEMENTS / 2 + 1 : LONG_ROW;
}

/* A row is cut into tiles of about the same width, of whole lines of the cache: a narrow one at its
 * end would cost nearly as much as the others. */
static int64_t tile_width(int64_t columns, int64_t most) {
    int64_t even = divide_up(columns, divide_up(columns, most));
    return smaller(columns, round_up(even, CACHE_LINE / (int64_t)sizeof(float)));
}

/* Tiles are the larger the less a loop keeps in the first-level cache from stage to stage: a single
 * stage nothing at all, others what one stores and the next one reads again. */
static int64_t most_elements(const loop_plan *s, bool has_rows) {
    if (s->tile_count > 0 || s->reduces_columns || (has_rows && s->total_count > 0)) {
        return TILE_ELEMENTS;
    }
    return s->stage_count == 1 ? LONE_ELEMENTS : STORED_ELEMENTS;
}

/* Long rows are cut into tiles. Of short rows a tile takes as many as it holds, and what is the
 * same for all rows (or columns) is repeated in a separate tile. */
static void cut(fused_loop *c, const loop_plan *s) {
    bool has_rows = loop_plan_tiles(s) > s->tile_count;
    c->row_length = s->total_count > 0 && !s->reduces_columns ? s->space.columns : 0;
    c->columns = s->space.columns && !c->row_length ? s->space.columns : s->space.size;
    c->rows = s->space.size / c->columns;
    bool needs_rows = has_rows || s->reduces_rows || s->reduces_columns;
    c->is_spread = needs_rows && c->columns < long_row(s) && !c->row_length;
    c->tile_elements = most_elements(s, has_rows);
    c->tile_columns = tile_width(c->columns, c->tile_elements);
    c->tile_rows = c->is_spread ? smaller(c->rows, TILE_ELEMENTS / c->columns) : 1;
    c->tile_bytes = TILE_BYTES;
    if (s->reduces_rows) {
        int64_t most = smaller(ROW_TILE_ELEMENTS, loop_plan_row_elements(s));
        c->tile_columns = c->columns;
        c->tile_rows = c->is_spread ? smaller(c->rows, larger(1, most / c->columns)) : 1;
        c->tile_bytes = row_tile_bytes(loop_plan_tiles(s));
    }
    if (s->reduces_columns && c->columns <= NARROW_COLUMNS && c->tile_rows > COLUMN_ROWS) {
        c->tile_rows = c->tile_rows / COLUMN_ROWS * COLUMN_ROWS;
    }
    c->across = divide_up(c->columns, c->tile_columns);
    c->tiles = c->across * divide_up(c->rows, c->tile_rows);
    c->block_rows = c->is_spread ? c->tile_rows : has_rows ? 1 : INT64_MAX / TILE_ELEMENTS;
    c->grain = threads_grain(c->tile_rows * c->tile_columns * c->op_count / STAGE_GAIN);
}

/* Whether input k of the stage has a number for each row of a long one, and the other input one for
 * each element: loops of two inputs take the number as it is. */
static bool takes_numbers_of_rows(const fused_loop *c, const stage *s, int k) {
    if (s->kind != STAGE_LOOP || s->x_count != 2) {
        return false;
    }
    const access_kind other = c->slots[s->x[1 - k]].access;
    return other == ACCESS_EACH || other == ACCESS_ROW;
}

/* Whether all stages that read the numbers of rows can run row by row. Then these need no tile. */
static bool is_read_by_rows(const fused_loop *c, int column) {
    bool is = c->row_length >= LEAST_BY_ROWS;
    for (int i = 0; i < c->stage_count; i++) {
        const stage *s = &c->stages[i];
        for (int k = 0; k < s->x_count; k++) {
            is = is && (s->x[k] != column || takes_numbers_of_rows(c, s, k));
        }
    }
    return is;
}

static void run_readers_by_rows(fused_loop *c, int column) {
    for (int i = 0; i < c->stage_count; i++) {
        stage *s = &c->stages[i];
        for (int k = 0; k < s->x_count; k++) {
            s->is_by_rows = s->is_by_rows || s->x[k] == column;
        }
    }
}

/* Gives each row or column whose numbers are repeated a tile of its own. */
static void spread(fused_loop *c, int tile) {
    bool needs_tiles = c->is_spread || c->row_length > 0;
    for (int i = 0; i < c->slot_count && needs_tiles; i++) {
        const access_kind access = c->slots[i].access;
        if (access == ACCESS_COLUMN && is_read_by_rows(c, i)) {
            run_readers_by_rows(c, i);
        } else if (access == ACCESS_ROW || access == ACCESS_COLUMN) {
            c->slots[i].tile = tile++;
        }
    }
}

static int64_t bytes_in_memory(const fused_loop *c) {
    int64_t bytes = 0;
    for (int i = 0; i < c->slot_count; i++) {
        bool is_whole = c->slots[i].tile == TILE_NONE && c->slots[i].access == ACCESS_EACH;
        bytes += is_whole ? c->rows * c->columns * c->slots[i].bytes : 0;
    }
    return bytes;
}

/* A single stage reads and writes at an even pace: the processor foresees all of it. */
static distance distance_of(const fused_loop *c) {
    int64_t bytes = c->stage_count > 1 ? bytes_in_memory(c) : 0;
    return bytes > FAR_BYTES ? BEYOND_L3 : bytes > NEAR_BYTES ? BEYOND_L2 : WITHIN_L2;
}

static lego_status bind_slots(lego_program *p, fused_loop *c) {
    lego_status status = LEGO_OK;
    for (int i = 0; i < c->slot_count && status == LEGO_OK; i++) {
        slot *own = &c->slots[i];
        bool is_in_memory = own->tile == TILE_NONE || own->access != ACCESS_EACH;
        if (is_in_memory) {
            status = bind_address(p, &own->memory, own->buffer, own->offset);
        }
    }
    return status;
}

/* Whether another tile has other numbers of the slot: elsewhere in memory, or repeated anew. */
static bool is_moving(const fused_loop *c, const slot *s) {
    if (s->tile >= 0) {
        return s->access == ACCESS_COLUMN || (c->row_length > 0 && s->access == ACCESS_ROW);
    }
    return s->tile == TILE_OF_BLOCK || (s->access != ACCESS_SCALAR && s->access != ACCESS_NONE);
}

static void find_moving(fused_loop *c) {
    for (int i = 0; i < c->slot_count; i++) {
        if (is_moving(c, &c->slots[i])) {
            c->moving[c->moving_count++] = i;
        }
    }
}

/* In what chunks the totals are fed, and how many numbers there are for them. */
static int64_t cut_chunks(fused_loop *c, const loop_plan *s, const program_op *op) {
    c->reduces_columns = s->reduces_columns;
    c->column_space = s->column_space;
    if (s->reduces_columns) {
        const column_space *space = &c->column_space;
        c->chunk = space->chunk;
        c->chunks = space->matrices * space->chunks;
        c->chunk_grain = threads_grain(c->chunk * c->tile_columns * c->op_count / STAGE_GAIN);
        return c->chunks * c->columns;
    }
    c->chunk = op->brick->total->chunk(c->columns);
    c->chunks = divide_up(c->columns, c->chunk);
    c->chunk_grain = threads_grain(c->chunk * c->op_count / STAGE_GAIN);
    return c->chunks;
}

static lego_status bind_total(lego_program *p, int64_t numbers, program_op *op, total *t) {
    t->faces = op->brick->total;
    t->x = &op->x[0].array;
    t->y = op->y[0].array;
    t->call = (lego_call){
        .brick = op->brick,
        .attributes = op->attributes,
        .x = &t->x,
        .input_count = 1,
        .y = &t->y,
        .output_count = 1,
    };
    t->chunks = record_arena_take(&p->records, (size_t)numbers, TOTAL_BYTES);
    return t->chunks ? bind_address(p, &t->y.data, op->y[0].buffer, op->y[0].offset)
                     : LEGO_NO_MEMORY;
}

/* The ops that join everything, in the order of the stages that feed them. */
static lego_status bind_totals(lego_program *p, instruction *i, fused_loop *c, const loop_plan *s) {
    int bound = 0;
    int64_t numbers = 0;
    c->totals = record_arena_take(&p->records, (size_t)c->total_count, sizeof(total));
    lego_status status = c->totals ? LEGO_OK : LEGO_NO_MEMORY;
    for (int k = 0; k < i->op_count && status == LEGO_OK; k++) {
        iteration_space own;
        if (!fused_loop_accepts_totals(i->ops[k], &own)) {
            continue;
        }
        numbers = bound == 0 ? cut_chunks(c, s, i->ops[k]) : numbers;
        status = bind_total(p, numbers, i->ops[k], &c->totals[bound++]);
    }
    return status;
}

/* Whether x[k] of a block loop lies as the loop reads it: in the product's block, in memory, or a
 * channel's number in memory. A pattern takes a number for each element as a channel's as well. */
static bool lies_in_block(const stage *of, int k, const slot *s) {
    if (k > 0 && k <= of->channels) {
        return s->tile != TILE_OF_BLOCK && s->access == ACCESS_ROW;
    }
    return s->tile == TILE_OF_BLOCK || s->access == ACCESS_EACH || s->access == ACCESS_ROW ||
           s->access == ACCESS_SCALAR;
}

/* The loop that takes a product's blocks as they are: a single stage has one. */
static block_loop *block_loop_of(const fused_loop *c) {
    bool takes_blocks = c->stage_count == 1 && c->columns % BLOCK_LANES == 0;
    const stage *s = c->stages;
    for (int k = 0; k < s->x_count && takes_blocks; k++) {
        takes_blocks = lies_in_block(s, k, &c->slots[s->x[k]]);
    }
    return takes_blocks && c->slots[s->y[0]].access == ACCESS_EACH ? s->block_loop : NULL;
}

/* The memory that a slot's numbers lie in, of all buffers that share it. */
static int root_of(const lego_program *p, const slot *s) {
    return buffer_at(p, s->buffer)->alias_of;
}

const slot *fused_loop_place(const lego_program *p, const fused_loop *c) {
    const stage *s = c->stages;
    const slot *y = c->block_loop ? &c->slots[s->y[0]] : NULL;
    for (int k = 0; y && k < s->x_count; k++) {
        const slot *x = &c->slots[s->x[k]];
        y = x->tile != TILE_OF_BLOCK && root_of(p, x) == root_of(p, y) ? NULL : y;
    }
    return y;
}

void fused_loop_beside(const lego_program *p, const fused_loop *c, const slot *place,
                       epilogue *end) {
    int count = 0, former = place ? root_of(p, place) : -1;
    for (int i = 0; i < c->slot_count && count < MOST_BESIDE; i++) {
        const slot *s = &c->slots[i];
        bool is_alike =
            s->tile == TILE_NONE && s->access == ACCESS_EACH && (size_t)s->bytes == c->block_bytes;
        if (is_alike && root_of(p, s) != former) {
            former = root_of(p, s);
            end->beside[count++] = &s->memory;
        }
    }
}

lego_status bind_fused_loop(lego_program *p, instruction *i, int first, const bool *is_inner) {
    loop_plan s;
    fused_loop *c = record_arena_take(&p->records, 1, sizeof *c);
    if (!c) {
        return LEGO_NO_MEMORY;
    }
    loop_plan_make(i->ops + first, i->op_count - first, is_inner, patterns_ending_with, &s);
    if (first > 0) { /* the rows are those of the product's blocks */
        const lego_array *y = &i->ops[0]->y[0].array;
        s.space.columns = y->shape[y->rank - 1];
    }
    c->op_count = i->op_count - first;
    c->total_count = s.total_count;
    c->slot_count = s.slot_count;
    c->stage_count = s.stage_count;
    c->slots = record_arena_take(&p->records, (size_t)s.slot_count, sizeof(slot));
    c->stages = record_arena_take(&p->records, (size_t)s.stage_count, sizeof(stage));
    c->moving = record_arena_take(&p->records, (size_t)s.slot_count, sizeof(int));
    if (!c->slots || !c->stages || !c->moving) {
        return LEGO_NO_MEMORY;
    }
    memcpy(c->slots, s.slots, sizeof(slot) * (size_t)s.slot_count);
    memcpy(c->stages, s.stages, sizeof(stage) * (size_t)s.stage_count);
    c->block_bytes = lego_dtype_size(i->ops[0]->y[0].array.dtype);
    cut(c, &s);
    spread(c, s.tile_count);
    find_moving(c);
    c->distance = distance_of(c);
    c->block_loop = first > 0 ? block_loop_of(c) : NULL;
    i->fused_loop = c;
    lego_status status = c->total_count > 0 ? bind_totals(p, i, c, &s) : LEGO_OK;
    status = status ? status : bind_register_runs(p, c);
    return status ? status : bind_slots(p, c);
}
