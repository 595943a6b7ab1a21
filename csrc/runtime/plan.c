/* The memory plan: how long each buffer lives, and its offset in the arena.
 *
 * From the largest buffer to the smallest, each gets the lowest offset where it overlaps no buffer
 * that lives at the same time (greedy by size: Pisarchyk and Lee, "Efficient memory
 * management for deep neural net inference", arXiv:2001.03288). */
#include <stdlib.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../graph/program.h"
#include "in_place.h"
#include "plan.h"

enum { ALIGNMENT = 64 };

/* ---- lifetimes ------------------------------------------------------------------------------ */

static void touch(lego_program *p, int index, int instruction) {
    program_buffer *b = buffer_at(p, index);
    b->first = b->first < 0 ? instruction : b->first;
    b->last = instruction;
}

static void touch_all(lego_program *p, const program_op *op, int instruction) {
    for (int k = op_first_input(op); k < op->x_count; k++) {
        touch(p, op->x[k].buffer, instruction);
    }
    for (int k = 0; k < op->y_count; k++) {
        touch(p, op->y[k].buffer, instruction);
        buffer_at(p, op->y[k].buffer)->is_written |= op_writes(op);
    }
}

static void find_lifetimes(lego_program *p) {
    for (size_t i = 0; i < p->buffers.count; i++) {
        program_buffer *b = buffer_at(p, (int)i);
        b->first = b->last = -1;
        b->is_written = false;
        b->alias_of = (int)i;
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        const instruction *at = instruction_at(p, i);
        for (int k = 0; k < at->op_count; k++) {
            touch_all(p, at->ops[k], (int)i);
        }
    }
    for (size_t i = 0; i < p->buffers.count; i++) {
        buffer_at(p, (int)i)->alias_last = buffer_at(p, (int)i)->last;
    }
}

/* ---- offsets -------------------------------------------------------------------------------- */

static bool needs_offset(const lego_program *p, int index) {
    const program_buffer *b = buffer_at(p, index);
    return b->kind == LEGO_BUFFER_ARENA && b->first >= 0 && b->alias_of == index;
}

static bool live_together(const program_buffer *a, const program_buffer *b) {
    return a->first <= b->alias_last && b->first <= a->alias_last;
}

static int64_t rounded(int64_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int largest_first(const void *left, const void *right) {
    const program_buffer *a = *(program_buffer *const *)left;
    const program_buffer *b = *(program_buffer *const *)right;
    if (a->bytes != b->bytes) {
        return a->bytes < b->bytes ? 1 : -1;
    }
    return a->first - b->first;
}

static int lowest_first(const void *left, const void *right) {
    const program_buffer *a = *(program_buffer *const *)left;
    const program_buffer *b = *(program_buffer *const *)right;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Those of placed[count] that live at the same time as b, in the order of their offsets. */
static int neighbours(const program_buffer *b, program_buffer *const *placed, int count,
                      program_buffer **found) {
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (live_together(b, placed[i])) {
            found[n++] = placed[i];
        }
    }
    qsort(found, (size_t)n, sizeof *found, lowest_first);
    return n;
}

/* The lowest offset where b fits between its neighbours. */
static int64_t lowest_gap(const program_buffer *b, program_buffer *const *neighbour, int count) {
    int64_t offset = 0;
    for (int i = 0; i < count; i++) {
        if (neighbour[i]->offset >= offset + rounded(b->bytes)) {
            break;
        }
        int64_t end = neighbour[i]->offset + rounded(neighbour[i]->bytes);
        offset = end > offset ? end : offset;
    }
    return offset;
}

static lego_status assign_offsets(lego_program *p, bool reuse) {
    program_buffer **buffers =
        record_arena_take(&p->records, p->buffers.count + 1, sizeof *buffers);
    program_buffer **found = record_arena_take(&p->records, p->buffers.count + 1, sizeof *found);
    if (!buffers || !found) {
        return LEGO_NO_MEMORY;
    }
    int count = 0;
    for (size_t i = 0; i < p->buffers.count; i++) {
        if (needs_offset(p, (int)i)) {
            buffers[count++] = buffer_at(p, (int)i);
        }
    }
    qsort(buffers, (size_t)count, sizeof *buffers, largest_first);
    for (int i = 0; i < count; i++) {
        int n = reuse ? neighbours(buffers[i], buffers, i, found) : 0;
        buffers[i]->offset = reuse ? lowest_gap(buffers[i], found, n) : p->arena_bytes;
        int64_t end = buffers[i]->offset + rounded(buffers[i]->bytes);
        p->arena_bytes = end > p->arena_bytes ? end : p->arena_bytes;
    }
    for (size_t i = 0; i < p->buffers.count; i++) {
        program_buffer *b = buffer_at(p, (int)i);
        b->offset = buffer_at(p, b->alias_of)->offset;
    }
    return LEGO_OK;
}

lego_status plan_arena(lego_program *p, bool reuse) {
    find_lifetimes(p);
    if (reuse) {
        plan_in_place(p);
    }
    return assign_offsets(p, reuse);
}
