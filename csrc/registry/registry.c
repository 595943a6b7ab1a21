/* The registry: bricks by number and by name, of the instruction set in use. */
#include <pthread.h>
#include <string.h>

#include "../tensor/gradient_face.h"
#include "sets.h"

enum { SLOTS = 512 };

/* A hash table with linear probing, at most half full, for each set. */
static const lego_brick *slots[MOST_SETS][SLOTS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* FNV-1a: en.wikipedia.org/wiki/Fowler-Noll-Vo_hash_function */
static unsigned first_slot(const char *name) {
    uint32_t hash = 2166136261u;
    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash % SLOTS;
}

/* The slot that holds the name, or the free slot for it. */
static const lego_brick **slot_of(int set, const char *name) {
    unsigned slot = first_slot(name);
    while (slots[set][slot] && strcmp(slots[set][slot]->name, name) != 0) {
        slot = (slot + 1) % SLOTS;
    }
    return &slots[set][slot];
}

static void fill_slots(void) {
    for (int set = 0; set < lego_isa_count(); set++) {
        for (const lego_brick *const *family = set_families(set); *family; family++) {
            for (const lego_brick *brick = *family; brick->name; brick++) {
                *slot_of(set, brick->name) = brick;
            }
        }
    }
}

const lego_brick *set_brick(int set, const char *name) {
    pthread_once(&once, fill_slots);
    return *slot_of(set, name);
}

const lego_brick *lego_brick_find(const char *name) {
    return name ? set_brick(set_in_use(), name) : NULL;
}

const lego_brick *lego_brick_at(int index) {
    const lego_brick *const *family = set_families(set_in_use());
    for (; *family && index >= 0; family++) {
        for (const lego_brick *brick = *family; brick->name; brick++) {
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
