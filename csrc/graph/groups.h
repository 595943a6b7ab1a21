/* The graph of a program's instructions: which must run before which. */
#ifndef LEGO_GRAPH_GROUPS_H
#define LEGO_GRAPH_GROUPS_H

#include "program.h"

/* Neighbours of all instructions, one list after another: those of instruction i are
 * edges[begins[i]] up to edges[begins[i + 1]]. */
typedef struct adjacency {
    int *begins;
    int *edges;
} adjacency;

/* Edges go from what must run first to what must run later: from the writer of a buffer to its
 * readers, for variables also from readers to the next writer, and from an op with an effect to the
 * next one. */
typedef struct graph {
    int count;
    adjacency before;
    adjacency after;
} graph;

lego_status graph_make(lego_program *p, graph *g);

/* Groups of instructions that run as one. */
typedef struct grouping {
    lego_program *p;
    graph graph;
    int *group;   /* of each instruction: the lowest number of its members */
    int *next;    /* the next member of the same group; -1 at the end */
    int *visited; /* the last search that has seen the group */
    int *stack;
    int search;
} grouping;

/* Each instruction a group of its own. */
lego_status grouping_make(lego_program *p, grouping *g);

/* Whether the groups can run as one: no path leads from one to the other through a third. */
bool grouping_may_join(grouping *g, int a, int b);

/* Joins them: members stay in the order of their numbers. */
void grouping_join(grouping *g, int a, int b);

/* Makes each group one instruction, in the order of the first members. A group that depends on
 * others which are not there yet comes just after them. */
lego_status grouping_finish(grouping *g);

#endif
