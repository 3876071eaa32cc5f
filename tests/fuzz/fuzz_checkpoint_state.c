/* checkpoint/state: any text as the file `checkpoint`. What is read must survive being written. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "checkpoint/state.h"

static const char *folder; /* made at the first input, removed at exit */
static char *path;

static void remove_folder(void)
{
    (void)remove(path);
    (void)remove(folder);
    free(path);
}

static void make_folder(void)
{
    static char name[] = "/tmp/ws_fuzz_state_XXXXXX";
    folder = mkdtemp(name);
    path = ws_path_join(name, WS_CHECKPOINT_STATE_NAME);
    if (folder == NULL || path == NULL || atexit(remove_folder) != 0)
        abort();
}

static void check_written_again(const ws_checkpoint_state *state)
{
    ws_checkpoint_state again;

    if (ws_checkpoint_state_write(folder, &state->all, NULL) != WS_OK ||
        ws_checkpoint_state_read(folder, &again, NULL) != WS_OK ||
        again.all.n_items != state->all.n_items || again.latest == NULL)
        abort();
    for (size_t i = 0; i < again.all.n_items; i++)
        if (strcmp(again.all.items[i], state->all.items[i]) != 0)
            abort();
    ws_checkpoint_state_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ws_checkpoint_state state;
    ws_error err;

    if (folder == NULL)
        make_folder();
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
    if (ws_checkpoint_state_read(folder, &state, &err) == WS_OK && state.all.n_items > 0)
        check_written_again(&state);
    ws_checkpoint_state_deinit(&state);
    return 0;
}
