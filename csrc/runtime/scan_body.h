/* The body of a loop, finished, with the body of its gradient: what the brick `scan` runs. */
#ifndef LEGO_RUNTIME_SCAN_BODY_H
#define LEGO_RUNTIME_SCAN_BODY_H

#include "../graph/body.h"
#include "scan_rows.h"

/* Where an input of the gradient's loop comes from. */
typedef enum source_kind {
    SOURCE_DY,    /* the gradient of result `index` of the loop, or zeros */
    SOURCE_ZEROS, /* zeros like operand `index`: a sum over steps begins */
    SOURCE_X,     /* operand `index` of the loop */
    SOURCE_ROWS,  /* result `index` of the loop, stacked */
    SOURCE_KEPT,  /* of its results that are the same at all steps, number `index` */
    SOURCE_OWN    /* result `index` of the gradient's loop itself, stacked */
} source_kind;

typedef struct scan_source {
    source_kind kind;
    int index;
    bool is_transposed; /* a matrix: the loop takes it with its axes exchanged */
} scan_source;

/* What all steps give of a factor, one step below another, is a matrix of that many columns. */
typedef struct scan_factor {
    scan_source source;
    int64_t columns;
} scan_factor;

/* The gradient of a weight: dw = a^T dy, summed over the rows of all steps. Of several a the
 * products lie one below another. Without any a it is the gradient of a bias: the sum of dy. */
typedef struct scan_product {
    int target; /* operand of the loop: the weight */
    int a_count;
    scan_factor *a;
    scan_factor dy;
} scan_product;

/* Operands of a loop: x[0] is the body, as a tensor; x[1 + i] belongs to input i of the program,
 * and behind them come the variables that it writes. Results: those of the program, which are the
 * carries, what is stacked, and what is the same at all steps; then the variables. */
typedef struct scan_body {
    record_arena records; /* of all lists below */
    lego_program *program;
    feed_kind *feeds; /* of each input */
    int stacked_end;  /* results before this one are carries, or stacked */
    int carry_count;  /* results of the program that are the next carries: the first ones */
    int64_t length;   /* steps of the loop that it is made for */
    scan_rows rows;   /* the same for blocks of the batch's rows, which threads share */

    /* The loop works on copies of the variables that it writes, and gives their last values: what
     * runs it assigns them. So the only thing that writes a variable is `assign`. */
    lego_tensor **copies;
    int copy_count;

    lego_tensor *gradient; /* the body of the gradient's loop; NULL: there is none */
    scan_source *sources;  /* of its inputs */
    int *targets;          /* of its first results: the operands that they are the gradients of */
    int target_count;
    scan_product *products; /* after the gradient's loop */
    int product_count;
    char refusal[240]; /* why, where the loop is on a tape all the same */
} scan_body;

/* For a loop of so many steps. Takes the program over; NULL on failure. */
scan_body *scan_body_new(lego_program *program, int64_t length);
void scan_body_release(void *body);

/* Variables that the body reads become inputs, those that it writes are replaced by copies. What
 * was written is appended to `written`, a list of lego_tensor *, each with a new reference. */
lego_status scan_body_take_variables(scan_body *b, list *written);

/* Finishes the program, also for blocks of rows; these are its results, and stacked_end is set. */
lego_status scan_body_finish(scan_body *b, lego_tensor *const *results, int count);

/* A body travels as an input: a tensor without elements over it. So whatever keeps its inputs, a
 * node or a program, keeps the body, and counts its bytes. The tensor takes b over, also on
 * failure. */
lego_tensor *scan_body_tensor(scan_body *b);

static inline scan_body *scan_body_of(const lego_array *x) {
    return x->data;
}

/* Whether ops of the body have an effect: then the loop has one. */
bool scan_body_has_effect(const scan_body *b);

/* Releases what a list of tensors holds, and the list. */
void tensor_list_free(list *tensors);

#endif
