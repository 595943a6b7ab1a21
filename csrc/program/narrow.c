/* A pass: what is masked behind max pooling is masked before it, where there is less of it.
 *
 * The way back through y = max_pool(x) lays each dy at one place, where x is that y, and 0 at all
 * others. So a mask by x makes of it what a mask by y makes of dy:
 *
 *     where(x <= 0, 0, max_pool_gradient(places, dy))
 *         = max_pool_gradient(places, where(y <= 0, 0, dy))
 *
 * and that is the way back through a relu before the pooling, bit for bit. The numbers are a
 * quarter for windows of 2 x 2, and no mask of x has to be kept until then. */
#include <string.h>

#include "../core/error.h"
#include "program.h"

typedef struct narrowing {
    lego_program *p;
    const part **maker; /* of each home; NULL: none */
    int *reads;         /* of each home: how many operands read it */
    list done;          /* of instruction */
} narrowing;

/* where(mask, 0, back), with what the mask and the pooling are. */
typedef struct pattern {
    const part *where;
    const part *mask; /* x <= 0 */
    const part *back; /* max_pool_gradient(places, dy) */
    const part *pool; /* y, places = max_pool(x) */
} pattern;

/* ---- what it looks like --------------------------------------------------------------------- */

static bool is_brick(const part *piece, const char *name) {
    return piece && strcmp(piece->brick->name, name) == 0;
}

static bool is_zero(const lego_program *p, const operand *o) {
    const home *h = program_home(p, o->home);
    if (h->kind != LEGO_HOME_CONSTANT || h->bytes != (int64_t)lego_dtype_size(o->array.dtype)) {
        return false;
    }
    static const char zeros[sizeof(double)];
    return memcmp(h->tensor->storage->memory, zeros, (size_t)h->bytes) == 0;
}

/* All numbers of a home in a row, as the part that made them left them. */
static bool is_whole(const operand *o, const lego_array *like) {
    return o->offset == 0 && array_same_shape(&o->array, like) && array_is_contiguous(&o->array);
}

/* The attributes of the way back are x's shape and those of the pooling. */
static bool are_same_windows(const pattern *found) {
    const int64_t *back = found->back->attributes;
    int words = brick_attribute_words(found->pool->brick);
    return memcmp(back + 1 + LEGO_MAX_RANK, found->pool->attributes,
                  sizeof(int64_t) * (size_t)words) == 0;
}

static bool is_mask_of_pooled(const narrowing *n, const pattern *found) {
    const operand *x = &found->pool->x[0];
    return is_brick(found->mask, "less_equal") && found->mask->x[0].home == x->home &&
           program_home(n->p, x->home)->kind != LEGO_HOME_VARIABLE &&
           is_whole(x, &found->where->y[0].array) &&
           is_whole(&found->mask->x[0], &found->where->y[0].array) &&
           is_zero(n->p, &found->mask->x[1]);
}

static bool match(const narrowing *n, const part *where, pattern *found) {
    if (!is_brick(where, "where") || !is_zero(n->p, &where->x[1])) {
        return false;
    }
    *found = (pattern){
        .where = where,
        .mask = n->maker[where->x[0].home],
        .back = n->maker[where->x[2].home],
    };
    if (!is_brick(found->back, "max_pool_gradient") || n->reads[where->x[2].home] != 1 ||
        program_home(n->p, where->x[2].home)->kind != LEGO_HOME_ARENA) {
        return false;
    }
    found->pool = n->maker[found->back->x[0].home];
    return is_brick(found->pool, "max_pool") && are_same_windows(found) &&
           is_whole(&where->x[0], &where->y[0].array) &&
           is_whole(&where->x[2], &where->y[0].array) && is_mask_of_pooled(n, found);
}

/* ---- what becomes of it --------------------------------------------------------------------- */

/* The same brick for x[count], whose result has a home of its own; NULL without memory. */
static part *like(narrowing *n, const part *piece, const operand *x, int count,
                  const lego_array *shape) {
    part *made = pool_take(&n->p->pool, 1, sizeof *made);
    operand *operands = pool_take(&n->p->pool, (size_t)count + 1, sizeof *operands);
    if (!made || !operands) {
        return NULL;
    }
    operand *y = operands + count;
    memcpy(operands, x, sizeof *x * (size_t)count);
    array_set(&y->array, piece->y[0].array.dtype, shape->rank, shape->shape);
    home own = {.kind = LEGO_HOME_ARENA, .bytes = operand_bytes(y), .place = -1};
    y->home = program_add_home(n->p, own);
    *made = *piece;
    made->x = operands;
    made->y = y;
    return y->home < 0 ? NULL : made;
}

static bool add(narrowing *n, part *piece) {
    instruction i = {.parts = piece, .part_count = 1};
    return piece && list_add(&n->done, &i);
}

/* In the place of the way back: the mask of y, dy behind it, and the way back to what `where` made.
 */
static lego_status put(narrowing *n, const pattern *found) {
    const operand *y = &found->pool->y[0];
    operand compared[] = {*y, found->mask->x[1]};
    part *mask = like(n, found->mask, compared, 2, &y->array);
    if (!add(n, mask)) {
        return LEGO_NO_MEMORY;
    }
    operand chosen[] = {mask->y[0], found->where->x[1], found->back->x[1]};
    part *where = like(n, found->where, chosen, 3, &y->array);
    if (!add(n, where)) {
        return LEGO_NO_MEMORY;
    }
    operand given[] = {found->back->x[0], where->y[0]};
    part *back = like(n, found->back, given, 2, &found->where->y[0].array);
    if (!add(n, back)) {
        return LEGO_NO_MEMORY;
    }
    back->y[0] = found->where->y[0];
    return LEGO_OK;
}

/* ---- the pass ------------------------------------------------------------------------------- */

static lego_status prepare(narrowing *n) {
    lego_program *p = n->p;
    n->maker = pool_take(&p->pool, p->homes.count + 1, sizeof *n->maker);
    n->reads = pool_take(&p->pool, p->homes.count + 1, sizeof *n->reads);
    if (!n->maker || !n->reads) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        const part *piece = program_instruction(p, i)->parts;
        for (int k = part_first_input(piece); k < piece->x_count; k++) {
            n->reads[piece->x[k].home]++;
        }
        for (int k = 0; k < piece->y_count && !part_writes(piece); k++) {
            n->maker[piece->y[k].home] = piece;
        }
    }
    return LEGO_OK;
}

/* For each home that a way back makes: the `where` that takes its place; NULL: none. */
static const part **find_all(const narrowing *n) {
    lego_program *p = n->p;
    const part **masked = pool_take(&p->pool, p->homes.count + 1, sizeof *masked);
    for (size_t i = 0; masked && i < p->instructions.count; i++) {
        const part *piece = program_instruction(p, i)->parts;
        pattern found;
        if (match(n, piece, &found)) {
            masked[found.back->y[0].home] = piece;
        }
    }
    return masked;
}

static lego_status visit(narrowing *n, const instruction *i, const part *const *masked) {
    const part *piece = i->parts;
    const part *where = masked[piece->y[0].home];
    pattern found;
    if (where && match(n, where, &found)) {
        return put(n, &found);
    }
    bool is_over = is_brick(piece, "where") && masked[piece->x[2].home] == piece;
    return is_over || list_add(&n->done, i) ? LEGO_OK : LEGO_NO_MEMORY;
}

lego_status pass_narrow(lego_program *p) {
    narrowing n = {.p = p, .done.item_size = sizeof(instruction)};
    lego_status status = prepare(&n);
    const part **masked = status ? NULL : find_all(&n);
    if (!masked) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        status = visit(&n, program_instruction(p, i), masked);
    }
    if (status) {
        list_free(&n.done);
        return status;
    }
    list_free(&p->instructions);
    p->instructions = n.done;
    return LEGO_OK;
}
