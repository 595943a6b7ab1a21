/* An order of numbered items in which any item can be moved to any place, and any two compared, in
 * constant time: a linked list with labels that rise along it (Dietz and Sleator, "Two algorithms
 * for maintaining order in a list", STOC 1987; here all labels are given anew when a gap is used
 * up). */
#ifndef LEGO_GRAPH_GROUP_ORDER_H
#define LEGO_GRAPH_GROUP_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "record_arena.h"

typedef struct group_order {
    int count;
    int *former; /* of each item; item `count` stands before the first and after the last one */
    int *next;
    int64_t *label;
} group_order;

/* 0 to count - 1 in this order; false: no memory. */
bool group_order_make(group_order *o, record_arena *records, int count);

static inline bool comes_before(const group_order *o, int a, int b) {
    return o->label[a] < o->label[b];
}

void group_order_remove(group_order *o, int item);
void group_order_move_before(group_order *o, int item, int place);
void group_order_move_after(group_order *o, int item, int place);

#endif
