/* Carries of a loop that are another carry once more.
 *
 * A recurrent layer carries its last output beside the states, for the body may need it. In most
 * cells the output is a state, and no step reads the former one: then the loop carries it once, and
 * so does the loop of the gradient. */
#include "scan_doubles.h"

#include "../tensor/tape.h"

static lego_tensor *result_at(const list *results, int index) {
    return ((lego_tensor **)results->items)[index];
}

/* The slot of the input that carry number `carry` is. */
static int slot_of(const lego_program *body, int carry) {
    int slot = 0;
    for (; carry > 0 || feed_at(body, slot)->kind != FEED_CARRY; slot++) {
        carry -= feed_at(body, slot)->kind == FEED_CARRY;
    }
    return slot;
}

/* Whether the body reads the carry or hands it on, or its first value has a gradient: it is 0. */
static bool is_needed(const lego_program *body, const list *results, int slot) {
    const feed *f = feed_at(body, slot);
    bool is_needed = lego_tensor_is_watched(f->outer) ||
                     buffer_at(body, f->inner->storage->buffer)->first_value->read_count > 0;
    for (int i = 0; i < (int)results->count && !is_needed; i++) {
        is_needed = result_at(results, i)->storage == f->inner->storage;
    }
    return is_needed;
}

/* The other carry that becomes the same as this one; -1: none. */
static int double_of(const lego_program *body, const list *results, int carry) {
    for (int other = 0; other < body_carries(body); other++) {
        if (other != carry && result_at(results, other) == result_at(results, carry)) {
            return other;
        }
    }
    return -1;
}

static void drop(lego_program *body, list *results, int carry, int slot) {
    lego_tensor **all = results->items;
    lego_tensor_release(all[carry]);
    for (size_t i = (size_t)carry + 1; i < results->count; i++) {
        all[i - 1] = all[i];
    }
    results->count--;
    body_drop_input(body, slot);
}

/* The result at `from` is gone, that at `to` is the same. */
static void note(int *places, int count, int from, int to) {
    for (int i = 0; i < count; i++) {
        places[i] = places[i] == from ? to : places[i];
        places[i] -= places[i] > from;
    }
}

void scan_doubles_drop(lego_program *body, list *results, int *places) {
    int count = (int)results->count;
    for (int carry = body_carries(body) - 1; carry >= 0; carry--) {
        int slot = slot_of(body, carry);
        int other = double_of(body, results, carry);
        if (other >= 0 && !is_needed(body, results, slot)) {
            drop(body, results, carry, slot);
            note(places, count, carry, other);
        }
    }
}
