/* Gradients of activations, and what a gate leaves: pylego/ops/activations.py.
 *
 *     dx = dy y (1 - y)      y = sigmoid(x)
 *     dx = dy (1 - y^2)      y = tanh(x)
 *     z = a + (1 - f) b      a gate f of a recurrent cell, as people write it
 *     z = c d - a b          its gradient by f
 *
 * In a loop over steps all numbers are in the nearest cache: what counts is how often they are
 * loaded and stored. */
#include "patterns.h"

enum { DY = 1, Y, UNIT, DX, A, B, C, D, F, Z };

#define ABOUT .pass = "fuse"

const pattern slope_patterns[] = {
    {
        .name = "sigmoid_gradient",
        .formula = "dx = dy y (1 - y)",
        .python = "pylego/ops/activations.py: sigmoid",
        .whole =
            RESULT(DX, multiply, EACH(DY), OP(multiply, EACH(Y), OP(subtract, ONE(UNIT), EACH(Y)))),
        .x = {DY, Y, UNIT},
        .y = {DX},
        ABOUT,
    },
    {
        .name = "tanh_gradient",
        .formula = "dx = dy (1 - y^2)",
        .python = "pylego/ops/activations.py: tanh",
        .whole = RESULT(DX, multiply, EACH(DY), OP(subtract, ONE(UNIT), OP(square, EACH(Y)))),
        .x = {DY, Y, UNIT},
        .y = {DX},
        ABOUT,
    },
    {
        .name = "gate_rest",
        .formula = "z = a + (1 - f) b",
        .python = "pylego/ops/arithmetic.py: add",
        .whole = RESULT(Z, add, EACH(A), OP(multiply, OP(subtract, ONE(UNIT), EACH(F)), EACH(B))),
        .x = {A, B, F, UNIT},
        .y = {Z},
        ABOUT,
    },
    {
        .name = "gate_gradient",
        .formula = "z = c d - a b",
        .python = "pylego/ops/arithmetic.py: subtract",
        .whole = RESULT(Z, add, OP(negative, OP(multiply, EACH(A), EACH(B))),
                        OP(multiply, EACH(C), EACH(D))),
        .x = {A, B, C, D},
        .y = {Z},
        ABOUT,
    },
    {.name = NULL},
};
