/* Running: a fused loop, tile by tile. */
#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "../graph/fused_loop.h"

enum { FORESEEN_AFTER = 4 /* lines of an operand */ };

/* The elements that are computed together: `n` elements from (row, column) on, in so many rows. */
typedef struct loop_tile {
    int64_t row;
    int64_t column;
    int64_t rows;
    int64_t n;
    int64_t next;      /* from the first element to that of the next tile */
    const void *block; /* of a product: its number at (row, column) */
} loop_tile;

/* The room of all tiles, and what the stages read and write: the address of each slot's numbers for
 * a tile, and whether it has a number for each element. */
typedef struct tile_room {
    _Alignas(64) char bytes[ALL_TILE_BYTES];
    void *data[MOST_SLOTS];
    int64_t steps[MOST_SLOTS];
} tile_room;

/* Where a tile begins. */
static char *tile_at(const fused_loop *c, tile_room *room, int tile) {
    return room->bytes + tile * c->tile_bytes;
}

typedef char running_total[RUNNING_BYTES];

/* y[0] to y[done - 1], elements of `bytes`, are repeated until there are `count`: each copy doubles
 * what is there. */
static void repeat(char *y, int64_t done, int64_t count, size_t bytes) {
    for (; done < count; done *= 2) {
        memcpy(y + (size_t)done * bytes, y, (size_t)smaller(done, count - done) * bytes);
    }
}

/* A number of so many bytes, again and again. */
static uint64_t word_of(const char *number, size_t bytes) {
    uint64_t word = 0;
    uint32_t half;
    uint16_t quarter;
    switch (bytes) {
    case 8:
        memcpy(&word, number, 8);
        return word;
    case 4:
        memcpy(&half, number, 4);
        return half * UINT64_C(0x0000000100000001);
    case 2:
        memcpy(&quarter, number, 2);
        return quarter * UINT64_C(0x0001000100010001);
    default:
        return *(const unsigned char *)number * UINT64_C(0x0101010101010101);
    }
}

/* Two words in a register, which every machine stores at once. */
typedef uint64_t word_pair __attribute__((vector_size(16)));

/* y[n] = the number, by whole cache lines: tiles have room for one more at their end. */
static void fill(const char *number, int64_t n, size_t bytes, char *y) {
    const uint64_t word = word_of(number, bytes);
    const word_pair pair = {word, word};
    for (size_t done = 0; done < (size_t)n * bytes; done += CACHE_LINE) {
        for (size_t i = 0; i < CACHE_LINE; i += sizeof pair) {
            memcpy(y + done + i, &pair, sizeof pair);
        }
    }
}

/* y[rows][n] = x[rows], each number n times. */
static void spread_numbers(const char *x, int64_t rows, int64_t n, size_t bytes, char *y) {
    for (int64_t row = 0; row < rows; row++) {
        fill(x + (size_t)row * bytes, n, bytes, y + (size_t)(row * n) * bytes);
    }
}

/* A row is the same for every tile: it is repeated `rows` times before the first one. */
static void spread_rows(const fused_loop *c, int64_t rows, tile_room *room) {
    for (int i = 0; i < c->slot_count; i++) {
        const slot *s = &c->slots[i];
        if (s->access == ACCESS_ROW) {
            char *y = tile_at(c, room, s->tile);
            memcpy(y, s->memory, (size_t)(c->columns * s->bytes));
            repeat(y, c->columns, rows * c->columns, (size_t)s->bytes);
        }
    }
}

/* The tile of a long row begins anywhere in the rows that the long one consists of. */
static void lay_row(const fused_loop *c, const slot *s, const loop_tile *t, char *y) {
    const char *x = s->memory;
    const int64_t first = t->column % c->row_length, bytes = s->bytes;
    const int64_t end = smaller(t->n, c->row_length - first);
    const int64_t begin = smaller(t->n - end, first);
    memcpy(y, x + first * bytes, (size_t)(end * bytes));
    memcpy(y + end * bytes, x, (size_t)(begin * bytes));
    repeat(y, end + begin, t->n, (size_t)bytes);
}

static void lay_column(const fused_loop *c, const slot *s, const loop_tile *t, char *y) {
    for (int64_t done = 0; done < t->n;) {
        const int64_t at = t->column + done, row = at / c->row_length;
        const int64_t n = smaller(t->n - done, (row + 1) * c->row_length - at);
        fill((const char *)s->memory + row * s->bytes, n, (size_t)s->bytes, y + done * s->bytes);
        done += n;
    }
}

/* Fills the tile of an operand in memory, unless it is the same for all tiles. */
static void spread_operand(const fused_loop *c, const slot *s, const loop_tile *t, char *y) {
    if (c->row_length > 0 && s->access == ACCESS_ROW) {
        lay_row(c, s, t, y);
    } else if (c->row_length > 0 && s->access == ACCESS_COLUMN) {
        lay_column(c, s, t, y);
    } else if (s->access == ACCESS_COLUMN) {
        const char *x = (const char *)s->memory + t->row * s->bytes;
        spread_numbers(x, t->rows, c->columns, (size_t)s->bytes, y);
    }
}

/* Where a slot's numbers for the tile begin. */
static void *data_of(const fused_loop *c, const slot *s, const loop_tile *t, tile_room *room) {
    if (s->tile == TILE_OF_BLOCK) {
        return (void *)t->block;
    }
    if (s->tile >= 0) {
        char *tile = tile_at(c, room, s->tile);
        spread_operand(c, s, t, tile);
        return tile;
    }
    char *memory = s->memory;
    switch (s->access) {
    case ACCESS_EACH:
        return memory + (t->row * c->columns + t->column) * s->bytes;
    case ACCESS_ROW:
        return memory + t->column * s->bytes;
    case ACCESS_COLUMN:
    case ACCESS_PER_ROW:
        return memory + t->row * s->bytes;
    default:
        return memory;
    }
}

/* Before the first tile, of at most so many rows: what is the same for all tiles. */
static void open_room(const fused_loop *c, int64_t rows, tile_room *room) {
    const loop_tile first = {0};
    for (int i = 0; i < c->slot_count; i++) {
        room->steps[i] = slot_is_stepping(c, &c->slots[i]);
        room->data[i] = data_of(c, &c->slots[i], &first, room);
    }
    if (c->is_spread) {
        spread_rows(c, rows, room);
    }
}

/* GCC takes a function that only prefetches for one without any effect, and drops its calls. */
#define PREFETCHING static inline __attribute__((always_inline)) void

/* Prefetches lines of the cache, begin <= i < end, of what the next tile has of an operand. They go
 * to the second-level cache: the first one is full of this tile. */
PREFETCHING prefetch_lines(const fused_loop *c, const slot *s, const loop_tile *t, int64_t begin,
                           int64_t end) {
    const int64_t next = t->row * c->columns + t->column + t->next;
    const char *numbers = (const char *)s->memory + next * s->bytes;
    for (int64_t line = begin; line < end; line++) {
        __builtin_prefetch(numbers + line * CACHE_LINE, 0, 2);
    }
}

/* Prefetches for the next tile, of each operand that is walked: parts begin <= i < end of so many;
 * of 0 parts, where it begins. */
PREFETCHING prefetch(const fused_loop *c, const loop_tile *t, int64_t begin, int64_t end,
                     int64_t parts) {
    for (int i = 0; i < c->moving_count; i++) {
        const slot *s = &c->slots[c->moving[i]];
        if (s->tile != TILE_NONE || s->access != ACCESS_EACH) {
            continue;
        }
        const int64_t lines = divide_up(t->n * s->bytes, CACHE_LINE);
        if (parts > 0) {
            prefetch_lines(c, s, t, lines * begin / parts, lines * end / parts);
        } else {
            prefetch_lines(c, s, t, 0, smaller(lines, FORESEEN_AFTER));
        }
    }
}

/* Runs a stage on the part of the tile in each row of the long one. */
static void run_by_rows(const fused_loop *c, const stage *s, const loop_tile *t,
                        const void *const *x, const int64_t *steps, char *y) {
    const int64_t y_bytes = c->slots[s->y[0]].bytes;
    for (int64_t done = 0, n; done < t->n; done += n) {
        const int64_t at = t->column + done, row = at / c->row_length;
        n = smaller(t->n - done, (row + 1) * c->row_length - at);
        const void *part[2];
        for (int k = 0; k < 2; k++) {
            const slot *own = &c->slots[s->x[k]];
            part[k] = (const char *)x[k] + (steps[k] ? done : row) * own->bytes;
        }
        s->loop(n, part, steps, y + done * y_bytes);
    }
}

/* What a stage reads and writes, from element `first` of the tile on. */
typedef struct stage_data {
    const void *x[MOST_STAGE_INPUTS];
    int64_t steps[MOST_STAGE_INPUTS];
    void *y[MOST_PATTERN_RESULTS];
} stage_data;

static inline void find_data(const fused_loop *c, const stage *s, const tile_room *room,
                             int64_t first, stage_data *d) {
    for (int k = 0; k < s->x_count; k++) {
        const int at = s->x[k];
        d->steps[k] = room->steps[at];
        d->x[k] = (const char *)room->data[at] + d->steps[k] * first * c->slots[at].bytes;
    }
    for (int k = 0; k < s->y_count; k++) {
        d->y[k] = (char *)room->data[s->y[k]] + first * c->slots[s->y[k]].bytes;
    }
}

static void run_stage(const fused_loop *c, const stage *s, const loop_tile *t,
                      const tile_room *room, running_total *running) {
    stage_data d;
    find_data(c, s, room, 0, &d);
    int64_t n = s->is_per_row ? t->rows : t->n;
    switch (s->kind) {
    case STAGE_LOOP:
        if (s->is_by_rows) {
            run_by_rows(c, s, t, d.x, d.steps, d.y[0]);
        } else {
            s->loop(n, d.x, d.steps, d.y[0]);
        }
        return;
    case STAGE_PATTERN:
        s->pattern(n, d.x, d.y);
        return;
    case STAGE_TOTAL:
        c->totals[s->total].faces->feed(running[s->total], d.x[0], n);
        return;
    case STAGE_COLUMNS:
        s->faces->feed_columns(running[s->total], d.x[0], t->rows);
        return;
    case STAGE_ROWS:
        s->faces->lines(s->x_dtype, d.x[0], t->rows, c->columns, s->y_dtype, d.y[0]);
        return;
    case STAGE_REPEAT:
        spread_numbers(d.x[0], t->rows, c->columns, (size_t)c->slots[s->x[0]].bytes, d.y[0]);
    }
}

/* A block from element `first` of the tile on. */
static void run_block_in_registers(const fused_loop *c, const register_run *run, int64_t first,
                                   const tile_room *room) {
    void *data[MOST_SLOTS];
    for (int i = 0; i < run->slot_count; i++) {
        const int at = run->slots[i];
        data[at] = (char *)room->data[at] + room->steps[at] * first * c->slots[at].bytes;
    }
    run->frame->run(run->steps, data, 0, 1);
}

static void run_in_registers(const fused_loop *c, const register_run *run, const loop_tile *t,
                             const tile_room *room) {
    const int64_t block = run->frame->block_bytes / run->bytes;
    const int64_t blocks = t->n / block, done = blocks * block;
    if (c->distance == BEYOND_L3 && !t->block) {
        const int64_t stages = run->last + 1 - run->first, begin = run->first * blocks;
        for (int64_t i = 0; i < blocks; i++) {
            prefetch(c, t, begin + i * stages, begin + (i + 1) * stages, c->stage_count * blocks);
            run->frame->run(run->steps, room->data, i, i + 1);
        }
    } else {
        run->frame->run(run->steps, room->data, 0, blocks);
    }
    if (done == t->n) {
        return;
    }
    if (blocks > 0 && !run->reads_over) {
        run_block_in_registers(c, run, t->n - block, room);
        return;
    }
    for (int i = run->first; i <= run->last; i++) {
        const stage *s = &c->stages[i];
        stage_data d;
        find_data(c, s, room, done, &d);
        if (s->kind == STAGE_PATTERN) {
            s->pattern(t->n - done, d.x, d.y);
        } else {
            s->loop(t->n - done, d.x, d.steps, d.y[0]);
        }
    }
}

/* The next tile is fetched while this one is computed. From the third-level cache it is only where
 * each operand begins: the processor foresees the rest, but not the way from the end of the last
 * operand's tile back to the first one's. From memory it is all of them, a share before each stage:
 * else the first stage waits for what it reads, the last one for what it writes, and nothing is
 * fetched in between. */
static void run_tile(const fused_loop *c, const loop_tile *t, tile_room *room,
                     running_total *running) {
    for (int i = 0; i < c->moving_count; i++) {
        const int moving = c->moving[i];
        room->data[moving] = data_of(c, &c->slots[moving], t, room);
    }
    const bool is_far = c->distance == BEYOND_L3 && !t->block;
    if (c->distance != WITHIN_L2 && !is_far) {
        prefetch(c, t, 0, 0, 0);
    }
    const register_run *run = c->runs;
    for (int i = 0; i < c->stage_count; i++) {
        if (run && run->first == i) {
            run_in_registers(c, run, t, room);
            i = run->last;
            run = run->next;
            continue;
        }
        if (is_far) {
            prefetch(c, t, i, i + 1, c->stage_count);
        }
        run_stage(c, &c->stages[i], t, room, running);
    }
}

static loop_tile loop_tile_at(const fused_loop *c, int64_t index) {
    loop_tile t = {
        .row = index / c->across * c->tile_rows,
        .column = index % c->across * c->tile_columns,
    };
    t.rows = smaller(c->tile_rows, c->rows - t.row);
    t.n = t.rows * smaller(c->tile_columns, c->columns - t.column);
    t.next = t.n;
    return t;
}

static void run_tiles(void *work, int64_t begin, int64_t end) {
    const fused_loop *c = work;
    tile_room room;
    open_room(c, c->tile_rows, &room);
    for (int64_t index = begin; index < end; index++) {
        loop_tile t = loop_tile_at(c, index);
        run_tile(c, &t, &room, NULL);
    }
}

/* Rows that follow each other densely in memory are walked as one long row, a tile at a time. */
static void run_rows(const fused_loop *c, const result_block *b, int64_t row, int64_t rows,
                     tile_room *room) {
    size_t bytes = c->block_bytes;
    const char *data = (const char *)b->data + (size_t)((row - b->row) * b->row_stride) * bytes;
    int64_t count = rows * b->columns;
    for (int64_t done = 0; done < count; done += c->tile_elements) {
        loop_tile t = {
            .row = row,
            .column = b->column + done,
            .rows = rows,
            .n = smaller(c->tile_elements, count - done),
            .block = data + (size_t)done * bytes,
        };
        bool ends_row = rows == 1 && done + t.n == count;
        t.next = ends_row ? c->columns - done : t.n;
        run_tile(c, &t, room, NULL);
    }
}

/* A block goes through the loop of the only stage as it is. */
static void run_whole_block(const fused_loop *c, const result_block *b) {
    const stage *s = c->stages;
    const int64_t first = b->row * c->columns + b->column;
    element_block e = {.rows = b->rows, .columns = b->columns};
    for (int k = 0; k < s->x_count; k++) {
        const slot *x = &c->slots[s->x[k]];
        const bool is_block = x->tile == TILE_OF_BLOCK, is_each = x->access == ACCESS_EACH;
        const int64_t offset = is_each ? first : x->access == ACCESS_ROW ? b->column : 0;
        e.x[k] = is_block ? b->data : (const char *)x->memory + offset * x->bytes;
        e.x_steps[k] = is_block ? b->row_stride * x->bytes : is_each ? c->columns * x->bytes : 0;
    }
    const slot *y = &c->slots[s->y[0]];
    e.y = (char *)y->memory + first * y->bytes;
    e.y_step = c->columns * y->bytes;
    c->block_loop(&e);
}

void fused_loop_run_block(const void *context, const result_block *b) {
    const fused_loop *c = context;
    if (c->block_loop && b->columns % BLOCK_LANES == 0) {
        run_whole_block(c, b);
        return;
    }
    tile_room room;
    bool is_dense = b->columns == c->columns && b->row_stride == b->columns;
    int64_t rows = is_dense ? c->block_rows : 1;
    open_room(c, smaller(rows, b->rows), &room);
    for (int64_t row = b->row; row < b->row + b->rows; row += rows) {
        run_rows(c, b, row, smaller(rows, b->row + b->rows - row), &room);
    }
}

/* One chunk of a long row, reduced to totals of its own. */
static void run_chunk(const fused_loop *c, int64_t chunk, tile_room *room, running_total *running) {
    int64_t first = chunk * c->chunk;
    int64_t count = smaller(c->chunk, c->columns - first);
    for (int i = 0; i < c->total_count; i++) {
        c->totals[i].faces->open(&c->totals[i].call, count, running[i]);
    }
    for (int64_t done = 0; done < count; done += c->tile_elements) {
        loop_tile at = {
            .column = first + done, .rows = 1, .n = smaller(c->tile_elements, count - done)};
        at.next = at.n;
        run_tile(c, &at, room, running);
    }
    for (int i = 0; i < c->total_count; i++) {
        c->totals[i].faces->close(running[i], c->totals[i].chunks + chunk * TOTAL_BYTES);
    }
}

static void run_chunks(void *work, int64_t begin, int64_t end) {
    tile_room room;
    _Alignas(64) running_total running[MOST_TOTALS];
    open_room(work, 0, &room);
    for (int64_t chunk = begin; chunk < end; chunk++) {
        run_chunk(work, chunk, &room, running);
    }
}

/* Some columns of one chunk of rows, reduced to totals of their own. */
static void run_block(const fused_loop *c, int64_t index, tile_room *room, running_total *running) {
    const column_space *space = &c->column_space;
    const int64_t chunk = index / c->across, within = chunk % space->chunks * space->chunk;
    const int64_t first = chunk / space->chunks * space->rows + within;
    column_block block = {
        .rows = smaller(space->chunk, space->rows - within),
        .first = index % c->across * c->tile_columns,
        .all_columns = c->columns,
    };
    block.columns = smaller(c->tile_columns, c->columns - block.first);
    for (int i = 0; i < c->total_count; i++) {
        block.totals = c->totals[i].chunks + chunk * c->columns * TOTAL_BYTES;
        c->totals[i].faces->open_columns(&c->totals[i].call, &block, running[i]);
    }
    for (int64_t done = 0; done < block.rows; done += c->tile_rows) {
        loop_tile at = {.row = first + done, .column = block.first};
        at.rows = smaller(c->tile_rows, block.rows - done);
        at.n = at.rows * block.columns;
        at.next = at.rows * c->columns;
        run_tile(c, &at, room, running);
    }
    for (int i = 0; i < c->total_count; i++) {
        c->totals[i].faces->close_columns(running[i]);
    }
}

static void run_blocks(void *work, int64_t begin, int64_t end) {
    const fused_loop *c = work;
    tile_room room;
    _Alignas(64) running_total running[MOST_TOTALS];
    open_room(c, c->tile_rows, &room);
    for (int64_t index = begin; index < end; index++) {
        run_block(c, index, &room, running);
    }
}

static void run_columns(const fused_loop *c) {
    threads_run(c->chunks * c->across, c->chunk_grain, run_blocks, (void *)c);
    for (int i = 0; i < c->total_count; i++) {
        const total *t = &c->totals[i];
        t->faces->finish_columns(&t->call, &c->column_space, t->chunks);
    }
}

static void run_totals(const fused_loop *c) {
    threads_run(c->chunks, c->chunk_grain, run_chunks, (void *)c);
    for (int i = 0; i < c->total_count; i++) {
        const total *t = &c->totals[i];
        t->faces->finish(&t->call, t->chunks, c->chunks);
    }
}

void fused_loop_run(const fused_loop *c) {
    if (c->reduces_columns) {
        run_columns(c);
    } else if (c->total_count > 0) {
        run_totals(c);
    } else {
        threads_run(c->tiles, c->grain, run_tiles, (void *)c);
    }
}
