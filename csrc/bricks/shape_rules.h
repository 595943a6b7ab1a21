/* Shape rules, kernels and gradients that several families share. */
#ifndef LEGO_BRICKS_SHAPE_RULES_H
#define LEGO_BRICKS_SHAPE_RULES_H

#include "../core/isa.h"
#include "../tensor/gradient_context.h"

#define same_shape              FOR_ISA(same_shape)
#define broadcast_shape         FOR_ISA(broadcast_shape)
#define broadcast_to_bool_shape FOR_ISA(broadcast_to_bool_shape)
#define broadcast_all           FOR_ISA(broadcast_all)
#define elementwise_kernel      FOR_ISA(elementwise_kernel)
#define view_kernel             FOR_ISA(view_kernel)
#define zero_gradient           FOR_ISA(zero_gradient)

/* y has the dtype and the shape of x[0]. */
lego_status same_shape(const lego_call *call);

/* y has the shape to which all inputs broadcast. Its dtype is that of the last input, or bool. */
lego_status broadcast_shape(const lego_call *call);
lego_status broadcast_to_bool_shape(const lego_call *call);

/* Computes the shape to which all inputs broadcast; fails if there is none. */
lego_status broadcast_all(const lego_call *call, int *rank, int64_t *shape);

/* The kernel of every elementwise brick: runs its loop for the dtype of the last input. */
lego_status elementwise_kernel(const lego_call *call);

/* The kernel of bricks whose outputs are always views: it computes nothing. */
lego_status view_kernel(const lego_call *call);

/* The gradient of bricks whose derivative is zero wherever it exists, such as floor. */
void zero_gradient(gradient_context *step);

#endif
