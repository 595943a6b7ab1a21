/* Looking inside: what a program is made of, for those who print it. */
#include <string.h>

#include "../core/error.h"
#include "../core/threads.h"
#include "chain.h"

static lego_status no_such(const char *what, int index) {
    return fail(LEGO_BAD_INDEX, "the program has no %s %d", what, index);
}

int64_t lego_program_arena_bytes(const lego_program *p) {
    return p->arena_bytes;
}

static size_t list_bytes(const list *l) {
    return l->room > 0 ? lego_memory_block(l->room * l->item_size) : 0;
}

size_t lego_program_record_bytes(const lego_program *p) {
    return lego_memory_block(sizeof *p) + pool_bytes(&p->pool) + list_bytes(&p->homes) +
           list_bytes(&p->instructions) + list_bytes(&p->labels) + list_bytes(&p->addresses);
}

const char *lego_program_label_name(const lego_program *p, int label) {
    bool is_there = label > 0 && (size_t)label <= p->labels.count;
    return is_there ? ((const char **)p->labels.items)[label - 1] : NULL;
}

/* ---- homes ---------------------------------------------------------------------------------- */

int lego_program_home_count(const lego_program *p) {
    return (int)p->homes.count;
}

static bool has_home(const lego_program *p, int index) {
    return index >= 0 && (size_t)index < p->homes.count;
}

lego_status lego_program_home(const lego_program *p, int index, lego_home_facts *facts) {
    if (!has_home(p, index)) {
        return no_such("home", index);
    }
    const home *h = program_home(p, index);
    *facts = (lego_home_facts){
        .kind = h->kind,
        .bytes = h->bytes,
        .place = h->place,
        .first = h->first,
        .last = h->last,
        .slot = h->slot,
        .memory = h->tensor ? h->tensor->storage->memory : NULL,
    };
    return LEGO_OK;
}

/* ---- instructions --------------------------------------------------------------------------- */

int lego_program_instruction_count(const lego_program *p) {
    return (int)p->instructions.count;
}

/* Bytes that pass between an instruction and memory: tiles do not count, and what is broadcast
 * counts once. */
static int64_t bytes_of(const lego_program *p, const operand *o) {
    if (program_home(p, o->home)->kind == LEGO_HOME_TILE || array_size(&o->array) == 0) {
        return 0;
    }
    int64_t bytes = (int64_t)lego_dtype_size(o->array.dtype);
    for (int axis = 0; axis < o->array.rank; axis++) {
        bytes *= o->array.strides[axis] ? o->array.shape[axis] : 1;
    }
    return bytes;
}

static void add_part(const lego_program *p, const part *piece, lego_instruction_facts *facts) {
    facts->operations += part_operations(piece);
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        facts->bytes += bytes_of(p, &piece->x[i]);
    }
    for (int i = 0; i < piece->y_count; i++) {
        facts->bytes += bytes_of(p, &piece->y[i]);
    }
}

/* What the work is worth in operations over memory, by which kernels share it out: in registers a
 * product's are so much quicker, in tiles a chain's. */
static int64_t simple_operations(const instruction *i) {
    const int64_t product_gain = 64;
    int64_t sum = 0;
    for (int k = 0; k < i->part_count; k++) {
        bool is_stage = i->is_chain || k > 0;
        bool is_product = i->parts[k].brick->operations;
        sum += part_operations(&i->parts[k]) / (is_product ? product_gain
                                                : is_stage ? STAGE_GAIN
                                                           : 1);
    }
    return sum;
}

lego_status lego_program_instruction(const lego_program *p, int index,
                                     lego_instruction_facts *facts) {
    if (index < 0 || (size_t)index >= p->instructions.count) {
        return no_such("instruction", index);
    }
    const instruction *at = program_instruction(p, (size_t)index);
    *facts = (lego_instruction_facts){
        .parts = at->part_count,
        .seconds = at->seconds,
        .runs = p->profiled_runs,
    };
    for (int i = 0; i < at->part_count; i++) {
        add_part(p, &at->parts[i], facts);
    }
    int64_t pieces = threads_pieces(simple_operations(at), threads_grain(1));
    facts->threads = pieces < lego_threads() ? (int)(pieces > 1 ? pieces : 1) : lego_threads();
    return LEGO_OK;
}

static const part *part_at(const lego_program *p, int index, int which) {
    if (index < 0 || (size_t)index >= p->instructions.count) {
        return NULL;
    }
    const instruction *at = program_instruction(p, (size_t)index);
    return which >= 0 && which < at->part_count ? &at->parts[which] : NULL;
}

/* The parts of a chain begin behind the product that it is the end of. */
static void add_phrase(const instruction *i, int which, lego_part_facts *facts) {
    int begin = i->is_chain ? 0 : 1;
    for (int k = 0; i->chain && k < i->chain->stage_count; k++) {
        const stage *s = &i->chain->stages[k];
        if (s->text && begin + s->first <= which && which <= begin + s->last) {
            facts->phrase = s->text;
            facts->phrase_first = begin + s->first;
            facts->phrase_last = begin + s->last;
        }
    }
}

lego_status lego_program_part(const lego_program *p, int index, int which, lego_part_facts *facts) {
    const part *piece = part_at(p, index, which);
    if (!piece) {
        return no_such("part", which);
    }
    *facts = (lego_part_facts){
        .brick = piece->brick,
        .label = piece->origin.label,
        .is_gradient = piece->origin.is_gradient,
        .inputs = piece->x_count,
        .outputs = piece->y_count,
        .operations = part_operations(piece),
    };
    add_phrase(program_instruction(p, (size_t)index), which, facts);
    return LEGO_OK;
}

const void *lego_program_attributes(const lego_program *p, int index, int which) {
    const part *piece = part_at(p, index, which);
    return piece ? piece->attributes : NULL;
}

lego_status lego_program_operand(const lego_program *p, int index, int which, int operand_index,
                                 lego_operand_facts *facts) {
    const part *piece = part_at(p, index, which);
    if (!piece || operand_index < 0 || operand_index >= piece->x_count + piece->y_count) {
        return no_such("operand", operand_index);
    }
    const operand *o = operand_index < piece->x_count ? &piece->x[operand_index]
                                                      : &piece->y[operand_index - piece->x_count];
    *facts = (lego_operand_facts){
        .home = o->home,
        .dtype = o->array.dtype,
        .rank = o->array.rank,
        .offset = o->offset,
    };
    memcpy(facts->shape, o->array.shape, sizeof facts->shape);
    memcpy(facts->strides, o->array.strides, sizeof facts->strides);
    return LEGO_OK;
}
