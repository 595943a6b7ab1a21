/* A pass: what is computed twice is computed once.
 *
 * Two applications are the same when brick, attributes and operands are: the same places of the
 * same homes, with no assignment between them to a variable that they read. Every brick is a
 * function of its inputs (draws of chance too: of their key). */
#include <string.h>

#include "../core/error.h"
#include "program.h"

typedef struct search {
    lego_program *p;
    unsigned *versions; /* of each home: how often it has been written so far */
    int *stand_in;      /* for each home: the home that has the same numbers, or itself */
    list *kept;         /* of known, by hash */
} search;

/* An application that others may repeat, with the versions that it read. */
typedef struct known {
    const part *piece;
    const unsigned *versions;
} known;

enum { BUCKETS = 256 };

static uint64_t mix(uint64_t hash, const void *data, size_t bytes) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ byte[i]) * 1099511628211u; /* FNV-1a */
    }
    return hash;
}

static size_t attribute_bytes(const part *piece) {
    return sizeof(int64_t) * (size_t)brick_attribute_words(piece->brick);
}

static unsigned bucket_of(const part *piece) {
    uint64_t hash = mix(14695981039346656037u, &piece->brick, sizeof piece->brick);
    hash = mix(hash, piece->attributes, attribute_bytes(piece));
    for (int i = 0; i < piece->x_count; i++) {
        hash = mix(hash, &piece->x[i].home, sizeof piece->x[i].home);
    }
    return (unsigned)(hash % BUCKETS);
}

static bool same_array(const lego_array *a, const lego_array *b) {
    size_t axes = sizeof(int64_t) * (size_t)a->rank;
    return a->dtype == b->dtype && array_same_shape(a, b) &&
           memcmp(a->strides, b->strides, axes) == 0;
}

static bool is_repeated(const search *s, const known *k, const part *piece) {
    const part *other = k->piece;
    if (other->brick != piece->brick || other->x_count != piece->x_count ||
        other->y_count != piece->y_count ||
        memcmp(other->attributes, piece->attributes, attribute_bytes(piece)) != 0) {
        return false;
    }
    for (int i = 0; i < piece->x_count; i++) {
        const operand *a = &other->x[i];
        const operand *b = &piece->x[i];
        if (a->home != b->home || a->offset != b->offset || !same_array(&a->array, &b->array) ||
            k->versions[i] != s->versions[b->home]) {
            return false;
        }
    }
    return true;
}

static const part *find(const search *s, const part *piece) {
    const list *bucket = &s->kept[bucket_of(piece)];
    for (size_t i = 0; i < bucket->count; i++) {
        const known *k = (const known *)bucket->items + i;
        if (is_repeated(s, k, piece)) {
            return k->piece;
        }
    }
    return NULL;
}

static lego_status remember(search *s, const part *piece) {
    unsigned *versions = pool_take(&s->p->pool, (size_t)piece->x_count, sizeof *versions);
    if (!versions) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < piece->x_count; i++) {
        versions[i] = s->versions[piece->x[i].home];
    }
    known k = {piece, versions};
    return list_add(&s->kept[bucket_of(piece)], &k) ? LEGO_OK : LEGO_NO_MEMORY;
}

/* An output's home stays its own: a run has to fill it. */
static bool can_stand_in(const search *s, const part *piece) {
    for (int i = 0; i < piece->y_count; i++) {
        if (program_home(s->p, piece->y[i].home)->kind != LEGO_HOME_ARENA) {
            return false;
        }
    }
    return !part_writes(piece);
}

/* Whether the instruction is still needed after its operands were renamed. */
static lego_status visit(search *s, part *piece, bool *is_needed) {
    for (int i = 0; i < piece->x_count; i++) {
        piece->x[i].home = s->stand_in[piece->x[i].home];
    }
    const part *same = can_stand_in(s, piece) ? find(s, piece) : NULL;
    *is_needed = !same;
    for (int i = 0; i < piece->y_count; i++) {
        if (same) {
            s->stand_in[piece->y[i].home] = same->y[i].home;
        } else {
            s->versions[piece->y[i].home]++;
        }
    }
    return same || part_writes(piece) ? LEGO_OK : remember(s, piece);
}

static lego_status visit_all(search *s) {
    size_t kept = 0;
    lego_program *p = s->p;
    for (size_t i = 0; i < p->instructions.count; i++) {
        instruction at = *program_instruction(p, i);
        bool is_needed;
        lego_status status = visit(s, at.parts, &is_needed);
        if (status) {
            return status;
        }
        if (is_needed) {
            *program_instruction(p, kept++) = at;
        }
    }
    p->instructions.count = kept;
    return LEGO_OK;
}

lego_status pass_common(lego_program *p) {
    search s = {
        .p = p,
        .versions = pool_take(&p->pool, p->homes.count + 1, sizeof *s.versions),
        .stand_in = pool_take(&p->pool, p->homes.count + 1, sizeof *s.stand_in),
        .kept = pool_take(&p->pool, BUCKETS, sizeof *s.kept),
    };
    if (!s.versions || !s.stand_in || !s.kept) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < (int)p->homes.count; i++) {
        s.stand_in[i] = i;
    }
    for (int i = 0; i < BUCKETS; i++) {
        s.kept[i].item_size = sizeof(known);
    }
    lego_status status = visit_all(&s);
    for (int i = 0; i < BUCKETS; i++) {
        list_free(&s.kept[i]);
    }
    return status;
}
