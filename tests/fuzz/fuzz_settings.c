/* settings/settings: any text as the settings in a checkpoint. What is taken over is written, and
 * taken over from that as the same. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "settings/settings.h"

/** Takes a text over into flags that have their defaults. @return what it is written as, owned;
 *  NULL if it is refused */
static char *take(const char *text, ws_settings_use use)
{
    ws_train_options options;
    ws_flags flags;
    ws_error err = {0};
    char *written = NULL;

    if (ws_flags_init(&flags, &ws_train_flags, &options, &err) == WS_OK) {
        const ws_status status = ws_settings_take(&flags, text, "a.ckpt-1", use, &err);
        if (status == WS_OK)
            written = ws_settings_write(&options);
        else if (err.message[0] == '\0' || (status == WS_EFORMAT && use != WS_SETTINGS_TRANSFER &&
                                            strstr(err.message, "a.ckpt-1") == NULL))
            abort();
        (void)ws_settings_find_change(&flags, text);
    }
    ws_flags_deinit(&flags);
    return written;
}

static void check_text(const char *text, ws_settings_use use)
{
    char *written = take(text, use), *name = ws_settings_get(text, "run_name");

    if (written != NULL) {
        char *again = take(written, WS_SETTINGS_AS_IS);
        if (again == NULL || strcmp(again, written) != 0)
            abort();
        free(again);
    }
    free(written);
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    if (text == NULL)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    check_text(text, (ws_settings_use)(data[0] % 3));
    free(text);
    return 0;
}
