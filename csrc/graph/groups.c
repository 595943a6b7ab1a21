/* Groups of instructions that are to run as one.
 *
 * Two groups may be joined if no path leads from one to the other through a third. The groups are
 * kept in an order in which they could run, so that a path from a to b visits only groups between
 * them. Two searches take turns, an edge each: one goes forward from a, one back from b. The one
 * that ends first has the answer, and what it found makes room for the joined group:
 *
 *     forward ended:  a f f . . b   ->   . . (a b) f f      f: what depends on a
 *     back ended:     a . . k k b   ->   k k (a b) . .      k: what b depends on
 *
 * (After Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", ACM
 * JEA 11, 2006.) Most joins end after a few edges, however long the program is. */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "../core/error.h"
#include "neighbours.h"
#include "values.h"

lego_status grouping_make(lego_program *p, grouping *g) {
    size_t count = p->instructions.count + 1;
    *g = (grouping){.p = p};
    g->group = record_arena_take(&g->scratch, count, sizeof *g->group);
    g->next = record_arena_take(&g->scratch, count, sizeof *g->next);
    g->visited = record_arena_take(&g->scratch, count, sizeof *g->visited);
    g->forward = record_arena_take(&g->scratch, count, sizeof *g->forward);
    g->back = record_arena_take(&g->scratch, count, sizeof *g->back);
    if (!g->group || !g->next || !g->visited || !g->forward || !g->back ||
        !group_order_make(&g->order, &g->scratch, (int)count - 1)) {
        grouping_free(g);
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        g->group[i] = (int)i;
        g->next[i] = -1;
    }
    return LEGO_OK;
}

void grouping_free(grouping *g) {
    record_arena_free(&g->scratch);
}

/* ---- the edges of a group ------------------------------------------------------------------- */

/* A walk over all edges that lead into a group or out of it. */
typedef struct edge_walk {
    const grouping *g;
    bool is_forward;
    int group;
    int member;
    int op; /* of the member */
    neighbour_walk neighbours;
} edge_walk;

static void open_op(edge_walk *w) {
    w->neighbours = neighbours_of(instruction_at(w->g->p, (size_t)w->member)->ops[w->op]);
}

static edge_walk edges_of(const grouping *g, int group, bool is_forward) {
    edge_walk w = {.g = g, .is_forward = is_forward, .group = group, .member = group};
    open_op(&w);
    return w;
}

/* Whether there is one more op to open. */
static bool next_op(edge_walk *w) {
    if (++w->op == instruction_at(w->g->p, (size_t)w->member)->op_count) {
        w->op = 0;
        w->member = w->g->next[w->member];
    }
    if (w->member >= 0) {
        open_op(w);
    }
    return w->member >= 0;
}

/* The group at the other end of the next edge, the group itself included; -1 at the end. */
static int next_group(edge_walk *w) {
    while (w->member >= 0) {
        const program_op *op =
            w->is_forward ? next_after(&w->neighbours) : next_before(&w->neighbours);
        if (op) {
            return w->g->group[op->instruction];
        }
        next_op(w);
    }
    return -1;
}

/* ---- whether a path leads through a third group --------------------------------------------- */

typedef enum search_state { SEARCH_GOES_ON, SEARCH_HAS_ENDED, SEARCH_HAS_MET } search_state;

/* From one of two groups towards the other. */
typedef struct path_search {
    grouping *g;
    bool is_forward;
    int to;
    int mark;           /* of the groups that it has seen */
    int other_mark;     /* of those that the other search has seen */
    found_group *found; /* the first one itself, and those between the two that it leads to */
    int count;
    int left; /* found[left] is the one whose edges are followed */
    edge_walk edges;
} path_search;

static void find_group(path_search *s, int group) {
    s->g->visited[group] = s->mark;
    s->found[s->count++] = (found_group){s->g->order.label[group], group};
}

static path_search search_from(grouping *g, int from, int to, bool is_forward) {
    path_search s = {.g = g, .is_forward = is_forward, .to = to};
    s.mark = g->search + (is_forward ? 1 : 2);
    s.other_mark = g->search + (is_forward ? 2 : 1);
    s.found = is_forward ? g->forward : g->back;
    s.edges = edges_of(g, from, is_forward);
    find_group(&s, from);
    return s;
}

static bool is_on_this_side(const path_search *s, int group) {
    const group_order *o = &s->g->order;
    return s->is_forward ? comes_before(o, group, s->to) : comes_before(o, s->to, group);
}

/* Follows one edge. A direct edge between the two is not a path through a third. */
static search_state follow(path_search *s) {
    int group = next_group(&s->edges);
    s->g->edges++;
    if (group < 0) {
        if (++s->left == s->count) {
            return SEARCH_HAS_ENDED;
        }
        s->edges = edges_of(s->g, s->found[s->left].group, s->is_forward);
        return SEARCH_GOES_ON;
    }
    bool is_direct = s->left == 0 && group == s->to;
    if (s->g->visited[group] == s->other_mark && !is_direct) {
        return SEARCH_HAS_MET;
    }
    if (!is_direct && s->g->visited[group] != s->mark && is_on_this_side(s, group)) {
        find_group(s, group);
    }
    return SEARCH_GOES_ON;
}

static int by_label(const void *left, const void *right) {
    const found_group *a = left;
    const found_group *b = right;
    return a->label < b->label ? -1 : a->label > b->label;
}

/* Moves what the search found to the other side of `place`, in the same order. */
static void make_room(const path_search *s, int place) {
    group_order *o = &s->g->order;
    qsort(s->found, (size_t)s->count, sizeof *s->found, by_label);
    if (s->is_forward) { /* found[0] is the group that the search began with, and stays */
        for (int i = s->count - 1; i > 0; i--) {
            group_order_move_after(o, s->found[i].group, place);
        }
    } else {
        for (int i = 0; i < s->count - 1; i++) {
            group_order_move_before(o, s->found[i].group, place);
        }
    }
}

/* Whether no such path leads from a to b, where a comes before b in the order. Then *place: which
 * of them stands where both can run. */
static bool make_neighbours(grouping *g, int a, int b, int *place) {
    path_search forward = search_from(g, a, b, true);
    path_search back = search_from(g, b, a, false);
    g->search += 2;
    search_state state = SEARCH_GOES_ON;
    bool is_forward = false;
    while (state == SEARCH_GOES_ON) {
        is_forward = !is_forward;
        state = follow(is_forward ? &forward : &back);
    }
    *place = is_forward ? b : a;
    if (state == SEARCH_HAS_ENDED) {
        make_room(is_forward ? &forward : &back, *place);
    }
    return state == SEARCH_HAS_ENDED;
}

/* ---- joining -------------------------------------------------------------------------------- */

/* One list of both, in the order of the numbers. */
static void merge_members(grouping *g, int a, int b) {
    int head = a < b ? a : b;
    int *end = NULL;
    while (a >= 0 || b >= 0) {
        bool takes_a = b < 0 || (a >= 0 && a < b);
        int *from = takes_a ? &a : &b;
        int member = *from;
        *from = g->next[member];
        g->group[member] = head;
        if (end) {
            *end = member;
        }
        end = &g->next[member];
    }
    *end = -1;
}

const char *grouping_join(grouping *g, int a, int b) {
    int place;
    bool is_before = comes_before(&g->order, a, b);
    if (!make_neighbours(g, is_before ? a : b, is_before ? b : a, &place)) {
        return "another op has to run between them";
    }
    int head = a < b ? a : b;
    if (head != place) {
        group_order_move_before(&g->order, head, place);
    }
    group_order_remove(&g->order, head == a ? b : a);
    merge_members(g, a, b);
    return NULL;
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

/* The next group that it depends on and that is not there yet; -1: none. */
static int next_missing(edge_walk *needs) {
    const grouping *g = needs->g;
    int needed = next_group(needs);
    while (needed >= 0 && (needed == needs->group || g->visited[needed] == g->search)) {
        needed = next_group(needs);
    }
    return needed;
}

/* The group, after all that it needs. */
static lego_status add_with_needs(grouping *g, int group, edge_walk *stack, list *done) {
    int depth = 0;
    lego_status status = LEGO_OK;
    stack[depth++] = edges_of(g, group, false);
    while (depth > 0 && status == LEGO_OK) {
        int needed = next_missing(&stack[depth - 1]);
        if (needed >= 0) {
            stack[depth++] = edges_of(g, needed, false);
            continue;
        }
        int complete = stack[--depth].group;
        g->visited[complete] = g->search;
        status = add_instruction(g, complete, done);
    }
    return status;
}

lego_status grouping_finish(grouping *g) {
    list done = {.item_size = sizeof(instruction)};
    int count = (int)g->p->instructions.count;
    edge_walk *stack = record_arena_take(&g->scratch, (size_t)count + 1, sizeof *stack);
    lego_status status = stack ? LEGO_OK : LEGO_NO_MEMORY;
    g->search += 3; /* no mark of a search for paths */
    for (int i = 0; i < count && status == LEGO_OK; i++) {
        if (g->visited[g->group[i]] != g->search) {
            status = add_with_needs(g, g->group[i], stack, &done);
        }
    }
    if (status) {
        list_free(&done);
        return status;
    }
    list_free(&g->p->instructions);
    g->p->instructions = done;
    return program_settle(g->p);
}
