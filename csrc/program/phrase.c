/* Chains: bricks in a row that one loop can say (the phrases of tensor/brick.h). */
#include <ctype.h>
#include <string.h>

#include "chain.h"

/* An operand that a letter of the text stands for. */
typedef struct letter {
    char name;
    const operand *operand;
    int reader; /* the part it belongs to */
} letter;

/* A phrase beside the parts that end with parts[last]. */
typedef struct matching {
    const part *const *parts;
    int count;
    const bool *is_inner;
    const int *writes_for;
    int last;
    int first;   /* of the parts that matched so far */
    int matched; /* their number, with the assignments that they do themselves */
    int letter_count;
    letter letters[MOST_PHRASE_INPUTS];
    int result_count;
    char names[MOST_PHRASE_RESULTS]; /* of the results; the whole has none */
    int makers[MOST_PHRASE_RESULTS];
} matching;

static bool match_brick(matching *m, const char **text, int at);

static lego_dtype dtype_of(const matching *m) {
    return m->parts[m->last]->y[0].array.dtype;
}

static int maker_before(const matching *m, int home, int reader) {
    int i = reader - 1;
    while (i >= 0 && (m->parts[i]->y[0].home != home || part_writes(m->parts[i]))) {
        i--;
    }
    return i;
}

/* Whether one operand alone reads the home. */
static bool is_read_once(const matching *m, int home) {
    int reads = 0;
    for (int i = 0; i < m->count; i++) {
        for (int x = part_first_input(m->parts[i]); x < m->parts[i]->x_count; x++) {
            reads += m->parts[i]->x[x].home == home;
        }
    }
    return m->is_inner[home] && reads == 1;
}

static operand_form form_of(const matching *m, const operand *o, int reader) {
    int64_t columns;
    return form_below(&o->array, &m->parts[reader]->y[0].array, &columns);
}

/* Which result has the name; 0, which is the whole: none. */
static int result_named(const matching *m, char name) {
    int i = m->result_count - 1;
    while (i > 0 && m->names[i] != name) {
        i--;
    }
    return i;
}

/* A letter stands for the same operand wherever it is. */
static bool match_letter(matching *m, char name, const operand *o, int reader) {
    int result = result_named(m, name);
    if (result > 0) {
        return m->parts[m->makers[result]]->y[0].home == o->home &&
               form_of(m, o, reader) == FORM_WHOLE;
    }
    for (int i = 0; i < m->letter_count; i++) {
        const letter *known = &m->letters[i];
        if (known->name == name) {
            return known->operand->home == o->home && known->operand->offset == o->offset;
        }
    }
    bool is_number = isupper((unsigned char)name);
    if (form_of(m, o, reader) != (is_number ? FORM_NUMBER : FORM_WHOLE) ||
        o->array.dtype != dtype_of(m) || m->letter_count == MOST_PHRASE_INPUTS) {
        return false;
    }
    m->letters[m->letter_count++] = (letter){name, o, reader};
    return true;
}

static bool is_letter(const char *text) {
    return !isalpha((unsigned char)text[1]) && text[1] != '_';
}

/* Whether the text says how this operand of parts[reader] is made. */
static bool match_operand(matching *m, const char **text, const operand *o, int reader) {
    char name = **text;
    bool is_named = strncmp(*text + 1, " = ", 3) == 0;
    *text += is_named ? 4 : 0;
    if (is_letter(*text)) {
        return match_letter(m, *(*text)++, o, reader);
    }
    int maker = maker_before(m, o->home, reader);
    if (maker < 0 || form_of(m, o, reader) != FORM_WHOLE) {
        return false;
    }
    if (is_named && m->result_count < MOST_PHRASE_RESULTS) {
        m->names[m->result_count] = name;
        m->makers[m->result_count++] = maker;
        m->matched += m->writes_for[maker] >= 0;
    } else if (!is_read_once(m, o->home)) {
        return false;
    }
    return match_brick(m, text, maker);
}

/* Whether the text says how the operands of parts[at] are made; turned: the last one first. */
static bool match_operands(matching *m, const char **text, int at, bool is_turned) {
    const part *piece = m->parts[at];
    for (int i = 0; i < piece->x_count; i++) {
        int which = is_turned ? piece->x_count - 1 - i : i;
        if (!match_operand(m, text, &piece->x[which], at)) {
            return false;
        }
        *text += strspn(*text, ", )");
    }
    return true;
}

/* Whether the text, "name(operand, ...)", says what parts[at] is; it is read up to its end. */
static bool match_brick(matching *m, const char **text, int at) {
    const part *piece = m->parts[at];
    size_t length = strlen(piece->brick->name);
    if (strncmp(*text, piece->brick->name, length) != 0 || (*text)[length] != '(' ||
        !part_loop(piece) || piece->y[0].array.dtype != dtype_of(m)) {
        return false;
    }
    *text += length + 1;
    m->matched++;
    m->first = at < m->first ? at : m->first;
    const char *begin = *text;
    matching former = *m;
    if (match_operands(m, text, at, false)) {
        return true;
    }
    *m = former;
    *text = begin;
    return piece->brick->facts & LEGO_COMMUTES && match_operands(m, text, at, true);
}

/* The assignments in between write what the phrase makes; what it reads it reads before that. */
static bool reads_come_first(const matching *m) {
    for (int i = m->first; i < m->last; i++) {
        for (int k = 0; k < m->letter_count && part_writes(m->parts[i]); k++) {
            const letter *l = &m->letters[k];
            if (l->reader > i && l->operand->home == m->parts[i]->y[0].home) {
                return false;
            }
        }
    }
    return true;
}

/* The phrase must say all that is done from its first part to its last. */
static bool match_phrase(matching *m, const lego_phrase *phrase) {
    const char *text = phrase->text;
    m->first = m->last;
    m->makers[m->result_count++] = m->last;
    return phrase->loops[dtype_of(m)] && match_brick(m, &text, m->last) && !*text &&
           m->matched == m->last - m->first + 1 && reads_come_first(m);
}

static void take_letters(const matching *m, bool is_number, wording *w) {
    for (int i = 0; i < m->letter_count; i++) {
        const letter *l = &m->letters[i];
        if (!isupper((unsigned char)l->name) == !is_number) {
            w->x[w->x_count] = l->operand;
            w->readers[w->x_count++] = l->reader;
        }
    }
}

static wording phrase_wording(const matching *m, const lego_phrase *phrase) {
    wording w = {
        .phrase = phrase->loops[dtype_of(m)],
        .text = phrase->text,
        .first = m->first,
        .last = m->last,
        .y_count = m->result_count,
    };
    take_letters(m, false, &w);
    take_letters(m, true, &w);
    memcpy(w.makers, m->makers, sizeof m->makers);
    return w;
}

static wording single_wording(const part *piece, int at) {
    wording w = {.loop = part_loop(piece), .first = at, .last = at, .makers = {at}};
    w.y_count = w.loop ? 1 : 0;
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        w.x[w.x_count] = &piece->x[i];
        w.readers[w.x_count++] = at;
    }
    return w;
}

wording chain_wording(const part *const *parts, int count, const bool *is_inner,
                      const int *writes_for, int last) {
    const lego_phrase *phrase = parts[last]->brick->phrases;
    for (; phrase && phrase->text; phrase++) {
        matching m = {parts, count, is_inner, writes_for, .last = last};
        if (match_phrase(&m, phrase)) {
            return phrase_wording(&m, phrase);
        }
    }
    return single_wording(parts[last], last);
}
