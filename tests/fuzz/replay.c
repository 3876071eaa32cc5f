/* Runs a fuzz target once over every file of the folders given: the corpus as an ordinary test, of
 * any compiler. Exit code 1 if a folder cannot be read or is empty; a broken promise aborts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "fuzz/fuzz.h"

#define MAX_INPUT_BYTES ((size_t)1 << 24)

static ws_status replay_file(const char *path, ws_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;

    const ws_status status = ws_file_read(path, MAX_INPUT_BYTES, &bytes, &size, err);
    if (status != WS_OK)
        return status;
    /* a block of exactly this size, so that a sanitizer sees a read past its end */
    unsigned char *exact = malloc(size > 0 ? size : 1);
    if (exact != NULL) {
        memcpy(exact, bytes, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(bytes);
    return exact != NULL ? WS_OK : ws_fail_memory(err, path);
}

static ws_status replay_folder(const char *dir, ws_error *err)
{
    ws_text_list names = {.items = NULL};

    ws_status status = ws_dir_list(dir, &names, err);
    if (status == WS_OK && names.n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND, "%s: is empty, expected a corpus", dir);
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        char *path = ws_path_join(dir, names.items[i]);
        status = path == NULL ? ws_fail_memory(err, dir) : replay_file(path, err);
        free(path);
    }
    if (status == WS_OK)
        printf("%s: %zu inputs\n", dir, names.n_items);
    ws_text_list_deinit(&names);
    return status;
}

int main(int argc, char **argv)
{
    ws_error err = {.message = ""};
    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i], &err) != WS_OK) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    return argc > 1 ? 0 : 1;
}
