/* Binding: from buffers to addresses. */
#ifndef LEGO_RUNTIME_BIND_H
#define LEGO_RUNTIME_BIND_H

#include "../graph/program.h"

/* Makes the calls and fused loops that a run goes through. Constants and variables lie where they
 * lie; all other addresses form groups that are bound before a run: the arena, each input, each
 * output.
 */
lego_status bind_program(lego_program *p);

/* Notes that *pointer must show to that place of a buffer (or sets it, where that never moves). */
lego_status bind_address(lego_program *p, void **pointer, int buffer, int64_t offset);

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
