/* Linking: from homes to addresses. */
#ifndef LEGO_PROGRAM_LINK_H
#define LEGO_PROGRAM_LINK_H

#include "program.h"

/* A pointer that is to be set whenever its home moves. */
typedef struct address {
    void **pointer;
    int64_t offset; /* from where the home's group begins */
    int group;
} address;

/* Makes the calls and chains that a run goes through. Constants and variables lie where they lie;
 * all other addresses form groups that are bound before a run: the arena, each input, each output.
 */
lego_status link_program(lego_program *p);

/* Notes that *pointer must show to that place of a home (or sets it, where that never moves). */
lego_status link_address(lego_program *p, void **pointer, int home, int64_t offset);

/* Sets all pointers of a group. */
void link_bind(const lego_program *p, int group, char *memory);

enum { ARENA_GROUP = 0 };
static inline int input_group(int slot) {
    return 1 + slot;
}
static inline int output_group(const lego_program *p, int slot) {
    return 1 + p->input_count + slot;
}

#endif
