/* A pass: the chain behind a product becomes the product's end.
 *
 * The product makes its result in blocks, and each block goes through the chain while it is in the
 * cache: bias and activation on the way forward, the activation's slope on the way back, and for
 * the gradient of a weight the whole update. What only the chain reads is never stored. */
#include "../core/error.h"
#include "chain.h"
#include "graph.h"

typedef struct ending {
    grouping groups;
    lego_program *p;
    int *reads;   /* of each home: how many operands read it, in the whole program */
    bool *is_end; /* of each instruction: the chain that a product has taken already */
} ending;

static void count_reads(ending *e) {
    for (size_t i = 0; i < e->p->instructions.count; i++) {
        const instruction *at = program_instruction(e->p, i);
        for (int k = 0; k < at->part_count; k++) {
            const part *piece = &at->parts[k];
            for (int x = part_first_input(piece); x < piece->x_count; x++) {
                e->reads[piece->x[x].home]++;
            }
        }
    }
}

/* ---- whether a chain fits a product --------------------------------------------------------- */

static bool is_product(const instruction *i) {
    const part *piece = &i->parts[0];
    if (i->is_chain || i->part_count != 1 || !piece->brick->ended_kernel) {
        return false;
    }
    for (int x = 0; x < piece->x_count; x++) {
        if (piece->x[x].array.rank != 2 && !(piece->brick->facts & LEGO_ENDS_ANY_RANK)) {
            return false;
        }
    }
    return array_size(&piece->y[0].array) > 0;
}

/* How often the chain reads the home, if it does so element by element alone; else 0. */
static int whole_reads(const instruction *chain, int home) {
    int reads = 0;
    for (int k = 0; k < chain->part_count; k++) {
        const part *piece = &chain->parts[k];
        for (int x = part_first_input(piece); x < piece->x_count; x++) {
            int64_t columns;
            const operand *o = &piece->x[x];
            if (o->home != home) {
                continue;
            }
            if (o->offset != 0 ||
                form_below(&o->array, &piece->y[0].array, &columns) != FORM_WHOLE) {
                return 0;
            }
            reads++;
        }
    }
    return reads;
}

/* Blocks are written while the product still reads its inputs. */
static bool writes_what_is_read(const instruction *chain, const part *product) {
    for (int k = 0; k < chain->part_count; k++) {
        for (int x = 0; x < product->x_count; x++) {
            if (chain->parts[k].y[0].home == product->x[x].home) {
                return true;
            }
        }
    }
    return false;
}

/* The chain walks the product's own elements, by rows of the same length or not by rows at all. */
static bool walks(const instruction *chain, const lego_array *y) {
    space all = {array_size(y), y->shape[y->rank - 1]};
    for (int k = 0; k < chain->part_count; k++) {
        space own;
        if (!chain_takes(&chain->parts[k], &own) || !space_join(&all, &own, &all)) {
            return false;
        }
    }
    return true;
}

/* ---- the pass ------------------------------------------------------------------------------- */

static bool try_to_end(ending *e, int product, int chain) {
    const part *piece = program_instruction(e->p, (size_t)product)->parts;
    const instruction *end = program_instruction(e->p, (size_t)chain);
    const operand *y = &piece->y[0];
    int reads = end->is_chain && !e->is_end[chain] ? whole_reads(end, y->home) : 0;
    if (reads == 0 || !walks(end, &y->array) || writes_what_is_read(end, piece) ||
        !grouping_may_join(&e->groups, product, chain)) {
        return false;
    }
    grouping_join(&e->groups, product, chain);
    e->is_end[chain] = true;
    home *h = program_home(e->p, y->home);
    if (h->kind == LEGO_HOME_ARENA && reads == e->reads[y->home]) {
        h->kind = LEGO_HOME_TILE;
    }
    return true;
}

static void find_end(ending *e, int product) {
    const adjacency *after = &e->groups.graph.after;
    for (int k = after->begins[product]; k < after->begins[product + 1]; k++) {
        if (try_to_end(e, product, after->edges[k])) {
            return;
        }
    }
}

lego_status pass_product(lego_program *p) {
    ending e = {
        .p = p,
        .reads = pool_take(&p->pool, p->homes.count + 1, sizeof *e.reads),
        .is_end = pool_take(&p->pool, p->instructions.count + 1, sizeof *e.is_end),
    };
    if (!e.reads || !e.is_end) {
        return LEGO_NO_MEMORY;
    }
    count_reads(&e);
    lego_status status = grouping_make(p, &e.groups);
    if (status) {
        return status;
    }
    for (int i = 0; i < (int)p->instructions.count; i++) {
        if (is_product(program_instruction(p, (size_t)i))) {
            find_end(&e, i);
        }
    }
    return grouping_finish(&e.groups);
}
