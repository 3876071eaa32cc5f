#include "synth/sentence.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Words that people say at home, with all sounds of English in them. */
static const char *const words[] = {
    "about",    "above",     "across",    "after",    "again",    "almost",    "always",
    "another",  "answer",    "anything",  "apple",    "around",   "asked",     "baby",
    "back",     "basket",    "because",   "before",   "begin",    "believe",   "better",
    "between",  "birthday",  "blue",      "boat",     "book",     "bottle",    "bread",
    "bring",    "brother",   "busy",      "butter",   "call",     "careful",   "chair",
    "change",   "cheese",    "children",  "choose",   "church",   "city",      "clean",
    "clothes",  "coffee",    "cold",      "come",     "cousin",   "cover",     "dance",
    "daughter", "decide",    "dinner",    "doctor",   "door",     "dream",     "drive",
    "early",    "easy",      "eight",     "enough",   "evening",  "every",     "example",
    "family",   "farm",      "father",    "feather",  "finger",   "finish",    "first",
    "flower",   "follow",    "forget",    "forty",    "friday",   "friend",    "garden",
    "general",  "give",      "glass",     "going",    "grandma",  "great",     "green",
    "guess",    "hammer",    "happen",    "head",     "heavy",    "help",      "history",
    "holiday",  "hospital",  "house",     "hundred",  "hurry",    "idea",      "imagine",
    "inside",   "island",    "jacket",    "join",     "journey",  "juice",     "kitchen",
    "knife",    "language",  "later",     "laugh",    "learn",    "leave",     "letter",
    "library",  "listen",    "little",    "lunch",    "machine",  "making",    "market",
    "matter",   "maybe",     "measure",   "message",  "middle",   "minute",    "monday",
    "money",    "morning",   "mother",    "mountain", "move",     "music",     "nation",
    "nature",   "never",     "news",      "night",    "nothing",  "number",    "ocean",
    "office",   "often",     "orange",    "other",    "outside",  "oven",      "over",
    "paper",    "party",     "people",    "perhaps",  "phone",    "picture",   "planet",
    "play",     "pleasure",  "please",    "power",    "pretty",   "problem",   "purple",
    "question", "quick",     "quiet",     "rabbit",   "radio",    "rather",    "ready",
    "really",   "remember",  "river",     "round",    "saturday", "school",    "science",
    "seven",    "should",    "shower",    "sister",   "sleep",    "someone",   "soup",
    "spring",   "station",   "story",     "street",   "sugar",    "summer",    "supper",
    "table",    "teacher",   "telephone", "thank",    "their",    "there",     "thing",
    "thirty",   "thought",   "through",   "ticket",   "together", "tomorrow",  "tonight",
    "touch",    "travel",    "tree",      "tuesday",  "twelve",   "under",     "until",
    "usual",    "vegetable", "very",      "village",  "visit",    "voice",     "waiting",
    "walk",     "warm",      "watch",     "water",    "weather",  "wednesday", "week",
    "welcome",  "where",     "which",     "window",   "winter",   "without",   "woman",
    "wonder",   "world",     "write",     "year",     "yellow",   "yesterday", "young",
    "zebra",    "zero",
};

/* Words between the others, which every text has most of. */
static const char *const short_words[] = {
    "a",    "all",  "an",   "and",  "any",  "are",   "as",    "at",   "be",   "been", "but",
    "by",   "can",  "did",  "do",   "down", "for",   "from",  "had",  "has",  "have", "he",
    "her",  "him",  "his",  "how",  "i",    "if",    "in",    "into", "is",   "it",   "its",
    "just", "like", "man",  "may",  "me",   "more",  "most",  "must", "my",   "no",   "nor",
    "not",  "now",  "of",   "off",  "on",   "one",   "or",    "our",  "out",  "own",  "said",
    "same", "she",  "so",   "some", "such", "than",  "that",  "the",  "them", "then", "these",
    "they", "this", "to",   "too",  "two",  "up",    "upon",  "us",   "was",  "we",   "well",
    "were", "what", "when", "who",  "will", "would", "which", "yet",  "you",  "your", "yes",
};

/* Syllables of words that do not exist, so that all sounds and most of their sequences are heard,
 * which a few hundred words do not have. */
static const char *const onsets[] = {
    "b",  "bl", "br", "c",  "ch", "cl", "cr", "d",  "dr",  "f",  "fl", "fr", "g",  "gl", "gr",
    "h",  "j",  "k",  "l",  "m",  "n",  "p",  "pl", "pr",  "qu", "r",  "s",  "sc", "sh", "sl",
    "sm", "sn", "sp", "st", "sw", "t",  "th", "tr", "str", "v",  "w",  "y",  "z",  "",   "",
};
static const char *const vowels[] = {
    "a",  "a",  "e",  "e",  "i",  "i",  "o",  "o",  "u",  "ai",
    "ee", "oa", "oo", "ou", "ar", "er", "or", "ow", "ea", "oy",
};
static const char *const codas[] = {
    "",   "n",  "m",  "t",  "d",  "s",  "l",  "r",  "p", "k",  "ng", "nt",
    "nd", "st", "sh", "ch", "lt", "mp", "ck", "ll", "x", "ss", "th", "v",
};

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof *(list)))

enum { LEAST = 4, MOST = 12, MAX_WORD_BYTES = 40, MAX_SYLLABLES = 3 };

/* Of the words of a sentence; the others are those of the first list. */
static const double short_share = 0.35, invented_share = 0.3;

/** Appends one of a list to a word. */
static void append(char word[MAX_WORD_BYTES], const char *const *list, uint32_t n,
                   ws_random *random)
{
    const size_t used = strlen(word);

    (void)snprintf(word + used, MAX_WORD_BYTES - used, "%s", list[ws_random_below(random, n)]);
}

static void invent_word(char word[MAX_WORD_BYTES], ws_random *random)
{
    const uint32_t n = 1 + ws_random_below(random, MAX_SYLLABLES);

    word[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        append(word, onsets, COUNT(onsets), random);
        append(word, vowels, COUNT(vowels), random);
        if (i + 1 == n || ws_random_uniform(random) < 0.4)
            append(word, codas, COUNT(codas), random);
    }
}

static void draw_word(char word[MAX_WORD_BYTES], ws_random *random)
{
    const double what = ws_random_uniform(random);

    word[0] = '\0';
    if (what < short_share)
        append(word, short_words, COUNT(short_words), random);
    else if (what < short_share + invented_share)
        invent_word(word, random);
    else
        append(word, words, COUNT(words), random);
}

/** Whether a text has that word, in upper or lower case. */
static bool has_word(const char *text, const char *word)
{
    const size_t n = strlen(word);

    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        if (length == n && strncasecmp(text, word, n) == 0)
            return true;
        text += length + (text[length] == ' ');
    }
    return false;
}

void ws_synth_sentence_draw(const char *phrase, ws_random *random, char *text, size_t size)
{
    const uint32_t n = LEAST + ws_random_below(random, MOST - LEAST + 1);
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        char word[MAX_WORD_BYTES];
        draw_word(word, random);
        if (has_word(phrase, word) || used + strlen(word) + 2 > size)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", word);
    }
}
