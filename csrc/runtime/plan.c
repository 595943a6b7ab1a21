/* The memory plan: how long each buffer lives, and its offset in the arena.
 *
 * From the largest buffer to the smallest, each gets the lowest offset where it overlaps no buffer
 * that lives at the same time (greedy by size: Pisarchyk and Lee, "Efficient memory
 * management for deep neural net inference", arXiv:2001.03288). */
#include <stdlib.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../graph/program.h"
#include "in_place.h"
#include "plan.h"

/* ---- lifetimes ------------------------------------------------------------------------------ */

static void touch(program_buffer *b, const program_op *op) {
    b->first = b->first < 0 || op->instruction < b->first ? op->instruction : b->first;
    b->last = op->instruction > b->last ? op->instruction : b->last;
}

static void find_lifetime(program_buffer *b, int index) {
    b->first = b->last = -1;
    for (const value *v = b->first_value; v; v = v->next) {
        if (v->maker) {
            touch(b, v->maker);
        }
        if (v->first_read) { /* the reads are in the order of the instructions */
            touch(b, v->first_read->op);
            touch(b, v->last_read->op);
        }
    }
    b->is_written = b->last_value != b->first_value;
    b->alias_of = index;
    b->alias_last = b->last;
}

/* ---- offsets -------------------------------------------------------------------------------- */

static bool needs_offset(const lego_program *p, int index) {
    const program_buffer *b = buffer_at(p, index);
    return b->kind == LEGO_BUFFER_ARENA && b->first >= 0 && b->alias_of == index;
}

static bool live_together(const program_buffer *a, const program_buffer *b) {
    return a->first <= b->alias_last && b->first <= a->alias_last;
}

static int largest_first(const void *left, const void *right) {
    const program_buffer *a = *(program_buffer *const *)left;
    const program_buffer *b = *(program_buffer *const *)right;
    if (a->bytes != b->bytes) {
        return a->bytes < b->bytes ? 1 : -1;
    }
    return a->first - b->first;
}

/* The lowest offset where b fits between those of placed[count] that live at the same time. They
 * are in the order of their offsets. */
static int64_t lowest_gap(const program_buffer *b, program_buffer *const *placed, int count) {
    int64_t offset = 0;
    for (int i = 0; i < count && placed[i]->offset < offset + round_up(b->bytes, CACHE_LINE); i++) {
        int64_t end = placed[i]->offset + round_up(placed[i]->bytes, CACHE_LINE);
        if (end > offset && live_together(b, placed[i])) {
            offset = end;
        }
    }
    return offset;
}

static void insert_by_offset(program_buffer *b, program_buffer **placed, int count) {
    int i = count;
    for (; i > 0 && placed[i - 1]->offset > b->offset; i--) {
        placed[i] = placed[i - 1];
    }
    placed[i] = b;
}

static void place_all(lego_program *p, program_buffer *const *buffers, int count,
                      program_buffer **placed) {
    for (int i = 0; i < count; i++) {
        program_buffer *b = buffers[i];
        b->offset = p->shares_memory ? lowest_gap(b, placed, i) : p->arena_bytes;
        insert_by_offset(b, placed, i);
        int64_t end = b->offset + round_up(b->bytes, CACHE_LINE);
        p->arena_bytes = larger(p->arena_bytes, end);
    }
}

static lego_status assign_offsets(lego_program *p) {
    record_arena scratch = {NULL};
    int count = 0;
    int all = (int)p->buffers.count;
    program_buffer **buffers = record_arena_take(&scratch, (size_t)all + 1, sizeof *buffers);
    program_buffer **placed = record_arena_take(&scratch, (size_t)all + 1, sizeof *placed);
    lego_status status = buffers && placed ? LEGO_OK : LEGO_NO_MEMORY;
    for (int i = 0; i < all && status == LEGO_OK; i++) {
        if (needs_offset(p, i)) {
            buffers[count++] = buffer_at(p, i);
        }
    }
    if (status == LEGO_OK) {
        qsort(buffers, (size_t)count, sizeof *buffers, largest_first);
        place_all(p, buffers, count, placed);
    }
    for (int i = 0; i < all; i++) {
        program_buffer *b = buffer_at(p, i);
        b->offset = buffer_at(p, b->alias_of)->offset;
    }
    record_arena_free(&scratch);
    return status;
}

lego_status plan_arena(lego_program *p) {
    for (size_t i = 0; i < p->buffers.count; i++) {
        find_lifetime(buffer_at(p, (int)i), (int)i);
    }
    if (p->shares_memory) {
        plan_in_place(p);
    }
    return assign_offsets(p);
}
