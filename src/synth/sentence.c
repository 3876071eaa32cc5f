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

enum { N_WORDS = sizeof words / sizeof *words, LEAST = 4, MOST = 10 };

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
        const char *word = words[ws_random_below(random, N_WORDS)];
        if (has_word(phrase, word) || used + strlen(word) + 2 > size)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", word);
    }
}
