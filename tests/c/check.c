/* What every C test uses: checks, an allocator, and short functions to apply bricks. */
#include "check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checks -------------------------------------------------------------------------------- */

static atomic_int failed_checks;

bool check(bool condition, const char *text, const char *file, int line) {
    if (!condition) {
        atomic_fetch_add(&failed_checks, 1);
        fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", file, line, text,
                lego_last_error());
    }
    return condition;
}

int failures(void) {
    return atomic_load(&failed_checks);
}

bool last_error_says(const char *words) {
    return strstr(lego_last_error(), words) != NULL;
}

/* ---- memory -------------------------------------------------------------------------------- */

static const size_t largest_block = (size_t)64 << 20;
static atomic_long in_use;
static atomic_long requests_left = -1;
static atomic_bool refused;

/* After a refusal the engine frees the blocks that it kept, and asks a second time. */
static bool is_refused(void) {
    if (atomic_load(&refused)) {
        return atomic_exchange(&requests_left, -1) == 0;
    }
    long left = atomic_load(&requests_left);
    if (left == 0) {
        atomic_store(&refused, true);
        return true;
    }
    if (left > 0) {
        atomic_store(&requests_left, left - 1);
    }
    return false;
}

static void *take(size_t bytes) {
    if (bytes > largest_block || is_refused()) {
        return NULL;
    }
    void *block = aligned_alloc(64, bytes);
    if (block) {
        memset(block, 0xA5, bytes);
        atomic_fetch_add(&in_use, 1);
    }
    return block;
}

static void give(void *block) {
    atomic_fetch_sub(&in_use, 1);
    free(block);
}

void install_test_allocator(void) {
    lego_set_allocator(take, give);
}

long blocks_in_use(void) {
    return atomic_load(&in_use);
}

void refuse_request(long count) {
    atomic_store(&refused, false);
    atomic_store(&requests_left, count);
}

bool has_refused(void) {
    return atomic_load(&refused);
}

/* ---- tensors ------------------------------------------------------------------------------- */

static _Thread_local lego_tensor **kept;
static _Thread_local size_t kept_count;
static _Thread_local size_t kept_room;

static void make_room(void) {
    kept_room = kept_room ? 2 * kept_room : 64;
    kept = realloc(kept, kept_room * sizeof *kept);
    if (!kept) {
        abort();
    }
}

lego_tensor *keep(lego_tensor *x) {
    if (x && kept_count == kept_room) {
        make_room();
    }
    if (x) {
        kept[kept_count++] = x;
    }
    return x;
}

void release_kept(void) {
    for (size_t i = 0; i < kept_count; i++) {
        lego_tensor_release(kept[i]);
    }
    free(kept);
    kept = NULL;
    kept_count = 0;
    kept_room = 0;
}

lego_tensor *number(double value) {
    return keep(lego_tensor_new(LEGO_FLOAT64, 0, NULL, &value));
}

lego_tensor *watched(double value) {
    lego_tensor *x = number(value);
    if (x) {
        lego_tensor_watch(x, true);
    }
    return x;
}

lego_tensor *rising(lego_dtype dtype, int rank, const int64_t *shape) {
    lego_tensor *x = keep(lego_tensor_new(dtype, rank, shape, NULL));
    int64_t size = x ? lego_tensor_size(x) : 0;
    for (int64_t i = 0; i < size; i++) {
        double value = (double)(i + 1) / 10;
        if (dtype == LEGO_FLOAT64) {
            ((double *)lego_tensor_data(x))[i] = value;
        } else {
            ((float *)lego_tensor_data(x))[i] = (float)value;
        }
    }
    return x;
}

lego_tensor *apply(const char *name, const void *attributes, lego_tensor *const *inputs,
                   int count) {
    for (int i = 0; i < count; i++) {
        if (!inputs[i]) {
            return NULL;
        }
    }
    lego_tensor *output = NULL;
    int outputs = 0;
    lego_status status =
        lego_apply(lego_brick_find(name), inputs, count, attributes, &output, 1, &outputs);
    return status ? NULL : keep(output);
}

lego_tensor *gradient(lego_tensor *target, lego_tensor *source, bool record) {
    lego_tensor *found = NULL;
    if (!target || !source || lego_gradients(&target, NULL, 1, &source, 1, record, &found)) {
        return NULL;
    }
    return keep(found);
}

double at(const lego_tensor *x, int64_t index) {
    return ((const double *)lego_tensor_data(x))[index];
}
