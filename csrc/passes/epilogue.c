/* A pass: the fused loop behind a product becomes the product's epilogue.
 *
 * The product makes its result in blocks, and each block goes through the fused loop while it is in
 * the cache: bias and activation in the forward pass, the activation's slope in the backward pass,
 * and for the gradient of a weight the whole update. What only the fused loop reads is never
 * stored. */
#include "../core/error.h"
#include "../graph/fused_loop.h"
#include "../graph/groups.h"
#include "passes.h"

typedef struct epilogue_finder {
    grouping groups;
    lego_program *p;
    bool *is_epilogue; /* of each instruction: whether it is an epilogue already */
} epilogue_finder;

/* ---- whether a fused loop fits a product ---------------------------------------------------- */

bool takes_epilogue(const program_op *op) {
    if (!op->brick->epilogue_kernel) {
        return false;
    }
    for (int x = 0; x < op->x_count; x++) {
        if (op->x[x].array.rank != 2 && !(op->brick->flags & LEGO_EPILOGUE_ANY_RANK)) {
            return false;
        }
    }
    return array_size(&op->y[0].array) > 0;
}

static bool is_product(const instruction *i) {
    return !i->is_fused_loop && i->op_count == 1 && takes_epilogue(i->ops[0]);
}

/* The next operand that reads the value in another instruction. */
static operand *next_reader(const operand *x) {
    operand *next = x->next_read;
    while (next && next->op->instruction == x->op->instruction) {
        next = next->next_read;
    }
    return next;
}

/* Whether an instruction, whose first read is x, reads the value element by element alone; *count:
 * in how many operands. */
static bool is_read_whole(const operand *x, int *count) {
    const operand *end = next_reader(x);
    *count = 0;
    for (; x != end; x = x->next_read) {
        int64_t columns;
        if (x->offset != 0 || access_of(&x->array, &x->op->y[0].array, &columns) != ACCESS_EACH) {
            return false;
        }
        ++*count;
    }
    return true;
}

/* Blocks are written while the product still reads its inputs. */
static bool writes_what_is_read(int fused_loop, const program_op *product) {
    for (int i = 0; i < product->x_count; i++) {
        const value *next = product->x[i].value->next;
        if (next && next->maker->instruction == fused_loop) {
            return true;
        }
    }
    return false;
}

/* Whether the fused loop walks the product's elements, in rows of the same length or in no rows. */
static bool walks(const instruction *fused_loop, const lego_array *y) {
    iteration_space all = {array_size(y), y->shape[y->rank - 1]};
    for (int k = 0; k < fused_loop->op_count; k++) {
        iteration_space own;
        if (fused_loop_obstacle(fused_loop->ops[k], &own) ||
            !iteration_space_join(&all, &own, &all)) {
            return false;
        }
    }
    return true;
}

/* ---- the pass ------------------------------------------------------------------------------- */

/* NULL, or why the loop whose first read of the product is x cannot be its epilogue. */
static const char *try_as_epilogue(epilogue_finder *e, const program_op *product,
                                   const operand *x) {
    int fused_loop = x->op->instruction;
    const operand *y = &product->y[0];
    int reads;
    if (e->is_epilogue[fused_loop]) {
        return "the loop that reads it is the epilogue of another product";
    }
    if (!is_read_whole(x, &reads)) {
        return "the loop does not read the product number by number";
    }
    if (!walks(instruction_at(e->p, (size_t)fused_loop), &y->array)) {
        return "the loop walks other rows than those that the product makes";
    }
    if (writes_what_is_read(fused_loop, product)) {
        return "the loop writes what the product reads";
    }
    const char *obstacle = grouping_join(&e->groups, product->instruction, fused_loop);
    if (obstacle) {
        return obstacle;
    }
    program_buffer *b = buffer_at(e->p, y->buffer);
    e->is_epilogue[fused_loop] = true;
    if (b->kind == LEGO_BUFFER_ARENA && reads == y->value->read_count) {
        b->kind = LEGO_BUFFER_TILE;
    }
    return NULL;
}

/* The first loop that can be its epilogue is. */
static void find_epilogue(epilogue_finder *e, const program_op *product) {
    bool is_found = false;
    for (operand *x = product->y[0].value->first_read; x;) {
        operand *end = next_reader(x);
        const char *obstacle = NULL;
        if (instruction_at(e->p, (size_t)x->op->instruction)->is_fused_loop) {
            obstacle =
                is_found ? "the product has another epilogue" : try_as_epilogue(e, product, x);
            is_found |= !obstacle;
        }
        for (; x != end; x = x->next_read) {
            x->obstacle = obstacle;
        }
    }
}

static lego_status find_epilogues(epilogue_finder *e) {
    size_t count = e->p->instructions.count;
    e->is_epilogue = record_arena_take(&e->groups.scratch, count, sizeof *e->is_epilogue);
    if (!e->is_epilogue) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_product(instruction_at(e->p, i))) {
            find_epilogue(e, op_of(e->p, i));
        }
    }
    return grouping_finish(&e->groups);
}

lego_status pass_epilogue(lego_program *p) {
    epilogue_finder e = {.p = p};
    lego_status status = grouping_make(p, &e.groups);
    if (status == LEGO_OK) {
        status = find_epilogues(&e);
    }
    grouping_free(&e.groups);
    return status;
}
