/* Words of texts, and where they stand in a list: a part of the contract of lego.h, which cffi
 * reads as well. All memory is the caller's, so nothing is taken here and nothing is given back. */
#ifndef LEGO_CORE_WORDS_H
#define LEGO_CORE_WORDS_H

#include "../lego.h"

/* What letters[byte] says of a byte of a text, instead of the byte that it becomes. */
typedef enum lego_letter {
    LEGO_LETTER_DROPPED = -1, /* it is left out, also in the middle of a word */
    LEGO_LETTER_SPACE = -2    /* it stands between words */
} lego_letter;

/* `count` texts or words, one after another: number i has the bytes ends[i - 1] to ends[i], the
 * first one those from 0 on. */
typedef struct lego_strings {
    int64_t count;
    const char *bytes;
    const int64_t *ends;
} lego_strings;

/* Fills the table by which lego_words_find() finds these words: slots[slot_count], of which there
 * are more than words, a power of two; twice as many make it quick. Of equal words it has the first
 * one. */
lego_status lego_words_place(const lego_strings *words, int64_t *slots, int64_t slot_count);

/* Reads the words of each text, at most `most` of them: found[] receives the number of each word in
 * `words`, -1 for one that is not there, text after text, and lengths[texts->count] how many each
 * text has. letters[256] says what becomes of each byte. It is refused, with a sentence, where more
 * than `room` words are found. */
lego_status lego_words_find(const lego_strings *words, const int64_t *slots, int64_t slot_count,
                            const lego_strings *texts, const int16_t *letters, int64_t most,
                            int64_t *found, int64_t room, int64_t *lengths);

#endif
