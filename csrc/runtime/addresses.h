/* Addresses: the pointers of a program that move when a buffer moves. */
#ifndef LEGO_RUNTIME_ADDRESSES_H
#define LEGO_RUNTIME_ADDRESSES_H

#include "../graph/program.h"

/* Notes that *pointer must show to that place of a buffer (or sets it, where that never moves). */
lego_status bind_address(lego_program *p, void **pointer, int buffer, int64_t offset);

/* Sorts the addresses by group and notes where each group begins. */
lego_status sort_addresses(lego_program *p);

/* Sets all pointers of a group. */
void bind_group(const lego_program *p, int group, char *memory);

enum { ARENA_GROUP = 0 };
static inline int input_group(int slot) {
    return 1 + slot;
}
static inline int output_group(const lego_program *p, int slot) {
    return 1 + p->input_count + slot;
}

#endif
