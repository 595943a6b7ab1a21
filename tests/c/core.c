/* csrc/core: errors, dtypes, sizes, memory, random numbers. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "check.h"
#include "core/array.h"
#include "core/dtype.h"
#include "core/error.h"
#include "core/half.h"
#include "core/list.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/sizes.h"
#include "graph/arena.h"

/* ---- errors -------------------------------------------------------------------------------- */

static void a_failure_leaves_status_and_sentence(void) {
    CHECK(fail(LEGO_BAD_VALUE, "%d is not %s", 3, "even") == LEGO_BAD_VALUE);
    CHECK(lego_last_status() == LEGO_BAD_VALUE);
    CHECK(strcmp(lego_last_error(), "3 is not even") == 0);
}

static void a_long_sentence_is_cut(void) {
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    fail(LEGO_BAD_VALUE, "%s", text);
    CHECK(strlen(lego_last_error()) < sizeof text - 1);
}

static void *fail_elsewhere(void *seen) {
    *(bool *)seen = strlen(lego_last_error()) == 0;
    fail(LEGO_BAD_NAME, "elsewhere");
    return NULL;
}

static void each_thread_has_its_own_sentence(void) {
    pthread_t thread;
    bool was_empty = false;
    fail(LEGO_BAD_SHAPE, "here");
    pthread_create(&thread, NULL, fail_elsewhere, &was_empty);
    pthread_join(thread, NULL);
    CHECK(was_empty);
    CHECK(last_error_says("here"));
    CHECK(lego_last_status() == LEGO_BAD_SHAPE);
}

/* ---- numbers of 16 bits ---------------------------------------------------------------------- */

static void all_patterns_of_16_bits_survive(void) {
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        uint16_t x = (uint16_t)bits;
        CHECK(float16_of_float(float16_to_float(x)) == x);
        CHECK(bfloat16_of_float(bfloat16_to_float(x)) == x);
    }
}

/* Between two neighbours the nearer one is taken, in the middle the even one. */
static void numbers_of_16_bits_are_the_nearest(void) {
    for (uint32_t bits = 0; bits < 0x7bff; bits++) {
        uint16_t x = (uint16_t)bits, next = (uint16_t)(bits + 1), even = bits % 2 ? next : x;
        double low = (double)float16_to_float(x), high = (double)float16_to_float(next);
        double middle = (low + high) / 2;
        CHECK(float16_of_float((float)middle) == even);
        CHECK(float16_of_float(float_to_odd(nextafter(middle, low))) == x);
        CHECK(float16_of_float(float_to_odd(-nextafter(middle, high))) == (next | 0x8000));
    }
    CHECK(float16_of_float(65519.996f) == 0x7bff && float16_of_float(65520.0f) == 0x7c00);
    CHECK(bfloat16_of_float(0x1.01p0f) == 0x3f80 && bfloat16_of_float(0x1.03p0f) == 0x3f82);
    CHECK(bfloat16_of_float(float_to_odd(0x1.01000000001p0)) == 0x3f81);
    CHECK(double_to_odd(-INT64_MAX) == -0x1.fffffffffffffp62 && double_to_odd(3) == 3);
}

/* ---- dtypes and arrays ---------------------------------------------------------------------- */

static void dtypes_have_names_and_sizes(void) {
    CHECK(strcmp(lego_dtype_name(LEGO_FLOAT32), "float32") == 0);
    CHECK(lego_dtype_size(LEGO_BOOL) == 1 && lego_dtype_size(LEGO_INT64) == 8);
    CHECK(lego_dtype_name((lego_dtype)LEGO_DTYPE_COUNT) == NULL);
    CHECK(lego_dtype_size((lego_dtype)LEGO_DTYPE_COUNT) == 0);
    CHECK(lego_dtype_common(LEGO_INT64, LEGO_FLOAT32) == LEGO_FLOAT32);
    CHECK(lego_dtype_common(LEGO_UINT16, LEGO_INT8) == LEGO_INT32);
    CHECK(lego_dtype_common(LEGO_FLOAT16, LEGO_BFLOAT16) == LEGO_FLOAT32);
    CHECK(dtype_smallest(LEGO_INT64) == INT64_MIN && dtype_largest(LEGO_INT64) == INT64_MAX);
    CHECK(dtype_smallest(LEGO_UINT32) == 0 && dtype_largest(LEGO_UINT32) == UINT32_MAX);
    CHECK(dtype_smallest(LEGO_INT8) == INT8_MIN && dtype_largest(LEGO_INT8) == INT8_MAX);
    CHECK(!dtype_is_valid(-1) && !dtype_is_valid(LEGO_DTYPE_COUNT));
}

static void shapes_are_written_as_python_writes_them(void) {
    const int64_t shape[LEGO_MAX_RANK] = {3, 4};
    CHECK(strcmp(shape_text(0, shape), "()") == 0);
    CHECK(strcmp(shape_text(1, shape), "(3,)") == 0);
    CHECK(strcmp(shape_text(2, shape), "(3, 4)") == 0);
    CHECK(strlen(shape_text(1000, shape)) > 0);
}

static void sizes_that_overflow_are_refused(void) {
    const int64_t huge[] = {(int64_t)1 << 31, (int64_t)1 << 31};
    const int64_t empty[] = {0, INT64_MAX};
    const int64_t negative[] = {2, -1};
    CHECK(array_check("test", LEGO_FLOAT32, 2, huge) == LEGO_NO_MEMORY);
    CHECK(array_check("test", LEGO_FLOAT32, 2, empty) == LEGO_NO_MEMORY);
    CHECK(array_check("test", LEGO_FLOAT32, 2, negative) == LEGO_BAD_SHAPE);
    CHECK(array_check("test", LEGO_FLOAT32, LEGO_MAX_RANK + 1, huge) == LEGO_BAD_SHAPE);
    CHECK(array_check("test", LEGO_FLOAT32, -1, huge) == LEGO_BAD_SHAPE);
    CHECK(array_check("test", (lego_dtype)77, 0, huge) == LEGO_BAD_DTYPE);
}

static void counts_are_rounded_up_without_overflow(void) {
    CHECK(divide_up(0, 4) == 0 && divide_up(1, 4) == 1 && divide_up(8, 4) == 2);
    CHECK(divide_up(INT64_MAX, 2) == INT64_MAX / 2 + 1);
    CHECK(round_up(9, 4) == 12 && round_up(8, 4) == 8);
}

static void an_index_is_written_as_coordinates(void) {
    lego_array x;
    array_set(&x, LEGO_FLOAT32, 2, (const int64_t[]){3, 4});
    CHECK(strcmp(index_text(&x, 6), "(1, 2)") == 0);
}

static void contiguity_ignores_axes_of_length_1(void) {
    lego_array x;
    array_set(&x, LEGO_FLOAT32, 3, (const int64_t[]){2, 1, 3});
    CHECK(x.strides[0] == 3 && x.strides[2] == 1);
    x.strides[1] = 77;
    CHECK(array_is_contiguous(&x));
    x.strides[2] = 2;
    CHECK(!array_is_contiguous(&x));
    x.shape[0] = 0;
    CHECK(array_is_contiguous(&x));
}

static void axes_count_from_both_ends(void) {
    int64_t axis = -1;
    CHECK(axis_normalize("test", 3, &axis) == LEGO_OK && axis == 2);
    axis = 3;
    CHECK(axis_normalize("test", 3, &axis) == LEGO_BAD_SHAPE && last_error_says("axis 3"));
    axis = INT64_MIN;
    CHECK(axis_normalize("test", 3, &axis) == LEGO_BAD_SHAPE);
    axis = 0;
    CHECK(axis_normalize("test", 0, &axis) == LEGO_BAD_SHAPE);
}

/* ---- memory --------------------------------------------------------------------------------- */

static void blocks_are_aligned_and_counted(void) {
    for (size_t bytes = 0; bytes < 5000; bytes += 37) {
        char *block = memory_take(bytes);
        CHECK(block && (uintptr_t)block % 64 == 0);
        CHECK(lego_memory_used() >= bytes);
        memset(block, 1, bytes);
        memory_give(block, bytes);
    }
    memory_give(NULL, 5);
}

static void absurd_requests_are_refused(void) {
    CHECK(memory_take(SIZE_MAX) == NULL && lego_last_status() == LEGO_NO_MEMORY);
    CHECK(memory_take((size_t)1 << 60) == NULL && last_error_says("no memory"));
    CHECK(lego_memory_used() == 0);
}

/* Only with the system's own allocator are blocks kept. */
static void given_blocks_are_used_again(void) {
    lego_set_allocator(NULL, NULL);
    void *block = memory_take(1000);
    memory_give(block, 1000);
    CHECK(lego_memory_kept() >= 1000);
    void *again = memory_take(1000);
    CHECK(again == block && lego_memory_kept() == 0);
    memory_give(again, 1000);
    lego_memory_trim();
    CHECK(lego_memory_kept() == 0);
    install_test_allocator();
}

/* Of a megabyte that lies unused: a larger arena leaves it there, one of its size has it given
 * back. */
static void an_arena_that_grows_gives_back_as_much_as_it_takes(void) {
    const size_t size = (size_t)1 << 20;
    lego_set_allocator(NULL, NULL);
    arena *a = arena_new();
    CHECK(a);
    memory_give(memory_take(size), size);
    CHECK(arena_enter(a, 2 * (int64_t)size));
    arena_leave(a);
    CHECK(lego_memory_kept() >= size);
    arena_release(a);
    a = arena_new();
    CHECK(a && arena_enter(a, (int64_t)size));
    arena_leave(a);
    CHECK(lego_memory_kept() == 0);
    arena_release(a);
    lego_memory_trim();
    install_test_allocator();
}

/* The blocks are large, but no page of them is touched, so they take no memory. */
static void half_a_gigabyte_is_kept_at_most(void) {
    enum { COUNT = 4 };
    const size_t size = (size_t)160 << 20;
    void *blocks[COUNT];
    lego_set_allocator(NULL, NULL);
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = memory_take(size);
        CHECK(blocks[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        memory_give(blocks[i], size);
    }
    CHECK(lego_memory_kept() == (COUNT - 1) * lego_memory_block(size));
    lego_memory_trim();
    install_test_allocator();
}

static void lists_grow(void) {
    list numbers = {.item_size = sizeof(int)};
    for (int i = 0; i < 1000; i++) {
        CHECK(list_add(&numbers, &i));
    }
    CHECK(numbers.count == 1000 && ((int *)numbers.items)[999] == 999);
    list_free(&numbers);
}

/* ---- random numbers ------------------------------------------------------------------------- */

/* The known answers of Random123 (github.com/DEShawResearch/random123, tests/kat_vectors). */
static void philox_gives_the_known_answers(void) {
    const struct {
        random_key key;
        uint64_t block;
        uint32_t answer[4];
    } known[] = {
        {{0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{UINT64_MAX, UINT64_MAX}, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x299f31d0a4093822, 0x0370734413198a2e},
         0x85a308d3243f6a88,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t words[4];
        random_block(known[i].key, known[i].block, words);
        CHECK(memcmp(words, known[i].answer, sizeof words) == 0);
    }
}

/* ---- the group ------------------------------------------------------------------------------ */

const test core_tests[] = {
    {"a failure leaves status and sentence", a_failure_leaves_status_and_sentence},
    {"a long sentence is cut", a_long_sentence_is_cut},
    {"each thread has its own sentence", each_thread_has_its_own_sentence},
    {"all patterns of 16 bits survive", all_patterns_of_16_bits_survive},
    {"numbers of 16 bits are the nearest", numbers_of_16_bits_are_the_nearest},
    {"dtypes have names and sizes", dtypes_have_names_and_sizes},
    {"shapes are written as Python writes them", shapes_are_written_as_python_writes_them},
    {"sizes that overflow are refused", sizes_that_overflow_are_refused},
    {"counts are rounded up without overflow", counts_are_rounded_up_without_overflow},
    {"an index is written as coordinates", an_index_is_written_as_coordinates},
    {"contiguity ignores axes of length 1", contiguity_ignores_axes_of_length_1},
    {"axes count from both ends", axes_count_from_both_ends},
    {"blocks are aligned and counted", blocks_are_aligned_and_counted},
    {"absurd requests are refused", absurd_requests_are_refused},
    {"given blocks are used again", given_blocks_are_used_again},
    {"an arena that grows gives back as much as it takes",
     an_arena_that_grows_gives_back_as_much_as_it_takes},
    {"half a gigabyte is kept at most", half_a_gigabyte_is_kept_at_most},
    {"lists grow", lists_grow},
    {"Philox gives the known answers", philox_gives_the_known_answers},
    {NULL, NULL},
};
