/* Words of texts: what is found, and what is refused. */
#include "core/words.h"

#include <string.h>

#include "check.h"

enum { SLOTS = 8, ROOM = 4 };

/* "lego", "brick" and "" */
static const char list[] = "legobrick";
static const int64_t list_ends[] = {4, 9, 9};
static const lego_strings words = {3, list, list_ends};

/* Small letters of capitals; '!' is dropped. */
static void fill_letters(int16_t *letters) {
    for (int byte = 0; byte < 256; byte++) {
        letters[byte] = (int16_t)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
    }
    letters[' '] = LEGO_LETTER_SPACE;
    letters['!'] = LEGO_LETTER_DROPPED;
}

static lego_status find(const char *text, int64_t length, int64_t most, int64_t room,
                        int64_t *found, int64_t *lengths) {
    int16_t letters[256];
    int64_t slots[SLOTS];
    const int64_t ends[] = {length, (int64_t)strlen(text)};
    const lego_strings texts = {2, text, ends};
    fill_letters(letters);
    CHECK(!lego_words_place(&words, slots, SLOTS));
    return lego_words_find(&words, slots, SLOTS, &texts, letters, most, found, room, lengths);
}

static void words_of_each_text_are_found(void) {
    int64_t found[ROOM] = {7, 7, 7, 7}, lengths[2];
    CHECK(!find(" LE!GO  legos!brick", 9, ROOM, ROOM, found, lengths));
    CHECK(lengths[0] == 2 && found[0] == 0 && found[1] == -1); /* lego, l */
    CHECK(lengths[1] == 1 && found[2] == -1 && found[3] == 7); /* egosbrick */
    CHECK(!find("! !!brick brick a", 3, 1, ROOM, found, lengths));
    CHECK(lengths[0] == 0 && lengths[1] == 1 && found[0] == 1);
    CHECK(!find("", 0, ROOM, 0, found, lengths) && lengths[0] == 0 && lengths[1] == 0);
}

static void a_byte_of_any_value_is_a_letter(void) {
    int64_t found[ROOM], lengths[2];
    CHECK(!find("\xff\x80 lego", 2, ROOM, ROOM, found, lengths));
    CHECK(lengths[0] == 1 && found[0] == -1 && lengths[1] == 1 && found[1] == 0);
}

static void what_has_no_room_is_refused(void) {
    int64_t found[ROOM], lengths[2];
    CHECK(find("a b c", 1, ROOM, 2, found, lengths) == LEGO_BAD_VALUE);
    CHECK(last_error_says("no room for more than 2 words"));
    CHECK(find("a b c", 9, ROOM, ROOM, found, lengths) == LEGO_BAD_VALUE);
    CHECK(last_error_says("text 1 ends before it begins"));
}

static void tables_that_cannot_be_are_refused(void) {
    int64_t slots[SLOTS];
    CHECK(lego_words_place(&words, slots, 3) == LEGO_BAD_VALUE); /* no power of two */
    CHECK(lego_words_place(&words, slots, 2) == LEGO_BAD_VALUE);
    CHECK(lego_words_place(&words, slots, 0) == LEGO_BAD_VALUE);
    CHECK(last_error_says("3 words cannot have 0 slots"));
    const int64_t wrong[] = {4, 3, 9};
    CHECK(lego_words_place(&(lego_strings){3, list, wrong}, slots, SLOTS) == LEGO_BAD_VALUE);
    CHECK(last_error_says("word 1 ends before it begins"));
}

/* A table that is full of other words, or of what lego_words_place() never wrote. */
static void no_table_is_searched_without_end(void) {
    int16_t letters[256];
    int64_t slots[SLOTS], found[ROOM], lengths[1];
    const lego_strings text = {1, "lego", (const int64_t[]){4}};
    fill_letters(letters);
    memset(slots, 0xFF, sizeof slots);
    CHECK(!lego_words_find(&words, slots, SLOTS, &text, letters, 9, found, ROOM, lengths));
    CHECK(lengths[0] == 1 && found[0] == -1);
}

/* As if two words had the same hash. */
static void a_hash_alone_is_no_word(void) {
    int16_t letters[256];
    int64_t slots[SLOTS], found[ROOM], lengths[1];
    const lego_strings text = {1, "lego brick", (const int64_t[]){10}};
    const lego_strings others = {3, "legsbrick", list_ends};
    fill_letters(letters);
    CHECK(!lego_words_place(&words, slots, SLOTS));
    CHECK(!lego_words_find(&others, slots, SLOTS, &text, letters, 9, found, ROOM, lengths));
    CHECK(lengths[0] == 2 && found[0] == -1 && found[1] == 1);
}

/* ---- the group ------------------------------------------------------------------------------- */

const test word_tests[] = {
    {"words of each text are found", words_of_each_text_are_found},
    {"a byte of any value is a letter", a_byte_of_any_value_is_a_letter},
    {"what has no room is refused", what_has_no_room_is_refused},
    {"tables that cannot be are refused", tables_that_cannot_be_are_refused},
    {"no table is searched without end", no_table_is_searched_without_end},
    {"a hash alone is not a word", a_hash_alone_is_no_word},
    {NULL, NULL},
};
