/* A list that grows: adjacent items of one size. */
#include "list.h"

#include <string.h>

#include "memory.h"

static bool grow(list *l) {
    size_t room = l->room ? 2 * l->room : 64;
    void *items = memory_take(room * l->item_size);
    if (!items) {
        return false;
    }
    if (l->items) {
        memcpy(items, l->items, l->count * l->item_size);
    }
    list_free(l);
    l->items = items;
    l->room = room;
    return true;
}

bool list_add(list *l, const void *item) {
    if (l->count == l->room && !grow(l)) {
        return false;
    }
    memcpy((char *)l->items + l->count * l->item_size, item, l->item_size);
    l->count++;
    return true;
}

void list_free(list *l) {
    memory_give(l->items, l->room * l->item_size);
    l->items = NULL;
    l->room = 0;
}
