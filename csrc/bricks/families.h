/* The families of bricks: creation.c, elementwise.c, ... have the names of the files in pylego/ops.
 * A family that is too long for one file has several (shapes_views.c, shapes_joins.c), each with a
 * table. */
#ifndef LEGO_BRICKS_FAMILIES_H
#define LEGO_BRICKS_FAMILIES_H

#include "../core/isa.h"
#include "../tensor/brick.h"

#define creation_bricks          FOR_ISA(creation_bricks)
#define elementwise_bricks       FOR_ISA(elementwise_bricks)
#define trigonometric_bricks     FOR_ISA(trigonometric_bricks)
#define hyperbolic_bricks        FOR_ISA(hyperbolic_bricks)
#define activations_bricks       FOR_ISA(activations_bricks)
#define activations_gated_bricks FOR_ISA(activations_gated_bricks)
#define activations_units_bricks FOR_ISA(activations_units_bricks)
#define arithmetic_bricks        FOR_ISA(arithmetic_bricks)
#define logic_bricks             FOR_ISA(logic_bricks)
#define bitwise_bricks           FOR_ISA(bitwise_bricks)
#define shapes_views_bricks      FOR_ISA(shapes_views_bricks)
#define shapes_joins_bricks      FOR_ISA(shapes_joins_bricks)
#define shapes_repeats_bricks    FOR_ISA(shapes_repeats_bricks)
#define indexing_bricks          FOR_ISA(indexing_bricks)
#define reductions_bricks        FOR_ISA(reductions_bricks)
#define reductions_axis_bricks   FOR_ISA(reductions_axis_bricks)
#define sorting_bricks           FOR_ISA(sorting_bricks)
#define linear_bricks            FOR_ISA(linear_bricks)
#define attention_bricks         FOR_ISA(attention_bricks)
#define convolution_bricks       FOR_ISA(convolution_bricks)
#define pooling_bricks           FOR_ISA(pooling_bricks)
#define normalization_bricks     FOR_ISA(normalization_bricks)
#define recurrent_bricks         FOR_ISA(recurrent_bricks)
#define losses_bricks            FOR_ISA(losses_bricks)
#define random_bricks            FOR_ISA(random_bricks)
#define image_bricks             FOR_ISA(image_bricks)
#define families                 FOR_ISA(families)

/* The table of each file, at its end; a brick without a name ends the table. */
extern const lego_brick creation_bricks[];
extern const lego_brick elementwise_bricks[];
extern const lego_brick trigonometric_bricks[];
extern const lego_brick hyperbolic_bricks[];
extern const lego_brick activations_bricks[];
extern const lego_brick activations_gated_bricks[];
extern const lego_brick activations_units_bricks[];
extern const lego_brick arithmetic_bricks[];
extern const lego_brick logic_bricks[];
extern const lego_brick bitwise_bricks[];
extern const lego_brick shapes_views_bricks[];
extern const lego_brick shapes_joins_bricks[];
extern const lego_brick shapes_repeats_bricks[];
extern const lego_brick indexing_bricks[];
extern const lego_brick reductions_bricks[];
extern const lego_brick reductions_axis_bricks[];
extern const lego_brick sorting_bricks[];
extern const lego_brick linear_bricks[];
extern const lego_brick attention_bricks[];
extern const lego_brick convolution_bricks[];
extern const lego_brick pooling_bricks[];
extern const lego_brick normalization_bricks[];
extern const lego_brick recurrent_bricks[];
extern const lego_brick losses_bricks[];
extern const lego_brick random_bricks[];
extern const lego_brick image_bricks[];

/* All tables of this instruction set, for the registry; NULL ends them. */
extern const lego_brick *const families[];

#endif
