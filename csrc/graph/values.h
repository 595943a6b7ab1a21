/* Values: who makes each one and who reads it, kept current while passes change the program.
 *
 * Operands are the links: an op's y[i].value is what it makes, its x[i].value is what it reads, and
 * the operands that read a value are a list. A view is an operand of the same value with another
 * offset, shape or strides. What an assignment names as x[0] it does not read (op_first_input).
 *
 *     value->maker                              the op that makes it; NULL: it is there before
 *     value->read_count                         how many operands read it
 *     for (operand *x = value->first_read; x; x = x->next_read)
 *         x->op                                 a reader
 *
 * Passes change programs with the functions below. Each takes time by the operands that it changes,
 * not by the size of the program. Instructions keep their numbers until program_settle(). */
#ifndef LEGO_GRAPH_VALUES_H
#define LEGO_GRAPH_VALUES_H

#include "program.h"

/* An op that program_settle() puts before the instruction whose number the op bears. */
typedef struct insertion {
    program_op *op;
    int number; /* of the insertion: those of one place stay in this order */
} insertion;

/* The value of a buffer that is made once: of any but a variable's. */
static inline value *value_of(const lego_program *p, int buffer) {
    return buffer_at(p, buffer)->first_value;
}

/* An op at the end of the program, as it was recorded: it reads what its buffers hold at last. */
lego_status op_append(lego_program *p, program_op *op);

/* An op like another one, with the same brick, attributes, origin and dtype, for copies of the
 * operands x[count], which read the same values. Its result of that shape is a new value. It is not
 * among the instructions. NULL: no memory. */
program_op *op_like(lego_program *p, const program_op *other, const operand *x, int count,
                    const lego_array *shape);

/* Puts it before the instruction of `before`, after what was put there already. */
lego_status op_insert(lego_program *p, program_op *op, const program_op *before);

/* Removes it. It must have no effect, such as to write a variable. Its results stay as values
 * without a maker: they must have no readers any more, or turn into constants. */
void op_remove(program_op *op);

/* `to` makes the results of `from`, in the same buffers and for the same readers; `from` is
 * removed, and what `to` made so far is made by none. The results must be alike. */
void op_take_over(program_op *to, program_op *from);

/* Turns the op into one of another brick without attributes, which makes the same results of copies
 * of x[count]. Where both write a variable, x[0] is that one. */
lego_status op_turn_into(lego_program *p, program_op *op, const lego_brick *brick, const operand *x,
                         int count);

/* Whether what the operand reads is still there when instruction `number` runs: no assignment to a
 * variable stands before it. */
bool operand_lasts(const operand *x, int number);

/* All readers of one value read another one instead, at the same offsets. */
void value_replace(value *from, value *by);

/* Drops removed ops, puts inserted ones in their places, and numbers the instructions anew. Then
 * the reads of each value are in the order of the instructions. Runs after each pass. */
lego_status program_settle(lego_program *p);

#endif
