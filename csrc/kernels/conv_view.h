/* What the places of a scan see, as pointers: to pixels where they lie, and to a row of zeros for
 * those that fall outside. */
#ifndef LEGO_KERNELS_CONV_VIEW_H
#define LEGO_KERNELS_CONV_VIEW_H

#include "conv_scan.h"
#include "conv_tile.h"

#define conv_view_open  FOR_ISA(conv_view_open)
#define conv_view_close FOR_ISA(conv_view_close)
#define conv_view_scan  FOR_ISA(conv_view_scan)
#define conv_view_next  FOR_ISA(conv_view_next)
#define conv_view_look  FOR_ISA(conv_view_look)

enum { MOST_SEGMENTS = 64 }; /* of a tile at a time: their pointers lie on the stack */

typedef struct conv_view {
    const char *source;
    int64_t pixel; /* bytes from one to the next */
    const void *zeros;
    conv_scan scan;
    scan_tap *taps;
    int64_t tap_count;
    char *memory;
    size_t bytes;
} conv_view;

/* A tile of places, and whether all they see is inside. From `count` on they are the first again;
 * behind CONV_ROWS there is room for rows to be written in one go. */
enum { PLACES_ROOM = 2 * CONV_ROWS };
typedef struct conv_places {
    int count;
    bool see_all;
    int64_t sources[CONV_AXES][PLACES_ROOM]; /* where what tap 0 sees lies along each axis, */
    int64_t begins[PLACES_ROOM];             /* and in bytes */
    int64_t results[PLACES_ROOM];            /* their own pixels */
} conv_places;

/* Takes memory for the taps and the zeros. */
lego_status conv_view_open(conv_view *v, int64_t most_taps, int64_t zero_bytes);
void conv_view_close(conv_view *v);

/* From here on the view is that of scan s. */
void conv_view_scan(conv_view *v, conv_scan s);

/* The next `count` places; the spot moves behind them. */
void conv_view_next(const conv_view *v, output_coordinate *coordinate, int64_t count,
                    conv_places *p);

/* a[s][i] = what place i sees through tap first + s, `offset` bytes behind the beginning of
 * the pixel, for s < count. */
void conv_view_look(const conv_view *v, const conv_places *p, int64_t offset, int64_t first,
                    int64_t count, const void *(*a)[CONV_ROWS]);

#endif
