/* dataset/entry_path: any bytes as the name of an archive's entry, into any room.
 *
 * First byte: how much room. The rest, up to a zero, is the name. */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/entry_path.h"

/** True if no part of the name is empty, "." or "..", or too long. */
static bool is_tame(const char *name)
{
    while (*name != '\0') {
        const size_t n = strcspn(name, "/");
        if (n == 0 || n > WS_ENTRY_PART_MAX || (n <= 2 && strspn(name, ".") >= n))
            return false;
        name += n;
        if (*name == '/' && *++name == '\0')
            return false; /* a slash at the end */
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const size_t room = 1 + 5 * (size_t)data[0];
    char *name = malloc(size);
    char *clean = malloc(room), *again = malloc(room);

    if (name != NULL && clean != NULL && again != NULL) {
        memcpy(name, data + 1, size - 1);
        name[size - 1] = '\0';
        /* what is accepted is tame, and tidying it once more changes nothing; "" is the directory
         */
        if (ws_entry_path_clean(name, clean, room) == NULL &&
            (strlen(clean) >= room || !is_tame(clean) ||
             (clean[0] != '\0' &&
              (ws_entry_path_clean(clean, again, room) != NULL || strcmp(clean, again) != 0))))
            abort();
    }
    free(name);
    free(clean);
    free(again);
    return 0;
}
