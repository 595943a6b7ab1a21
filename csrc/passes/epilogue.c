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
    int *reads;        /* of each buffer: how many operands read it, in the whole program */
    bool *is_epilogue; /* of each instruction: whether it is an epilogue already */
} epilogue_finder;

static void count_reads(epilogue_finder *e) {
    for (size_t i = 0; i < e->p->instructions.count; i++) {
        const instruction *at = instruction_at(e->p, i);
        for (int k = 0; k < at->op_count; k++) {
            const program_op *op = at->ops[k];
            for (int x = op_first_input(op); x < op->x_count; x++) {
                e->reads[op->x[x].buffer]++;
            }
        }
    }
}

/* ---- whether a fused loop fits a product
 * --------------------------------------------------------- */

static bool is_product(const instruction *i) {
    const program_op *op = i->ops[0];
    if (i->is_fused_loop || i->op_count != 1 || !op->brick->epilogue_kernel) {
        return false;
    }
    for (int x = 0; x < op->x_count; x++) {
        if (op->x[x].array.rank != 2 && !(op->brick->flags & LEGO_EPILOGUE_ANY_RANK)) {
            return false;
        }
    }
    return array_size(&op->y[0].array) > 0;
}

/* How often the fused loop reads the buffer, if it does so element by element alone; else 0. */
static int whole_reads(const instruction *fused_loop, int buffer) {
    int reads = 0;
    for (int k = 0; k < fused_loop->op_count; k++) {
        const program_op *op = fused_loop->ops[k];
        for (int x = op_first_input(op); x < op->x_count; x++) {
            int64_t columns;
            const operand *o = &op->x[x];
            if (o->buffer != buffer) {
                continue;
            }
            if (o->offset != 0 || access_of(&o->array, &op->y[0].array, &columns) != ACCESS_EACH) {
                return 0;
            }
            reads++;
        }
    }
    return reads;
}

/* Blocks are written while the product still reads its inputs. */
static bool writes_what_is_read(const instruction *fused_loop, const program_op *product) {
    for (int k = 0; k < fused_loop->op_count; k++) {
        for (int x = 0; x < product->x_count; x++) {
            if (fused_loop->ops[k]->y[0].buffer == product->x[x].buffer) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the fused loop walks the product's elements, in rows of the same length or in no rows. */
static bool walks(const instruction *fused_loop, const lego_array *y) {
    iteration_space all = {array_size(y), y->shape[y->rank - 1]};
    for (int k = 0; k < fused_loop->op_count; k++) {
        iteration_space own;
        if (!fused_loop_accepts(fused_loop->ops[k], &own) ||
            !iteration_space_join(&all, &own, &all)) {
            return false;
        }
    }
    return true;
}

/* ---- the pass ------------------------------------------------------------------------------- */

static bool try_as_epilogue(epilogue_finder *e, int product, int fused_loop) {
    const program_op *op = instruction_at(e->p, (size_t)product)->ops[0];
    const instruction *loop = instruction_at(e->p, (size_t)fused_loop);
    const operand *y = &op->y[0];
    int reads =
        loop->is_fused_loop && !e->is_epilogue[fused_loop] ? whole_reads(loop, y->buffer) : 0;
    if (reads == 0 || !walks(loop, &y->array) || writes_what_is_read(loop, op) ||
        !grouping_may_join(&e->groups, product, fused_loop)) {
        return false;
    }
    grouping_join(&e->groups, product, fused_loop);
    e->is_epilogue[fused_loop] = true;
    program_buffer *b = buffer_at(e->p, y->buffer);
    if (b->kind == LEGO_BUFFER_ARENA && reads == e->reads[y->buffer]) {
        b->kind = LEGO_BUFFER_TILE;
    }
    return true;
}

static void find_epilogue(epilogue_finder *e, int product) {
    const adjacency *after = &e->groups.graph.after;
    for (int k = after->begins[product]; k < after->begins[product + 1]; k++) {
        if (try_as_epilogue(e, product, after->edges[k])) {
            return;
        }
    }
}

lego_status pass_epilogue(lego_program *p) {
    epilogue_finder e = {
        .p = p,
        .reads = record_arena_take(&p->records, p->buffers.count + 1, sizeof *e.reads),
        .is_epilogue =
            record_arena_take(&p->records, p->instructions.count + 1, sizeof *e.is_epilogue),
    };
    if (!e.reads || !e.is_epilogue) {
        return LEGO_NO_MEMORY;
    }
    count_reads(&e);
    lego_status status = grouping_make(p, &e.groups);
    if (status) {
        return status;
    }
    for (int i = 0; i < (int)p->instructions.count; i++) {
        if (is_product(instruction_at(p, (size_t)i))) {
            find_epilogue(&e, i);
        }
    }
    return grouping_finish(&e.groups);
}
