/* The graph of a program's instructions: who must come before whom. */
#ifndef LEGO_GRAPH_GROUPS_H
#define LEGO_GRAPH_GROUPS_H

#include "program.h"

/* Neighbours of all instructions, one list behind the other: those of instruction i are
 * edges[begins[i]] up to edges[begins[i + 1]]. */
typedef struct adjacency {
    int *begins;
    int *edges;
} adjacency;

/* Edges go from what must run first to what must run later: from the writer of a buffer to its
 * readers, and for variables also from readers to the next writer. */
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
    int *visited; /* the search that came by last */
    int *stack;
    int search;
} grouping;

/* Each instruction a group of its own. */
lego_status grouping_make(lego_program *p, grouping *g);

/* Whether the groups could run as one: no way leads from one to the other through a third. */
bool grouping_may_join(grouping *g, int a, int b);

/* Joins them: members stay in the order of their numbers. */
void grouping_join(grouping *g, int a, int b);

/* Makes each group one instruction. They keep the order of their first members as far as what they
 * need is there: what is missing comes just before. */
lego_status grouping_finish(grouping *g);

#endif
