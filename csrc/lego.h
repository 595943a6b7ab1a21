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
    LEGO_BAD_INDEX = 4,   /* an index outside of what it points into */
    LEGO_BAD_NAME = 5,    /* no brick of that name */
    LEGO_NO_GRADIENT = 6, /* the backward pass met something that has no gradient */
    LEGO_NO_MEMORY = 7,   /* the allocator refused, or a size does not fit into 64 bits */
    LEGO_BAD_LABEL = 8    /* a label that is not a class */
} lego_status;

/* The sentence about this thread's last failure; owned by the engine, valid until the next. */
const char *lego_last_error(void);

/* The status of this thread's last failure: what a NULL meant. */
lego_status lego_last_status(void);

/* The label that this thread's last LEGO_BAD_LABEL is about, and the number of classes; false: the
 * label was not a whole number, and is left alone. */
bool lego_refused_label(int64_t *label, int64_t *classes);

/* ---- dtypes ------------------------------------------------------------------------------- */

typedef enum lego_dtype {
    LEGO_BOOL = 0,
    LEGO_UINT8 = 1,
    LEGO_INT32 = 2,
    LEGO_INT64 = 3,
    LEGO_FLOAT32 = 4,
    LEGO_FLOAT64 = 5,
    LEGO_INT8 = 6, /* from here on: stored as they are, computed in a wider dtype */
    LEGO_INT16 = 7,
    LEGO_UINT16 = 8,
    LEGO_UINT32 = 9,
    LEGO_FLOAT16 = 10,
    LEGO_BFLOAT16 = 11 /* the upper half of a float32 */
} lego_dtype;

enum { LEGO_DTYPE_COUNT = 12, LEGO_MAX_RANK = 8 };

typedef enum lego_dtype_kind {
    LEGO_KIND_BOOL = 0,
    LEGO_KIND_UNSIGNED = 1,
    LEGO_KIND_SIGNED = 2,
    LEGO_KIND_FLOAT = 3
} lego_dtype_kind;

/* "float32", owned by the engine; the bytes of one element; the kind. Of a number that is not a
 * dtype: NULL, 0 and bool. */
const char *lego_dtype_name(lego_dtype dtype);
size_t lego_dtype_size(lego_dtype dtype);
lego_dtype_kind lego_dtype_kind_of(lego_dtype dtype);

/* The dtype that inputs of these two dtypes are promoted to, by Keras's table. */
lego_dtype lego_dtype_common(lego_dtype a, lego_dtype b);

/* ---- tensors ------------------------------------------------------------------------------ */

/* A block of numbers: dtype, shape, strides, and storage that several tensors may share. */
typedef struct lego_tensor lego_tensor;

/* A new tensor of shape[rank] with a copy of `data` in row-major order (zeros when NULL). */
lego_tensor *lego_tensor_new(lego_dtype dtype, int rank, const int64_t *shape, const void *data);

/* A tensor over memory of the caller, not copied. strides[rank] count elements and may be
 * negative (NULL: row-major order); `data` points at element (0, ..., 0). The memory must outlive
 * the tensor and all that is made from it: when the last of them is gone, lego_released_owners()
 * returns `owner` (any number but 0). On failure the memory stays the caller's. */
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

/* The same numbers without their history: no gradient flows through it. Shares storage, unless x is
 * a variable: then it is a copy. NULL on failure. */
lego_tensor *lego_tensor_detach(lego_tensor *x);

/* One more reference; returns x. */
lego_tensor *lego_tensor_retain(lego_tensor *x);

/* One reference less; the last one frees the tensor and the history that only it held. NULL is
 * fine. Returns whether lego_released_owners() has any to return. */
bool lego_tensor_release(lego_tensor *x);

lego_dtype lego_tensor_dtype(const lego_tensor *x);
int lego_tensor_rank(const lego_tensor *x);
int64_t lego_tensor_size(const lego_tensor *x); /* how many elements: the product of the shape */

/* shape[rank] and strides[rank] (in elements), owned by the tensor. */
const int64_t *lego_tensor_shape(const lego_tensor *x);
const int64_t *lego_tensor_strides(const lego_tensor *x);

/* The address of element (0, ..., 0). Only variables may be written, and by bricks alone. */
void *lego_tensor_data(const lego_tensor *x);

bool lego_tensor_is_variable(const lego_tensor *x);

/* Whether x was made while a program was recorded: it has a shape, but no numbers yet. */
bool lego_tensor_is_symbolic(const lego_tensor *x);

/* Whether gradients can reach x: it was watched, or computed from something watched. */
bool lego_tensor_is_watched(const lego_tensor *x);

/* Asks for x's gradient from now on (or no longer), whether a tape is open or not. */
lego_status lego_tensor_watch(lego_tensor *x, bool watch);

/* ---- bricks ------------------------------------------------------------------------------- */

/* An operator: how its result is shaped and computed, how gradients pass through it. */
typedef struct lego_brick lego_brick;

/* Attributes are passed as 8-byte slots in the registry's order:
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

/* What it computes, as a formula: "y = 1 / (1 + exp(-x))". */
const char *lego_brick_formula(const lego_brick *brick);

/* The numbers of inputs and outputs; -1: any number from one on. */
int lego_brick_inputs(const lego_brick *brick);
int lego_brick_outputs(const lego_brick *brick);

/* Whether gradients pass through it at all. */
bool lego_brick_has_gradient(const lego_brick *brick);

int lego_brick_attribute_count(const lego_brick *brick);
const char *lego_brick_attribute_name(const lego_brick *brick, int index);
lego_attribute_kind lego_brick_attribute_kind(const lego_brick *brick, int index);

/* Applies a brick: the one way in for all of them. inputs[input_count] are borrowed; attributes
 * are its slots as above (NULL: all zero), copied; outputs[room] is filled with new tensors and
 * *output_count says how many. Inputs of different dtypes are promoted, shapes are broadcast where
 * the brick says so. On failure nothing is left to release. */
lego_status lego_apply(const lego_brick *brick, lego_tensor *const *inputs, int input_count,
                       const void *attributes, lego_tensor **outputs, int room, int *output_count);

/* Whether applying the brick to these takes a microsecond or so, whatever its attributes are. */
bool lego_is_quick(const lego_brick *brick, lego_tensor *const *inputs, int input_count);

/* ---- gradients ---------------------------------------------------------------------------- */

/* What this thread's tape records while bricks are applied. */
typedef enum lego_taping {
    LEGO_TAPE_PAUSED = 0,   /* nothing */
    LEGO_TAPE_ASKED = 1,    /* what depends on watched tensors (the default) */
    LEGO_TAPE_VARIABLES = 2 /* also what depends on trainable variables */
} lego_taping;

/* Sets this thread's taping and returns what it was. */
lego_taping lego_tape(lego_taping taping);

/* The backward pass: gradients of sum(targets[i] * seeds[i]) by each source.
 * seeds may be NULL, and so may each of them: then it is ones. gradients[source_count] receives
 * new tensors of the sources' shapes, or NULL where a target does not depend on the source.
 * record: whether the backward pass itself can be differentiated again. */
lego_status lego_gradients(lego_tensor *const *targets, lego_tensor *const *seeds, int target_count,
                           lego_tensor *const *sources, int source_count, bool record,
                           lego_tensor **gradients);

/* The backward pass from x to everything watched that it depends on; each such tensor's gradient is
 * added to what lego_tensor_gradient() gives. seed may be NULL: ones. */
lego_status lego_backward(lego_tensor *x, lego_tensor *seed, bool record);

/* The sum of the gradients of x from backward passes (a new reference); NULL: none. */
lego_tensor *lego_tensor_gradient(const lego_tensor *x);

/* Forgets that gradient. */
void lego_tensor_forget_gradient(lego_tensor *x);

/* The nodes that a gradient of x passes through, the youngest first: the order of the backward
 * pass. It holds x. NULL: no memory. */
typedef struct lego_history lego_history;
lego_history *lego_tensor_history(lego_tensor *x);
void lego_history_free(lego_history *history); /* NULL is fine */
int lego_history_count(const lego_history *history);

/* One application that the tape keeps. */
typedef struct lego_node_info {
    const lego_brick *brick;
    int inputs;
    int outputs;
} lego_node_info;

lego_status lego_history_node(const lego_history *history, int index, lego_node_info *info);

/* An input or an output of a node. */
typedef struct lego_node_operand {
    int node;   /* the index of the node that made this input; -1: none */
    int output; /* and which of its outputs it is */
    int leaf;   /* the number of this input among the leaves; -1: it is none */
    lego_dtype dtype;
    int rank;
    int64_t shape[8];
    bool keeps_numbers; /* the gradient reads them, so the tape keeps their memory */
} lego_node_operand;

/* Operand 0 <= which < inputs + outputs: the inputs come first. */
lego_status lego_history_operand(const lego_history *history, int index, int which,
                                 lego_node_operand *info);

/* ---- programs ----------------------------------------------------------------------------- */

/* A recording of bricks: a flat list of instructions over one planned arena, which C runs without
 * calling back. It is recorded once, finished once, and then run any number of times. */
typedef struct lego_program lego_program;

/* An empty program. It shares the arena of `sibling` (NULL: it has its own): of siblings one runs
 * at a time, also when several threads ask. NULL on failure. */
lego_program *lego_program_new(lego_program *sibling);

/* Gives it back, with all that it holds; never while it is recorded or run. NULL is fine. */
void lego_program_release(lego_program *program);

/* From now on bricks that this thread applies are appended to the program and not run: their
 * outputs are symbolic. NULL: bricks run at once again. Returns what the thread recorded to. */
lego_program *lego_record(lego_program *program);

/* Whether this thread is recording. */
bool lego_is_recording(void);

/* A symbolic tensor that stands for the program's next input, which is bound when it runs.
 * strides[rank] count elements; NULL: row-major order. To be released like any other. */
lego_tensor *lego_program_input(lego_program *program, lego_dtype dtype, int rank,
                                const int64_t *shape, const int64_t *strides);

/* The number of a label, such as a layer's name; instructions keep it as their origin. -1 on
 * failure. */
int lego_program_label(lego_program *program, const char *name);

/* Marks what this thread records from now on with a label's number (0: none); returns the former.
 */
int lego_set_label(int label);

/* Passes are what is done to a program before it runs: each is optional, and changes no bit. Here
 * they are by number, 0 <= index < lego_pass_count(), in the order in which they run: a name such
 * as "dead", and a flag to ask for it. Outside: NULL and 0. */
int lego_pass_count(void);
const char *lego_pass_name(int index);
unsigned lego_pass_flag(int index);

/* The flags of all passes, and of those to come. */
enum { LEGO_PASS_ALL = 0x7fffffff };

/* The flags of the passes that it needs: without them it has nothing to do and does not run. */
unsigned lego_pass_needs(int index);

/* The patterns by number, 0 <= index < lego_pattern_count(): several ops that belong together and
 * that a pass knows. Name, formula, the Python code that it is made for ("file: function"), and the
 * name of the pass. Outside: NULL. */
int lego_pattern_count(void);
const char *lego_pattern_name(int index);
const char *lego_pattern_formula(int index);
const char *lego_pattern_python(int index);
const char *lego_pattern_pass(int index);

/* Ends the recording: outputs[count] (borrowed; symbolic or not) are what a run gives. Runs the
 * passes, lays the arena out, and resolves every address. Nothing can be added afterwards, and it
 * cannot be finished again, even if this fails (except for outputs that are refused). */
lego_status lego_program_finish(lego_program *program, lego_tensor *const *outputs, int count,
                                unsigned passes);

/* Runs it once. inputs[] (borrowed) must have the layouts of the program's inputs; outputs[] is
 * filled with as many new tensors as the program has outputs. If an instruction
 * fails, variables keep what earlier instructions have written. */
lego_status lego_program_run(lego_program *program, lego_tensor *const *inputs, int input_count,
                             lego_tensor **outputs, int output_count);

/* Runs it once, where it has one input and one output, on memory of the caller's: x is read and y
 * is written in row-major order. Their bytes must be those of the input and the output; x must be
 * aligned as numbers of its dtype are. */
lego_status lego_program_run_on(lego_program *program, const void *x, size_t x_bytes, void *y,
                                size_t y_bytes);

/* Runs it once per batch of rows. Input i is gathered from columns[i], which is in row-major order
 * and has the input's shape, but for as many rows as there are data. Row r of batch s is number
 * order[s * batch + r], of order[order_count], or first + s * batch + r where `order` is NULL.
 * Stops before a batch other than the first when `seconds` have passed, or after `steps` batches;
 * *done says how many were run.
 *
 * outputs[] are tensors that the caller has just made, in row-major order. is_stacked: those of all
 * batches lie one after another (an output of shape (batch, ...) becomes (steps * batch, ...));
 * else each has the output's shape, and every batch overwrites it. */
lego_status lego_program_run_batches(lego_program *program, lego_tensor *const *columns, int count,
                                     const int64_t *order, int64_t order_count, int64_t first,
                                     int64_t steps, double seconds, lego_tensor *const *outputs,
                                     int output_count, bool is_stacked, int64_t *done);

/* Whether a constant or a variable of the program is watched, by an open tape or on request: a run
 * would leave no history of it. */
bool lego_program_is_watched(const lego_program *program);

/* A body: an empty program for what a loop does at each step, inside of what this thread records
 * (if anything). It is recorded like any program, by lego_record(). What the bricks in it take from
 * outside (symbolic tensors of the recording around, watched tensors, variables) is captured: the
 * same at all steps, and gradients reach it. NULL on failure. */
lego_program *lego_body_new(void);

/* A symbolic tensor for what is carried from step to step; `first` is its value before the first
 * step. And one for a row of a sequence, which has one more axis in front. To be released. */
lego_tensor *lego_body_carry(lego_program *body, lego_tensor *first);
lego_tensor *lego_body_row(lego_program *body, lego_tensor *sequence);

/* Ends the recording of a body and applies it `length` times, from the last row to the first where
 * is_reversed. results[count] (borrowed) are what a step gives: first the next value of each carry,
 * of the same shape and dtype, then what is stacked. outputs[room] is filled with new tensors: the
 * last values of the carries, what was stacked (row i is of row i of the sequences), and then the
 * last values of the variables that the body assigns to. Only these outputs change: the caller
 * assigns them. The body belongs to the engine from now on, also if this fails. */
lego_status lego_scan(lego_program *body, lego_tensor *const *results, int count, int64_t length,
                      bool is_reversed, lego_tensor **outputs, int room, int *output_count);

/* The address of the numbers of variable `index` of those that a recorded body assigns to, in the
 * order in which lego_scan() gives their last values. NULL: no such variable. */
const void *lego_body_variable(const lego_program *body, int index);

/* The body that an op of the program runs once per step, owned by the program; NULL: none. */
lego_program *lego_program_body(const lego_program *program, int index, int op);

/* Bytes of the arena, planned; known once the program is finished. */
int64_t lego_program_arena_bytes(const lego_program *program);

/* Bytes that describe it: instructions, operands, fused loops. */
size_t lego_program_record_bytes(const lego_program *program);

/* Adds up the time of each instruction from now on, or no longer; starts at zero again. */
void lego_program_profile(lego_program *program, bool is_on);

/* What memory a buffer of a program lies in. */
typedef enum lego_buffer_kind {
    LEGO_BUFFER_ARENA = 0,    /* planned: at `offset` bytes of the arena */
    LEGO_BUFFER_INPUT = 1,    /* bound when the program runs */
    LEGO_BUFFER_OUTPUT = 2,   /* made when it runs */
    LEGO_BUFFER_CONSTANT = 3, /* numbers that existed when it was recorded */
    LEGO_BUFFER_VARIABLE = 4,
    LEGO_BUFFER_TILE = 5 /* never in memory as a whole: inside an instruction, a tile at a time */
} lego_buffer_kind;

typedef struct lego_buffer_info {
    lego_buffer_kind kind;
    int64_t bytes;
    int64_t offset; /* bytes from the start of the arena; -1 elsewhere */
    int first;      /* the instructions that write it first and touch it last; -1: none */
    int last;
    int slot;           /* of an input or output: which one; else 0 */
    const void *memory; /* of a constant or variable, as long as the program lives; else NULL */
} lego_buffer_info;

int lego_program_buffer_count(const lego_program *program);
lego_status lego_program_buffer(const lego_program *program, int index, lego_buffer_info *info);

typedef struct lego_operand_info {
    int buffer;
    lego_dtype dtype;
    int rank;
    int64_t shape[8];
    int64_t strides[8];   /* in elements */
    int64_t offset;       /* in bytes from the start of the buffer, or of its memory */
    int maker;            /* the instruction that makes what is read or written; -1: none does */
    int maker_op;         /* and which of its ops */
    const char *obstacle; /* why the op that makes it is not joined with this one, in a sentence, as
                           * the pass says that tried to; NULL: it is, or none tried */
} lego_operand_info;

/* One op of an instruction: a fused loop or a product with an epilogue has several. */
typedef struct lego_op_info {
    const lego_brick *brick;
    const char *algorithm; /* that its kernel takes; NULL: it has a single one */
    int label;             /* 0: none */
    bool is_gradient;
    int inputs;
    int outputs;
    int64_t operations;  /* floating-point and other element operations */
    const char *pattern; /* whose loop computes this op and its neighbours: its name; NULL: none */
    int pattern_first;   /* the first and the last op of that loop */
    int pattern_last;
    const char *obstacle; /* why no fused loop takes it, in words that follow its name ("has no
                           * loop"); NULL: one does, or none was made */
} lego_op_info;

typedef struct lego_instruction_info {
    int ops;
    int threads;        /* how many it may be spread over */
    int64_t bytes;      /* read from and written to memory */
    int64_t operations; /* of all ops */
    double seconds;     /* in all profiled runs */
    int64_t runs;
} lego_instruction_info;

int lego_program_instruction_count(const lego_program *program);
lego_status lego_program_instruction(const lego_program *program, int index,
                                     lego_instruction_info *info);
lego_status lego_program_op(const lego_program *program, int index, int op, lego_op_info *info);

/* The slots of an op's attributes, in the registry's order; owned by the program. NULL: no such
 * op. */
const void *lego_program_attributes(const lego_program *program, int index, int op);

/* Input `which` of an op, or output `which - inputs`. */
lego_status lego_program_operand(const lego_program *program, int index, int op, int which,
                                 lego_operand_info *info);

/* The label of the instruction that failed in this thread's last run of a program. 0: none has
 * failed, or it has no label. */
int lego_failed_label(void);

/* A label's name, owned by the program; NULL: no such label. */
const char *lego_program_label_name(const lego_program *program, int label);

/* ---- threads, instruction sets and memory ------------------------------------------------- */

/* How many threads large work is spread over; it never changes a bit of the result. Default:
 * OMP_NUM_THREADS, or the cores that this process may use. They start when first needed. */
lego_status lego_set_threads(int count);
int lego_threads(void);

/* Where threads come from: "OpenMP", or "pthreads" where the compiler has no OpenMP. */
const char *lego_threading(void);

/* Bricks exist once for each instruction set that the engine was built for: "generic" for all
 * machines of an architecture, on x86-64 also "avx2" and "avx512". Default: the best one that this
 * machine can run, or the one that PYLEGO_ISA names if the machine can run it. The sets that it can
 * run have the numbers 0 <= index < lego_isa_count(), the best one comes last; NULL outside. */
int lego_isa_count(void);
const char *lego_isa_at(int index);

/* The set in use; sets another one: lego_brick_find() and lego_brick_at() return that set's
 * bricks. Those that were returned before stay as they are, and may be applied as before. */
const char *lego_isa(void);
lego_status lego_set_isa(const char *name);

/* Winograd's algorithm takes 2.25 times fewer multiplications for convolutions of 3 x 3 taps, in
 * tiles of 2 x 2 outputs (the default; as exact as the direct sums), or four times fewer in tiles
 * of 4 x 4 (about three bits less exact). 0: not used. */
int lego_winograd(void);
lego_status lego_set_winograd(int tile);

/* Bytes that tensors hold, and free bytes that are kept for the next ones. */
size_t lego_memory_used(void);
size_t lego_memory_kept(void);

/* Gives the kept bytes back to the system. */
void lego_memory_trim(void);

/* The memory that a tensor of so many bytes takes: there are four block sizes per power of two. */
size_t lego_memory_block(size_t bytes);

/* Sets another allocator, for tests that make allocation fail. `take` returns `bytes` bytes aligned
 * to 64, or NULL; both NULL: the system's again. Only while no memory of the former allocator is in
 * use. */
void lego_set_allocator(void *(*take)(size_t bytes), void (*give)(void *memory));

#endif
