/* A list that grows: adjacent items of one size. */
#ifndef LEGO_CORE_LIST_H
#define LEGO_CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Starts as {.item_size = sizeof(item)}. */
typedef struct list {
    void *items;
    size_t count;
    size_t room;
    size_t item_size;
} list;

/* Copies the item to the end; false when there is no memory for it. */
bool list_add(list *l, const void *item);

void list_free(list *l);

#endif
