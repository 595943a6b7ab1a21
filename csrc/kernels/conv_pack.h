/* A kernel in panels: its columns cut into strips as wide as a tile, each strip's rows one behind
 * the other, with zeros where the last strip is wider than what is left. */
#ifndef LEGO_KERNELS_CONV_PACK_H
#define LEGO_KERNELS_CONV_PACK_H

#include "../core/isa.h"
#include "../lego.h"

#define conv_panels_of FOR_ISA(conv_panels_of)
#define conv_pack      FOR_ISA(conv_pack)

/* Of each group, a matrix of rows x columns for each tap. Strides count numbers. */
typedef struct conv_panels {
    lego_dtype dtype;
    int64_t groups;
    int64_t taps;
    int64_t rows;
    int64_t columns;
    const void *kernel;
    int64_t group_stride;
    int64_t tap_stride;
    int64_t row_stride;
    int64_t column_stride;
    int64_t kernel_size; /* numbers in all */
    int64_t width;       /* of all panels of a group but the last */
    int64_t last_width;
    int64_t count;      /* panels of a group */
    int64_t group_size; /* numbers, packed */
    void *packed;
} conv_panels;

/* Sets what follows from the shape: how wide the panels are and how many. */
void conv_panels_of(conv_panels *p);

/* Fills `packed`, which has room for all groups. */
void conv_pack(const conv_panels *p);

/* Where a panel begins, in numbers; its taps lie rows * width numbers apart. */
static inline int64_t conv_panel_begin(const conv_panels *p, int64_t group, int64_t panel) {
    return group * p->group_size + panel * p->taps * p->rows * p->width;
}

static inline int64_t conv_panel_width(const conv_panels *p, int64_t panel) {
    return panel == p->count - 1 ? p->last_width : p->width;
}

#endif
