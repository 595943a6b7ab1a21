/* Hash chains: numbers that are found again by a hash, the latest first. */
#include "hash_chains.h"

#include "../core/memory.h"

static void push(hash_chains *c, int link) {
    hash_link *l = (hash_link *)c->links.items + link;
    int *first = &c->first[l->hash % c->buckets];
    l->next = *first;
    *first = link;
}

/* Twice the buckets, so that chains stay short. */
static bool grow(hash_chains *c) {
    size_t buckets = c->buckets ? 2 * c->buckets : 64;
    int *first = memory_take(buckets * sizeof *first);
    if (!first) {
        return false;
    }
    memory_give(c->first, c->buckets * sizeof *c->first);
    c->first = first;
    c->buckets = buckets;
    for (size_t i = 0; i < buckets; i++) {
        first[i] = -1;
    }
    for (size_t i = 0; i < c->links.count; i++) {
        push(c, (int)i);
    }
    return true;
}

bool hash_chains_add(hash_chains *c, uint64_t hash, int number) {
    hash_link l = {hash, number, -1};
    if ((c->links.count == c->buckets && !grow(c)) || !list_add(&c->links, &l)) {
        return false;
    }
    push(c, (int)c->links.count - 1);
    return true;
}

int hash_chains_find(const hash_chains *c, uint64_t hash, int after) {
    const hash_link *links = c->links.items;
    if (c->buckets == 0) {
        return -1;
    }
    int link = after < 0 ? c->first[hash % c->buckets] : links[after].next;
    while (link >= 0 && links[link].hash != hash) {
        link = links[link].next;
    }
    return link;
}

void hash_chains_free(hash_chains *c) {
    list_free(&c->links);
    c->links.count = 0;
    memory_give(c->first, c->buckets * sizeof *c->first);
    c->first = NULL;
    c->buckets = 0;
}

uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ byte[i]) * 1099511628211u;
    }
    return hash;
}
