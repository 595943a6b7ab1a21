/* Neighbours: the ops that must run just before an op, and just after it.
 *
 *     before   the makers of what it reads; who makes and who reads what it overwrites
 *     after    the readers of what it makes; who overwrites what it makes or reads
 *
 * and of an op with an effect, the effects before and after it. The graph has no edges but these:
 * they follow from the values, and from the order of effects. */
#ifndef LEGO_GRAPH_NEIGHBOURS_H
#define LEGO_GRAPH_NEIGHBOURS_H

#include "program.h"

/* A walk over the neighbours of one op, which may stop and go on between any two of them. */
typedef struct neighbour_walk {
    const program_op *op;
    int next;            /* operand: of x, then of y */
    const operand *read; /* the next one of a list of reads; NULL: none is open */
    bool has_ended;      /* the values have; the effect is next */
} neighbour_walk;

neighbour_walk neighbours_of(const program_op *op);

/* The next one; NULL at the end. An op may come more than once. */
program_op *next_before(neighbour_walk *w);
program_op *next_after(neighbour_walk *w);

#endif
