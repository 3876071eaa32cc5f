#include "formats/c_name.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/** Words that C17 or C++20 keeps for itself: the files are for both. */
static const char *const keywords[] = {
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
};

/** A keyword, or a name that C keeps for compilers. */
static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(keywords[i], name) == 0)
            return true;
    return name[0] == '_' || strstr(name, "__") != NULL;
}

static bool is_ascii_alnum(char c)
{
    return (unsigned char)c < 0x80 && isalnum((unsigned char)c);
}

ws_status ws_c_name_check(const char *name, ws_error *err)
{
    bool is_name = (is_ascii_alnum(name[0]) && !isdigit((unsigned char)name[0])) || name[0] == '_';

    for (const char *at = name; *at != '\0'; at++)
        is_name = is_name && (is_ascii_alnum(*at) || *at == '_');
    if (is_name && !is_reserved(name))
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--c_name=%s: %sexpected the name of a variable in C, such as %s", name,
                   is_name ? "C or C++ keeps this name for itself; " : "", WS_C_NAME_DEFAULT);
}

void ws_c_name_make(const char *text, char *name, size_t size)
{
    static const char before_digit[] = "word_", after_keyword[] = "_model";
    size_t n = 0;

    assert(size >= 32);
    const size_t room = size - sizeof before_digit - sizeof after_keyword;
    for (const char *at = text; *at != '\0' && n < room; at++) {
        if (is_ascii_alnum(*at))
            name[n++] = (char)tolower((unsigned char)*at);
        else if (n > 0 && name[n - 1] != '_')
            name[n++] = '_';
    }
    while (n > 0 && name[n - 1] == '_')
        n--;
    name[n] = '\0';
    if (n == 0) {
        (void)snprintf(name, size, "%s", WS_C_NAME_DEFAULT);
    } else if (isdigit((unsigned char)name[0])) {
        memmove(name + sizeof before_digit - 1, name, n + 1);
        memcpy(name, before_digit, sizeof before_digit - 1);
    } else if (is_reserved(name)) {
        memcpy(name + n, after_keyword, sizeof after_keyword);
    }
}
