/* The graph of a program's instructions: which must run before which. */
#include "groups.h"

#include <string.h>

#include "../core/error.h"

/* ---- edges ---------------------------------------------------------------------------------- */

typedef struct edge {
    int from;
    int to;
} edge;

/* What is known of each buffer while the instructions are visited in their order. */
typedef struct gathering {
    lego_program *p;
    list edges;
    int *writer;       /* of each buffer: the instruction that wrote it last; -1: none */
    int *first_reader; /* of each buffer since then: begins a list in `readers`; -1: none */
    list readers;      /* of reader */
} gathering;

typedef struct reader {
    int instruction;
    int next;
} reader;

static bool add_edge(gathering *g, int from, int to) {
    edge e = {from, to};
    return from < 0 || from == to || list_add(&g->edges, &e);
}

static bool note_read(gathering *g, int buffer, int instruction) {
    reader r = {instruction, g->first_reader[buffer]};
    g->first_reader[buffer] = (int)g->readers.count;
    return list_add(&g->readers, &r) && add_edge(g, g->writer[buffer], instruction);
}

static bool note_write(gathering *g, int buffer, int instruction) {
    bool is_noted = add_edge(g, g->writer[buffer], instruction);
    for (int r = g->first_reader[buffer]; r >= 0 && is_noted;) {
        reader of = ((reader *)g->readers.items)[r];
        is_noted = add_edge(g, of.instruction, instruction);
        r = of.next;
    }
    g->writer[buffer] = instruction;
    g->first_reader[buffer] = -1;
    return is_noted;
}

/* What ops with an effect write one after another, as if it were a buffer behind all others. */
static int order_of_effects(const gathering *g) {
    return (int)g->p->buffers.count;
}

static bool note_op(gathering *g, const program_op *op, int instruction) {
    bool has_order = op->brick->flags & LEGO_EFFECT;
    bool is_noted = !has_order || note_write(g, order_of_effects(g), instruction);
    for (int i = op_first_input(op); i < op->x_count && is_noted; i++) {
        is_noted = note_read(g, op->x[i].buffer, instruction);
    }
    for (int i = 0; i < op->y_count && is_noted; i++) {
        is_noted = note_write(g, op->y[i].buffer, instruction);
    }
    return is_noted;
}

static lego_status gather_edges(gathering *g) {
    for (size_t i = 0; i < g->p->instructions.count; i++) {
        const instruction *at = instruction_at(g->p, i);
        for (int k = 0; k < at->op_count; k++) {
            if (!note_op(g, at->ops[k], (int)i)) {
                return LEGO_NO_MEMORY;
            }
        }
    }
    return LEGO_OK;
}

/* ---- neighbours ----------------------------------------------------------------------------- */

/* A counting sort: how many edges each instruction has, where its list begins, then the edges. */
static lego_status lay_out(lego_program *p, const list *edges, bool is_after, adjacency *a) {
    size_t count = p->instructions.count;
    int *next = record_arena_take(&p->records, count + 1, sizeof *next);
    a->begins = record_arena_take(&p->records, count + 1, sizeof *a->begins);
    a->edges = record_arena_take(&p->records, edges->count + 1, sizeof *a->edges);
    if (!next || !a->begins || !a->edges) {
        return LEGO_NO_MEMORY;
    }
    const edge *all = edges->items;
    for (size_t i = 0; i < edges->count; i++) {
        a->begins[(is_after ? all[i].from : all[i].to) + 1]++;
    }
    for (size_t i = 0; i < count; i++) {
        a->begins[i + 1] += a->begins[i];
        next[i] = a->begins[i];
    }
    for (size_t i = 0; i < edges->count; i++) {
        int at = is_after ? all[i].from : all[i].to;
        a->edges[next[at]++] = is_after ? all[i].to : all[i].from;
    }
    return LEGO_OK;
}

static int *minus_ones(lego_program *p, size_t count) {
    int *numbers = record_arena_take(&p->records, count + 1, sizeof *numbers);
    return numbers ? memset(numbers, 0xff, (count + 1) * sizeof *numbers) : NULL;
}

lego_status graph_make(lego_program *p, graph *g) {
    gathering work = {
        .p = p,
        .edges.item_size = sizeof(edge),
        .writer = minus_ones(p, p->buffers.count),
        .first_reader = minus_ones(p, p->buffers.count),
        .readers.item_size = sizeof(reader),
    };
    g->count = (int)p->instructions.count;
    lego_status status = work.writer && work.first_reader ? gather_edges(&work) : LEGO_NO_MEMORY;
    if (status == LEGO_OK) {
        status = lay_out(p, &work.edges, false, &g->before);
    }
    if (status == LEGO_OK) {
        status = lay_out(p, &work.edges, true, &g->after);
    }
    list_free(&work.edges);
    list_free(&work.readers);
    return status;
}

/* ---- groups --------------------------------------------------------------------------------- */

lego_status grouping_make(lego_program *p, grouping *g) {
    size_t count = p->instructions.count;
    *g = (grouping){
        .p = p,
        .group = record_arena_take(&p->records, count + 1, sizeof(int)),
        .next = minus_ones(p, count),
        .visited = record_arena_take(&p->records, count + 1, sizeof(int)),
        .stack = record_arena_take(&p->records, 2 * count + 1, sizeof(int)),
    };
    if (!g->group || !g->next || !g->visited || !g->stack) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        g->group[i] = (int)i;
    }
    return graph_make(p, &g->graph);
}

/* Puts the groups after `group` that this search has not seen on the stack. */
static int push_after(grouping *g, int group, int depth) {
    const adjacency *after = &g->graph.after;
    for (int member = group; member >= 0; member = g->next[member]) {
        for (int e = after->begins[member]; e < after->begins[member + 1]; e++) {
            int next = g->group[after->edges[e]];
            if (g->visited[next] != g->search) {
                g->visited[next] = g->search;
                g->stack[depth++] = next;
            }
        }
    }
    return depth;
}

/* Follows all paths that leave the two: none may come back. */
bool grouping_may_join(grouping *g, int a, int b) {
    g->search++;
    g->visited[a] = g->visited[b] = g->search; /* a direct edge is not such a path */
    int depth = push_after(g, b, push_after(g, a, 0));
    const adjacency *after = &g->graph.after;
    while (depth > 0) {
        int at = g->stack[--depth];
        for (int member = at; member >= 0; member = g->next[member]) {
            for (int e = after->begins[member]; e < after->begins[member + 1]; e++) {
                int next = g->group[after->edges[e]];
                if (next == a || next == b) {
                    return false;
                }
            }
        }
        depth = push_after(g, at, depth);
    }
    return true;
}

void grouping_join(grouping *g, int a, int b) {
    int from_a = a;
    int from_b = b;
    int *end = NULL;
    int head = a < b ? a : b;
    while (from_a >= 0 || from_b >= 0) {
        bool takes_a = from_b < 0 || (from_a >= 0 && from_a < from_b);
        int member = takes_a ? from_a : from_b;
        if (takes_a) {
            from_a = g->next[from_a];
        } else {
            from_b = g->next[from_b];
        }
        g->group[member] = head;
        if (end) {
            *end = member;
        }
        end = &g->next[member];
    }
    *end = -1;
}

/* ---- one instruction a group ---------------------------------------------------------------- */

static lego_status add_instruction(grouping *g, int group, list *done) {
    int count = 0;
    for (int member = group; member >= 0; member = g->next[member]) {
        count += instruction_at(g->p, (size_t)member)->op_count;
    }
    instruction whole = *instruction_at(g->p, (size_t)group);
    program_op **ops = record_arena_take(&g->p->records, (size_t)count, sizeof *ops);
    if (!ops) {
        return LEGO_NO_MEMORY;
    }
    whole.ops = ops;
    whole.op_count = count;
    for (int member = group; member >= 0; member = g->next[member]) {
        const instruction *i = instruction_at(g->p, (size_t)member);
        memcpy(ops, i->ops, sizeof *ops * (size_t)i->op_count);
        ops += i->op_count;
    }
    return list_add(done, &whole) ? LEGO_OK : LEGO_NO_MEMORY;
}

/* A group that this one depends on and that is not there yet; -1: none. */
static int missing_before(const grouping *g, int group) {
    const adjacency *before = &g->graph.before;
    for (int member = group; member >= 0; member = g->next[member]) {
        for (int e = before->begins[member]; e < before->begins[member + 1]; e++) {
            int needed = g->group[before->edges[e]];
            if (needed != group && g->visited[needed] != g->search) {
                return needed;
            }
        }
    }
    return -1;
}

/* The group, after all that it needs. */
static lego_status add_with_needs(grouping *g, int group, list *done) {
    int depth = 0;
    g->stack[depth++] = group;
    lego_status status = LEGO_OK;
    while (depth > 0 && status == LEGO_OK) {
        int at = g->stack[depth - 1];
        int needed = missing_before(g, at);
        if (needed >= 0) {
            g->stack[depth++] = needed;
            continue;
        }
        depth--;
        g->visited[at] = g->search;
        status = add_instruction(g, at, done);
    }
    return status;
}

lego_status grouping_finish(grouping *g) {
    list done = {.item_size = sizeof(instruction)};
    lego_status status = LEGO_OK;
    g->search++;
    for (int i = 0; i < g->graph.count && status == LEGO_OK; i++) {
        if (g->visited[g->group[i]] != g->search) {
            status = add_with_needs(g, g->group[i], &done);
        }
    }
    if (status) {
        list_free(&done);
        return status;
    }
    list_free(&g->p->instructions);
    g->p->instructions = done;
    return LEGO_OK;
}
