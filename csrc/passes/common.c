/* A pass: what is computed twice is computed once (common subexpressions).
 *
 * A copy of a variable is the variable: a view of one is made of a copy, since it must not change
 * with the variable, but most variables stay what they are until the copy has been read. Two ops
 * are the same if brick, attributes and operands are: the same elements of the same values.
 * A variable has another value after each assignment. Every brick is a function of its inputs
 * (random numbers too: of their key), but for those that have an effect. */
#include <string.h>

#include "../core/error.h"
#include "../graph/hash_chains.h"
#include "../graph/values.h"
#include "passes.h"

static size_t attribute_bytes(const program_op *op) {
    return sizeof(int64_t) * (size_t)brick_attribute_slots(op->brick);
}

static uint64_t hash_of(const program_op *op) {
    uint64_t hash = hash_bytes(HASH_OF_NOTHING, &op->brick, sizeof op->brick);
    hash = hash_bytes(hash, op->attributes, attribute_bytes(op));
    for (int i = 0; i < op->x_count; i++) {
        hash = hash_bytes(hash, &op->x[i].value, sizeof op->x[i].value);
    }
    return hash;
}

static bool same_array(const lego_array *a, const lego_array *b) {
    size_t axes = sizeof(int64_t) * (size_t)a->rank;
    return a->dtype == b->dtype && array_same_shape(a, b) &&
           memcmp(a->strides, b->strides, axes) == 0;
}

static bool is_same(const program_op *a, const program_op *b) {
    if (a->brick != b->brick || a->x_count != b->x_count || a->y_count != b->y_count ||
        memcmp(a->attributes, b->attributes, attribute_bytes(a)) != 0) {
        return false;
    }
    for (int i = 0; i < a->x_count; i++) {
        if (a->x[i].value != b->x[i].value || a->x[i].offset != b->x[i].offset ||
            !same_array(&a->x[i].array, &b->x[i].array)) {
            return false;
        }
    }
    return true;
}

/* The op that computes the same; NULL: none. */
static program_op *find(const lego_program *p, const hash_chains *kept, uint64_t hash,
                        const program_op *op) {
    int link = -1;
    while ((link = hash_chains_find(kept, hash, link)) >= 0) {
        program_op *other = op_of(p, (size_t)hash_chains_number(kept, link));
        if (is_same(other, op)) {
            return other;
        }
    }
    return NULL;
}

/* An output keeps its buffer: a run has to fill it. */
static bool makes_output(const lego_program *p, const program_op *op) {
    for (int i = 0; i < op->y_count; i++) {
        if (buffer_at(p, op->y[i].buffer)->kind != LEGO_BUFFER_ARENA) {
            return true;
        }
    }
    return false;
}

/* Whether the op copies all of a variable to which nothing is assigned before the copy is read for
 * the last time. */
static bool copies_variable(const lego_program *p, const program_op *op) {
    if (strcmp(op->brick->name, "copy") != 0 || makes_output(p, op)) {
        return false;
    }
    const operand *x = &op->x[0];
    bool lasts = buffer_at(p, x->buffer)->kind == LEGO_BUFFER_VARIABLE && x->offset == 0 &&
                 array_is_contiguous(&x->array) &&
                 array_size(&x->array) == array_size(&op->y[0].array);
    for (const operand *r = op->y[0].value->first_read; r && lasts; r = r->next_read) {
        lasts = operand_lasts(x, r->op->instruction + 1);
    }
    return lasts;
}

static lego_status visit(const lego_program *p, hash_chains *kept, program_op *op) {
    if (copies_variable(p, op)) {
        value_replace(op->y[0].value, op->x[0].value);
        op_remove(op);
        return LEGO_OK;
    }
    uint64_t hash = hash_of(op);
    program_op *same = find(p, kept, hash, op);
    if (!same) {
        return hash_chains_add(kept, hash, op->instruction) ? LEGO_OK : LEGO_NO_MEMORY;
    }
    if (makes_output(p, op)) {
        return LEGO_OK;
    }
    for (int i = 0; i < op->y_count; i++) {
        value_replace(op->y[i].value, same->y[i].value);
    }
    op_remove(op);
    return LEGO_OK;
}

lego_status pass_common(lego_program *p) {
    hash_chains kept = {.links.item_size = sizeof(hash_link)}; /* numbers of instructions */
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        if (!op_has_effect(op_of(p, i))) {
            status = visit(p, &kept, op_of(p, i));
        }
    }
    hash_chains_free(&kept);
    return status;
}
