#include "dataset/phrase_name.h"

#include <ctype.h>
#include <string.h>

static void write_name(const char *text, size_t n, char name[WS_PHRASE_NAME_BYTES])
{
    n = n < WS_PHRASE_NAME_BYTES ? n : WS_PHRASE_NAME_BYTES - 1;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        name[i] = isalnum(c) || c >= 0x80 ? (char)tolower(c) : '_';
    }
    name[n] = '\0';
}

void ws_phrase_name_write(const char *phrase, char name[WS_PHRASE_NAME_BYTES])
{
    write_name(phrase, strlen(phrase), name);
}

static bool is_of(const char *folder, size_t n, const char *phrase)
{
    char name[WS_PHRASE_NAME_BYTES], wanted[WS_PHRASE_NAME_BYTES];

    write_name(folder, n, name);
    ws_phrase_name_write(phrase, wanted);
    return strcmp(name, wanted) == 0;
}

bool ws_phrase_name_is_of(const char *folder, const char *phrase)
{
    size_t end = strlen(folder);

    while (end > 0 && folder[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && folder[start - 1] != '/')
        start--;
    return is_of(folder + start, end - start, phrase);
}

bool ws_phrase_name_is_in(const char *path, const char *phrase)
{
    for (const char *slash; (slash = strchr(path, '/')) != NULL; path = slash + 1)
        if (is_of(path, (size_t)(slash - path), phrase))
            return true;
    return false;
}

void ws_phrase_name_warn(const ws_log *log, const char *dir, size_t n, const char *phrase)
{
    if (n > 0)
        ws_log_write(log, WS_LOG_WARN,
                     "%s: left out: %zu sound file%s in folders named \"%s\", as sound without the "
                     "phrase is expected here",
                     dir, n, n == 1 ? "" : "s", phrase);
}
