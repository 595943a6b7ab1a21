/* Hash chains: numbers that are found again by a hash, the latest first. */
#ifndef LEGO_GRAPH_HASH_CHAINS_H
#define LEGO_GRAPH_HASH_CHAINS_H

#include <stdint.h>

#include "../core/list.h"

/* Starts as {.links.item_size = sizeof(hash_link)}; released with hash_chains_free(). */
typedef struct hash_chains {
    list links; /* of hash_link, in the order in which they were added */
    int *first; /* of each bucket: the latest link; -1: none */
    size_t buckets;
} hash_chains;

typedef struct hash_link {
    uint64_t hash;
    int number;
    int next; /* of the same bucket; -1: none */
} hash_link;

/* False: no memory. */
bool hash_chains_add(hash_chains *c, uint64_t hash, int number);

/* The next link with that hash, after link `after` (-1: the first one); -1: none. */
int hash_chains_find(const hash_chains *c, uint64_t hash, int after);

static inline int hash_chains_number(const hash_chains *c, int link) {
    return ((const hash_link *)c->links.items)[link].number;
}

void hash_chains_free(hash_chains *c);

/* FNV-1a: the hash of some bytes after others. */
uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes);

static const uint64_t HASH_OF_NOTHING = 14695981039346656037u;

#endif
