/* The registry: all families, and bricks by number and by name. A new family is one line here. */
#include "registry.h"

#include <pthread.h>
#include <string.h>

#include "shapes.h"

static const lego_brick *const families[] = {
    making_bricks,       arithmetic_bricks,
    elementary_bricks,   logic_bricks,
    reduction_bricks,    argmax_bricks,
    scan_bricks,         product_bricks,
    layout_bricks,       assembly_bricks,
    selection_bricks,    softmax_bricks,
    crossentropy_bricks, binary_crossentropy_bricks,
    chance_bricks,
};

enum { FAMILY_COUNT = sizeof families / sizeof *families, SLOTS = 512 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const lego_brick *slots[SLOTS]; /* a hash table with linear probing, at most half full */

/* FNV-1a: en.wikipedia.org/wiki/Fowler-Noll-Vo_hash_function */
static unsigned first_slot(const char *name) {
    uint32_t hash = 2166136261u;
    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash % SLOTS;
}

/* The slot that holds the name, or the free one where it belongs. */
static unsigned slot_of(const char *name) {
    unsigned slot = first_slot(name);
    while (slots[slot] && strcmp(slots[slot]->name, name) != 0) {
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

static void fill_slots(void) {
    for (int family = 0; family < FAMILY_COUNT; family++) {
        for (const lego_brick *brick = families[family]; brick->name; brick++) {
            slots[slot_of(brick->name)] = brick;
        }
    }
}

const lego_brick *lego_brick_find(const char *name) {
    pthread_once(&once, fill_slots);
    return name ? slots[slot_of(name)] : NULL;
}

const lego_brick *lego_brick_at(int index) {
    for (int family = 0; family < FAMILY_COUNT && index >= 0; family++) {
        for (const lego_brick *brick = families[family]; brick->name; brick++) {
            if (index-- == 0) {
                return brick;
            }
        }
    }
    return NULL;
}

int lego_brick_count(void) {
    int count = 0;
    while (lego_brick_at(count)) {
        count++;
    }
    return count;
}

const char *lego_brick_name(const lego_brick *brick) {
    return brick->name;
}

const char *lego_brick_formula(const lego_brick *brick) {
    return brick->formula;
}

int lego_brick_inputs(const lego_brick *brick) {
    return brick->inputs;
}

int lego_brick_outputs(const lego_brick *brick) {
    return brick->outputs;
}

bool lego_brick_has_gradient(const lego_brick *brick) {
    return brick->gradient != no_gradient;
}

int lego_brick_attribute_count(const lego_brick *brick) {
    int count = 0;
    while (count < LEGO_MAX_ATTRIBUTES && brick->attributes[count].name) {
        count++;
    }
    return count;
}

const char *lego_brick_attribute_name(const lego_brick *brick, int index) {
    return brick->attributes[index].name;
}

lego_attribute_kind lego_brick_attribute_kind(const lego_brick *brick, int index) {
    return brick->attributes[index].kind;
}
