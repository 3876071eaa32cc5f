#include "base/shell.h"

#include <string.h>

enum { MAX_COMMAND_LINE_BYTES = 1 << 24 };

void ws_shell_push_word(ws_buf *buf, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./=,:+@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        ws_buf_push_string(buf, word);
        return;
    }
    ws_buf_push_byte(buf, '\'');
    for (; *word != '\0'; word++)
        ws_buf_push_format(buf, *word == '\'' ? "'\\''" : "%c", *word);
    ws_buf_push_byte(buf, '\'');
}

void ws_shell_push_flag(ws_buf *buf, const char *name, const char *value)
{
    ws_buf_push_format(buf, " --%s=", name);
    if (value[0] != '\0')
        ws_shell_push_word(buf, value);
}

char *ws_shell_join(size_t n_words, char *const *words)
{
    ws_buf line;
    ws_buf_init(&line, MAX_COMMAND_LINE_BYTES);
    for (size_t i = 0; i < n_words; i++) {
        if (i > 0)
            ws_buf_push_byte(&line, ' ');
        ws_shell_push_word(&line, words[i]);
    }
    char *text = ws_buf_take_string(&line);
    ws_buf_deinit(&line);
    return text;
}
