/* For files whose loops are long expressions with selections (x < 1 ? a : b). GCC knows such a
 * selection for a branch before it vectorizes: it copies what follows for either value, or for a
 * constant one, and the vectorized loop computes both copies; a quotient of selections becomes two
 * divisions. Here it may not. To be included before anything else: functions that were compiled
 * otherwise are not inlined. */
#ifndef LEGO_KERNELS_SELECTIONS_H
#define LEGO_KERNELS_SELECTIONS_H

#ifndef __clang__
#pragma GCC optimize("no-thread-jumps", "no-split-paths")
#endif

#endif
