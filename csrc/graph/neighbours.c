/* Neighbours: the ops that must run just before an op, and just after it. */
#include "neighbours.h"

neighbour_walk neighbours_of(const program_op *op) {
    return (neighbour_walk){.op = op, .next = op_first_input(op)};
}

/* The value of the next operand; *is_made: whether the op makes it. NULL at the end. */
static const value *next_value(neighbour_walk *w, bool *is_made) {
    const program_op *op = w->op;
    int i = w->next++;
    *is_made = i >= op->x_count;
    if (!*is_made) {
        return op->x[i].value;
    }
    return i < op->x_count + op->y_count ? op->y[i - op->x_count].value : NULL;
}

/* The neighbour behind those of all values: an effect. */
static program_op *last_neighbour(neighbour_walk *w, program_op *effect) {
    bool has_come = w->has_ended;
    w->has_ended = true;
    return has_come ? NULL : effect;
}

program_op *next_before(neighbour_walk *w) {
    program_op *found = NULL;
    while (!found) {
        bool is_made;
        if (w->read) {
            found = w->read->op;
            w->read = w->read->former_read;
            continue;
        }
        const value *v = next_value(w, &is_made);
        if (!v) {
            return last_neighbour(w, w->op->former_effect);
        }
        const value *needed = is_made ? v->former : v;
        w->read = is_made && needed ? needed->last_read : NULL;
        found = needed ? needed->maker : NULL;
    }
    return found;
}

program_op *next_after(neighbour_walk *w) {
    program_op *found = NULL;
    while (!found) {
        bool is_made;
        if (w->read) {
            found = w->read->op;
            w->read = w->read->next_read;
            continue;
        }
        const value *v = next_value(w, &is_made);
        if (!v) {
            return last_neighbour(w, w->op->next_effect);
        }
        w->read = is_made ? v->first_read : NULL;
        found = v->next ? v->next->maker : NULL;
    }
    return found;
}
