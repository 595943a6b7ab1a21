/* The reachable nodes of a backward pass: the nodes between targets and sources, and the slots
 * where their gradients are summed.
 *
 * A node is younger than all nodes that it depends on. So the nodes run in falling order of
 * creation: when a node runs, all gradients for its outputs have arrived, also where a result is
 * used twice, as in b = a + a; c = b + b. A heap gives the youngest node first; the pass needs no
 * topological sort and no recursion. */
#include "reachable.h"

#include <stdlib.h>
#include <string.h>

#include "../core/memory.h"

/* ---- a heap of nodes, the youngest on top -------------------------------------------------- */

static bool heap_push(list *heap, node *n) {
    if (!list_add(heap, &n)) {
        return false;
    }
    node **nodes = heap->items;
    size_t child = heap->count - 1;
    while (child > 0 && nodes[(child - 1) / 2]->order < n->order) {
        nodes[child] = nodes[(child - 1) / 2];
        child = (child - 1) / 2;
    }
    nodes[child] = n;
    return true;
}

static node *heap_pop(list *heap) {
    node **nodes = heap->items;
    node *youngest = nodes[0];
    node *moved = nodes[--heap->count];
    size_t parent = 0;
    for (size_t child = 1; child < heap->count; child = 2 * parent + 1) {
        if (child + 1 < heap->count && nodes[child + 1]->order > nodes[child]->order) {
            child++;
        }
        if (nodes[child]->order <= moved->order) {
            break;
        }
        nodes[parent] = nodes[child];
        parent = child;
    }
    nodes[parent] = moved;
    return youngest;
}

/* ---- the nodes --------------------------------------------------------------------------- */

static bool add_leaf(list *leaves, lego_tensor *x) {
    leaf found = {.tensor = x, .slot = {.is_source = true}};
    return list_add(leaves, &found);
}

/* Notes the node of x in the heap, or x in `leaves` when it has no history. `leaves` is NULL when
 * the sources are given. */
static bool reach(list *heap, list *leaves, lego_tensor *x) {
    if (x->node) {
        return heap_push(heap, x->node);
    }
    return !leaves || add_leaf(leaves, x);
}

/* A node with several readers lies in the heap several times. Its copies have the same order, so
 * they come out one after another, and only the first counts. */
static bool visit(reachable *r, list *heap, list *leaves) {
    node *n = heap_pop(heap);
    size_t count = r->nodes.count;
    if (count && reachable_node_at(r, count - 1)->node == n) {
        return true;
    }
    reachable_node next = {.node = n};
    bool noted = list_add(&r->nodes, &next);
    for (int i = 0; i < n->input_count && noted; i++) {
        noted = !n->wanted[i] || reach(heap, leaves, n->x[i]);
    }
    return noted;
}

static bool visit_all(reachable *r, lego_tensor *const *targets, int count, list *leaves) {
    list heap = {.item_size = sizeof(node *)};
    bool noted = true;
    for (int i = 0; i < count && noted; i++) {
        bool counts = targets[i]->node || targets[i]->is_asked;
        noted = !counts || reach(&heap, leaves, targets[i]);
    }
    while (heap.count && noted) {
        noted = visit(r, &heap, leaves);
    }
    list_free(&heap);
    return noted;
}

/* Binary search: the nodes are sorted by falling order. */
reachable_node *reachable_find(const reachable *r, const node *n) {
    size_t begin = 0;
    size_t end = r->nodes.count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (reachable_node_at(r, middle)->node->order > n->order) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    bool found = begin < r->nodes.count && reachable_node_at(r, begin)->node == n;
    return found ? reachable_node_at(r, begin) : NULL;
}

/* ---- the slots ----------------------------------------------------------------------------- */

static int compare_leaves(const void *a, const void *b) {
    uintptr_t x = (uintptr_t)((const leaf *)a)->tensor;
    uintptr_t y = (uintptr_t)((const leaf *)b)->tensor;
    return (x > y) - (x < y);
}

static void sort_leaves(reachable *r) {
    if (r->leaves.count == 0) {
        return;
    }
    qsort(r->leaves.items, r->leaves.count, sizeof(leaf), compare_leaves);
    size_t kept = 1;
    for (size_t i = 1; i < r->leaves.count; i++) {
        if (reachable_leaf_at(r, i)->tensor != reachable_leaf_at(r, kept - 1)->tensor) {
            *reachable_leaf_at(r, kept++) = *reachable_leaf_at(r, i);
        }
    }
    r->leaves.count = kept;
}

leaf *reachable_find_leaf(const reachable *r, const lego_tensor *x) {
    leaf key = {.tensor = (lego_tensor *)x};
    if (r->leaves.count == 0) {
        return NULL;
    }
    return bsearch(&key, r->leaves.items, r->leaves.count, sizeof key, compare_leaves);
}

gradient_slot *gradient_slot_of(const reachable *r, const lego_tensor *x) {
    if (!x->node) {
        leaf *found = reachable_find_leaf(r, x);
        return found ? &found->slot : NULL;
    }
    reachable_node *found = reachable_find(r, x->node);
    return found ? &found->slots[x->output_index] : NULL;
}

bool leads_to_source_of(const reachable *r, const lego_tensor *x) {
    if (!x->node) {
        return reachable_find_leaf(r, x) != NULL;
    }
    reachable_node *found = reachable_find(r, x->node);
    return found && (found->leads_to_source || found->slots[x->output_index].is_source);
}

static bool make_slots(reachable *r) {
    for (size_t i = 0; i < r->nodes.count; i++) {
        r->slot_count += (size_t)reachable_node_at(r, i)->node->output_count;
    }
    r->slots = memory_take(r->slot_count * sizeof(gradient_slot));
    if (!r->slots) {
        return false;
    }
    memset(r->slots, 0, r->slot_count * sizeof(gradient_slot));
    gradient_slot *next = r->slots;
    for (size_t i = 0; i < r->nodes.count; i++) {
        reachable_node_at(r, i)->slots = next;
        next += reachable_node_at(r, i)->node->output_count;
    }
    return true;
}

/* Oldest first: whether the nodes of the inputs lead to a source is known by then. */
static void mark_leads_to_source(reachable *r) {
    for (size_t i = r->nodes.count; i-- > 0;) {
        reachable_node *at = reachable_node_at(r, i);
        for (int j = 0; j < at->node->input_count && !at->leads_to_source; j++) {
            at->leads_to_source = at->node->wanted[j] && leads_to_source_of(r, at->node->x[j]);
        }
    }
}

static bool add_sources(reachable *r, lego_tensor *const *sources, int count) {
    for (int i = 0; i < count; i++) {
        gradient_slot *slot = sources[i]->node ? gradient_slot_of(r, sources[i]) : NULL;
        if (slot) {
            slot->is_source = true;
        }
        if (!sources[i]->node && !add_leaf(&r->leaves, sources[i])) {
            return false;
        }
    }
    return true;
}

/* ---- open and close------------------------------------------------------------------------ */

lego_status reachable_open(reachable *r, lego_tensor *const *targets, int target_count,
                           lego_tensor *const *sources, int source_count) {
    *r = (reachable){.nodes.item_size = sizeof(reachable_node), .leaves.item_size = sizeof(leaf)};
    bool found = visit_all(r, targets, target_count, sources ? NULL : &r->leaves) &&
                 make_slots(r) && (!sources || add_sources(r, sources, source_count));
    if (!found) {
        return LEGO_NO_MEMORY;
    }
    sort_leaves(r);
    mark_leads_to_source(r);
    return LEGO_OK;
}

void reachable_close(reachable *r) {
    for (size_t i = 0; i < r->leaves.count; i++) {
        lego_tensor_release(reachable_leaf_at(r, i)->slot.gradient);
    }
    for (size_t i = 0; r->slots && i < r->slot_count; i++) {
        lego_tensor_release(r->slots[i].gradient);
    }
    memory_give(r->slots, r->slot_count * sizeof(gradient_slot));
    list_free(&r->nodes);
    list_free(&r->leaves);
}
