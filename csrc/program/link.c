/* Linking: from homes to addresses. */
#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "chain.h"

/* ---- addresses ------------------------------------------------------------------------------ */

static int group_of(const lego_program *p, const home *h) {
    switch (h->kind) {
    case LEGO_HOME_INPUT:
        return input_group(h->slot);
    case LEGO_HOME_OUTPUT:
        return output_group(p, h->slot);
    default:
        return ARENA_GROUP;
    }
}

lego_status link_address(lego_program *p, void **pointer, int index, int64_t offset) {
    const home *h = program_home(p, index);
    if (h->kind == LEGO_HOME_TILE) { /* it is never in memory as a whole */
        return LEGO_OK;
    }
    if (h->tensor) {
        *pointer = (char *)h->tensor->storage->memory + offset;
        return LEGO_OK;
    }
    int64_t place = h->kind == LEGO_HOME_ARENA ? h->place : 0;
    address a = {pointer, place + offset, group_of(p, h)};
    return list_add(&p->addresses, &a) ? LEGO_OK : LEGO_NO_MEMORY;
}

static int by_group(const void *a, const void *b) {
    return ((const address *)a)->group - ((const address *)b)->group;
}

/* Sorts the addresses by group and notes where each group begins. */
static lego_status sort_addresses(lego_program *p) {
    int count = 1 + p->input_count + p->output_count;
    p->groups = pool_take(&p->pool, (size_t)count + 1, sizeof *p->groups);
    if (!p->groups) {
        return LEGO_NO_MEMORY;
    }
    const address *addresses = p->addresses.items;
    int total = (int)p->addresses.count;
    if (total > 0) {
        qsort(p->addresses.items, p->addresses.count, sizeof(address), by_group);
    }
    int next = 0;
    for (int group = 0; group <= count; group++) {
        while (next < total && addresses[next].group < group) {
            next++;
        }
        p->groups[group] = next;
    }
    return LEGO_OK;
}

void link_bind(const lego_program *p, int group, char *memory) {
    const address *addresses = p->addresses.items;
    for (int i = p->groups[group]; i < p->groups[group + 1]; i++) {
        *addresses[i].pointer = memory + addresses[i].offset;
    }
}

/* ---- calls ---------------------------------------------------------------------------------- */

static lego_status link_operands(lego_program *p, operand *operands, int count) {
    lego_status status = LEGO_OK;
    for (int i = 0; i < count && status == LEGO_OK; i++) {
        operand *o = &operands[i];
        status = link_address(p, &o->array.data, o->home, o->offset);
    }
    return status;
}

/* The kernel of a brick reads its operands where they lie in the part. */
static lego_status link_call(lego_program *p, instruction *i) {
    const part *piece = &i->parts[0];
    size_t x_count = (size_t)piece->x_count;
    size_t y_count = (size_t)piece->y_count;
    const lego_array **x = pool_take(&p->pool, x_count, sizeof *x);
    lego_array *y = pool_take(&p->pool, y_count, sizeof *y);
    lego_view *views = pool_take(&p->pool, y_count, sizeof *views);
    if (!x || !y || !views) {
        return LEGO_NO_MEMORY;
    }
    lego_status status = link_operands(p, piece->x, piece->x_count);
    for (int k = 0; k < piece->x_count; k++) {
        x[k] = &piece->x[k].array;
    }
    for (int k = 0; k < piece->y_count && status == LEGO_OK; k++) {
        y[k] = piece->y[k].array;
        views[k].is_view = part_writes(piece);
        status = link_address(p, &y[k].data, piece->y[k].home, piece->y[k].offset);
    }
    i->call = (lego_call){
        .brick = piece->brick,
        .attributes = piece->attributes,
        .x = x,
        .input_count = piece->x_count,
        .y = y,
        .output_count = piece->y_count,
        .views = views,
    };
    return status;
}

/* The chain behind a brick takes its blocks. */
static lego_status link_end(lego_program *p, instruction *i) {
    const home *h = program_home(p, i->parts[0].y[0].home);
    lego_status status = link_chain(p, i, 1);
    i->end = (block_end){chain_run_block, i->chain, h->kind != LEGO_HOME_TILE};
    return status;
}

lego_status link_program(lego_program *p) {
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        instruction *at = program_instruction(p, i);
        status = at->is_chain ? link_chain(p, at, 0) : link_call(p, at);
        if (status == LEGO_OK && !at->is_chain && at->part_count > 1) {
            status = link_end(p, at);
        }
    }
    return status ? status : sort_addresses(p);
}
