#include "formats/json_scan.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct scanner {
    const char *at;
    ws_json_see *see;
    void *user;
    bool is_stopped;
    size_t depth;
    char key[WS_JSON_SCAN_MAX_KEY + 1]; /* of the member under way, with those around it */
    char text[WS_JSON_SCAN_MAX_TEXT + 1];
} scanner;

static void skip_blanks(scanner *s)
{
    while (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t')
        s->at++;
}

static bool take(scanner *s, char c)
{
    skip_blanks(s);
    if (*s->at != c)
        return false;
    s->at++;
    return true;
}

/** Four hexadecimal digits. @return the number, or -1 */
static int32_t take_unit(scanner *s)
{
    int32_t unit = 0;

    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *found = *s->at != '\0' ? strchr(digits, *s->at) : NULL;
        if (found == NULL)
            return -1;
        unit = unit * 16 + (int32_t)(found - digits) % 16;
        s->at++;
    }
    return unit;
}

/** After \u: a character, perhaps of two units. @return it, or -1 */
static int32_t take_code(scanner *s)
{
    const int32_t high = take_unit(s);

    if (high < 0xd800 || high > 0xdfff)
        return high == 0 ? -1 : high; /* a text with a zero in it is not wanted */
    if (high > 0xdbff || s->at[0] != '\\' || s->at[1] != 'u')
        return -1;
    s->at += 2;
    const int32_t low = take_unit(s);
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00) : -1;
}

/** As UTF-8. @return bytes */
static size_t encode(int32_t code, char bytes[4])
{
    const uint32_t c = (uint32_t)code;
    const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0x00, 0xc0, 0xe0, 0xf0};

    bytes[0] = (char)(first[n] | (c >> 6 * (n - 1)));
    for (size_t i = 1; i < n; i++)
        bytes[i] = (char)(0x80 | ((c >> 6 * (n - 1 - i)) & 0x3f));
    return n;
}

/** What follows a backslash. @return bytes; 0: it is not JSON */
static size_t take_escape(scanner *s, char bytes[4])
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *found = *s->at != '\0' ? strchr(names, *s->at) : NULL;

    if (found != NULL) {
        s->at++;
        bytes[0] = meanings[found - names];
        return 1;
    }
    if (*s->at != 'u')
        return 0;
    s->at++;
    const int32_t code = take_code(s);
    return code < 0 ? 0 : encode(code, bytes);
}

/** A text in quotes, of at most `max` bytes. */
static bool take_text(scanner *s, char *to, size_t max)
{
    size_t n = 0;

    if (!take(s, '"'))
        return false;
    while (*s->at != '"') {
        char bytes[4] = {*s->at};
        size_t n_bytes = 1;
        if (*s->at == '\0')
            return false;
        s->at++;
        if (bytes[0] == '\\')
            n_bytes = take_escape(s, bytes);
        if (n_bytes == 0 || n + n_bytes > max)
            return false;
        memcpy(to + n, bytes, n_bytes);
        n += n_bytes;
    }
    to[n] = '\0';
    s->at++;
    return true;
}

static void show(scanner *s, const char *text, double number)
{
    if (!s->is_stopped && s->see != NULL)
        s->is_stopped = !s->see(s->user, s->key, text, number);
}

static bool take_word(scanner *s, const char *word)
{
    const size_t length = strlen(word);

    if (strncmp(s->at, word, length) != 0)
        return false;
    s->at += length;
    return true;
}

static bool take_number(scanner *s, double *number)
{
    char *end;

    if (*s->at != '-' && (*s->at < '0' || *s->at > '9'))
        return false;
    *number = strtod(s->at, &end);
    s->at = end;
    return true;
}

static bool take_value(scanner *s);

/** @param end  '}' of an object, ']' of a list */
static bool take_members(scanner *s, char end)
{
    const size_t length = strlen(s->key);

    if (++s->depth > WS_JSON_SCAN_MAX_DEPTH)
        return false;
    bool is_fine = true, has_more = !take(s, end);
    while (has_more && is_fine && !s->is_stopped) {
        if (end == '}') {
            const size_t start = length == 0 ? 0 : length + 1;
            is_fine = start <= WS_JSON_SCAN_MAX_KEY;
            if (is_fine && length > 0)
                s->key[length] = '.';
            is_fine = is_fine && take_text(s, s->key + start, WS_JSON_SCAN_MAX_KEY - start) &&
                      take(s, ':');
        }
        is_fine = is_fine && take_value(s);
        has_more = take(s, ',');
        is_fine = is_fine && (has_more || s->is_stopped || take(s, end));
    }
    s->key[length] = '\0';
    s->depth--;
    return is_fine;
}

/** What is in a list is checked, but not shown. */
static bool take_list(scanner *s)
{
    ws_json_see *see = s->see;

    s->see = NULL;
    const bool is_fine = take_members(s, ']');
    s->see = see;
    return is_fine;
}

static bool take_value(scanner *s)
{
    double number;

    skip_blanks(s);
    if (*s->at == '"') {
        if (!take_text(s, s->text, WS_JSON_SCAN_MAX_TEXT))
            return false;
        show(s, s->text, 0.0);
        return true;
    }
    if (take_number(s, &number)) {
        show(s, NULL, number);
        return true;
    }
    if (take(s, '{'))
        return take_members(s, '}');
    if (take(s, '['))
        return take_list(s);
    return take_word(s, "true") || take_word(s, "false") || take_word(s, "null");
}

bool ws_json_scan(const char *json, ws_json_see *see, void *user)
{
    scanner s = {.at = json, .see = see, .user = user};

    if (!take(&s, '{') || !take_members(&s, '}'))
        return false;
    skip_blanks(&s);
    return s.is_stopped || *s.at == '\0';
}
