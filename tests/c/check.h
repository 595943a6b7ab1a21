/* What every C test uses: checks that go on after a failure, an allocator that keeps no block, and
 * short functions to apply bricks. */
#ifndef LEGO_TESTS_CHECK_H
#define LEGO_TESTS_CHECK_H

#include "lego.h"

/* ---- tests -------------------------------------------------------------------------------- */

/* A group of tests is a table in its own file, listed in main.c; it ends with a test without a
 * name. After each test no memory may be in use. */
typedef struct test {
    const char *name;
    void (*run)(void);
} test;

/* Notes a failure, with file, line and the engine's last sentence; returns the condition. */
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
bool check(bool condition, const char *text, const char *file, int line);

/* How many checks have failed so far. */
int failures(void);

/* Whether the engine's last sentence contains these words. */
bool last_error_says(const char *words);

/* ---- memory ------------------------------------------------------------------------------- */

/* The tests' allocator frees each block at once, so that the sanitizers see every use after it. New
 * blocks are filled with 0xA5; huge ones are refused. */
void install_test_allocator(void);

/* Blocks taken and not yet given back. */
long blocks_in_use(void);

/* Refuses one request, number `count` from now on (the next is 0); -1: none. */
void refuse_request(long count);

/* Whether that request has been made. */
bool has_refused(void);

/* ---- tensors ------------------------------------------------------------------------------ */

/* Keeps a tensor until release_kept() on the same thread and returns it; NULL is passed through. */
lego_tensor *keep(lego_tensor *x);
void release_kept(void);

/* A kept float64 number, and one whose gradient is asked for. */
lego_tensor *number(double value);
lego_tensor *watched(double value);

/* A kept tensor of rising numbers from 1 on, divided by 10. */
lego_tensor *rising(lego_dtype dtype, int rank, const int64_t *shape);

/* The first output of a brick, kept; NULL when it fails or when an input is NULL.
 * APPLY("add", NULL, a, b) adds a and b. */
#define APPLY(name, attributes, ...)                                                               \
    apply(name, attributes, (lego_tensor *[]){__VA_ARGS__},                                        \
          (int)(sizeof (lego_tensor *[]){__VA_ARGS__} / sizeof(lego_tensor *)))
lego_tensor *apply(const char *name, const void *attributes, lego_tensor *const *inputs, int count);

/* d target / d source, kept; NULL when there is none. */
lego_tensor *gradient(lego_tensor *target, lego_tensor *source, bool record);

/* Element `index` of a contiguous float64 tensor. */
double at(const lego_tensor *x, int64_t index);

/* ---- attributes --------------------------------------------------------------------------- */

/* LEGO_INTS */
typedef struct ints {
    int64_t count;
    int64_t values[LEGO_MAX_RANK];
} ints;

/* Those of "sum" and "mean". */
typedef struct axes_attributes {
    ints axes;
    int64_t keepdims;
} axes_attributes;

#endif
