/* What a kernel makes of an input that stays the same, and keeps for its next call. */
#include "kept.h"

#include <string.h>

#include "memory.h"

kept *kept_new(const atomic_uint *version) {
    kept *k = memory_take(sizeof *k);
    if (k) {
        memset(k, 0, sizeof *k);
        k->version = version;
        atomic_init(&k->is_taken, false);
    }
    return k;
}

static void forget(kept *k) {
    memory_give_exactly(k->memory, k->bytes);
    k->memory = NULL;
    k->bytes = 0;
}

void kept_free(kept *k) {
    if (k) {
        forget(k);
        memory_give(k, sizeof *k);
    }
}

static bool is_same(const kept *k, const kept_layout *layout, unsigned version) {
    return k->seen == version && memcmp(&k->layout, layout, sizeof *layout) == 0;
}

/* Another call that has it at this moment is not waited for. */
kept_use kept_open(kept *k, const kept_layout *layout, size_t bytes) {
    if (!k || atomic_exchange(&k->is_taken, true)) {
        return (kept_use){NULL, NULL, false};
    }
    unsigned version = atomic_load(k->version);
    bool is_made = false;
    if (!is_same(k, layout, version)) {
        forget(k);
        k->seen = version;
        k->layout = *layout;
    } else if (k->memory) {
        is_made = true;
    } else {
        k->memory = memory_take_exactly(bytes);
        k->bytes = k->memory ? bytes : 0;
    }
    if (!k->memory) {
        atomic_store(&k->is_taken, false);
        return (kept_use){NULL, NULL, false};
    }
    return (kept_use){k, k->memory, is_made};
}

kept_use kept_open_or_take(kept *k, const kept_layout *layout, size_t bytes) {
    kept_use use = kept_open(k, layout, bytes);
    if (!use.memory) {
        use.memory = memory_take(bytes);
    }
    return use;
}

void kept_close(const kept_use *use, size_t bytes) {
    if (!use->kept) {
        memory_give(use->memory, bytes);
        return;
    }
    if (!use->is_made) {
        forget(use->kept);
    }
    atomic_store(&use->kept->is_taken, false);
}
