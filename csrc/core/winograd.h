/* Which of Winograd's algorithms convolutions may use; one setting for the whole engine. */
#ifndef LEGO_CORE_WINOGRAD_H
#define LEGO_CORE_WINOGRAD_H

/* Outputs along each side of a tile: 2 or 4. 0: Winograd's algorithm is not used. */
int winograd_setting(void);

#endif
