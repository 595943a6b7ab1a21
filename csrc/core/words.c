/* Words of texts: a table with open addressing. A slot has the upper half of a word's hash and its
 * number from 1 on, so that nearly all words that are not there are told apart without a look at
 * others; 0 is an empty slot. A word of a text is never copied: its hash is computed while it is
 * read, and it is compared where it lies. */
#include "words.h"

#include <string.h>

#include "error.h"

static const uint64_t FNV_START = 14695981039346656037u;
static const uint64_t FNV_FACTOR = 1099511628211u; /* FNV-1a (Fowler, Noll, Vo) */
static const uint64_t UPPER_HALF = 0xFFFFFFFF00000000u;

/* A word in a text: bytes that lie between begin and end, without those that are dropped. */
typedef struct text_word {
    const char *begin;
    const char *end;
    int64_t length;
    uint64_t hash;
} text_word;

typedef struct word_table {
    const lego_strings *words;
    const int64_t *slots;
    uint64_t mask;
} word_table;

static uint64_t hash_with(uint64_t hash, int letter) {
    return (hash ^ (uint64_t)letter) * FNV_FACTOR;
}

static int letter_of(const int16_t *letters, char byte) {
    int letter = letters[(unsigned char)byte];
    return letter < 0 ? letter : (unsigned char)letter;
}

static int64_t begin_of(const lego_strings *s, int64_t i) {
    return i > 0 ? s->ends[i - 1] : 0;
}

static lego_status check_ends(const char *what, const lego_strings *s) {
    for (int64_t i = 0; i < s->count; i++) {
        if (s->ends[i] < begin_of(s, i)) {
            return fail(LEGO_BAD_VALUE, "%s %lld ends before it begins", what, (long long)i);
        }
    }
    return LEGO_OK;
}

static lego_status check_table(const lego_strings *words, int64_t slot_count) {
    bool is_power = slot_count > 0 && (slot_count & (slot_count - 1)) == 0;
    if (words->count < 0 || words->count >= UINT32_MAX || !is_power || slot_count <= words->count) {
        return fail(LEGO_BAD_VALUE, "a table of %lld words cannot have %lld slots",
                    (long long)words->count, (long long)slot_count);
    }
    return check_ends("word", words);
}

/* Reads the word that begins at or behind `at`; its length is 0 if there is none. */
static text_word read_word(const int16_t *letters, const char *at, const char *end) {
    text_word w = {.begin = at, .hash = FNV_START};
    for (; at < end; at++) {
        int letter = letter_of(letters, *at);
        if (letter >= 0) {
            w.begin = w.length++ == 0 ? at : w.begin;
            w.hash = hash_with(w.hash, letter);
        } else if (letter == LEGO_LETTER_SPACE && w.length > 0) {
            break;
        }
    }
    w.end = at;
    return w;
}

static bool is_same(const text_word *w, const int16_t *letters, const char *word, int64_t length) {
    if (length != w->length) {
        return false;
    }
    for (const char *at = w->begin; at < w->end; at++) {
        int letter = letter_of(letters, *at);
        if (letter >= 0 && letter != (unsigned char)*word++) {
            return false;
        }
    }
    return true;
}

/* The number of the word; -1: it is not there. */
static int64_t find(const word_table *t, const text_word *w, const int16_t *letters) {
    uint64_t at = w->hash;
    for (uint64_t looked = 0; looked <= t->mask; looked++, at++) {
        uint64_t slot = (uint64_t)t->slots[at & t->mask];
        int64_t word = (int64_t)(slot & ~UPPER_HALF) - 1;
        if (word < 0) {
            return -1;
        }
        if ((slot & UPPER_HALF) == (w->hash & UPPER_HALF) && word < t->words->count) {
            int64_t begin = begin_of(t->words, word);
            if (is_same(w, letters, t->words->bytes + begin, t->words->ends[word] - begin)) {
                return word;
            }
        }
    }
    return -1;
}

lego_status lego_words_place(const lego_strings *words, int64_t *slots, int64_t slot_count) {
    lego_status status = check_table(words, slot_count);
    if (status) {
        return status;
    }
    uint64_t mask = (uint64_t)slot_count - 1;
    memset(slots, 0, (size_t)slot_count * sizeof *slots);
    for (int64_t i = 0; i < words->count; i++) {
        uint64_t hash = FNV_START;
        for (int64_t at = begin_of(words, i); at < words->ends[i]; at++) {
            hash = hash_with(hash, (unsigned char)words->bytes[at]);
        }
        uint64_t slot = hash;
        while (slots[slot & mask]) {
            slot++;
        }
        slots[slot & mask] = (int64_t)((hash & UPPER_HALF) | (uint64_t)(i + 1));
    }
    return LEGO_OK;
}

lego_status lego_words_find(const lego_strings *words, const int64_t *slots, int64_t slot_count,
                            const lego_strings *texts, const int16_t *letters, int64_t most,
                            int64_t *found, int64_t room, int64_t *lengths) {
    const word_table table = {words, slots, (uint64_t)slot_count - 1};
    lego_status status = check_table(words, slot_count);
    status = status ? status : check_ends("text", texts);
    int64_t all = 0;
    for (int64_t i = 0; i < texts->count && !status; i++) {
        const char *at = texts->bytes + begin_of(texts, i), *end = texts->bytes + texts->ends[i];
        for (lengths[i] = 0; lengths[i] < most; lengths[i]++) {
            text_word w = read_word(letters, at, end);
            if (w.length == 0) {
                break;
            }
            if (all == room) {
                return fail(LEGO_BAD_VALUE, "there is no room for more than %lld words",
                            (long long)room);
            }
            found[all++] = find(&table, &w, letters);
            at = w.end;
        }
    }
    return status;
}
