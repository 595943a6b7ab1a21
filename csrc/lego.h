/* lego.h - the contract of the engine: the one header that others may see.
 *
 * Enums, opaque structs, prototypes and comments only, so that cffi reads this very file
 * (after dropping the lines that start with '#').
 *
 * Rules that hold for every function:
 *   - A function that can fail returns a lego_status, or NULL where it returns a pointer, and
 *     leaves a sentence for this thread in lego_last_error(). Nothing is printed or aborted.
 *   - A tensor that is returned belongs to the caller, who gives it back with
 *     lego_tensor_release(). Tensors that are passed in are only borrowed.
 *   - Any function may be called from any thread. One tensor may be shared by threads; a
 *     variable must not be written by one thread while another reads it.
 */
#ifndef LEGO_H
#define LEGO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- statuses and errors ------------------------------------------------------------------ */

typedef enum lego_status {
    LEGO_OK = 0,
    LEGO_BAD_SHAPE = 1,   /* shapes that do not fit, or too many axes */
    LEGO_BAD_DTYPE = 2,   /* a dtype that the brick does not take */
    LEGO_BAD_VALUE = 3,   /* an attribute or a number out of its range */
    LEGO_BAD_INDEX = 4,   /* an index or a label outside of what it points into */
    LEGO_BAD_NAME = 5,    /* no brick of that name */
    LEGO_NO_GRADIENT = 6, /* the walk back met something that has no gradient */
    LEGO_NO_MEMORY = 7    /* the allocator refused, or a size does not fit into 64 bits */
} lego_status;

/* The sentence about this thread's last failure; owned by the engine, valid until the next. */
const char *lego_last_error(void);

/* The status of this thread's last failure: what a NULL meant. */
lego_status lego_last_status(void);

/* ---- dtypes ------------------------------------------------------------------------------- */

/* In the order of promotion: of two dtypes the later one holds both, as in Keras. */
typedef enum lego_dtype {
    LEGO_BOOL = 0,
    LEGO_UINT8 = 1,
    LEGO_INT32 = 2,
    LEGO_INT64 = 3,
    LEGO_FLOAT32 = 4,
    LEGO_FLOAT64 = 5
} lego_dtype;

enum { LEGO_DTYPE_COUNT = 6 };
enum { LEGO_MAX_RANK = 8 };

/* "float32"; owned by the engine. NULL for a number that is no dtype. */
const char *lego_dtype_name(lego_dtype dtype);

/* Bytes of one element; 0 for a number that is no dtype. */
size_t lego_dtype_size(lego_dtype dtype);

/* ---- tensors ------------------------------------------------------------------------------ */

/* A block of numbers: dtype, shape, strides, and storage that several tensors may share. */
typedef struct lego_tensor lego_tensor;

/* A new tensor of shape[rank] with a copy of `data` in row-major order (zeros when NULL). */
lego_tensor *lego_tensor_new(lego_dtype dtype, int rank, const int64_t *shape, const void *data);

/* A tensor over memory of the caller, not copied. strides[rank] count elements and may be
 * negative; `data` points at element (0, ..., 0). The memory must outlive the tensor and all that
 * is made from it: when the last of them is gone, `owner` (any number but 0) comes out of
 * lego_released_owners(). On failure the memory stays the caller's. */
lego_tensor *lego_tensor_wrap(lego_dtype dtype, int rank, const int64_t *shape,
                              const int64_t *strides, void *data, int64_t owner);

/* Writes up to `room` owners whose memory is no longer in use and returns how many. */
int lego_released_owners(int64_t *owners, int room);

/* Like lego_tensor_new(), but a variable: the only kind that `assign` bricks write. A trainable
 * one is watched while a tape is open. */
lego_tensor *lego_variable_new(lego_dtype dtype, int rank, const int64_t *shape, const void *data,
                               bool trainable);

/* Whether an open tape watches the variable. */
void lego_variable_set_trainable(lego_tensor *variable, bool trainable);

/* The same numbers without their history: no gradient flows through it. Shares storage. */
lego_tensor *lego_tensor_detach(lego_tensor *x);

/* One more reference; returns x. */
lego_tensor *lego_tensor_retain(lego_tensor *x);

/* One reference less; the last one frees the tensor and the history that only it held. NULL is
 * fine. Returns whether lego_released_owners() has something to tell. */
bool lego_tensor_release(lego_tensor *x);

lego_dtype lego_tensor_dtype(const lego_tensor *x);
int lego_tensor_rank(const lego_tensor *x);

/* shape[rank] and strides[rank] (in elements), owned by the tensor. */
const int64_t *lego_tensor_shape(const lego_tensor *x);
const int64_t *lego_tensor_strides(const lego_tensor *x);

/* How many elements: the product of the shape. */
int64_t lego_tensor_size(const lego_tensor *x);

/* The address of element (0, ..., 0). Only variables may be written, and by bricks alone. */
void *lego_tensor_data(const lego_tensor *x);

bool lego_tensor_is_variable(const lego_tensor *x);

/* Whether gradients can reach x: it was watched, or computed from something watched. */
bool lego_tensor_is_watched(const lego_tensor *x);

/* Asks for x's gradient from now on (or no longer), whether a tape is open or not. */
lego_status lego_tensor_watch(lego_tensor *x, bool watch);

/* ---- bricks ------------------------------------------------------------------------------- */

/* An operator: how its result is shaped, how it is computed, how gradients pass through it. */
typedef struct lego_brick lego_brick;

/* Attributes are handed over as 8-byte words in the registry's order:
 *   LEGO_INT    one int64_t (also for yes/no and for dtypes)
 *   LEGO_FLOAT  one double
 *   LEGO_INTS   an int64_t count of at most LEGO_MAX_RANK, then LEGO_MAX_RANK int64_t values */
typedef enum lego_attribute_kind {
    LEGO_INT = 0,
    LEGO_FLOAT = 1,
    LEGO_INTS = 2
} lego_attribute_kind;

int lego_brick_count(void);

/* Brick 0 <= index < lego_brick_count(), in the order of the families; NULL outside. */
const lego_brick *lego_brick_at(int index);

/* The brick of that name, or NULL. */
const lego_brick *lego_brick_find(const char *name);

const char *lego_brick_name(const lego_brick *brick);

/* What it computes, as a line of mathematics: "y = 1 / (1 + exp(-x))". */
const char *lego_brick_formula(const lego_brick *brick);

/* How many tensors go in and come out; -1: any number from one on. */
int lego_brick_inputs(const lego_brick *brick);
int lego_brick_outputs(const lego_brick *brick);

/* Whether gradients pass through it at all. */
bool lego_brick_has_gradient(const lego_brick *brick);

int lego_brick_attribute_count(const lego_brick *brick);
const char *lego_brick_attribute_name(const lego_brick *brick, int index);
lego_attribute_kind lego_brick_attribute_kind(const lego_brick *brick, int index);

/* Applies a brick: the one way in for all of them. inputs[input_count] are borrowed; attributes
 * are its words as above (NULL: all zero), copied; outputs[room] is filled with new tensors and
 * *output_count says how many. Inputs of unlike dtypes are promoted, shapes are broadcast where
 * the brick says so. On failure nothing is left to release. */
lego_status lego_apply(const lego_brick *brick, lego_tensor *const *inputs, int input_count,
                       const void *attributes, lego_tensor **outputs, int room, int *output_count);

/* ---- gradients ---------------------------------------------------------------------------- */

/* What this thread writes down while bricks are applied. */
typedef enum lego_taping {
    LEGO_TAPE_PAUSED = 0,   /* nothing */
    LEGO_TAPE_ASKED = 1,    /* what depends on tensors whose gradient was asked for (the default) */
    LEGO_TAPE_VARIABLES = 2 /* also what depends on trainable variables */
} lego_taping;

/* Sets this thread's taping and returns what it was. */
lego_taping lego_tape(lego_taping taping);

/* The walk back: gradients of sum(targets[i] * seeds[i]) by each source.
 * seeds may be NULL, and so may each of them: then it is ones. gradients[source_count] receives
 * new tensors of the sources' shapes, or NULL where a target does not depend on the source.
 * record: whether the walk itself can be differentiated again. */
lego_status lego_gradients(lego_tensor *const *targets, lego_tensor *const *seeds, int target_count,
                           lego_tensor *const *sources, int source_count, bool record,
                           lego_tensor **gradients);

/* The walk back from x to everything watched that it depends on; each such tensor's gradient is
 * added to what lego_tensor_gradient() gives. seed may be NULL: ones. */
lego_status lego_backward(lego_tensor *x, lego_tensor *seed, bool record);

/* The gradient that walks left at x (a new reference), or NULL when there is none. */
lego_tensor *lego_tensor_gradient(const lego_tensor *x);

/* Forgets that gradient. */
void lego_tensor_forget_gradient(lego_tensor *x);

/* ---- threads and memory ------------------------------------------------------------------- */

/* Threads that large work is spread over. It never changes a bit of the result. At the start: the
 * cores that this process may use, or OMP_NUM_THREADS. They start when they are first needed. */
lego_status lego_set_threads(int count);
int lego_threads(void);

/* Bytes handed out to tensors and not yet given back, and bytes kept for the next ones. */
size_t lego_memory_used(void);
size_t lego_memory_kept(void);

/* Gives the kept bytes back to the system. */
void lego_memory_trim(void);

/* Takes memory from elsewhere: for tests that make allocation fail. `take` returns `bytes` bytes
 * aligned to 64, or NULL; both NULL: the system's own again. To be called while nothing is in use
 * that the former allocator handed out. */
void lego_set_allocator(void *(*take)(size_t bytes), void (*give)(void *memory));

#endif
