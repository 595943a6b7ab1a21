/* An order of items that can be moved and compared in constant time. */
#include "group_order.h"

static const int64_t GAP = (int64_t)1 << 32;

static void label_all(group_order *o) {
    int64_t label = 0;
    for (int i = o->next[o->count]; i != o->count; i = o->next[i]) {
        o->label[i] = label += GAP;
    }
}

bool group_order_make(group_order *o, record_arena *records, int count) {
    size_t room = (size_t)count + 1;
    *o = (group_order){
        .count = count,
        .former = record_arena_take(records, room, sizeof *o->former),
        .next = record_arena_take(records, room, sizeof *o->next),
        .label = record_arena_take(records, room, sizeof *o->label),
    };
    if (!o->former || !o->next || !o->label) {
        return false;
    }
    for (int i = 0; i <= count; i++) {
        o->former[i] = i > 0 ? i - 1 : count;
        o->next[i] = i < count ? i + 1 : 0;
    }
    label_all(o);
    return true;
}

void group_order_remove(group_order *o, int item) {
    o->next[o->former[item]] = o->next[item];
    o->former[o->next[item]] = o->former[item];
}

/* The end has label 0, less than all: after the last item there is always room. */
static void insert_between(group_order *o, int item, int former, int next) {
    int64_t low = former == o->count ? 0 : o->label[former];
    int64_t high = next == o->count ? low + 2 * GAP : o->label[next];
    o->former[item] = former;
    o->next[item] = next;
    o->next[former] = o->former[next] = item;
    o->label[item] = low + (high - low) / 2;
    if (o->label[item] == low) {
        label_all(o);
    }
}

void group_order_move_before(group_order *o, int item, int place) {
    group_order_remove(o, item);
    insert_between(o, item, o->former[place], place);
}

void group_order_move_after(group_order *o, int item, int place) {
    group_order_remove(o, item);
    insert_between(o, item, place, o->next[place]);
}
