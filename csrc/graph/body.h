/* Bodies: programs that a loop runs once per step, recorded inside of another computation.
 *
 * A body is recorded once, on symbolic tensors for the carry and for one row of each sequence. What
 * it takes from outside becomes an input as well, when it is first used: a value of the recording
 * around it has no numbers yet, and a watched tensor must get its gradient through the loop alone.
 * Variables stay as they are, and are read where they lie; all other tensors are constants. */
#ifndef LEGO_GRAPH_BODY_H
#define LEGO_GRAPH_BODY_H

#include "program.h"

/* An empty body inside of `around` (NULL: of nothing). */
lego_program *body_new(recorder *around);

/* What stands in the body for x: how its recorder captures. A new reference; NULL on failure. */
lego_tensor *body_capture(recorder *r, lego_tensor *x);

/* A new input for a carry, a row or all of a tensor; it is watched if gradients can reach `outer`,
 * and a carry in any case. The symbolic tensor is borrowed; NULL on failure. */
lego_tensor *body_input(lego_program *body, feed_kind kind, const lego_array *array,
                        lego_tensor *outer);

static inline feed *feed_at(const lego_program *body, int index) {
    return (feed *)body->feeds.items + index;
}

/* Takes out an input that nothing reads, while the body is recorded. */
void body_drop_input(lego_program *body, int slot);

/* How many carries the body has. As many of its results, in the same order, come first. */
int body_carries(const lego_program *body);

/* Whether it is the buffer of a variable that the body assigns to. */
bool body_writes(const program_buffer *b);

#endif
