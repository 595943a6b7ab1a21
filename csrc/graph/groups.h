/* Groups of instructions that are to run as one. */
#ifndef LEGO_GRAPH_GROUPS_H
#define LEGO_GRAPH_GROUPS_H

#include "group_order.h"
#include "program.h"

/* A group on a path, and where it stood. */
typedef struct found_group {
    int64_t label;
    int group;
} found_group;

typedef struct grouping {
    lego_program *p;
    int *group;           /* of each instruction: the lowest number of its members */
    int *next;            /* the next member of the same group; -1 at the end */
    int *visited;         /* the last search that has seen the group */
    found_group *forward; /* what the search forward has found */
    found_group *back;
    int search;
    int64_t edges;        /* that searches have followed, of all joins: what joining costs */
    group_order order;    /* one in which the groups could run */
    record_arena scratch; /* holds all this */
} grouping;

/* Each instruction a group of its own. */
lego_status grouping_make(lego_program *p, grouping *g);

void grouping_free(grouping *g);

/* Joins two groups, if they can run as one: if no path leads from one to the other through a third.
 * Members stay in the order of their numbers. NULL, or why not, in a sentence. */
const char *grouping_join(grouping *g, int a, int b);

/* Makes each group one instruction, in the order of the first members. A group that depends on
 * others which are not there yet comes just after them. */
lego_status grouping_finish(grouping *g);

#endif
