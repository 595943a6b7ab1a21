/* A pass: what is computed twice is computed once (common subexpressions).
 *
 * Two ops are the same if brick, attributes and operands are: the same elements of the same
 * buffers, with no assignment between them to a variable that they read. Every brick is a function
 * of its inputs (random numbers too: of their key), but for those that have an effect. */
#include <string.h>

#include "../core/error.h"
#include "../graph/program.h"
#include "passes.h"

typedef struct search {
    lego_program *p;
    unsigned *versions; /* of each buffer: how often it has been written so far */
    int *stand_in;      /* for each buffer: the buffer that has the same numbers, or itself */
    list *kept;         /* of known, by hash */
} search;

/* An op that others may repeat, with the versions of the buffers that it read. */
typedef struct known {
    const program_op *op;
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

static size_t attribute_bytes(const program_op *op) {
    return sizeof(int64_t) * (size_t)brick_attribute_slots(op->brick);
}

static unsigned bucket_of(const program_op *op) {
    uint64_t hash = mix(14695981039346656037u, &op->brick, sizeof op->brick);
    hash = mix(hash, op->attributes, attribute_bytes(op));
    for (int i = 0; i < op->x_count; i++) {
        hash = mix(hash, &op->x[i].buffer, sizeof op->x[i].buffer);
    }
    return (unsigned)(hash % BUCKETS);
}

static bool same_array(const lego_array *a, const lego_array *b) {
    size_t axes = sizeof(int64_t) * (size_t)a->rank;
    return a->dtype == b->dtype && array_same_shape(a, b) &&
           memcmp(a->strides, b->strides, axes) == 0;
}

static bool is_repeated(const search *s, const known *k, const program_op *op) {
    const program_op *other = k->op;
    if (other->brick != op->brick || other->x_count != op->x_count ||
        other->y_count != op->y_count ||
        memcmp(other->attributes, op->attributes, attribute_bytes(op)) != 0) {
        return false;
    }
    for (int i = 0; i < op->x_count; i++) {
        const operand *a = &other->x[i];
        const operand *b = &op->x[i];
        if (a->buffer != b->buffer || a->offset != b->offset || !same_array(&a->array, &b->array) ||
            k->versions[i] != s->versions[b->buffer]) {
            return false;
        }
    }
    return true;
}

static const program_op *find(const search *s, const program_op *op) {
    const list *bucket = &s->kept[bucket_of(op)];
    for (size_t i = 0; i < bucket->count; i++) {
        const known *k = (const known *)bucket->items + i;
        if (is_repeated(s, k, op)) {
            return k->op;
        }
    }
    return NULL;
}

static lego_status remember(search *s, const program_op *op) {
    unsigned *versions = record_arena_take(&s->p->records, (size_t)op->x_count, sizeof *versions);
    if (!versions) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < op->x_count; i++) {
        versions[i] = s->versions[op->x[i].buffer];
    }
    known k = {op, versions};
    return list_add(&s->kept[bucket_of(op)], &k) ? LEGO_OK : LEGO_NO_MEMORY;
}

/* An output keeps its buffer: a run has to fill it. */
static bool can_stand_in(const search *s, const program_op *op) {
    for (int i = 0; i < op->y_count; i++) {
        if (buffer_at(s->p, op->y[i].buffer)->kind != LEGO_BUFFER_ARENA) {
            return false;
        }
    }
    return !op_has_effect(op);
}

/* Whether the instruction is still needed after its operands were renamed. */
static lego_status visit(search *s, program_op *op, bool *is_needed) {
    for (int i = 0; i < op->x_count; i++) {
        op->x[i].buffer = s->stand_in[op->x[i].buffer];
    }
    const program_op *same = can_stand_in(s, op) ? find(s, op) : NULL;
    *is_needed = !same;
    for (int i = 0; i < op->y_count; i++) {
        if (same) {
            s->stand_in[op->y[i].buffer] = same->y[i].buffer;
        } else {
            s->versions[op->y[i].buffer]++;
        }
    }
    return same || op_has_effect(op) ? LEGO_OK : remember(s, op);
}

static lego_status visit_all(search *s) {
    size_t kept = 0;
    lego_program *p = s->p;
    for (size_t i = 0; i < p->instructions.count; i++) {
        instruction at = *instruction_at(p, i);
        bool is_needed;
        lego_status status = visit(s, at.ops, &is_needed);
        if (status) {
            return status;
        }
        if (is_needed) {
            *instruction_at(p, kept++) = at;
        }
    }
    p->instructions.count = kept;
    return LEGO_OK;
}

lego_status pass_common(lego_program *p) {
    search s = {
        .p = p,
        .versions = record_arena_take(&p->records, p->buffers.count + 1, sizeof *s.versions),
        .stand_in = record_arena_take(&p->records, p->buffers.count + 1, sizeof *s.stand_in),
        .kept = record_arena_take(&p->records, BUCKETS, sizeof *s.kept),
    };
    if (!s.versions || !s.stand_in || !s.kept) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < (int)p->buffers.count; i++) {
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
