/* Values: who makes each one and who reads it, kept current while passes change the program. */
#include "values.h"

#include <stdlib.h>
#include <string.h>

#include "../core/error.h"

/* ---- links ---------------------------------------------------------------------------------- */

/* Makes x the last operand that reads the value. */
static void link_read(operand *x, value *v) {
    x->value = v;
    x->buffer = v->buffer;
    x->former_read = v->last_read;
    x->next_read = NULL;
    *(v->last_read ? &v->last_read->next_read : &v->first_read) = x;
    v->last_read = x;
    v->read_count++;
}

static void unlink_read(operand *x) {
    value *v = x->value;
    *(x->former_read ? &x->former_read->next_read : &v->first_read) = x->next_read;
    *(x->next_read ? &x->next_read->former_read : &v->last_read) = x->former_read;
    x->former_read = x->next_read = NULL;
    v->read_count--;
}

/* The value that y is written as: the first of its buffer, or one that follows the last. */
static value *value_to_make(lego_program *p, const program_op *op, int buffer) {
    program_buffer *b = buffer_at(p, buffer);
    if (!op_writes(op)) {
        return b->first_value;
    }
    value *next = record_arena_take(&p->records, 1, sizeof *next);
    if (next) {
        *next = (value){.buffer = buffer, .former = b->last_value};
        b->last_value->next = next;
        b->last_value = next;
    }
    return next;
}

static bool link_results(lego_program *p, program_op *op) {
    for (int i = 0; i < op->y_count; i++) {
        operand *y = &op->y[i];
        y->op = op;
        y->value = value_to_make(p, op, y->buffer);
        if (!y->value) {
            return false;
        }
        y->value->maker = op;
    }
    return true;
}

static void link_effect(lego_program *p, program_op *op) {
    if (op->brick->flags & LEGO_EFFECT) {
        op->former_effect = p->last_effect;
        if (p->last_effect) {
            p->last_effect->next_effect = op;
        }
        p->last_effect = op;
    }
}

lego_status op_append(lego_program *p, program_op *op) {
    for (int i = 0; i < op->x_count; i++) {
        op->x[i].op = op;
        if (i >= op_first_input(op)) {
            link_read(&op->x[i], buffer_at(p, op->x[i].buffer)->last_value);
        }
    }
    op->instruction = (int)p->instructions.count;
    program_op **ops = record_arena_take(&p->records, 1, sizeof(program_op *));
    if (!ops || !link_results(p, op)) {
        return LEGO_NO_MEMORY;
    }
    *ops = op;
    link_effect(p, op);
    instruction i = {.ops = ops, .op_count = 1};
    return list_add(&p->instructions, &i) ? LEGO_OK : LEGO_NO_MEMORY;
}

/* ---- changes -------------------------------------------------------------------------------- */

program_op *op_like(lego_program *p, const program_op *other, const operand *x, int count,
                    const lego_array *shape) {
    program_op *op = record_arena_take(&p->records, 1, sizeof *op);
    operand *operands = record_arena_take(&p->records, (size_t)count + 1, sizeof *operands);
    if (!op || !operands) {
        return NULL;
    }
    operand *y = operands + count;
    *op = *other;
    op->x = operands;
    op->x_count = count;
    op->y = y;
    op->y_count = 1;
    op->instruction = -1;
    array_set(&y->array, other->y[0].array.dtype, shape->rank, shape->shape);
    program_buffer own = {.kind = LEGO_BUFFER_ARENA, .bytes = operand_bytes(y), .offset = -1};
    y->buffer = program_add_buffer(p, own);
    if (y->buffer < 0 || !link_results(p, op)) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        operands[i] = x[i];
        operands[i].op = op;
        link_read(&operands[i], x[i].value);
    }
    return op;
}

lego_status op_insert(lego_program *p, program_op *op, const program_op *before) {
    insertion i = {op, (int)p->insertions.count};
    op->instruction = before->instruction;
    return list_add(&p->insertions, &i) ? LEGO_OK : LEGO_NO_MEMORY;
}

void op_remove(program_op *op) {
    for (int i = op_first_input(op); i < op->x_count; i++) {
        unlink_read(&op->x[i]);
    }
    for (int i = 0; i < op->y_count; i++) {
        if (op->y[i].value->maker == op) {
            op->y[i].value->maker = NULL;
        }
    }
    op->instruction = -1;
}

void op_take_over(program_op *to, program_op *from) {
    for (int i = 0; i < to->y_count; i++) {
        to->y[i].value->maker = NULL;
        to->y[i].value = from->y[i].value;
        to->y[i].buffer = from->y[i].buffer;
        to->y[i].offset = from->y[i].offset;
        to->y[i].value->maker = to;
    }
    op_remove(from);
}

lego_status op_turn_into(lego_program *p, program_op *op, const lego_brick *brick, const operand *x,
                         int count) {
    operand *operands = record_arena_take(&p->records, (size_t)count, sizeof *operands);
    if (!operands) {
        return LEGO_NO_MEMORY;
    }
    for (int i = op_first_input(op); i < op->x_count; i++) {
        unlink_read(&op->x[i]);
    }
    op->brick = brick;
    op->attributes = NULL;
    op->x = operands;
    op->x_count = count;
    for (int i = 0; i < count; i++) {
        operands[i] = x[i];
        operands[i].op = op;
        if (i >= op_first_input(op)) {
            link_read(&operands[i], x[i].value);
        }
    }
    return LEGO_OK;
}

bool operand_lasts(const operand *x, int number) {
    const value *next = x->value->next;
    return !next || next->maker->instruction >= number;
}

void value_replace(value *from, value *by) {
    while (from->first_read) {
        operand *x = from->first_read;
        unlink_read(x);
        link_read(x, by);
    }
}

/* ---- the order of the instructions ---------------------------------------------------------- */

static int by_place(const void *left, const void *right) {
    const insertion *a = left;
    const insertion *b = right;
    int places = a->op->instruction - b->op->instruction;
    return places ? places : a->number - b->number;
}

static bool add_instruction(lego_program *p, program_op *op, list *settled) {
    program_op **ops = record_arena_take(&p->records, 1, sizeof(program_op *));
    instruction i = {.ops = ops, .op_count = 1};
    if (!ops) {
        return false;
    }
    *ops = op;
    return list_add(settled, &i);
}

/* The inserted ops, each before its instruction, and the instructions. */
static bool merge(lego_program *p, list *settled) {
    const insertion *next = p->insertions.items;
    const insertion *end = next + p->insertions.count;
    bool is_merged = true;
    for (size_t i = 0; i < p->instructions.count && is_merged; i++) {
        while (next < end && next->op->instruction <= (int)i && is_merged) {
            program_op *op = (next++)->op;
            is_merged = op->instruction < 0 || add_instruction(p, op, settled);
        }
        is_merged = is_merged && list_add(settled, instruction_at(p, i));
    }
    return is_merged;
}

static lego_status put_insertions(lego_program *p) {
    list settled = {.item_size = sizeof(instruction)};
    if (p->insertions.count == 0) {
        return LEGO_OK;
    }
    qsort(p->insertions.items, p->insertions.count, sizeof(insertion), by_place);
    if (!merge(p, &settled)) {
        list_free(&settled);
        return LEGO_NO_MEMORY;
    }
    list_free(&p->instructions);
    p->instructions = settled;
    p->insertions.count = 0;
    return LEGO_OK;
}

static void drop_removed(lego_program *p) {
    size_t kept = 0;
    for (size_t i = 0; i < p->instructions.count; i++) {
        instruction at = *instruction_at(p, i);
        int ops = 0;
        for (int k = 0; k < at.op_count; k++) {
            if (at.ops[k]->instruction >= 0) {
                at.ops[ops++] = at.ops[k];
            }
        }
        at.op_count = ops;
        if (ops > 0) {
            *instruction_at(p, kept++) = at;
        }
    }
    p->instructions.count = kept;
}

/* Linking all reads anew puts them in order. */
static void number(lego_program *p) {
    for (size_t i = 0; i < p->instructions.count; i++) {
        const instruction *at = instruction_at(p, i);
        for (int k = 0; k < at->op_count; k++) {
            program_op *op = at->ops[k];
            op->instruction = (int)i;
            for (int x = op_first_input(op); x < op->x_count; x++) {
                value *read = op->x[x].value;
                unlink_read(&op->x[x]);
                link_read(&op->x[x], read);
            }
        }
    }
}

lego_status program_settle(lego_program *p) {
    lego_status status = put_insertions(p);
    if (status == LEGO_OK) {
        drop_removed(p);
        number(p);
    }
    return status;
}
