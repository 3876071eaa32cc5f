/* settings/arguments: any lines as the arguments of `wordspot train` or of
 * `wordspot test_streaming_accuracy`, which picks most rows from another table. Each value that is
 * given is written as text, and read back from it as the same. */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/label_flags.h"
#include "settings/arguments.h"

enum { MAX_ARGUMENTS = 64 };

/** Memory for the values of any of the tables. */
typedef union any_values {
    ws_train_options train;
    ws_label_flags stream;
} any_values;

static any_values values, again;

static void check_value(const ws_flag *flag)
{
    static char text[WS_FLAG_MAX_TEXT], back[WS_FLAG_MAX_TEXT];
    ws_error err;

    if (flag->type == WS_FLAG_TEXTS)
        return;
    ws_flag_get_text(flag, &values, text, sizeof text);
    if (ws_flag_put(flag, text, &again, &err) != WS_OK)
        abort();
    ws_flag_get_text(flag, &again, back, sizeof back);
    if (strcmp(text, back) != 0)
        abort();
}

static void read_arguments(const ws_flag_table *table, int n_arguments, char **arguments)
{
    ws_flags flags;
    ws_error err = {0};
    bool help = false;

    memset(&values, 0, sizeof values);
    memset(&again, 0, sizeof again);
    if (ws_flags_init(&flags, table, &values, &err) == WS_OK) {
        const ws_status status = ws_arguments_read(&flags, n_arguments, arguments, &help, &err);
        if (status != WS_OK && status != WS_ENOMEM &&
            (status != WS_EUSAGE || err.message[0] == '\0'))
            abort();
        for (size_t i = 0; status == WS_OK && i < table->n_flags; i++) {
            if (!flags.given[i])
                continue;
            const ws_flag row = ws_flags_get_row(table, i);
            check_value(&row);
        }
    }
    ws_flags_deinit(&flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *arguments[MAX_ARGUMENTS];
    int n_arguments = 0;

    if (size == 0)
        return 0;
    const ws_flag_table *table = data[0] == 's' ? &ws_stream_flags : &ws_train_flags;
    char *text = malloc(size);
    if (text == NULL)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    for (char *line = strtok(text, "\n"); line != NULL && n_arguments < MAX_ARGUMENTS;
         line = strtok(NULL, "\n"))
        arguments[n_arguments++] = line;
    read_arguments(table, n_arguments, arguments);
    free(text);
    return 0;
}
