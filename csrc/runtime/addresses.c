/* Addresses: the pointers of a program that move when a buffer moves. */
#include "addresses.h"

#include <stdlib.h>

static int group_of(const lego_program *p, const program_buffer *b) {
    switch (b->kind) {
    case LEGO_BUFFER_INPUT:
        return input_group(b->slot);
    case LEGO_BUFFER_OUTPUT:
        return output_group(p, b->slot);
    default:
        return ARENA_GROUP;
    }
}

lego_status bind_address(lego_program *p, void **pointer, int index, int64_t offset) {
    const program_buffer *b = buffer_at(p, index);
    if (b->kind == LEGO_BUFFER_TILE) { /* it is never in memory as a whole */
        return LEGO_OK;
    }
    if (b->tensor) {
        *pointer = (char *)b->tensor->storage->memory + offset;
        return LEGO_OK;
    }
    int64_t place = b->kind == LEGO_BUFFER_ARENA ? b->offset : 0;
    address a = {pointer, place + offset, group_of(p, b)};
    return list_add(&p->addresses, &a) ? LEGO_OK : LEGO_NO_MEMORY;
}

static int by_group(const void *a, const void *b) {
    return ((const address *)a)->group - ((const address *)b)->group;
}

lego_status sort_addresses(lego_program *p) {
    int count = 1 + p->input_count + p->output_count;
    p->groups = record_arena_take(&p->records, (size_t)count + 1, sizeof *p->groups);
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

void bind_group(const lego_program *p, int group, char *memory) {
    const address *addresses = p->addresses.items;
    for (int i = p->groups[group]; i < p->groups[group + 1]; i++) {
        *addresses[i].pointer = memory + addresses[i].offset;
    }
}
